package activity

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	b := Body{
		Actor:  BodyActor{Kind: "user", Source: "self", Name: new("Ann")},
		Object: &Object{Kind: "goal", ID: "7", Name: "Sign-up"},
		Site:   &SiteRef{Kind: "website", Name: "Shop"},
		Changes: []Change{
			{Field: "name", Old: json.RawMessage(`"Signup"`), New: json.RawMessage(`{"deep":["x",1.50,true]}`)},
			{Field: "gone", Old: json.RawMessage("null")},
		},
		Parameters: json.RawMessage("{ \"a\" : \"one \\\"two\\\" \\u00fc\", \"b\":\t{\"c\":[12345678901234567890, -1e5,false,null,\"\"]},\n \"k\":\"k:\"}"),
		UserAgent:  new("Agent/1"), RequestID: new("req"), ExternalID: new("ext"), IP: new("203.0.113.7"),
		Raw: json.RawMessage(`{"raw":"not this"}`), Type: "GoalChanged", Source: "manual",
	}
	want := []string{
		"Ann", "7", "Sign-up", "Shop", "Signup", "x", "1.50", "true", `one "two" ü`,
		"12345678901234567890", "-1e5", "false", "k:", "Agent/1", "req", "ext", "203.0.113.7",
	}
	if got := strings.Split(Words(b), "\n"); !slices.Equal(got, want) {
		t.Errorf("Words = %q\nwant    %q", got, want)
	}
	if got := Words(Body{}); got != "" {
		t.Errorf("nothing has the words %q", got)
	}
}

// What is stored is the compact form: it must have the same words as what came in.
func TestWordsSurviveEncoding(t *testing.T) {
	b := Body{V: BodyVersion, Parameters: json.RawMessage("{\"a\"                         :1,\"<b>\":\"<\\u2028&\\n\"}")}
	data, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := DecodeBody(data)
	if err != nil {
		t.Fatal(err)
	}
	if Words(stored) != Words(b) {
		t.Errorf("before %q, after %q", Words(b), Words(stored))
	}
}

// slowScalars says the same with the standard decoder.
func slowScalars(v any, add func(string)) {
	switch v := v.(type) {
	case string:
		add(v)
	case json.Number:
		add(v.String())
	case bool:
		if v {
			add("true")
		} else {
			add("false")
		}
	case []any:
		for _, e := range v {
			slowScalars(e, add)
		}
	case map[string]any:
		for _, e := range v {
			slowScalars(e, add)
		}
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":"b"}`, `[1,-2.5e3,"\\",true,false,null]`, `{"\"":{"x":[[]]}}`, ` "t" `, `{"a" : 1 , "b":"c\\\""}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		var v any
		if !json.Valid([]byte(text)) || dec.Decode(&v) != nil {
			eachScalar(json.RawMessage(text), func(string) {}) // must only come to an end
			return
		}
		var got, want []string
		eachScalar(json.RawMessage(text), func(s string) { got = append(got, strings.ToValidUTF8(s, "\ufffd")) })
		slowScalars(v, func(s string) { want = append(want, s) })
		if hasTwice(text) {
			return // a decoder keeps the last of equal keys, words have all
		}
		for i := range got { // the decoder replaces each invalid byte by itself
			got[i] = strings.ReplaceAll(got[i], "\ufffd", "")
		}
		for i := range want {
			want[i] = strings.ReplaceAll(want[i], "\ufffd", "")
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	})
}

// hasTwice reports whether an object in valid JSON may have a key twice.
func hasTwice(text string) bool {
	return strings.Count(text, ":") > 1
}
