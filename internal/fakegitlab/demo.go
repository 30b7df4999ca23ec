package fakegitlab

import (
	"math/rand/v2"
	"slices"
	"time"
)

// The demo company's tokens. They are valid in the simulator only.
const (
	TokenAdmin      = "glpat-demo-admin"
	TokenMaintainer = "glpat-demo-maintainer"
	TokenDeveloper  = "glpat-demo-developer"
	TokenReporter   = "glpat-demo-reporter"
	TokenGuest      = "glpat-demo-guest"
	TokenReadOnly   = "glpat-demo-readonly"
	TokenExpired    = "glpat-demo-expired"
	TokenRevoked    = "glpat-demo-revoked"
	TokenJob        = "glcbt-demo-job"
)

// DemoToken is a token of the demo company.
type DemoToken struct{ Value, Description string }

// DemoTokens lists the demo company's tokens, the most useful first.
func DemoTokens() []DemoToken {
	return []DemoToken{
		{TokenMaintainer, "maintainer of every project; scope api"},
		{TokenDeveloper, "developer: may act on jobs, but not on protected refs of the infrastructure project"},
		{TokenReporter, "reporter: reads jobs and logs, changes nothing"},
		{TokenGuest, "guest: only what public pipelines show"},
		{TokenReadOnly, "the maintainer with scope read_api: every write is refused for its scope"},
		{TokenAdmin, "administrator; scopes api and sudo"},
		{TokenExpired, "expired last month"},
		{TokenRevoked, "revoked"},
		{TokenJob, "CI job token of a job that keeps running; for GET /job, and send it as JOB-TOKEN"},
	}
}

// DemoProject is a project of the demo company.
type DemoProject struct {
	ID                int64
	Path, Description string
}

// DemoProjects lists the demo company's projects.
func DemoProjects() []DemoProject {
	var list []DemoProject
	for _, p := range demoCatalog() {
		list = append(list, DemoProject{p.id, p.path, p.spec.Description})
	}
	return list
}

// demo is the company while it is built. All randomness comes from one seed.
type demo struct {
	b        *Builder
	rand     *rand.Rand
	catalog  []demoProject
	projects map[string]*ProjectBuilder
	people   []*User
	bot      *User
	fleet    demoFleet
	tags     map[string]int // releases so far, by project
	// coverage and artifacts are shared by the jobs, so that tens of thousands of them stay small.
	coverage  []float64
	artifacts map[string][][]Artifact
	// pace divides the duration of jobs. recent are the pipelines that WorkingDemo has started
	// since the start.
	pace   time.Duration
	recent []*pipeline
}

// demoHistory is the age of the oldest pipelines.
const demoHistory = 45 * 24 * time.Hour

// Demo fills an instance with a realistic company: eight projects, thousands of pipelines, tens of
// thousands of jobs. Its times are relative to the clock at the start, and everything else is
// fixed. The pipelines that are running at the start end as the clock goes on, but no new ones
// begin.
func Demo(b *Builder) { newDemo(b) }

func newDemo(b *Builder) *demo {
	d := &demo{
		b: b, pace: 1, rand: rand.New(rand.NewPCG(2011, 9)), catalog: demoCatalog(),
		projects: map[string]*ProjectBuilder{}, tags: map[string]int{},
	}
	d.artifacts = newArtifacts(d.rand)
	for i := range 60 {
		d.coverage = append(d.coverage, 64+float64(i)*0.57)
	}
	d.addUsers()
	d.fleet = newFleet(b, d.people[0])
	for _, p := range d.catalog {
		d.addProject(p)
	}
	d.writeHistory()
	return d
}

// addUsers adds the users and their tokens. The first four users have the four roles.
func (d *demo) addUsers() {
	for i, p := range demoPeople {
		d.people = append(d.people, d.b.User(User{
			ID: int64(i + 2), Username: p[0], Name: p[1], JobTitle: p[2], Location: p[3], Organization: "Orchard",
			PublicEmail: p[0] + "@orchard.example", PrivateProfile: i == 6,
		}))
	}
	d.bot = d.b.User(User{ID: 90, Username: "renovate-bot", Name: "Renovate Bot", Bot: true})
	admin := d.b.User(User{ID: 1, Username: "root", Name: "Administrator", Admin: true})
	maintainer := d.people[0]
	for value, t := range map[string]Token{
		TokenAdmin:      {Name: "demo-admin", User: admin, Scopes: []string{"api", "sudo"}},
		TokenMaintainer: {Name: "demo-maintainer", User: maintainer},
		TokenDeveloper:  {Name: "demo-developer", User: d.people[1]},
		TokenReporter:   {Name: "demo-reporter", User: d.people[2]},
		TokenGuest:      {Name: "demo-guest", User: d.people[3]},
		TokenReadOnly:   {Name: "demo-readonly", User: maintainer, Scopes: []string{"read_api"}},
		TokenExpired:    {Name: "demo-expired", User: maintainer, ExpiresAt: d.b.Now().AddDate(0, -1, 0)},
		TokenRevoked:    {Name: "demo-revoked", User: maintainer, Revoked: true},
	} {
		d.b.Token(value, t)
	}
}

// addProject adds a project and its members.
func (d *demo) addProject(p demoProject) {
	row := d.b.Project(p.id, p.path, p.spec)
	roles := []Role{Maintainer, Developer, Reporter, Guest}
	for i, u := range d.people {
		role := Developer
		if i < len(roles) {
			role = roles[i]
		}
		row.Member(u, role)
	}
	row.Member(d.bot, Developer)
	d.projects[p.path] = row
}

// moment is the start of a pipeline of a project.
type moment struct {
	at      time.Time
	project int // index in the catalog, or oddities
}

// oddities stands for the pipeline that addOddities makes.
const oddities = -1

// writeHistory makes the pipelines of the past in order of time, so that their IDs ascend with time
// as in GitLab.
func (d *demo) writeHistory() {
	moments := []moment{{d.b.now.Add(-25 * time.Minute), oddities}}
	for i, p := range d.catalog {
		for range p.pipelines {
			// Squared, so that the recent past has more pipelines.
			ago := d.rand.Float64()
			moments = append(moments, moment{d.b.now.Add(-2*time.Minute - time.Duration(ago*ago*float64(demoHistory))), i})
		}
		if p.pipelines > 0 { // and one that has just begun
			moments = append(moments, moment{d.b.now.Add(-time.Duration(30+20*i) * time.Second), i})
		}
	}
	slices.SortStableFunc(moments, func(a, b moment) int { return a.at.Compare(b.at) })
	for _, m := range moments {
		if m.project == oddities {
			d.addOddities(m.at)
			continue
		}
		d.startPipeline(d.catalog[m.project], m.at)
	}
}

// between returns a random number of seconds.
func (d *demo) between(least, most int) time.Duration {
	return time.Duration(least*1000+d.rand.IntN((most-least)*1000+1)) * time.Millisecond
}

// takes returns a random duration out of a range of seconds, divided by the pace.
func (d *demo) takes(least, most int) time.Duration { return d.between(least, most) / d.pace }

// chance returns true with a probability in percent.
func (d *demo) chance(percent int) bool { return d.rand.IntN(100) < percent }

// pick returns a random element of a list.
func pick[T any](d *demo, list []T) T { return list[d.rand.IntN(len(list))] }
