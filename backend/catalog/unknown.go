package catalog

import (
	"strings"
	"unicode"
)

// Unknown describes a type no plugin defines by the words of its id.
func Unknown(id string) Type {
	label := humanise(id)
	return Type{
		ID: id, Icon: "circle-dot", Tone: guessTone(id), Parameters: []Parameter{},
		name: Text{EN: label, DE: label},
	}
}

// humanise writes the words of an id: "ec2:RunInstances" is "Run instances (ec2)",
// "Shop/OrderPaid" is "Order paid (Shop)".
func humanise(id string) string {
	where, name := split(id)
	words := Words(name)
	if len(words) == 0 {
		text, _ := clean(id)
		return text
	}
	for i, w := range words {
		if i > 0 && w != strings.ToUpper(w) {
			words[i] = strings.ToLower(w)
		}
	}
	label := upperFirst(strings.Join(words, " "))
	if where != "" {
		label += " (" + where + ")"
	}
	label, _ = clean(label)
	return label
}

// split separates a service or plugin from what follows the last colon or slash.
func split(id string) (where, name string) {
	at := strings.LastIndexAny(id, ":/")
	if at <= 0 || at == len(id)-1 {
		return "", id
	}
	return id[:at], id[at+1:]
}

func upperFirst(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}

// Words splits an identifier into its words: camelCase, snake_case, kebab-case and
// dotted names, runs of capitals staying together ("DBInstanceARN" is DB, Instance,
// ARN).
func Words(id string) []string {
	var words []string
	runes := []rune(id)
	start := 0
	flush := func(end int) {
		if end > start {
			words = append(words, string(runes[start:end]))
		}
	}
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush(i)
			start = i + 1
			continue
		}
		if i == start || !unicode.IsUpper(r) {
			continue
		}
		afterLower := !unicode.IsUpper(runes[i-1])
		beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if afterLower || beforeLower {
			flush(i)
			start = i
		}
	}
	flush(len(runes))
	return words
}

var toneWords = map[string]string{
	"add": "create", "create": "create", "put": "create", "run": "create", "register": "create", "insert": "create", "upload": "create",
	"added": "create", "created": "create",
	"update": "update", "change": "update", "modify": "update", "set": "update", "edit": "update", "attach": "update", "detach": "update",
	"updated": "update", "changed": "update", "modified": "update",
	"delete": "delete", "remove": "delete", "terminate": "delete", "drop": "delete", "stop": "delete", "revoke": "delete", "purge": "delete",
	"deleted": "delete", "removed": "delete",
	"get": "access", "list": "access", "describe": "access", "lookup": "access", "assume": "access", "login": "access", "head": "access",
	"decrypt": "access", "console": "access", "batch": "access", "read": "access", "viewed": "access",
}

// guessTone takes the tone from the first word that tells, as services name their
// calls, or from the last, as programs name what happened.
func guessTone(id string) string {
	_, name := split(id)
	words := Words(name)
	if len(words) == 0 {
		return "system"
	}
	for _, w := range []string{words[0], words[len(words)-1]} {
		if tone, ok := toneWords[strings.ToLower(w)]; ok {
			return tone
		}
	}
	return "system"
}

// renderUnknown says an activity by its type's name. Types written service:Call are
// what cloud services log, so there the call is named as the service spells it.
func (v values) renderUnknown(out *parts) {
	where, name := split(v.subject.Type)
	call := where != "" && strings.Contains(v.subject.Type, ":")
	typ := Part{Kind: "value", Text: humanise(v.subject.Type), Filter: "type:" + quote(v.subject.Type)}
	object, hasObject := v.objectPart()
	before, after := "recorded ", ""
	preposition := Text{EN: " for ", DE: " für "}
	if call {
		typ.Text, _ = clean(name)
		place, _ := clean(where)
		before, after = "called ", " on "+place
		if german(v.lang) {
			before, after = "hat ", " bei "+place
		}
	} else if german(v.lang) {
		before = "hat "
	}
	out.text(before)
	out.add(typ)
	out.text(after)
	if hasObject {
		open, shut := `"`, `"`
		if german(v.lang) {
			open, shut = "„", "“"
		}
		out.text(preposition.In(v.lang) + open)
		out.add(object)
		out.text(shut)
	}
	if german(v.lang) {
		if call {
			out.text(" aufgerufen")
		} else {
			out.text(" aufgezeichnet")
		}
	}
}

func (v values) objectPart() (Part, bool) {
	o := v.subject.Object
	if o == nil {
		return Part{}, false
	}
	text, ok := clean(o.Name)
	if !ok {
		text, ok = clean(o.ID)
	}
	part := Part{Kind: "object", Text: text}
	if o.ID != "" && o.Kind != "" {
		part.Filter = "object:" + quote(o.Kind+":"+o.ID)
	}
	return part, ok
}
