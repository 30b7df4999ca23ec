package joblog

// Raw keeps a log as it is, up to a limit.
type Raw struct {
	limit int
	bytes []byte
	over  bool
}

// NewRaw keeps a log of at most limit bytes.
func NewRaw(limit int) *Raw { return &Raw{limit: limit} }

// Done reports whether the log is over the limit.
func (r *Raw) Done() bool { return r.over }

// Bytes keeps b.
func (r *Raw) Bytes(b []byte) {
	if len(b) > r.limit-len(r.bytes) {
		r.over = true
		r.bytes = nil
		return
	}
	r.bytes = append(r.bytes, b...)
}

// Value is the whole log so far, every byte as it came, or a *LimitError for a log over the limit.
// [SafeText] makes it a string that JSON can carry.
func (r *Raw) Value() ([]byte, error) {
	if r.over {
		return nil, BytesLimit(LimitRaw, int64(r.limit))
	}
	return r.bytes, nil
}

// Kept is how many bytes are kept.
func (r *Raw) Kept() int { return len(r.bytes) }
