package matomo

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The bounds of PHP, which other servers of this API have too.
const maxVars = 1000 // parameters of one query or form; further ones are left out

// A Request is what a program sends.
type Request struct {
	Bearer string // of the header Authorization, "" without
	query  params
	form   params
}

// NewRequest reads the query string and the form body, which is written like one.
func NewRequest(bearer, query, form string) Request {
	return Request{Bearer: bearer, query: parse(query), form: parse(form)}
}

// API reports whether the request is for the reporting API at all. Otherwise it is
// for a page of Matomo's: the module Module.
func (r Request) API() bool {
	module := r.Module()
	return module == "API" || module == "" && r.all().has("method")
}

// Module is the module asked for, "" if none is.
func (r Request) Module() string { return r.all().text("module", "") }

// Widgetize is the module by which other pages frame a widget of Matomo's.
const Widgetize = "Widgetize"

// Framed returns the widget of ours that an address of Widgetize names, "" if it names
// none: that is where such a frame leads.
func (r Request) Framed() string {
	if all := r.all(); all.text("action", "iframe") == "iframe" && all.text("moduleToWidgetize", "ActivityLog") == "ActivityLog" {
		return all.text("widget", "")
	}
	return ""
}

// all joins query and form: what is in both counts as the query has it.
func (r Request) all() params { return r.query.over(r.form) }

// params are parameters by name.
type params map[string]param

// A param is a text or a list of texts, as PHP reads them.
type param struct {
	text string
	many bool     // a list: name[]=…, name[key]=…
	keys []string // of the list, in the order they came
	list []string
	next int // the key of the next name[]
}

// parse reads a query string as PHP's parse_str does: + is a space, a broken escape
// stays, dots and spaces in a name become _, name[] makes a list and the last value of
// a name counts. Of lists in lists only the outermost is kept, each as an empty text.
func parse(text string) params {
	all := params{}
	for n := 0; text != "" && n < maxVars; {
		var part string
		part, text, _ = strings.Cut(text, "&")
		name, value, _ := strings.Cut(part, "=")
		if part == "" {
			continue
		}
		n++
		all.add(unescape(name), unescape(value))
	}
	return all
}

func (p params) add(name, value string) {
	name, _, _ = strings.Cut(strings.TrimLeft(name, " "), "\x00")
	base, key, indexed := splitName(name)
	if base == "" {
		return
	}
	value = strings.TrimSpace(strings.ReplaceAll(clean(value), "\x00", ""))
	if !indexed {
		p[base] = param{text: value}
		return
	}
	had := p[base]
	if !had.many {
		had = param{many: true}
	}
	p[base] = had.with(key, value)
}

// with sets the value of a key, the next number if that is empty.
func (v param) with(key, value string) param {
	if key == "" {
		key = strconv.Itoa(v.next)
	}
	if n, err := strconv.Atoi(key); err == nil && n >= v.next && n < maxVars {
		v.next = n + 1
	}
	if i := slices.Index(v.keys, key); i >= 0 {
		v.list[i] = value
		return v
	}
	v.keys, v.list = append(v.keys, key), append(v.list, value)
	return v
}

// splitName splits name[key]; a name whose bracket is not closed has none.
func splitName(name string) (base, key string, indexed bool) {
	at := strings.IndexByte(name, '[')
	if at == 0 {
		return "", "", false
	}
	underlined := strings.NewReplacer(".", "_", " ", "_", "[", "_")
	if at < 0 {
		return underlined.Replace(name), "", false
	}
	end := strings.IndexByte(name[at:], ']')
	if end < 0 {
		return underlined.Replace(name), "", false
	}
	return underlined.Replace(name[:at]), strings.TrimSpace(name[at+1 : at+end]), true
}

// unescape undoes the escapes of a query string; what is no escape stays.
func unescape(text string) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '+':
			b.WriteByte(' ')
		case text[i] == '%' && i+2 < len(text):
			if n, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
			b.WriteByte('%')
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// clean is what becomes of a value on its way in: one that is not UTF-8 is empty.
func clean(value string) string {
	if !utf8.ValidString(value) {
		return ""
	}
	return value
}

// over returns p, and what only q has.
func (p params) over(q params) params {
	all := make(params, len(p)+len(q))
	for name, v := range q {
		all[name] = v
	}
	for name, v := range p {
		all[name] = v
	}
	return all
}

func (p params) has(name string) bool {
	_, ok := p[name]
	return ok
}

// text returns a text; the default where there is none, it is empty, or a list.
func (p params) text(name, otherwise string) string {
	if v, ok := p[name]; ok && !v.many && v.text != "" {
		return v.text
	}
	return otherwise
}

// integer returns a whole number written in its one way; the default for all else.
func (p params) integer(name string, otherwise int64) int64 {
	text := p.text(name, "")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return otherwise
	}
	return n
}

// list returns a list; nil where there is none or it is a text.
func (p params) list(name string) []string { return p[name].list }

func lower(text string) string { return strings.ToLower(text) }
