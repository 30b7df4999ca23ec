package restclient

// User is the user who started a job or a pipeline. A private profile, an old release or a stub
// sends fewer keys: those are nil.
type User struct {
	ID              int64   `json:"id"`
	Username        string  `json:"username"`
	PublicEmail     *string `json:"public_email"`
	Name            string  `json:"name"`
	State           string  `json:"state"` // an open vocabulary: "active", "blocked", …
	Locked          *bool   `json:"locked"`
	AvatarURL       *string `json:"avatar_url"`
	WebURL          *string `json:"web_url"`
	CreatedAt       *Time   `json:"created_at"`
	Bio             *string `json:"bio"`
	Location        *string `json:"location"`
	Skype           *string `json:"skype"` // old releases only
	LinkedIn        *string `json:"linkedin"`
	Twitter         *string `json:"twitter"`
	Discord         *string `json:"discord"`
	WebsiteURL      *string `json:"website_url"`
	GitHub          *string `json:"github"`
	JobTitle        *string `json:"job_title"`
	Pronouns        *string `json:"pronouns"`
	Organization    *string `json:"organization"`
	Bot             *bool   `json:"bot"`
	WorkInformation *string `json:"work_information"`
	Followers       *int64  `json:"followers"`
	Following       *int64  `json:"following"`
	IsFollowed      *bool   `json:"is_followed"`
	LocalTime       *string `json:"local_time"`
}
