package activity

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"activitylog/backend/fault"
)

var testOptions = ParseOptions{
	Now: time.UnixMilli(1_795_500_000_000), // 2026-11-24
	Categories: func(name string) ([]string, bool) {
		types := map[string][]string{"goals": {"GoalAdded", "GoalChanged"}, "empty": {}}[name]
		return types, types != nil
	},
}

func TestParseQuery(t *testing.T) {
	filter := func(field Field, value string, at int) Filter { return Filter{Field: field, Value: value, At: at} }
	not := func(f Filter) Filter { f.Negated = true; return f }
	for text, want := range map[string]Query{
		"":                       {},
		" \t\n ":                 {},
		"actor:ann":              {Filters: []Filter{filter(ByActor, "ann", 0)}},
		"user:ann":               {Filters: []Filter{filter(ByActor, "ann", 0)}},
		"USER:me":                {Filters: []Filter{filter(ByActor, "me", 0)}},
		"-type:GoalAdded":        {Filters: []Filter{not(filter(ByType, "GoalAdded", 0))}},
		"source:import:ct/prod":  {Filters: []Filter{filter(BySource, "import:ct/prod", 0)}},
		`site:"My shop"`:         {Filters: []Filter{filter(BySite, "My shop", 0)}},
		`site:"a \"b\" \\ c\d"`:  {Filters: []Filter{filter(BySite, `a "b" \ c\d`, 0)}},
		`site:My"shop`:           {Filters: []Filter{filter(BySite, `My"shop`, 0)}},
		"result:DENIED":          {Filters: []Filter{filter(ByResult, "denied", 0)}},
		"batch:007":              {Filters: []Filter{filter(ByBatch, "7", 0)}},
		"ip:203.0.113.7":         {Filters: []Filter{filter(ByIP, "203.0.113.7", 0)}},
		"ip:10.1.2.3/8":          {Filters: []Filter{filter(ByIP, "10.0.0.0/8", 0)}},
		"ip:2001:DB8::1":         {Filters: []Filter{filter(ByIP, "2001:db8::1", 0)}},
		"ip:::ffff:10.0.0.0/104": {Filters: []Filter{filter(ByIP, "10.0.0.0/8", 0)}},
		"object:goal:7 -object:arn:aws:s3": {Filters: []Filter{
			filter(ByObject, "goal:7", 0), not(filter(ByObject, "arn:aws:s3", 14)),
		}},
		"category:goals": {Filters: []Filter{{Field: ByCategory, Value: "goals", Types: []string{"GoalAdded", "GoalChanged"}}}},
		"category:empty": {Filters: []Filter{{Field: ByCategory, Value: "empty", Types: []string{}}}},
		"foo bar":        {Words: []Word{{Text: "foo"}, {Text: "bar", At: 4}}},
		"foo-bar":        {Words: []Word{{Text: "foo-bar"}}},
		"größ*":          {Words: []Word{{Text: "größ", Prefix: true}}},
		"12:30":          {Words: []Word{{Text: "12:30"}}},
		`-"a  b"*  --c`: {Words: []Word{
			{Text: "a  b", Phrase: true, Prefix: true, Negated: true},
			{Text: "-c", Negated: true, At: 10},
		}},
		`"type:x"`: {Words: []Word{{Text: "type:x", Phrase: true}}},
	} {
		want.Text = text
		got, err := ParseQuery(text, testOptions)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseQuery(%q) = %+v, %v\nwant %+v", text, got, err, want)
		}
	}
}

func TestParseQueryRefuses(t *testing.T) {
	for _, test := range []struct {
		text       string
		at, length int
		message    string
	}{
		{"foo usr:ann", 4, 4, `Column 5: There is no field "usr". Did you mean actor:?`},
		{"éé typ:x", 5, 4, `Column 4: There is no field "typ". Did you mean type:?`},
		{"-reslut:ok", 1, 7, "Did you mean result:?"},
		{"since:2026", 0, 6, "Did you mean after:?"},
		{"https://example.org/", 0, 6, "Put the term in quotes"},
		{"type:", 5, 0, "A value is missing after type:."},
		{`site:""`, 5, 2, "A value is missing after site:."},
		{`type: x`, 5, 0, "A value is missing"},
		{`a "b c`, 2, 4, "never closed"},
		{`site:"My shop`, 5, 8, "never closed"},
		{`site:"a"b`, 8, 1, "A space is missing"},
		{`"a"é`, 3, 2, "A space is missing"},
		{"!!!", 0, 3, `"!!!" has no letters or digits`},
		{"a -", 2, 1, "no letters or digits"},
		{"*", 0, 1, "no letters or digits"},
		{"result:bad", 7, 3, "ok, failed or denied"},
		{"batch:0", 6, 1, "number of an import"},
		{"batch:x", 6, 1, "number of an import"},
		{"ip:300.1.1.1", 3, 9, "neither an address"},
		{"ip:10.0.0.0/33", 3, 11, "neither an address"},
		{"ip:fe80::1%eth0", 3, 12, "neither an address"},
		{"category:nope", 9, 4, `no category "nope"`},
		{"after:2026-13", 6, 7, "is no date"},
		{"after:2026-02-30", 6, 10, "is no date"},
		{"after:2026-11-23T25:00", 6, 16, "is no date"},
		{"before:1899", 7, 4, "is no date from 1900"},
		{"before:tomorrow", 7, 8, "is no date"},
		{"on:2026-11-23T09:00", 3, 16, "on: wants a day"},
		{"last:7", 5, 1, "last: wants a number"},
		{"last:0d", 5, 2, "last: wants a number"},
		{"last:9999y", 5, 5, "last: wants a number"},
		{"-on:today", 0, 9, "cannot be excluded"},
		{"after:2026 last:7d", 11, 7, "already says when the time is to begin"},
		{"on:2026 before:2026", 8, 11, "already says when the time is to end"},
		{"a\x00b", 1, 1, "NUL"},
		{"ab\xff", 2, 1, "not valid UTF-8"},
		{"type:" + strings.Repeat("x", 257), 5, 257, "longer than 256 bytes"},
		{strings.Repeat("x", 257), 0, 257, "longer than 256 bytes"},
		{strings.Repeat("a ", 33), 64, 2, "more than 32 terms"},
	} {
		_, err := ParseQuery(test.text, testOptions)
		place, ok := errors.AsType[*QueryError](err)
		if !ok || place.At != test.at || place.Length != test.length {
			t.Errorf("ParseQuery(%q): place %+v, want %d+%d (%v)", test.text, place, test.at, test.length, err)
			continue
		}
		public := fault.Public(err)
		if public.Code != fault.Invalid || public.Field != "query" || !strings.Contains(public.Message, test.message) {
			t.Errorf("ParseQuery(%q): %+v, want %q", test.text, public, test.message)
		}
	}
	if _, err := ParseQuery(strings.Repeat("x", MaxQuery+1), testOptions); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a query too long: %v", err)
	}
	if _, err := ParseQuery("category:goals", ParseOptions{}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a category without a catalogue: %v", err)
	}
}

func TestParseQueryAtTheLimits(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("a ", MaxTerms),
		strings.Repeat("x", MaxQueryTerm),
		"type:" + strings.Repeat("x", MaxQueryTerm),
		"a" + strings.Repeat(" ", MaxQuery-1),
	} {
		if _, err := ParseQuery(text, testOptions); err != nil {
			t.Errorf("ParseQuery(%.20q…): %v", text, err)
		}
	}
}

func TestQueryString(t *testing.T) {
	for text, want := range map[string]string{
		"  foo  USER:ann  ON:today -x*": "actor:ann on:today foo -x*",
		`site:"My shop" site:"plain"`:   `site:"My shop" site:plain`,
		`site:"\"q\" \\"`:               `site:"\"q\" \\"`,
		`site:"\"q"`:                    `site:"\"q"`,
		`"a \"b\"" -"c"*`:               `"a \"b\"" -"c"*`,
		"after:2026-11-23t09:15z":       "after:2026-11-23T09:15Z",
		"LAST:007D":                     "last:7d",
	} {
		q, err := ParseQuery(text, testOptions)
		if err != nil || q.String() != want {
			t.Errorf("%q is written %q, %v, want %q", text, q, err, want)
		}
	}
}

func TestQueryFieldsParse(t *testing.T) {
	for _, info := range QueryFields() {
		q, err := ParseQuery(info.Example, testOptions)
		if err != nil || len(q.Filters)+len(q.Dates) != 1 {
			t.Errorf("the example %q: %+v, %v", info.Example, q, err)
		}
		for _, alias := range info.Aliases {
			example := alias + strings.TrimPrefix(info.Example, string(info.Field))
			if q, err := ParseQuery(example, testOptions); err != nil || q.String() != info.Example {
				t.Errorf("%q is written %q, %v, want %q", example, q, err, info.Example)
			}
		}
	}
}

// bare is a query without what only its spelling decides.
func bare(q Query) Query {
	q.Text = ""
	q.Filters, q.Words, q.Dates = slices.Clone(q.Filters), slices.Clone(q.Words), slices.Clone(q.Dates)
	for i := range q.Filters {
		q.Filters[i].At = 0
	}
	for i := range q.Words {
		q.Words[i].At = 0
	}
	for i := range q.Dates {
		q.Dates[i].At = 0
	}
	return q
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{
		"", `actor:me -type:"A B" "x \" y"* z* --w last:7d`, "on:2026-11-23 ip:10.1.2.3/8 category:goals",
		"after:2026-03-29T02:30 before:2026-10-25T02:30:59.9+01:00", "user:\"", "a\x00", "typ:x", "result:OK batch:01",
	} {
		f.Add(seed)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Skip("no time zones here")
	}
	opt := testOptions
	opt.Zone = zone
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuery(text, opt)
		if err != nil {
			if public := fault.Public(err); public.Code != fault.Invalid || public.Field != "query" {
				t.Fatalf("ParseQuery(%q): %v", text, err)
			}
			if place, ok := errors.AsType[*QueryError](err); ok && (place.At < 0 || place.Length < 0 || place.At+place.Length > len(text)) {
				t.Fatalf("ParseQuery(%q) blames %d+%d", text, place.At, place.Length)
			}
			return
		}
		printed := q.String()
		again, err := ParseQuery(printed, opt)
		if err != nil && len(printed) > MaxQuery {
			return // escapes made it longer than a query may be
		}
		if err != nil || !reflect.DeepEqual(bare(q), bare(again)) || again.String() != printed {
			t.Fatalf("%q is written %q, which is read as %+v, %v\nwant %+v", text, printed, again, err, q)
		}
	})
}
