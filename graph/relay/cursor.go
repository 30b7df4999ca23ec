package relay

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// version is the prefix of every cursor, so that a later format can be distinguished from this one.
const version = "1"

// Cursor is a place in a list: after an item. Clients see it only encoded.
type Cursor struct {
	List   string // which kind of list it belongs to, e.g. "job"
	Within int64  // the number of the list's owner (a pipeline); 0 if the item's own number is enough
	Key    string // the item: its number, or its name in lists without numbers
	Offset int    // the item's offset when it was read; 0 if the list is not read by offset
}

// errCursor is the error of every invalid cursor.
var errCursor = errors.New("not a cursor of this list")

// Encode returns the encoded cursor.
func (c Cursor) Encode() string {
	raw := make([]byte, 0, 64)
	raw = append(append(raw, version...), ' ')
	raw = append(append(raw, c.List...), ' ')
	raw = append(strconv.AppendInt(raw, c.Within, 36), ' ')
	raw = append(strconv.AppendInt(raw, int64(c.Offset), 36), ' ')
	return base64.RawURLEncoding.EncodeToString(append(raw, c.Key...))
}

// NumberCursor returns the encoded cursor of an item that has a number.
func NumberCursor(list string, within, number int64, offset int) string {
	return Cursor{List: list, Within: within, Key: strconv.FormatInt(number, 10), Offset: offset}.Encode()
}

// DecodeCursor reads a cursor of the given kind of list.
func DecodeCursor(s, list string, within int64) (Cursor, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return Cursor{}, errCursor
	}
	parts := strings.SplitN(string(raw), " ", 5)
	if len(parts) != 5 || parts[0] != version || parts[1] != list || parts[4] == "" {
		return Cursor{}, errCursor
	}
	owner, err := strconv.ParseInt(parts[2], 36, 64)
	if err != nil || owner != within {
		return Cursor{}, errCursor
	}
	offset, err := strconv.ParseInt(parts[3], 36, 32)
	if err != nil || offset < 0 {
		return Cursor{}, errCursor
	}
	return Cursor{List: list, Within: owner, Key: parts[4], Offset: int(offset)}, nil
}
