package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"activitylog/backend/httpapi"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"Anna Größe 日本":       "Anna Größe 日本",
		"a\nb\tc\r":           `a\x0ab\x09c\x0d`,
		"\x1b[31mred\x1b[0m":  `\x1b[31mred\x1b[0m`,
		"\u009b31m":           `\x9b31m`,
		"del\x7f":             `del\x7f`,
		"abc\u202egpj.exe":    `abc\u202egpj.exe`,
		"a\u200bb\ufeffc":     `a\u200bb\ufeffc`,
		"line\u2028paragraph": `line\u2028paragraph`,
		"bad\xffbyte":         `bad\xffbyte`,
		"isolate\u2066x":      `isolate\u2066x`,
		`back\slash`:          `back\slash`,
		"real \ufffd":         "real \ufffd",
	} {
		if got := Plain(in); got != want {
			t.Errorf("Plain(%q) = %q, want %q", in, got, want)
		}
	}
}

// On a terminal JSON stays the same value.
func TestJSONOnATerminal(t *testing.T) {
	in := map[string]string{"a": "x\u009b31m\u202e\u200b\x7f\x1b"}
	var b bytes.Buffer
	if err := httpapi.Encode(&jsonTerminal{to: &b}, in); err != nil {
		t.Fatal(err)
	}
	var out map[string]string
	if err := json.Unmarshal(b.Bytes(), &out); err != nil || out["a"] != in["a"] {
		t.Errorf("%q reads as %v, %v", b.String(), out, err)
	}
	if strings.ContainsFunc(strings.TrimSuffix(b.String(), "\n"), hidden) {
		t.Errorf("%q", b.String())
	}
}

func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"", "a", "\x1b]0;title\x07", "\u202e\u2066", "\xc2", "é\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := Plain(in)
		if strings.ContainsFunc(got, hidden) {
			t.Errorf("Plain(%q) = %q", in, got)
		}
		if !utf8.ValidString(got) {
			t.Errorf("Plain(%q) is not UTF-8: %q", in, got)
		}
		if Plain(got) != got {
			t.Errorf("Plain is not stable on %q", in)
		}
	})
}
