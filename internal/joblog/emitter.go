package joblog

// emitter numbers the lines, keeps the open sections, and hands both to the collectors.
type emitter struct {
	lines    []LineCollector
	sections []SectionCollector

	number   int        // of the last line
	resume   Resume     // the last place so far that the log can be read on from
	names    []string   // of the open sections
	moved    bool       // the open sections have changed since names was made
	open     []*Section // outermost first
	untitled *Section   // started on this line, which had no text since
	ref      LineRef    // what the collectors get, so that a line costs no allocation
	scratch  scratch
}

// wanted reports whether any collector still takes lines or sections.
func (e *emitter) wanted() bool {
	for _, c := range e.lines {
		if !c.Done() {
			return true
		}
	}
	for _, c := range e.sections {
		if !c.Done() {
			return true
		}
	}
	return false
}

// line hands on a line. The log can be read on from next, unless that is nowhere.
func (e *emitter) line(l LineRef, next int64) {
	e.number++
	e.reach(next)
	l.number, l.resume = e.number, e.resume
	l.sections = e.open
	l.scratch = &e.scratch
	e.ref = l
	if e.untitled != nil {
		e.untitled.Title = title(e.ref.Text())
		e.untitled = nil
	}
	for _, c := range e.lines {
		if !c.Done() {
			c.Line(&e.ref)
		}
	}
}

// endOfLine ends the line: text after it is not the title of a section that started on it.
func (e *emitter) endOfLine() { e.untitled = nil }

func (e *emitter) marker(m marker) {
	if m.start {
		e.start(m)
	} else {
		e.finish(m)
	}
}

func (e *emitter) start(m marker) {
	if len(e.open) == maxDepth {
		return
	}
	s := &Section{
		Name:      string(m.name),
		StartedAt: m.at,
		Depth:     len(e.open),
		FirstLine: e.number + 1,
		Collapsed: m.options.collapsed,

		HideDuration: m.options.hideDuration,
	}
	e.open, e.moved = append(e.open, s), true
	e.untitled = s
	for _, c := range e.sections {
		if !c.Done() {
			c.Section(s)
		}
	}
}

func (e *emitter) finish(m marker) {
	for i := len(e.open) - 1; i >= 0; i-- {
		if e.open[i].Name != string(m.name) {
			continue
		}
		e.open[i].FinishedAt = m.at
		for _, s := range e.open[i:] {
			s.LastLine = e.number
			s.Ended = true
		}
		clear(e.open[i:])
		e.open, e.moved = e.open[:i], true
		e.untitled = nil
		return
	}
}

func title(text []byte) string {
	if len(text) > maxTitle {
		text = text[:maxTitle]
		text = text[:WholeCharacters(text)]
	}
	return string(text)
}
