package joblog

// Size counts a log's bytes. It needs the whole log.
type Size struct{ bytes int64 }

// Done is false: there may always be more.
func (s *Size) Done() bool { return false }

// Bytes counts b.
func (s *Size) Bytes(b []byte) { s.bytes += int64(len(b)) }

// Value is the number of bytes so far.
func (s *Size) Value() int64 { return s.bytes }
