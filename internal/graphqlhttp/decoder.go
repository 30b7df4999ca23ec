package graphqlhttp

import (
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/internal/documents"
)

// decoder reads a request's JSON strictly: UTF-8 without a byte order mark, one value and nothing
// after it, no name twice in an object, no half of a surrogate pair, no nesting past a bound.
// Numbers stay as they were written. Its problems name an offset and quote nothing.
type decoder struct {
	data     []byte
	pos      int
	depth    int
	maxDepth int
}

// syntax is a problem with the JSON at an offset.
type syntax struct {
	offset  int
	problem string
}

func (d *decoder) fail(problem string) { panic(syntax{d.pos, problem}) }

// caught turns a failure into the fault that is sent to the client. Failing by panic keeps the
// recursion below readable; the panic never leaves this file.
func caught(what string, result **fault) {
	switch cause := recover().(type) {
	case nil:
	case syntax:
		*result = badRequest(what + " is not valid JSON: " + cause.problem + " at byte " + strconv.Itoa(cause.offset))
	case *fault:
		*result = cause
	default:
		panic(cause)
	}
}

// request reads the parameters of a request.
func (d *decoder) request(params *graphql.RawParams) (problem *fault) {
	defer caught("the body", &problem)
	d.start()
	if d.peek() != '{' {
		return badRequest("the body must be a JSON object; batches are not answered")
	}
	var seen [5]bool
	documentID := ""
	d.object(func(name []byte) {
		switch string(name) {
		case "query":
			d.once(&seen[0], name)
			params.Query = d.stringParameter("query")
		case "operationName":
			d.once(&seen[1], name)
			params.OperationName = d.stringParameter("operationName")
		case "variables":
			d.once(&seen[2], name)
			params.Variables = d.objectParameter("variables")
		case "extensions":
			d.once(&seen[3], name)
			params.Extensions = d.objectParameter("extensions")
		case documents.IDKey:
			d.once(&seen[4], name)
			documentID = d.stringParameter(documents.IDKey)
		default:
			d.skip()
		}
	})
	d.end()
	setDocumentID(params, documentID)
	return requireQuery(params)
}

// parameter reads text that must be an object or null.
func (d *decoder) parameter(name string, into *map[string]any) (problem *fault) {
	defer caught(name, &problem)
	d.start()
	*into = d.objectParameter(name)
	d.end()
	return nil
}

func (d *decoder) once(seen *bool, name []byte) {
	if *seen {
		d.fail("the name " + string(name) + " for the second time")
	}
	*seen = true
}

func (d *decoder) stringParameter(name string) string {
	switch d.peek() {
	case '"':
		return string(d.string())
	case 'n':
		d.literal("null")
		return ""
	}
	panic(badRequest(name + " must be a string"))
}

func (d *decoder) objectParameter(name string) map[string]any {
	switch d.peek() {
	case '{':
		return d.value().(map[string]any)
	case 'n':
		d.literal("null")
		return nil
	}
	panic(badRequest(name + " must be an object"))
}

func (d *decoder) start() {
	if !utf8.Valid(d.data) {
		d.fail("not UTF-8")
	}
	d.space()
}

func (d *decoder) end() {
	d.space()
	if d.pos != len(d.data) {
		d.fail("more after the value")
	}
}

func (d *decoder) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// peek is the next byte; 0 at the end, which is no JSON either.
func (d *decoder) peek() byte {
	if d.pos == len(d.data) {
		return 0
	}
	return d.data[d.pos]
}

func (d *decoder) expect(c byte) {
	if d.peek() != c {
		d.fail("expected '" + string(c) + "'")
	}
	d.pos++
}

func (d *decoder) literal(word string) {
	if len(d.data)-d.pos < len(word) || string(d.data[d.pos:d.pos+len(word)]) != word {
		d.fail("unexpected character")
	}
	d.pos += len(word)
}

func (d *decoder) enter() {
	if d.depth++; d.maxDepth > 0 && d.depth > d.maxDepth {
		panic(badRequest("variables and extensions may nest "+strconv.Itoa(d.maxDepth)+" deep").limit("json-depth", d.maxDepth))
	}
}

// object reads an object; member reads each value and must be done with the name before it does.
func (d *decoder) object(member func(name []byte)) {
	d.enter()
	d.expect('{')
	d.space()
	if d.peek() == '}' {
		d.pos++
		d.depth--
		return
	}
	for {
		if d.peek() != '"' {
			d.fail("expected a name")
		}
		name := d.string()
		d.space()
		d.expect(':')
		d.space()
		member(name)
		d.space()
		if d.peek() == '}' {
			break
		}
		d.expect(',')
		d.space()
	}
	d.pos++
	d.depth--
}

func (d *decoder) array(item func()) {
	d.enter()
	d.expect('[')
	d.space()
	if d.peek() == ']' {
		d.pos++
		d.depth--
		return
	}
	for {
		item()
		d.space()
		if d.peek() == ']' {
			break
		}
		d.expect(',')
		d.space()
	}
	d.pos++
	d.depth--
}

// value reads any value, as encoding/json does with UseNumber.
func (d *decoder) value() any {
	switch c := d.peek(); {
	case c == '{':
		object := map[string]any{}
		d.object(func(name []byte) {
			key := string(name)
			if _, twice := object[key]; twice {
				d.fail("a name for the second time")
			}
			object[key] = d.value()
		})
		return object
	case c == '[':
		list := []any{}
		d.array(func() { list = append(list, d.value()) })
		return list
	case c == '"':
		return string(d.string())
	case c == 't':
		d.literal("true")
		return true
	case c == 'f':
		d.literal("false")
		return false
	case c == 'n':
		d.literal("null")
		return nil
	}
	return json.Number(d.number())
}

// skip reads the value of an unknown parameter.
func (d *decoder) skip() { _ = d.value() }

func (d *decoder) number() []byte {
	start := d.pos
	if d.peek() == '-' {
		d.pos++
	}
	if d.peek() == '0' {
		d.pos++
	} else {
		d.digits()
	}
	if d.peek() == '.' {
		d.pos++
		d.digits()
	}
	if c := d.peek(); c == 'e' || c == 'E' {
		d.pos++
		if c := d.peek(); c == '+' || c == '-' {
			d.pos++
		}
		d.digits()
	}
	return d.data[start:d.pos]
}

func (d *decoder) digits() {
	if c := d.peek(); c < '0' || c > '9' {
		d.fail("unexpected character")
	}
	for c := d.peek(); c >= '0' && c <= '9'; c = d.peek() {
		d.pos++
	}
}

// string reads a string. Its bytes are the input's own where there is no escape, and are written
// over the input where there is: an escape is never shorter than what it stands for.
func (d *decoder) string() []byte {
	d.pos++
	start := d.pos
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; {
		case c == '"':
			d.pos++
			return d.data[start : d.pos-1]
		case c == '\\':
			return d.unescape(start)
		case c < ' ':
			d.fail("a control character in a string")
		}
		d.pos++
	}
	d.fail("a string without an end")
	return nil
}

func (d *decoder) unescape(start int) []byte {
	out := d.data[start:d.pos:len(d.data)]
	for d.pos < len(d.data) {
		c := d.data[d.pos]
		switch {
		case c == '"':
			d.pos++
			return out
		case c < ' ':
			d.fail("a control character in a string")
		case c == '\\':
			out = d.escape(out)
			continue
		}
		out = append(out, c)
		d.pos++
	}
	d.fail("a string without an end")
	return nil
}

// escape appends what the escape at pos stands for.
func (d *decoder) escape(out []byte) []byte {
	d.pos++
	c := d.peek()
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		d.pos++
		return utf8.AppendRune(out, d.unicode())
	default:
		d.fail("an unknown escape")
	}
	d.pos++
	return append(out, c)
}

// unicode reads the digits of one \u escape, or of the two that make a surrogate pair.
func (d *decoder) unicode() rune {
	r := d.hex()
	if !utf16.IsSurrogate(r) {
		return r
	}
	if d.peek() == '\\' {
		d.pos++
		if d.peek() == 'u' {
			d.pos++
			if pair := utf16.DecodeRune(r, d.hex()); pair != utf8.RuneError {
				return pair
			}
		}
	}
	d.fail("half of a surrogate pair")
	return 0
}

func (d *decoder) hex() rune {
	if len(d.data)-d.pos < 4 {
		d.fail("a string without an end")
	}
	var r rune
	for range 4 {
		c := d.data[d.pos]
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			d.fail("an unknown escape")
		}
		d.pos++
	}
	return r
}
