package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What a sentence shows at most: of one value in runes, of a list in items.
const (
	maxValueRunes = 160
	maxListItems  = 3
)

// values looks up what the placeholders of one activity stand for.
type values struct {
	lang    string
	subject Subject
	typ     Type
	params  map[string]any
}

func decodeObject(data []byte) map[string]any {
	if len(data) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var m map[string]any
	if dec.Decode(&m) != nil {
		return nil
	}
	return m
}

// part returns what a placeholder shows and filters by.
func (v values) part(name string) (Part, bool) {
	switch name {
	case siteName:
		return v.sitePart()
	case changesName:
		return v.changesPart()
	}
	p, _ := v.typ.Parameter(name)
	if p.Kind == kindEntity {
		return v.entityPart(p)
	}
	text, ok := v.shown(v.params[name], p.Kind)
	return Part{Kind: "value", Text: text}, ok
}

func (v values) sitePart() (Part, bool) {
	site := v.subject.Site
	if site == nil {
		return Part{}, false
	}
	text, ok := clean(site.Name)
	return Part{Kind: "site", Text: text, Filter: "site:" + quote(site.Name)}, ok
}

func (v values) changesPart() (Part, bool) {
	fields := make([]any, 0, len(v.subject.ChangedFields))
	for _, f := range v.subject.ChangedFields {
		fields = append(fields, f)
	}
	text, ok := v.shown(fields, kindList)
	return Part{Kind: "value", Text: text}, ok
}

// entityPart shows an entity: the activity's object if that is what the parameter
// names, otherwise the parameter's own value.
func (v values) entityPart(p Parameter) (Part, bool) {
	id, name := entity(v.params[p.Name])
	kind := "value"
	if o := v.subject.Object; p.Name == v.typ.Object && o != nil && (o.Name != "" || o.ID != "") {
		id, name, kind = o.ID, o.Name, "object"
		if o.Kind != "" {
			p.Entity = o.Kind
		}
	} else if p.Name == v.typ.Object {
		kind = "object"
	}
	text, ok := clean(name)
	if !ok {
		text, ok = clean(id)
	}
	if !ok || p.UnlessActor && text == v.subject.Actor {
		return Part{}, false
	}
	part := Part{Kind: kind, Text: text}
	switch {
	case kind == "object" && id != "":
		part.Filter = "object:" + quote(p.Entity+":"+id)
	case kind == "value" && p.Entity == "user":
		part.Kind, part.Filter = "actor", "user:"+quote(text)
	case kind == "value" && id != "":
		part.Kind, part.Filter = "object", "object:"+quote(p.Entity+":"+id)
	}
	return part, true
}

// plain returns a parameter (or the object standing for it) as text, to compare.
func (v values) plain(name string) (string, bool) {
	if p, ok := v.typ.Parameter(name); ok && p.Kind == kindEntity {
		part, ok := v.entityPart(p)
		return part.Text, ok
	}
	return v.shown(v.params[name], kindText)
}

// entity reads {"id", "name"}, a name or a number.
func entity(value any) (id, name string) {
	switch x := value.(type) {
	case map[string]any:
		return scalar(x["id"]), scalar(x["name"])
	case json.Number:
		return x.String(), ""
	default:
		return "", scalar(x)
	}
}

func scalar(value any) string {
	switch x := value.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		if x {
			return "true"
		}
		return "false"
	}
	return ""
}

// shown returns a value as a reader should see it; false if there is nothing.
func (v values) shown(value any, kind string) (string, bool) {
	switch x := value.(type) {
	case []any:
		return v.list(x)
	case map[string]any:
		id, name := entity(x)
		if text, ok := clean(name); ok {
			return text, true
		}
		return clean(id)
	case json.Number:
		if kind == kindDate {
			if ms, err := x.Int64(); err == nil {
				return v.shown(time.UnixMilli(ms).UTC().Format(time.DateOnly), kind)
			}
		}
		return x.String(), true
	}
	text := scalar(value)
	if day, err := time.Parse(time.DateOnly, text); err == nil && kind == kindDate && german(v.lang) {
		text = day.Format("02.01.2006")
	}
	return clean(text)
}

func (v values) list(items []any) (string, bool) {
	var texts []string
	for _, item := range items {
		if _, nested := item.([]any); nested {
			continue
		}
		if text, ok := v.shown(item, kindText); ok {
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 {
		return "", false
	}
	more := len(texts) - maxListItems
	if more <= 0 {
		return strings.Join(texts, ", "), true
	}
	rest := Text{EN: " and %d more", DE: " und %d weitere"}.In(v.lang)
	return strings.Join(texts[:maxListItems], ", ") + fmt.Sprintf(rest, more), true
}

// clean makes a value fit to stand in a sentence: one line, no control
// characters, not too long. False if nothing is left.
func clean(s string) (string, bool) {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if utf8.RuneCountInString(s) > maxValueRunes {
		s = strings.TrimSpace(string([]rune(s)[:maxValueRunes-1])) + "…"
	}
	return s, s != ""
}

// quote writes a value so that the query parser reads it back as one.
func quote(s string) string {
	plain := s != ""
	for _, r := range s {
		if unicode.IsSpace(r) || r == '"' || r == '\\' {
			plain = false
		}
	}
	if plain {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
