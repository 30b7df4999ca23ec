package projection

// HoldNothing makes every list let go of its bytes, as lists of large queries do.
func (s *Schema) HoldNothing() { s.hold = 0 }
