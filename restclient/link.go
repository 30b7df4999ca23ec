package restclient

import "strings"

// links are the targets of a Link header (RFC 8288) that a page is walked by; "" where there is
// none.
type links struct{ next, prev string }

// parseLinks reads Link headers. Of two links with the same relation the first counts; what does
// not parse is skipped.
func parseLinks(headers []string) links {
	var found links
	for _, header := range headers {
		for rest := header; rest != ""; {
			var target, params string
			target, params, rest = cutLink(rest)
			for relation := range strings.FieldsSeq(relations(params)) {
				switch {
				case strings.EqualFold(relation, "next") && found.next == "":
					found.next = target
				case strings.EqualFold(relation, "prev") && found.prev == "":
					found.prev = target
				}
			}
		}
	}
	return found
}

// cutLink takes the first <target>; params off a header. The rest begins after the comma that ends
// it.
func cutLink(header string) (target, params, rest string) {
	_, header, found := strings.Cut(header, "<")
	if !found {
		return "", "", ""
	}
	target, header, found = strings.Cut(header, ">")
	if !found {
		return "", "", ""
	}
	end := indexUnquoted(header, ',')
	return strings.TrimSpace(target), header[:end], header[min(end+1, len(header)):]
}

// relations is the value of the first rel parameter.
func relations(params string) string {
	for params != "" {
		end := indexUnquoted(params, ';')
		name, value, _ := strings.Cut(params[:end], "=")
		if strings.EqualFold(strings.TrimSpace(name), "rel") {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
		params = params[min(end+1, len(params)):]
	}
	return ""
}

// indexUnquoted is the index of the first separator outside of a quoted string, or the length of s.
func indexUnquoted(s string, separator byte) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			return i
		}
	}
	return len(s)
}
