package activity

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Words returns the text of a body that can be searched: its values, never its keys.
// They are the names of actor, object and site, the object's id, the values of the
// changes and of the parameters at any depth (texts, numbers, true, false), user
// agent, request id, external id and address, one a line, always in this order. The
// same body gives the same text for ever: verification computes it again.
func Words(b Body) string {
	var out strings.Builder
	add := func(s string) {
		if s != "" {
			if out.Len() > 0 {
				out.WriteByte('\n')
			}
			out.WriteString(s)
		}
	}
	optional := func(s *string) {
		if s != nil {
			add(*s)
		}
	}
	optional(b.Actor.Name)
	if b.Object != nil {
		add(b.Object.ID)
		add(b.Object.Name)
	}
	if b.Site != nil {
		add(b.Site.Name)
	}
	for _, c := range b.Changes {
		eachScalar(c.Old, add)
		eachScalar(c.New, add)
	}
	eachScalar(b.Parameters, add)
	optional(b.UserAgent)
	optional(b.RequestID)
	optional(b.ExternalID)
	optional(b.IP)
	return out.String()
}

// eachScalar hands each text, number and boolean in valid JSON to add, in order. It
// reads the bytes itself, since a decoder's tokens cost as much as storing the rest.
func eachScalar(data json.RawMessage, add func(string)) {
	for i := 0; i < len(data); {
		switch c := data[i]; {
		case c == '"':
			end := stringEnd(data, i)
			if !isKey(data, end) {
				add(unquote(data[i:end]))
			}
			i = end
		case c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z':
			end := i + 1
			for end < len(data) && !bytes.ContainsRune(delimiters, rune(data[end])) {
				end++
			}
			if c != 'n' { // null
				add(string(data[i:end]))
			}
			i = end
		default:
			i++
		}
	}
}

var delimiters = []byte(",:]} \t\r\n")

// stringEnd returns the place after the text that begins at start.
func stringEnd(data []byte, start int) int {
	for i := start + 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// isKey reports whether a colon follows.
func isKey(data []byte, i int) bool {
	for ; i < len(data); i++ {
		if c := data[i]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c == ':'
		}
	}
	return false
}

func unquote(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(bytes.Trim(quoted, `"`))
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return string(quoted)
	}
	return s
}
