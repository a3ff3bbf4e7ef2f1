package activity

import (
	"encoding/json"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/access"
)

// foldName is access.Fold, quicker for the text that most bodies are.
func foldName(text string) string {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return access.Fold(text)
		}
	}
	return strings.ToLower(text)
}

// Names finds out which of some names, addresses or other texts an activity has in it:
// as whole words, whatever their case, also where a JSON text spells a letter as an
// escape. It is made once and asked for each activity; not by several at a time.
type Names struct {
	texts []string
	heads [utf8.RuneSelf][]int // by the first byte, of those that begin with an ASCII letter or digit
	other []int
	addrs map[netip.Addr][]int // IPv6 addresses, which have many spellings
	hit   []bool
}

// NewNames returns what looks for the texts. An empty one is nowhere.
func NewNames(texts []string) *Names {
	n := &Names{texts: make([]string, len(texts)), hit: make([]bool, len(texts)), addrs: map[netip.Addr][]int{}}
	for i, text := range texts {
		folded := foldName(text)
		n.texts[i] = folded
		if addr, err := netip.ParseAddr(folded); err == nil && addr.Is6() && !addr.Is4In6() {
			n.addrs[addr] = append(n.addrs[addr], i)
		}
		switch {
		case folded == "":
		case folded[0] < utf8.RuneSelf && isWord(rune(folded[0])):
			n.heads[folded[0]] = append(n.heads[folded[0]], i)
		default:
			n.other = append(n.other, i)
		}
	}
	return n
}

// InText returns which of the texts are in another text, by their places in the list.
func (n *Names) InText(text string) []int {
	clear(n.hit)
	n.look(foldName(text))
	return n.found()
}

func (n *Names) found() (found []int) {
	for i, hit := range n.hit {
		if hit {
			found = append(found, i)
		}
	}
	return found
}

// In returns which of the texts are in a stored body, by their places in the list: in
// the names of actor, object (its kind too), site and import, in changes, parameters and raw (there in
// the keys too), in the external and request id, the user agent and the address. The
// body's own keys and the actor's kind do not count. Cost: about a microsecond where none is.
func (n *Names) In(data []byte) ([]int, error) {
	if !n.may(data) {
		return nil, nil
	}
	b, err := DecodeBody(data)
	if err != nil {
		return nil, err
	}
	clear(n.hit)
	n.body(b)
	return n.found(), nil
}

// may is a quick look that is never wrong when it says no.
func (n *Names) may(data []byte) bool {
	text := string(data)
	if strings.IndexByte(text, '\\') >= 0 {
		return true
	}
	clear(n.hit)
	return n.look(foldName(text))
}

func (n *Names) body(b Body) {
	value := func(text string) { n.look(foldName(text)) }
	optional := func(text *string) {
		if text != nil {
			value(*text)
		}
	}
	optional(b.Actor.Name)
	for _, source := range []string{b.Actor.Source, b.Source} {
		if _, name, ok := strings.Cut(source, "/"); ok {
			value(name)
		}
	}
	if b.Object != nil {
		value(b.Object.Kind)
		value(b.Object.ID)
		value(b.Object.Name)
	}
	if b.Site != nil {
		value(b.Site.Name)
	}
	for _, c := range b.Changes {
		value(c.Field)
		n.json(c.Old, value)
		n.json(c.New, value)
	}
	n.json(b.Parameters, value)
	n.json(b.Raw, value)
	optional(b.ExternalID)
	optional(b.RequestID)
	optional(b.UserAgent)
	optional(b.IP)
}

// json looks through the values of valid JSON, and its keys: one that is nothing but a
// name, and any for what no program calls a field, such as an address.
func (n *Names) json(data json.RawMessage, value func(string)) {
	eachScalar(data, value)
	for i := 0; i < len(data); i++ {
		if data[i] != '"' {
			continue
		}
		end := stringEnd(data, i)
		if isKey(data, end) {
			n.key(foldName(unquote(data[i:end])))
		}
		i = end - 1
	}
}

func (n *Names) key(folded string) {
	n.addresses(folded)
	for i, text := range n.texts {
		if text != "" && (text == folded || strings.ContainsFunc(text, notPlain) && indexWord(folded, text) >= 0) {
			n.hit[i] = true
		}
	}
}

func notPlain(r rune) bool { return !unicode.IsLetter(r) && r != '_' }

// look notes which texts are in a folded one, and whether any is.
func (n *Names) look(folded string) (any bool) {
	any = n.addresses(folded)
	word := false // whether a word goes on
	for at := 0; at < len(folded); at++ {
		c := folded[at]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(folded[at:])
			word = isWord(r)
			at += size - 1
			continue
		}
		begins := !word
		if word = isWord(rune(c)); !word || !begins {
			continue
		}
		for _, i := range n.heads[c] {
			if text := n.texts[i]; strings.HasPrefix(folded[at:], text) && endsAt(folded, at, text) {
				n.hit[i], any = true, true
			}
		}
	}
	for _, i := range n.other {
		if indexWord(folded, n.texts[i]) >= 0 {
			n.hit[i], any = true, true
		}
	}
	return any
}

// addresses notes which IPv6 addresses are in a folded text, however they are spelled
// (RFC 4291, section 2.2), and whether any is.
func (n *Names) addresses(folded string) (any bool) {
	if len(n.addrs) == 0 {
		return false
	}
	for _, part := range strings.FieldsFunc(folded, notAddress) {
		if strings.Count(part, ":") < 2 {
			continue
		}
		addr, err := netip.ParseAddr(part)
		if err != nil { // the end of a sentence
			addr, err = netip.ParseAddr(strings.TrimRight(part, ".:"))
		}
		if err != nil {
			continue
		}
		for _, i := range n.addrs[addr] {
			n.hit[i], any = true, true
		}
	}
	return any
}

func notAddress(r rune) bool { return !strings.ContainsRune("0123456789abcdef:.", r) }

// indexWord returns where text stands in folded as whole words, -1 if it does not.
func indexWord(folded, text string) int {
	for from := 0; ; {
		at := strings.Index(folded[from:], text)
		if at < 0 {
			return -1
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(folded[:at])
		first, _ := utf8.DecodeRuneInString(text)
		if (at == 0 || !isWord(first) || !isWord(before)) && endsAt(folded, at, text) {
			return at
		}
		from = at + 1
	}
}

// endsAt reports whether no word goes on behind a text that stands at a place.
func endsAt(folded string, at int, text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	next, size := utf8.DecodeRuneInString(folded[at+len(text):])
	return size == 0 || !isWord(last) || !isWord(next)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
