package catalog

import "strings"

// A Part is a piece of a sentence; see activity.Part, which it converts to.
type Part struct {
	Kind   string // text, actor, object, site, value, result
	Text   string
	Filter string // what a click writes into the query box, or ""
}

// An Object is what something was done to; activity.Object converts to it.
type Object struct {
	Kind string
	ID   string
	Name string
}

// A Site is the measurable an activity belongs to; activity.SiteRef converts to it.
type Site struct {
	ID   *string
	Kind string
	Name string
}

// A Subject is an activity as far as its sentence needs it.
type Subject struct {
	Type          string
	Actor         string // the actor's name
	Object        *Object
	Site          *Site
	Parameters    []byte // a JSON object, or nothing
	ChangedFields []string
	Result        string // ok, failed, denied
}

// Sentence says in the reader's language what was done: past tense, without the
// subject and without a full stop. What is missing makes it shorter; a type no
// plugin defines is said by its name. Cost: one pass over the parameters.
func (c *Catalog) Sentence(lang string, s Subject) []Part {
	t, _ := c.Type(s.Type)
	v := values{lang: lang, subject: s, typ: t, params: decodeObject(s.Parameters)}
	var out parts
	if t.Plugin != "" {
		v.render(&out, v.choose().in(lang))
	} else {
		v.renderUnknown(&out)
	}
	if s.Result != t.says {
		v.addResult(&out)
	}
	return out
}

// Plain returns the text of a sentence.
func Plain(all []Part) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(p.Text)
	}
	return b.String()
}

// parts joins neighbouring texts.
type parts []Part

func (p *parts) add(part Part) {
	if part.Text == "" {
		return
	}
	if n := len(*p); n > 0 && part.Kind == "text" && (*p)[n-1].Kind == "text" {
		(*p)[n-1].Text += part.Text
		return
	}
	*p = append(*p, part)
}

func (p *parts) text(s string) { p.add(Part{Kind: "text", Text: s}) }

// choose returns the sentence of the first variant whose condition holds.
func (v values) choose() sentence {
	for _, alt := range v.typ.variants {
		if v.holds(alt.when) {
			return alt.sentence
		}
	}
	return v.typ.sentence
}

func (v values) holds(when condition) bool {
	got, ok := v.plain(when.Parameter)
	if !ok || len(when.Is) == 0 {
		return ok
	}
	for _, want := range when.Is {
		if strings.EqualFold(got, want) {
			return true
		}
	}
	return false
}

func (v values) render(out *parts, nodes []node) {
	for _, n := range nodes {
		if n.alternatives == nil {
			out.text(n.text)
			continue
		}
		for _, alternative := range n.alternatives {
			if got, ok := v.fill(alternative); ok {
				for _, part := range got {
					out.add(part)
				}
				break
			}
		}
	}
}

// fill replaces the placeholders; false if one has no value.
func (v values) fill(pieces []piece) ([]Part, bool) {
	var got []Part
	for _, p := range pieces {
		if p.name == "" {
			got = append(got, Part{Kind: "text", Text: p.text})
			continue
		}
		part, ok := v.part(p.name)
		if !ok {
			return nil, false
		}
		got = append(got, part)
	}
	return got, true
}

// addResult says that it did not come about, where the sentence does not say so: in a
// part of its own at the end, which must be seen also where a sentence is cut off.
func (v values) addResult(out *parts) {
	said := map[string]Text{
		"failed": {EN: " — failed", DE: " — fehlgeschlagen"},
		"denied": {EN: " — denied", DE: " — verweigert"},
	}
	word, ok := said[v.subject.Result]
	if !ok {
		return
	}
	text := word.In(v.lang)
	if code, ok := v.plain("errorCode"); ok {
		text += " (" + code + ")"
	}
	out.add(Part{Kind: "result", Text: text})
}
