package widget

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/fault"
)

func TestAncestors(t *testing.T) {
	for in, want := range map[string]string{
		"https://intranet.example.org": "https://intranet.example.org", "https://Intranet.Example.org/": "https://intranet.example.org",
		"\thttps://a.example:8443\n": "https://a.example:8443", "https://a.example:443": "https://a.example", "http://localhost:80": "http://localhost",
		"http://localhost:3000": "http://localhost:3000", "http://127.0.0.1:8080": "http://127.0.0.1:8080", "https://192.0.2.7": "https://192.0.2.7",
		"https://xn--bcher-kva.example": "https://xn--bcher-kva.example", "https://wiki": "https://wiki",
	} {
		if got, err := Ancestors([]string{in, in}); err != nil || !slices.Equal(got, []string{want}) {
			t.Errorf("%q became %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "*", "'self'", "'none'", "https:", "https://", "https://*", "https://*.example.org", "http://intranet.example.org", "http://localhost.evil.example",
		"http://127.0.0.2", "http://[::1]:80", "https://[2001:db8::1]", "https://a.example/page", "https://a.example/;", "https://a.example?x", "https://a.example?",
		"https://a.example#x", "https://a.example#", "https://user@a.example", "https://@a.example", "https://a.example:", "https://a.example:0", "https://a.example:65536", "https://a.example:08",
		"https://a.example:80a", "https://a.example https://b.example", "https://a.example;script-src *", "https://a.example,https://b.example", "https://a.example\nx: y",
		"https://bücher.example", "https://-a.example", "https://a-.example", "https://a..example", "https://a.example.", "https://a_b.example",
		"https:a.example", "https:///a.example", "//a.example", "a.example", "ftp://a.example", "file://", "null", "data:,", "javascript:alert(1)", "https://a\\b.example", "https://%61.example", "https://" + strings.Repeat("a", 64) + ".example",
	} {
		got, err := Ancestors([]string{in})
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q was taken for %q", in, got)
		}
	}
	many := []string{}
	for _, c := range "abcdefghijklmnopqrstu" {
		many = append(many, "https://"+string(c)+".example")
	}
	if _, err := Ancestors(many); err == nil {
		t.Errorf("%d are taken", len(many))
	}
	if got, err := Ancestors(nil); err != nil || got == nil || len(got) != 0 {
		t.Errorf("none: %v %v", got, err)
	}
}

// Whatever is taken for an origin may stand in a header as it is, and is taken again.
func FuzzAncestors(f *testing.F) {
	for _, seed := range []string{"https://a.example", "http://localhost:3000/", "https://A.example:443", "https://a.example;x", "http://127.0.0.1"} {
		f.Add(seed)
	}
	safe := regexp.MustCompile(`^(https://[a-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:[1-9][0-9]{0,4})?$`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Ancestors([]string{text})
		if err != nil {
			return
		}
		if len(list) != 1 || !safe.MatchString(list[0]) {
			t.Fatalf("%q became %q", text, list)
		}
		if again, err := Ancestors(list); err != nil || !slices.Equal(again, list) {
			t.Fatalf("%q became %q, then %q, %v", text, list, again, err)
		}
	})
}
