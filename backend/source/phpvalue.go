package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// phpDepth is how deep serialised PHP may be nested; deeper than what is stored.
const phpDepth = 64

// phpJSON writes a value of PHP's serialize() as JSON: lists as arrays, other arrays as
// objects in their order, numbers with their digits. Objects are read as the arrays of
// their properties and nothing is made of their class; references are refused. A reader
// of our own, so that depth is bounded and the order kept. Format: php.net/serialize, php-src ext/standard/var.c.
// Cost: one pass, no more memory than a few times the text.
func phpJSON(data []byte) (json.RawMessage, error) {
	p := phpReader{rest: data, size: len(data)}
	value, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(p.rest)) > 0 {
		return nil, p.wrong("something follows its end")
	}
	return value, nil
}

type phpReader struct {
	rest []byte
	size int
}

func (p *phpReader) wrong(why string) error {
	return fmt.Errorf("its PHP-serialised value is damaged at byte %d: %s", p.size-len(p.rest)+1, why)
}

func (p *phpReader) value(depth int) (json.RawMessage, error) {
	if depth > phpDepth {
		return nil, p.wrong(fmt.Sprintf("it is nested deeper than %d levels", phpDepth))
	}
	if bytes.HasPrefix(p.rest, []byte("N;")) {
		p.rest = p.rest[2:]
		return json.RawMessage("null"), nil
	}
	if len(p.rest) < 2 || p.rest[1] != ':' {
		return nil, p.wrong("a value was expected")
	}
	kind := p.rest[0]
	switch kind {
	case 'b', 'i', 'd':
		p.rest = p.rest[2:]
		return p.scalar(kind)
	case 's':
		p.rest = p.rest[2:]
		text, err := p.text(';')
		if err != nil {
			return nil, err
		}
		return quoted(text), nil
	case 'a':
		p.rest = p.rest[2:]
		return p.array(depth)
	case 'O':
		p.rest = p.rest[2:]
		if _, err := p.text(':'); err != nil { // the name of its class
			return nil, err
		}
		return p.array(depth)
	}
	return nil, p.wrong(fmt.Sprintf("there is a value of the kind %q, which is not read", string(rune(kind))))
}

func (p *phpReader) until(end byte) (string, error) {
	at := bytes.IndexByte(p.rest[:min(len(p.rest), 400)], end)
	if at < 0 {
		return "", p.wrong(fmt.Sprintf("there is no %q", string(rune(end))))
	}
	text := string(p.rest[:at])
	p.rest = p.rest[at+1:]
	return text, nil
}

func (p *phpReader) scalar(kind byte) (json.RawMessage, error) {
	start := *p
	text, err := p.until(';')
	if err != nil {
		return nil, err
	}
	switch kind {
	case 'b':
		if text == "0" || text == "1" {
			return json.RawMessage(map[string]string{"0": "false", "1": "true"}[text]), nil
		}
	case 'i':
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && text[0] != '+' {
			return json.RawMessage(strconv.AppendInt(nil, n, 10)), nil
		}
	case 'd':
		if n, err := strconv.ParseFloat(text, 64); err == nil || errors.Is(err, strconv.ErrRange) {
			if json.Valid([]byte(text)) {
				return json.RawMessage(text), nil
			}
			if math.IsNaN(n) || math.IsInf(n, 0) { // JSON has no such numbers
				return quoted(text), nil
			}
		}
	}
	return nil, start.wrong(fmt.Sprintf("%q is no value of the kind %q", text, string(rune(kind))))
}

// count reads a length, which can be no larger than what is left.
func (p *phpReader) count() (int, error) {
	start := *p
	text, err := p.until(':')
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > len(p.rest) || text[0] == '+' {
		return 0, start.wrong(fmt.Sprintf("%q is no length it can have", text))
	}
	return n, nil
}

// text reads 5:"hello" and what ends it.
func (p *phpReader) text(end byte) (string, error) {
	n, err := p.count()
	if err != nil {
		return "", err
	}
	if len(p.rest) < n+3 || p.rest[0] != '"' || p.rest[n+1] != '"' || p.rest[n+2] != end {
		return "", p.wrong(fmt.Sprintf("a text of %d bytes does not end where it should; was the dump converted to another character set?", n))
	}
	text := p.rest[1 : n+1]
	if !utf8.Valid(text) {
		return "", p.wrong("a text is not valid UTF-8")
	}
	p.rest = p.rest[n+3:]
	return string(text), nil
}

// key reads an array's key; list tells whether it is the number i.
func (p *phpReader) key(i int) (name string, list bool, err error) {
	if len(p.rest) < 2 || p.rest[1] != ':' || p.rest[0] != 'i' && p.rest[0] != 's' {
		return "", false, p.wrong("a key was expected")
	}
	kind := p.rest[0]
	p.rest = p.rest[2:]
	if kind == 's' {
		name, err = p.text(';')
		return name, false, err
	}
	number, err := p.scalar('i')
	return string(number), string(number) == strconv.Itoa(i), err
}

// array reads 2:{key value key value}.
func (p *phpReader) array(depth int) (json.RawMessage, error) {
	n, err := p.count()
	if err != nil {
		return nil, err
	}
	if len(p.rest) == 0 || p.rest[0] != '{' {
		return nil, p.wrong("an array begins with {")
	}
	p.rest = p.rest[1:]
	names, values := []string{}, []json.RawMessage{}
	list := true
	seen := map[string]bool{}
	for i := range n {
		name, next, err := p.key(i)
		if err != nil {
			return nil, err
		}
		if at := lastNUL(name); at >= 0 { // the properties of an object that are not public
			name = name[at+1:]
		}
		if seen[name] {
			return nil, p.wrong(fmt.Sprintf("it has the key %q twice", name))
		}
		seen[name] = true
		list = list && next
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		names, values = append(names, name), append(values, value)
	}
	if len(p.rest) == 0 || p.rest[0] != '}' {
		return nil, p.wrong("an array ends with }")
	}
	p.rest = p.rest[1:]
	if list {
		return join('[', nil, values, ']'), nil
	}
	return join('{', names, values, '}'), nil
}

// lastNUL is the place of the second NUL in "\0Class\0property", or -1.
func lastNUL(name string) int {
	if len(name) < 2 || name[0] != 0 {
		return -1
	}
	for i := 1; i < len(name); i++ {
		if name[i] == 0 {
			return i
		}
	}
	return -1
}

// join writes a list, or with names an object.
func join(open byte, names []string, values []json.RawMessage, end byte) json.RawMessage {
	out := []byte{open}
	for i, value := range values {
		if i > 0 {
			out = append(out, ',')
		}
		if names != nil {
			out = append(append(out, quoted(names[i])...), ':')
		}
		out = append(out, value...)
	}
	return append(out, end)
}
