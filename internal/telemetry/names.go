package telemetry

import "sync"

const (
	// maxNames bounds the names of operations that metrics and the names of spans tell apart.
	maxNames = 200
	// OtherName stands for every further name.
	OtherName = "other"
)

// Names are the first names of operations that clients have sent. A client cannot add names without
// bound. The zero value is ready for use.
type Names struct {
	mu    sync.RWMutex
	known map[string]struct{}
}

// Fold returns a name that is one of the first, or else [OtherName]. No name stays no name.
func (n *Names) Fold(name string) string {
	if name == "" {
		return ""
	}
	n.mu.RLock()
	_, known := n.known[name]
	n.mu.RUnlock()
	if known {
		return name
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.known[name]; !known && len(n.known) >= maxNames {
		return OtherName
	}
	if n.known == nil {
		n.known = map[string]struct{}{}
	}
	n.known[name] = struct{}{}
	return name
}
