package matomo

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// numbers makes n rows: id and name.
func numbered(n int) (list List, rows *Rows) {
	maps := make([]Map, n)
	for i := range n {
		maps[i] = Map{{"id", int64(i)}, {"name", fmt.Sprintf("Name %d", i%10)}, {"more", Map{{"k", "v"}}}}
		list = append(list, maps[i])
	}
	return list, rowsOf([]string{"id", "name", "more"}, maps...)
}

// Lists at hand and rows that are not are cut and narrowed alike, as core does it.
func TestShape(t *testing.T) {
	for _, c := range []struct{ query, want string }{
		{"filter_limit=0", "[]"},
		{"filter_limit=2", "0 1"},
		{"filter_limit=2&filter_offset=3", "3 4"},
		{"filter_limit=-1&filter_offset=118", "118 119"},
		{"filter_limit=-5&filter_offset=118", "118 119"},
		{"filter_limit=2&filter_offset=500", "[]"},
		{"filter_limit=5&filter_offset=-2", "118 119"},
		{"filter_limit=1&filter_offset=-2", "118"},
		{"filter_limit=2&filter_offset=-500", "0 1"},
		{"filter_limit=-1&filter_offset=-2", "120 rows"},
		{"filter_limit=abc", "120 rows"},
		{"filter_limit=", "120 rows"},
		{"filter_limit[]=1", "120 rows"},
		{"", "100 rows"},
		{"filter_offset=30", "90 rows"},
		{"filter_pattern=name 3&filter_column[]=name&filter_limit=2&filter_offset=1", "13 23"},
		{"filter_pattern=^9$&filter_column[]=none&filter_column[]=id", "9"},
		{"filter_pattern=name 3&filter_column=name&filter_limit=2", "0 1"},
		{"filter_pattern=&filter_column[]=name&filter_limit=2", "0 1"},
		{"filter_pattern=%22k%22:%22v%22&filter_column[]=more&filter_limit=1", "0"},
		{"filter_pattern=NAME 3&filter_column[]=name&filter_limit=1&filter_offset=-1", "113"},
	} {
		list, rows := numbered(120)
		call := &call{params: parse(c.query)}
		one, err := call.shape(list)
		if err != nil {
			t.Fatal(err)
		}
		wanted, err := call.pattern()
		if err != nil {
			t.Fatal(err)
		}
		other, err := call.shaping().rows(t.Context(), rows, wanted)
		if err != nil {
			t.Fatal(err)
		}
		for kind, v := range map[string]any{"list": one, "rows": other} {
			if got := ids(t, v); got != c.want {
				t.Errorf("%s of %q: %s, want %s", kind, c.query, got, c.want)
			}
		}
	}
}

// ids names the ids of a few rows, or says how many there are.
func ids(t *testing.T, v any) string {
	t.Helper()
	var maps []Map
	switch v := v.(type) {
	case List:
		for _, m := range v {
			maps = append(maps, m.(Map))
		}
	case *Rows:
		for m, err := range v.all(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			maps = append(maps, m)
		}
	}
	if len(maps) > 10 {
		return fmt.Sprintf("%d rows", len(maps))
	}
	text := ""
	for _, m := range maps {
		id, _ := m.find("id")
		text += fmt.Sprintf(" %d", id)
	}
	if text == "" {
		return "[]"
	}
	return text[1:]
}

func TestColumns(t *testing.T) {
	for query, want := range map[string]string{
		"hideColumns=name,more":           `[{"id":0}]`,
		"showColumns=id":                  `[{"id":0}]`,
		"showColumns=name,id":             `[{"id":0,"name":"Name 0"}]`,
		"showColumns=id&hideColumns=id":   `[[]]`,
		"showColumns=none":                `[[]]`,
		"hideColumns=none, id":            `[{"id":0,"name":"Name 0","more":{"k":"v"}}]`,
		"hideColumns=k&showColumns=more":  `[{"more":{"k":"v"}}]`,
		"hideColumns[]=id&showColumns=id": `[{"id":0}]`,
	} {
		list, rows := numbered(1)
		call := &call{params: parse(query)}
		one, err := call.shape(list)
		if err != nil {
			t.Fatal(err)
		}
		other, err := call.shaping().rows(t.Context(), rows, nil)
		if err != nil {
			t.Fatal(err)
		}
		for kind, v := range map[string]any{"list": one, "rows": other} {
			var b bytes.Buffer
			if err := write(t.Context(), jsonFormat{}, &b, v); err != nil || b.String() != want {
				t.Errorf("%s of %q: %s, want %s", kind, query, b.String(), want)
			}
		}
	}
	kept := shaping{show: []string{"nb"}}
	for column, want := range map[string]bool{"nb": true, "nb__1": true, "nbx": false, "label": true} {
		if kept.keeps(column) != want {
			t.Errorf("%s is kept: %v", column, !want)
		}
	}
}

// What is not a list is left alone; lists of plain values are only cut.
func TestShapeOfOtherValues(t *testing.T) {
	call := &call{params: parse("filter_limit=1&hideColumns=a&filter_pattern=x&filter_column[]=a")}
	for _, c := range []struct {
		v    any
		want string
	}{
		{Map{{"a", "b"}, {"c", "d"}}, `{"a":"b","c":"d"}`}, {int64(5), `{"value":5}`}, {List{}, `[]`}, {List{"a", "b"}, `["a"]`},
	} {
		got, err := call.shape(c.v)
		var b bytes.Buffer
		if err == nil {
			err = write(t.Context(), jsonFormat{}, &b, got)
		}
		if err != nil || b.String() != c.want {
			t.Errorf("%v: %s %v, want %s", c.v, b.String(), err, c.want)
		}
	}
}

func TestRefusedPatterns(t *testing.T) {
	for text, want := range map[string]bool{
		"(": false, `(?=a)`: false, `(a)\1`: false, "a{2000}": false, "((a{9}){9}){9}": true, "((abcde{10}){10}){10}": true, "((((a{9}){9}){9}){9}){9}": false,
		"(abcdefghijklmn){1000}": false, strings.Repeat("a", maxPattern): true, strings.Repeat("a", maxPattern+1): false,
	} {
		call := &call{params: params{"filter_column": {many: true, list: []string{"a"}}, "filter_pattern": {text: text}}}
		got, err := call.pattern()
		if (got != nil) != want || err != nil && failureOf(err).status != statusBadRequest {
			t.Errorf("%.40q: %v, %v", text, got, err)
		}
	}
}
