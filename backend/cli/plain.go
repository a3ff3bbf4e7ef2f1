package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Plain makes a text fit to be shown on a terminal in one line: control characters
// become \xNN, and what would turn the writing direction, hide or break the line
// becomes \uNNNN. A backslash stays one: the form is for eyes; --json is exact.
func Plain(text string) string {
	clean := true
	for _, r := range text {
		if hidden(r) || r == utf8.RuneError {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case !hidden(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += size
	}
	return b.String()
}

// hidden reports whether a terminal would act on the character instead of showing
// it: C0, DEL, C1, line and paragraph separators, bidirectional controls, and
// characters without width.
func hidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x61c, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r == 0xfeff, r == 0xad:
		return true
	}
	return false
}

// A jsonTerminal passes JSON on to a terminal: the same values, with the characters
// that would move the cursor or turn the text written as escapes.
type jsonTerminal struct{ to io.Writer }

func (t *jsonTerminal) Write(p []byte) (int, error) {
	var b strings.Builder
	for _, r := range string(p) {
		if r != '\n' && hidden(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	if _, err := io.WriteString(t.to, b.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// A lineTerminal passes lines on to a terminal, each made [Plain] once it is whole.
type lineTerminal struct {
	to   io.Writer
	line []byte
}

func (t *lineTerminal) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		piece, after, ended := bytes.Cut(rest, []byte{'\n'})
		t.line, rest = append(t.line, piece...), after
		if !ended {
			break
		}
		if err := t.end(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// end writes the line as far as it has come.
func (t *lineTerminal) end() error {
	text := strings.TrimSuffix(string(t.line), "\r")
	t.line = t.line[:0]
	_, err := io.WriteString(t.to, Plain(text)+"\n")
	return err
}
