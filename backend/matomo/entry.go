package matomo

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/activity"
)

// A field is one of an entry's.
type field struct {
	wire string // its name
	of   func(a activity.Activity, row activity.Stored) any
}

// fields are an entry as it goes out, in order. Matomo publishes no names but those of
// its table's columns (the first eight are those, and the description its API adds), so
// the rest are ours: a licensed server may have others, and this table is the one place
// to change.
var fields = []field{
	{"id", func(_ activity.Activity, row activity.Stored) any { return row.Seq + 1 }},
	{"user_login", func(a activity.Activity, row activity.Stored) any { return userLogin(a, row) }},
	{"type", func(a activity.Activity, _ activity.Stored) any { return wireType(a.Type) }},
	{"ts_created", func(a activity.Activity, _ activity.Stored) any {
		return time.UnixMilli(a.OccurredAt).UTC().Format(time.DateTime)
	}},
	{"ip", func(a activity.Activity, _ activity.Stored) any { return text(a.IP) }},
	{"country", func(activity.Activity, activity.Stored) any { return "" }}, // no address is looked up
	{"description", func(a activity.Activity, _ activity.Stored) any { return activity.PlainText(a.Sentence) }},
	{"parameters", func(a activity.Activity, _ activity.Stored) any { return parameters(a) }},

	{"timestamp", func(a activity.Activity, _ activity.Stored) any { return time.UnixMilli(a.OccurredAt).Unix() }},
	{"user_name", func(a activity.Activity, _ activity.Stored) any { return a.Actor.Label }},
	{"type_label", func(a activity.Activity, _ activity.Stored) any { return a.TypeLabel }},
	{"category", func(a activity.Activity, _ activity.Stored) any { return a.CategoryLabel }},
	{"result", func(a activity.Activity, _ activity.Stored) any { return a.Result }},
	{"source", func(a activity.Activity, _ activity.Stored) any { return a.Source }},
	{"object", func(a activity.Activity, _ activity.Stored) any { return object(a) }},
	{"changes", func(a activity.Activity, _ activity.Stored) any { return changes(a) }},
}

func wireNames() []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.wire
	}
	return names
}

// wireType is how a type is called in entries and in the list of types; typeOf is what
// a program means that asks for one. Both are the same as here, also <plugin>/<type>.
func wireType(id string) string { return id }

func typeOf(wire string) string { return wire }

// entry puts an activity on the wire. For formats of rows and columns what is nested is
// a text of JSON, and texts are one line each.
func entry(a activity.Activity, row activity.Stored, table bool) Map {
	m := make(Map, len(fields))
	for i, f := range fields {
		v := f.of(a, row)
		if table {
			v = cell(v)
		}
		m[i] = Pair{f.wire, v}
	}
	return m
}

// userLogin is the login of the user an actor is linked to, or its own name.
func userLogin(a activity.Activity, row activity.Stored) string {
	if row.ActorLogin != "" {
		return row.ActorLogin
	}
	return a.Actor.Name
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// parameters are the activity's, with its site as Matomo's own activities carry it.
func parameters(a activity.Activity) any {
	v := fromJSON(a.Parameters)
	m, ok := v.(Map)
	if a.Site == nil || !ok {
		return v
	}
	if _, has := m.find("site"); has {
		return v
	}
	return append(Map{{"site", Map{{"site_id", text(a.Site.ID)}, {"site_name", a.Site.Name}}}}, m...)
}

func object(a activity.Activity) any {
	if a.Object == nil {
		return nil
	}
	return Map{{"kind", a.Object.Kind}, {"id", a.Object.ID}, {"name", a.Object.Name}}
}

func changes(a activity.Activity) any {
	list := List{}
	for _, c := range a.Changes {
		list = append(list, Map{{"field", c.Field}, {"old", fromJSON(c.Old)}, {"new", fromJSON(c.New)}})
	}
	return list
}

// cell makes a value fit for a table's cell. Core quotes a cell neither for a line break
// in it nor for a sign that spreadsheets take for one of its formula signs (full width,
// or behind characters that are not shown), so that no cell of ours has those.
func cell(v any) any {
	switch v := v.(type) {
	case nil:
		return ""
	case Map, List:
		return jsonText(v)
	case string:
		line := strings.TrimLeftFunc(strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || unicode.IsControl(r) {
				return ' '
			}
			return r
		}, v), unicode.IsSpace)
		sign, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(line, hidden))
		if line != "" && (strings.ContainsRune("＝＋－＠", sign) || hidden([]rune(line)[0]) && strings.ContainsRune("=+-@", sign)) {
			return "'" + line
		}
		return line
	}
	return v
}

func hidden(r rune) bool { return unicode.In(r, unicode.Cf) || unicode.IsSpace(r) }

// asText is a value to look for a pattern in.
func asText(v any) string {
	if nested(v) {
		return jsonText(v)
	}
	return scalar(v)
}
