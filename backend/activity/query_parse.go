package activity

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/fault"
)

// The limits of a query.
const (
	MaxQuery     = 4 << 10 // bytes of text
	MaxQueryTerm = 256     // bytes of one value or word
	MaxTerms     = 32
)

// ParseOptions is what the meaning of a query depends on besides its text.
type ParseOptions struct {
	Now  time.Time      // for last:, today and yesterday
	Zone *time.Location // in which dates are read; nil is UTC
	// Categories returns the types of a category, false if there is none of that
	// name. Nil knows no category.
	Categories func(string) ([]string, bool)
}

// ParseQuery reads the text of a search box:
//
//	query  = { term }                    terms are separated by white space
//	term   = ["-"] ( filter | word ) | date
//	filter = field ":" value             actor (or user), type, category, site, object,
//	                                     ip, result, source, batch; field in any case
//	date   = "after:" when | "before:" when | "on:" day | "last:" number unit
//	when   = YYYY | YYYY-MM | YYYY-MM-DD [ "T" HH [":MM" [":SS" [".fff"]]] [zone] ] | "today" | "yesterday"
//	unit   = m | h | d | w | mo | y      minutes, hours, calendar days, weeks, months, years
//	value  = text to the next space | quoted
//	word   = text to the next space ["*"] | quoted ["*"]
//	quoted = '"' { any but '"' and '\' | '\"' | '\\' | '\' } '"'
//
// A word of several tokens (foo-bar) is a phrase; one without letters or digits is
// an error, because it could match nothing. Text that begins like a field
// (https://…) has to be quoted.
//
// Errors: invalid on "query", with a [QueryError] as cause.
func ParseQuery(text string, opt ParseOptions) (Query, error) {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	if err := checkQueryText(text); err != nil {
		return Query{}, err
	}
	p := parser{text: text, opt: opt, query: Query{Text: text}}
	for n := 1; ; n++ {
		p.skipSpace()
		if p.at == len(text) {
			return p.query, nil
		}
		if n > MaxTerms {
			return Query{}, p.fail(p.at, len(text)-p.at, "There are more than %d terms. Leave some out.", MaxTerms)
		}
		if err := p.term(); err != nil {
			return Query{}, err
		}
	}
}

func checkQueryText(text string) error {
	if len(text) > MaxQuery {
		return fault.At("query", "The query is longer than %d bytes. Shorten it.", MaxQuery)
	}
	for i, r := range text {
		if r == 0 {
			return queryFault(text, i, 1, "A NUL character cannot be searched for. Take it out.")
		}
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return queryFault(text, i, 1, "The text is not valid UTF-8 here.")
			}
		}
	}
	return nil
}

// A parser reads one query from left to right.
type parser struct {
	text  string
	at    int
	opt   ParseOptions
	query Query
}

func isSpace(r rune) bool { return unicode.IsSpace(r) }

func (p *parser) fail(at, length int, format string, args ...any) error {
	return queryFault(p.text, at, length, format, args...)
}

func (p *parser) skipSpace() {
	p.at += len(p.text[p.at:]) - len(strings.TrimLeftFunc(p.text[p.at:], isSpace))
}

// bare reads to the next space.
func (p *parser) bare() string {
	end := strings.IndexFunc(p.text[p.at:], isSpace)
	if end < 0 {
		end = len(p.text) - p.at
	}
	text := p.text[p.at : p.at+end]
	p.at += end
	return text
}

// quoted reads a quoted text; the parser stands on the opening quote.
func (p *parser) quoted() (string, error) {
	start := p.at
	var out strings.Builder
	for i := start + 1; i < len(p.text); i++ {
		c := p.text[i]
		if c == '"' {
			p.at = i + 1
			return out.String(), nil
		}
		if c == '\\' && i+1 < len(p.text) && (p.text[i+1] == '"' || p.text[i+1] == '\\') {
			i++
			c = p.text[i]
		}
		out.WriteByte(c)
	}
	return "", p.fail(start, len(p.text)-start, `This quotation mark is never closed. Add a " at the end.`)
}

func (p *parser) term() error {
	start := p.at
	negated := p.text[p.at] == '-'
	if negated {
		p.at++
	}
	name, isField := p.fieldName()
	if !isField {
		return p.word(start, negated)
	}
	info, known := fieldOf(name)
	if !known {
		return p.unknownField(name)
	}
	p.at += len(name) + 1
	valueAt := p.at
	value, err := p.value(info.Field)
	if err != nil {
		return err
	}
	if info.Date {
		if negated {
			return p.fail(start, p.at-start, "A date cannot be excluded. Use after: and before: to say what is wanted.")
		}
		return p.date(Date{Field: info.Field, Value: value, At: start}, valueAt)
	}
	f := Filter{Field: info.Field, Value: value, Negated: negated, At: start}
	if err := p.check(&f, valueAt); err != nil {
		return err
	}
	p.query.Filters = append(p.query.Filters, f)
	return nil
}

// fieldName returns the letters before a colon, if the term begins with such.
func (p *parser) fieldName() (string, bool) {
	rest := p.text[p.at:]
	end := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' })
	if end <= 0 || rest[end] != ':' {
		return "", false
	}
	return rest[:end], true
}

func (p *parser) unknownField(name string) error {
	at := p.at
	hint := `Put the term in quotes to search for it as words.`
	if near := nearestField(name); near != "" {
		hint = "Did you mean " + string(near) + ":? " + hint
	}
	return p.fail(at, len(name)+1, "There is no field %q. %s", clip(name), hint)
}

// clip keeps a long text from filling a message.
func clip(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func (p *parser) value(field Field) (string, error) {
	start := p.at
	if start == len(p.text) || p.text[start] != '"' {
		value := p.bare()
		if value == "" {
			return "", p.fail(start, 0, "A value is missing after %s:.", field)
		}
		return value, p.checkLength(start, value)
	}
	value, err := p.quoted()
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(value) == "" {
		return "", p.fail(start, p.at-start, "A value is missing after %s:.", field)
	}
	if err := p.checkEnd(); err != nil {
		return "", err
	}
	return value, p.checkLength(start, value)
}

func (p *parser) checkLength(start int, value string) error {
	if len(value) > MaxQueryTerm {
		return p.fail(start, p.at-start, "This is longer than %d bytes. Shorten it.", MaxQueryTerm)
	}
	return nil
}

// checkEnd wants a space after a closing quote.
func (p *parser) checkEnd() error {
	if p.at == len(p.text) {
		return nil
	}
	if r, size := utf8.DecodeRuneInString(p.text[p.at:]); !isSpace(r) {
		return p.fail(p.at, size, "A space is missing after the closing quotation mark.")
	}
	return nil
}

func (p *parser) word(start int, negated bool) error {
	w := Word{Negated: negated, At: start}
	if p.at < len(p.text) && p.text[p.at] == '"' {
		text, err := p.quoted()
		if err != nil {
			return err
		}
		w.Text, w.Phrase = text, true
		if strings.HasPrefix(p.text[p.at:], "*") {
			w.Prefix = true
			p.at++
		}
		if err := p.checkEnd(); err != nil {
			return err
		}
	} else {
		w.Text, w.Prefix = strings.CutSuffix(p.bare(), "*")
	}
	if !hasToken(w.Text) {
		return p.fail(start, p.at-start, "%q has no letters or digits to search for. Leave it out.", clip(p.text[start:p.at]))
	}
	if err := p.checkLength(start, w.Text); err != nil {
		return err
	}
	p.query.Words = append(p.query.Words, w)
	return nil
}

// hasToken reports whether the words index makes at least one token of text: its
// tokenizer keeps letters, numbers and private characters, and nothing else.
func hasToken(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.Co) })
}
