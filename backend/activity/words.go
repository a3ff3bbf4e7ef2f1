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

// eachScalar hands each text, number and boolean in the JSON to add, in order. What
// follows a fault in it is left away.
func eachScalar(data json.RawMessage, add func(string)) {
	if len(data) <= 4 && (len(data) == 0 || string(data) == "null" || string(data) == "{}") {
		return
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var open []json.Delim // '{' where a key comes next, ':' where its value does, '['
	for {
		token, err := dec.Token()
		if err != nil {
			return
		}
		top := len(open) - 1
		if top >= 0 && open[top] == '{' && token != json.Delim('}') {
			open[top] = ':' // this was a key
			continue
		}
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				open = append(open, t)
				continue
			}
			open, top = open[:top], top-1
		case string:
			add(t)
		case json.Number:
			add(t.String())
		case bool:
			add(map[bool]string{true: "true", false: "false"}[t])
		}
		if top >= 0 && open[top] == ':' {
			open[top] = '{' // the value is complete
		}
	}
}
