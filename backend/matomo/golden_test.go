package matomo

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata from what comes out")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	have, wanted := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range have {
		if i >= len(wanted) || have[i] != wanted[i] {
			t.Fatalf("%s differs from line %d on:\n%s\nwant\n%s", path, i+1, strings.Join(have[i:min(i+6, len(have))], "\n"), strings.Join(wanted[min(i, len(wanted)):min(i+6, len(wanted))], "\n"))
		}
	}
	t.Fatalf("%s: the end is missing", path)
}

// quoted writes bytes so that each of them is seen, a line of them on a line.
func quoted(data string) string {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(data, "\n") {
		if line != "" {
			b.WriteString(strconv.QuoteToASCII(line) + "\n")
		}
	}
	return b.String()
}

// rowsOf are rows as getEntries gives them, of Maps at hand.
func rowsOf(columns []string, rows ...Map) *Rows {
	return &Rows{columns: columns, all: func(context.Context) iter.Seq2[Map, error] {
		return func(yield func(Map, error) bool) {
			for _, m := range rows {
				if !yield(m, nil) {
					return
				}
			}
		}
	}}
}

// sample is the entry of Matomo's renderer in the reference, section 1.4.
var sample = Map{
	{"id", int64(42)},
	{"user_login", "alice"},
	{"type", "GoalAdded"},
	{"ts_created", "2026-11-20 09:15:00"},
	{"ip", "127.0.0.1"},
	{"country", "nz"},
	{"description", `added the goal "Newsletter sign-up" for site "Shop & Co"`},
	{"parameters", Map{{"version", "v1"}, {"site", Map{{"site_id", "3"}, {"site_name", "Shop & Co"}}}, {"goal", Map{{"id", "7"}, {"name", "Newsletter sign-up"}}}}},
}

// values are the rows of the reference's section 6.3, and what its details tell of.
var goldenValues = []struct {
	name  string
	value any
}{
	{"integer 42", int64(42)},
	{"integer 0", int64(0)},
	{"true", true},
	{"false", false},
	{"nothing", nil},
	{"text", "5.2.0"},
	{"empty text", ""},
	{"number", 2.5},
	{"empty list", List{}},
	{"empty array with names", Map{}},
	{"no rows", rowsOf([]string{"id"})},
	{"list of texts", List{"alice", "bob"}},
	{"flat array with names", Map{{"a", int64(1)}, {"b", "x"}}},
	{"one name", Map{{"a", int64(1)}}},
	{"entry", List{sample}},
	{"entries as rows", rowsOf([]string{"id", "name"}, Map{{"id", int64(2)}, {"name", "b"}}, Map{{"id", int64(1)}, {"name", "a"}})},
	{"flat rows", List{
		Map{
			{"id", int64(2)},
			{"user_login", "alice"},
			{"description", `added goal "Sign & up" for site <b>Shop</b>`},
			{"ip", "127.0.0.1"},
			{"country", nil},
			{"n", int64(5)},
			{"b", true},
			{"c", false},
			{"s", "=1+1"},
			{"empty", ""},
		},
		Map{{"id", int64(1)}, {"extra", "only here"}},
	}},
	{"texts", List{Map{
		{"slash", "a/b"}, {"letters", "für 日本 😀"}, {"html", `<b>&"'</b>`}, {"entity", "Tom & Jerry"}, {"controls", "a\tb\x01\x7f"}, {"quotes", `\'"`},
	}}},
	{"line break", List{Map{{"a", "x\ny"}, {"b", "z"}}}},
	{"separators", List{Map{{"comma", "a,b"}, {"semicolon", "a;b"}, {"tab", "a\tb"}, {"quote", `a"b`}}}},
	{"formulas", List{Map{
		{"equals", "=1+1"}, {"plus", "+a"}, {"minus", "-a"}, {"at", "@a"}, {"number", "-5"}, {"phone", "+49"}, {"percent", "%=1"}, {"share", "5%"},
	}}},
	{"numbers", List{Map{
		{"whole", 2.0}, {"tenth", 0.1}, {"small", 0.00001}, {"large", 1e25}, {"digits", digits("12345678901234567890")}, {"negative", int64(-7)},
	}}},
	{"names", List{Map{{"a b", int64(1)}, {"9n", "x"}, {"größe", "y"}, {"a:b", "z"}, {"<", ""}, {"5", nil}, {"-", List{}}, {"nested", Map{{"9n", Map{}}, {"", "v"}}}}}},
	{"lists in lists", List{List{}, List{int64(1), List{"x"}}, nil, ""}},
	{"bulk", List{
		Map{{"value", int64(3)}},
		List{Map{{"id", int64(1)}, {"user_login", "alice"}}},
		Map{{"result", "error"}, {"message", "Please specify a value for 'idSite'."}},
		List{},
	}},
}

// rendered is what goes out for a value, headers first.
func rendered(t *testing.T, out renderer, v any) string {
	t.Helper()
	contentType, disposition := out.header()
	var body bytes.Buffer
	if err := out.check(v); err != nil {
		var text string
		contentType, text = out.failure(failureOf(err).message)
		disposition = ""
		body.WriteString(text)
	} else if err := write(t.Context(), out, &body, v); err != nil {
		t.Fatal(err)
	}
	if disposition != "" {
		contentType += "\n" + disposition
	}
	return contentType + "\n" + quoted(body.String())
}

// Every kind of value in every format, byte for byte.
func TestValuesInEveryFormat(t *testing.T) {
	for _, format := range formatNames() {
		p := parse("method=ActivityLog.getEntries&convertToUnicode=0")
		var b strings.Builder
		for _, c := range goldenValues {
			fmt.Fprintf(&b, "# %s\n%s\n", c.name, rendered(t, formats[format](p), c.value))
		}
		golden(t, "values."+format, b.String())
	}
}

func TestSerializedValues(t *testing.T) {
	var b strings.Builder
	for _, c := range goldenValues {
		fmt.Fprintf(&b, "# %s\n%s\n", c.name, rendered(t, original{serialized: true}, c.value))
	}
	golden(t, "values.serialized", b.String())
}

// By default CSV and TSV are UTF-16, but for what has no table.
func TestUTF16(t *testing.T) {
	var b strings.Builder
	for _, format := range []string{"csv", "tsv"} {
		for _, c := range goldenValues {
			if slices.Contains([]string{"integer 42", "empty list", "nothing", "list of texts", "texts"}, c.name) {
				fmt.Fprintf(&b, "# %s, %s\n%s\n", c.name, format, rendered(t, formats[format](params{}), c.value))
			}
		}
	}
	golden(t, "values.utf16", b.String())
}

// One message in every format: escaped in all of them.
func TestFailuresInEveryFormat(t *testing.T) {
	const message = "a \"b\" & 'c' <d>\nwith a second line: für\x01"
	var b strings.Builder
	renderers := map[string]renderer{"original serialized": original{serialized: true}}
	for name, newRenderer := range formats {
		renderers[name] = newRenderer(params{})
	}
	var names []string
	for name := range renderers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		contentType, body := renderers[name].failure(message)
		fmt.Fprintf(&b, "# %s\n%s\n%s\n", name, contentType, quoted(body))
	}
	golden(t, "failures", b.String())
}
