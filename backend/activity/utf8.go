package activity

import "unicode/utf8"

// NotUTF8 names the first field of the body with bytes that are not UTF-8 text, as a
// draft calls it; "" if there is none. JSON cannot hold them: its encoder would put
// U+FFFD in their place without a word. Cost: one pass over the body.
func (b Body) NotUTF8() string {
	texts := []struct {
		name string
		text *string
	}{
		{"type", &b.Type},
		{"source", &b.Source},
		{"actor.kind", &b.Actor.Kind},
		{"actor.source", &b.Actor.Source},
		{"actor.name", b.Actor.Name},
		{"externalId", b.ExternalID},
		{"ip", b.IP},
		{"userAgent", b.UserAgent},
		{"requestId", b.RequestID},
	}
	for _, t := range texts {
		if t.text != nil && !utf8.ValidString(*t.text) {
			return t.name
		}
	}
	if o := b.Object; o != nil && !utf8.ValidString(o.Kind+o.ID+o.Name) {
		return "object"
	}
	if s := b.Site; s != nil && !utf8.ValidString(s.Kind+s.Name) {
		return "site"
	}
	for _, c := range b.Changes {
		if !utf8.ValidString(c.Field) || !utf8.Valid(c.Old) || !utf8.Valid(c.New) {
			return "changes"
		}
	}
	switch {
	case !utf8.Valid(b.Parameters):
		return "parameters"
	case !utf8.Valid(b.Raw):
		return "raw"
	}
	return ""
}
