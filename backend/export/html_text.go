package export

import (
	"bufio"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape writes a text so that a browser shows it and never acts on it: markup is
// escaped, and characters that are not shown, or turn what stands around them, are
// named instead.
func escape(out *bufio.Writer, text string) {
	for _, r := range text {
		switch {
		case r == '&':
			puts(out, "&amp;")
		case r == '<':
			puts(out, "&lt;")
		case r == '>':
			puts(out, "&gt;")
		case r == '"':
			puts(out, "&#34;")
		case r == '\'':
			puts(out, "&#39;")
		case hidden(r):
			puts(out, "<i title=\"", fmt.Sprintf("U+%04X", r), "\">", picture(r), "</i>")
		default:
			_, _ = out.WriteRune(r) // a bufio.Writer keeps its first error; wrong bytes become U+FFFD
		}
	}
}

// hidden reports whether a character has no picture of its own, or changes the
// direction of others: those that frontend/src/lib/visible.ts names.
func hidden(r rune) bool {
	if r < utf8.RuneSelf {
		return r < 0x20 || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == 0x115f
}

func picture(r rune) string {
	switch {
	case r == '\t':
		return "⇥"
	case r == '\n':
		return "↵"
	case r == '\r':
		return "␍"
	case r < 0x20:
		return string(0x2400 + r)
	case r == 0x7f:
		return "␡"
	}
	return fmt.Sprintf("U+%04X", r)
}

// grouped is a number with its thousands set apart.
func grouped(n int64, mark string) string {
	digits := decimal(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(d)
	}
	return b.String()
}
