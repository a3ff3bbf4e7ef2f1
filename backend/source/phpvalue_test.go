package source

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestPHPValues(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`N;`, `null`},
		{`b:1;`, `true`},
		{`b:0;`, `false`},
		{`i:-42;`, `-42`},
		{`i:9007199254740993;`, `9007199254740993`},
		{`d:0.1;`, `0.1`},
		{`d:1.0E+25;`, `1.0E+25`},
		{`d:INF;`, `"INF"`},
		{`s:0:"";`, `""`},
		{`s:5:"a"b;c";`, `"a\"b;c"`},
		{`s:4:"für";`, `"für"`},
		{"s:3:\"a\r\n\";", `"a\r\n"`},
		{`a:0:{}`, `[]`},
		{`a:2:{i:0;s:1:"a";i:1;N;}`, `["a",null]`},
		{`a:1:{i:1;s:1:"a";}`, `{"1":"a"}`},
		{`a:2:{s:4:"site";a:2:{s:7:"site_id";s:1:"3";s:9:"site_name";s:4:"Shop";}s:1:"n";i:7;}`, `{"site":{"site_id":"3","site_name":"Shop"},"n":7}`},
		{"O:3:\"Foo\":2:{s:1:\"a\";i:1;s:6:\"\x00Foo\x00b\";i:2;}", `{"a":1,"b":2}`},
	} {
		got, err := phpJSON([]byte(tt.in))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.in, got, err, tt.want)
		}
	}
}

func TestPHPValuesRefused(t *testing.T) {
	deep := strings.Repeat("a:1:{i:0;", 100) + "N;" + strings.Repeat("}", 100)
	for _, tt := range []struct{ in, want string }{
		{``, "a value was expected"},
		{`x`, "a value was expected"},
		{`b:2;`, "no value of the kind"},
		{`i:;`, "no value of the kind"},
		{`i:+1;`, "no value of the kind"},
		{`d:0x1p4;`, "no value of the kind"},
		{`i:1`, `there is no ";"`},
		{`s:9:"abc";`, "no length it can have"},
		{`s:2:"abc";`, "does not end where it should"},
		{`s:-1:"";`, "no length it can have"},
		{"s:1:\"\xff\";", "not valid UTF-8"},
		{`s:99999999999:"abc";`, "no length it can have"},
		{`a:99999999:{}`, "no length it can have"},
		{`a:1:{i:0;i:1;`, "ends with }"},
		{`a:1:{N;i:1;}`, "a key was expected"},
		{`a:2:{i:0;i:1;s:1:"0";i:2;}`, "twice"},
		{`a:1:{i:0;R:1;}`, "which is not read"},
		{`C:3:"Foo":2:{ab}`, "which is not read"},
		{`i:1;i:2;`, "something follows"},
		{deep, "nested deeper"},
	} {
		got, err := phpJSON([]byte(tt.in))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.60s: %s, %v; want %s", tt.in, got, err, tt.want)
		}
	}
}

func FuzzPHPValue(f *testing.F) {
	for _, seed := range []string{`N;`, `a:2:{i:0;s:1:"a";i:1;d:0.5;}`, `O:1:"F":1:{s:1:"a";b:1;}`, `s:4:"für";`, `a:1:{s:1:"a";a:0:{}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := phpJSON(in)
		if err == nil && !json.Valid(got) {
			t.Fatalf("%q gives %q, which is no JSON", in, got)
		}
		if len(got) > 8*len(in)+8 {
			t.Fatalf("%d bytes became %d", len(in), len(got))
		}
	})
}
