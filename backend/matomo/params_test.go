package matomo

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What PHP 8.2's parse_str makes of the same texts.
func TestParse(t *testing.T) {
	for _, c := range []struct {
		query, name, text string
		list              []string
	}{
		{"a=1&a=2", "a", "2", nil},
		{"a=1", "b", "", nil},
		{"a", "a", "", nil},
		{"&&a=1&", "a", "1", nil},
		{"a.b=1", "a_b", "1", nil},
		{"c d=2", "c_d", "2", nil},
		{"  x=1", "x", "1", nil},
		{"a[b=1", "a_b", "1", nil},
		{"a]b=1", "a]b", "1", nil},
		{"[x]=1", "x", "", nil},
		{"=5", "", "", nil},
		{"+=1", "_", "", nil},
		{"a=%zz+%20%41%4", "a", "%zz  A%4", nil},
		{"a=1;b=2", "a", "1;b=2", nil},
		{"a=+1+", "a", "1", nil}, // core trims
		{"a%00b=1", "a", "1", nil},
		{"c=d%00e", "c", "de", nil}, // core takes it out
		{"c=%ff", "c", "", nil},
		{"a%5B%5D=1&a[]=2", "a", "", []string{"1", "2"}},
		{"a[]=1&a[]=2&a[k]=3&a[5]=x&a[]=y&a[k]=z", "a", "", []string{"1", "2", "z", "x", "y"}},
		{"a[1]=b&a[0]=a", "a", "", []string{"b", "a"}},
		{"a[ ]=3", "a", "", []string{"3"}},
		{"a=1&a[]=2", "a", "", []string{"2"}},
		{"a[]=2&a=1", "a", "1", nil},
		{"a[b][c]=1&a[b][d]=2", "a", "", []string{"2"}},
		{"a[b]c=4", "a", "", []string{"4"}},
	} {
		p := parse(c.query)
		if got, list := p.text(c.name, ""), p.list(c.name); got != c.text || !slices.Equal(list, c.list) {
			t.Errorf("%q: %s is %q %q, want %q %q", c.query, c.name, got, list, c.text, c.list)
		}
	}
	if p := parse(strings.Repeat("a[]=1&", maxVars+5)); len(p.list("a")) != maxVars {
		t.Errorf("%d values are read", len(p.list("a")))
	}
}

// A whole number has one spelling; everything else counts as not given.
func TestInteger(t *testing.T) {
	for text, want := range map[string]int64{
		"5": 5, "-1": -1, "0": 0, "05": 9, "+5": 9, "5.0": 9, "1e2": 9, "-0": 9, "abc": 9, "": 9, "%205%20": 5, "0x1A": 9, "9223372036854775808": 9, "9223372036854775807": 1<<63 - 1,
	} {
		if got := parse("n="+strings.ReplaceAll(text, "+", "%2B")).integer("n", 9); got != want {
			t.Errorf("%q is read as %d, want %d", text, got, want)
		}
	}
	if got := parse("n[]=5").integer("n", 9); got != 9 {
		t.Errorf("a list is read as %d", got)
	}
}

func TestQueryBeforeForm(t *testing.T) {
	r := NewRequest("", "a=query&b=query", "b=form&c=form")
	for name, want := range map[string]string{"a": "query", "b": "query", "c": "form"} {
		if got := r.all().text(name, ""); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for text, want := range map[string]bool{
		"module=API": true, "method=x": true, "module=API&method=x": true, "method": true, "module=ActivityLog&method=x": false,
		"module=ActivityLog&action=index": false, "": false, "setup=1": false, "module[]=API": false, "module=api": false,
	} {
		if got := NewRequest("", text, "").API(); got != want {
			t.Errorf("%q is for the API: %v", text, got)
		}
		if got := NewRequest("", "", text).API(); got != want {
			t.Errorf("the form %q is for the API: %v", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a=1", "a[]=1&a[x]=2", "a[b=%zz", "%00=%ff&a%5b%5d=+", "urls%5B0%5D=method%253DActivityLog.getEntryCount", "&=&[=]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		p := parse(query)
		values := 0
		for name, v := range p {
			values += max(len(v.list), 1)
			if name == "" || strings.ContainsAny(name, ". \x00") {
				t.Errorf("the name %q", name)
			}
			for _, text := range append([]string{v.text}, v.list...) {
				if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || text != strings.TrimSpace(text) {
					t.Errorf("%s is %q", name, text)
				}
			}
			if len(v.list) != len(v.keys) || !v.many && len(v.list) > 0 {
				t.Errorf("%s has %d values of %d keys", name, len(v.list), len(v.keys))
			}
		}
		if values > maxVars {
			t.Errorf("%d values", values)
		}
		if again := parse(query); len(again) != len(p) {
			t.Errorf("read twice, %d and %d", len(p), len(again))
		}
	})
}
