package http1

import (
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// maxPlainFields is how many fields an answer's header may have to be written here.
const maxPlainFields = 16

// namedField is one name of a header with its values.
type namedField struct {
	name   string
	values []string
}

// writeFields writes the handler's fields in the order of their names. Fields that are not plain
// are left to net/http's own function, which lets no value begin another field; for plain ones that
// is too slow.
func (w *response) writeFields() {
	var room [maxPlainFields]namedField
	fields := room[:0]
	for name, values := range w.header {
		if w.withholds(name) {
			continue
		}
		if len(fields) == maxPlainFields || !isPlainField(name, values) {
			w.writeAnyFields()
			return
		}
		at := len(fields)
		fields = fields[:at+1]
		for ; at > 0 && fields[at-1].name > name; at-- {
			fields[at] = fields[at-1]
		}
		fields[at] = namedField{name, values}
	}
	b := w.out.bytes
	for _, f := range fields {
		for _, value := range f.values {
			b = append(append(append(append(b, f.name...), ": "...), value...), "\r\n"...)
		}
	}
	w.out.bytes = b
}

// withholds reports whether the server writes a field itself, or not at all.
func (w *response) withholds(name string) bool {
	switch name {
	case "Connection", "Content-Length", "Transfer-Encoding":
		return true
	case "Content-Type":
		return w.status == http.StatusNotModified
	}
	return false
}

// isPlainField reports whether a name is one, and the values can be sent as they are.
func isPlainField(name string, values []string) bool {
	for _, v := range values {
		if strings.IndexByte(v, '\n') >= 0 || strings.IndexByte(v, '\r') >= 0 {
			return false
		}
		if v != "" && (isBlank(v[0]) || isBlank(v[len(v)-1])) {
			return false
		}
	}
	return httpguts.ValidHeaderFieldName(name)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func (w *response) writeAnyFields() {
	withheld := map[string]bool{}
	for name := range w.header {
		withheld[name] = w.withholds(name)
	}
	_ = w.header.WriteSubset(&w.out, withheld)
}
