package matomo

import (
	"bytes"
	stdcsv "encoding/csv"
	"encoding/json"
	stdxml "encoding/xml"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// seeds are JSON, from which a fuzz test makes any value that a method may return.
var seeds = []string{
	`[{"id":1,"name":"a/b","p":{"x":[1,2.5,null,true]}},{"id":2,"extra":"=1+1"}]`, `{"a":1,"b":"<&\">"}`, `[]`, `{}`, `"5.2.0"`, `42`, `null`, `true`,
	`["alice","bob"]`, `[[],[1,["x"]],null,""]`, `{"a b":1,"9n":{"":[]},"-1":"\u0000\u0001","":"x"}`, `[1e300,-0.0,1e-7,12345678901234567890,0.1]`,
	`[{"a":"x\ny"},{"a":"%=1"},{"b":"\t+1,;"}]`, `{"0":"a","1":"b"}`, `[{"a":[{"b":[{"c":"😀"}]}]}]`,
}

// fuzzed gives a fuzz test the value, and how a format writes it.
func fuzzed(f *testing.F, out renderer, see func(t *testing.T, v any, body []byte)) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<12 || !json.Valid(data) {
			return
		}
		v := fromJSON(data)
		if err := out.check(v); err != nil {
			_ = failureOf(err)
			return
		}
		var body bytes.Buffer
		if err := write(t.Context(), out, &body, v); err != nil {
			t.Fatal(err)
		}
		see(t, v, body.Bytes())
	})
}

// What is written as JSON means what it was read from.
func FuzzJSON(f *testing.F) {
	fuzzed(f, jsonFormat{}, func(t *testing.T, v any, body []byte) {
		for _, b := range body {
			if b >= 0x80 || b < ' ' {
				t.Fatalf("not ASCII: %q", body)
			}
		}
		var got any
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if err := dec.Decode(&got); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		if nested(v) && !reflect.DeepEqual(fromJSON(body), emptied(v)) {
			t.Fatalf("%s is read as %#v, was %#v", body, fromJSON(body), v)
		}
	})
}

// emptied is a value as PHP's JSON gives it back: empty Maps are lists, whole floats
// are whole numbers.
func emptied(v any) any {
	switch v := v.(type) {
	case Map:
		if len(v) == 0 {
			return List{}
		}
		m := Map{}
		for _, p := range v {
			m = append(m, Pair{p.Key, emptied(p.Value)})
		}
		return m
	case List:
		list := List{}
		for _, item := range v {
			list = append(list, emptied(item))
		}
		return list
	case float64:
		return number(float(v, 'e'))
	}
	return v
}

func FuzzXML(f *testing.F) {
	fuzzed(f, xml{}, func(t *testing.T, _ any, body []byte) { wellFormed(t, body, "result") })
}

func FuzzHTML(f *testing.F) {
	fuzzed(f, html{`ActivityLog.getEntries"><script>`}, func(t *testing.T, v any, body []byte) {
		if v != nil { // which is a comment
			wellFormed(t, body, "table")
		}
	})
}

// wellFormed reads markup strictly: one element of that name, all closed.
func wellFormed(t *testing.T, body []byte, root string) {
	t.Helper()
	dec := stdxml.NewDecoder(bytes.NewReader(body))
	roots, depth := 0, 0
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		switch tag := token.(type) {
		case stdxml.StartElement:
			if depth == 0 {
				roots++
				if tag.Name.Local != root {
					t.Fatalf("<%s> in %s", tag.Name.Local, body)
				}
			}
			if root == "table" && !slices.Contains([]string{"table", "thead", "tbody", "tr", "th", "td"}, tag.Name.Local) {
				t.Fatalf("<%s> in %s", tag.Name.Local, body)
			}
			depth++
		case stdxml.EndElement:
			depth--
		}
	}
	if roots != 1 {
		t.Fatalf("%d elements at the top of %s", roots, body)
	}
}

// Every row has as many cells as the heading, and no spreadsheet runs one. Core quotes
// no line breaks, so values that have some are made one line first, as entries are.
func FuzzCSV(f *testing.F) {
	comma := csv{separator: ','}
	fuzzed(f, comma, func(t *testing.T, v any, _ []byte) {
		v = oneLine(v)
		var body bytes.Buffer
		if err := write(t.Context(), comma, &body, v); err != nil {
			t.Fatal(err)
		}
		t0, err := tableOf(v)
		if err != nil || v == nil || body.String() == "No data available" || strings.Contains(strings.Join(t0.columns, ""), "\n") || strings.Contains(strings.Join(t0.columns, ""), "\r") {
			return
		}
		reader := stdcsv.NewReader(&body)
		reader.LazyQuotes = true // a carriage return and a quote in a cell's middle are core's way
		reader.FieldsPerRecord = len(t0.columns)
		records, err := reader.ReadAll()
		if err != nil && len(t0.columns) > 1 {
			t.Fatalf("%v in %q", err, body.String())
		}
		for _, record := range records {
			for _, cell := range record {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@") && !isNumeric(strings.Replace(cell, "%", "", 1)) {
					t.Fatalf("a formula: %q", cell)
				}
			}
		}
	})
}

func oneLine(v any) any {
	switch v := v.(type) {
	case Map:
		m := Map{}
		for _, p := range v {
			m = append(m, Pair{p.Key, oneLine(p.Value)})
		}
		return m
	case List:
		list := List{}
		for _, item := range v {
			list = append(list, oneLine(item))
		}
		return list
	case string:
		return cell(v)
	}
	return v
}

func FuzzConsole(f *testing.F) {
	fuzzed(f, console{}, func(t *testing.T, v any, body []byte) {
		if v != nil && len(body) == 0 {
			t.Fatal("nothing is written")
		}
	})
}

// unserialize reads what is written, to its end.
func FuzzSerialized(f *testing.F) {
	fuzzed(f, original{serialized: true}, func(t *testing.T, v any, body []byte) {
		if rest := unserialize(t, string(body), 0); rest != "" {
			t.Fatalf("%q is left of %q", rest, body)
		}
	})
}

// unserialize takes one value off the front, and fails the test where there is none.
func unserialize(t *testing.T, text string, depth int) (rest string) {
	t.Helper()
	bad := func() string { t.Fatalf("no value at %q", text); return "" }
	if depth > 10_000 || len(text) < 2 {
		return bad()
	}
	head, tail, ok := strings.Cut(text[2:], ";")
	switch text[:2] {
	case "N;":
		return text[2:]
	case "b:", "i:", "d:":
		// PHP reads a number that is too large for it as INF.
		if _, err := strconv.ParseFloat(head, 64); err != nil && !errors.Is(err, strconv.ErrRange) || !ok {
			return bad()
		}
		return tail
	}
	size, tail, ok := strings.Cut(text[2:], ":")
	n, err := strconv.Atoi(size)
	switch {
	case err != nil || !ok:
		return bad()
	case text[:2] == "s:":
		if len(tail) < n+3 || tail[0] != '"' || tail[n+1:n+3] != `";` {
			return bad()
		}
		return tail[n+3:]
	case text[:2] != "a:" || !strings.HasPrefix(tail, "{"):
		return bad()
	}
	tail = tail[1:]
	for range 2 * n {
		tail = unserialize(t, tail, depth+1)
	}
	if !strings.HasPrefix(tail, "}") {
		return bad()
	}
	return tail[1:]
}

// var_export's text closes what it opens, outside of texts.
func FuzzExported(f *testing.F) {
	fuzzed(f, original{}, func(t *testing.T, v any, body []byte) {
		if !nested(v) {
			return
		}
		depth, inside, escaped := 0, false, false
		for _, b := range body {
			switch {
			case escaped:
				escaped = false
			case inside && b == '\\':
				escaped = true
			case b == '\'':
				inside = !inside
			case inside:
			case b == '(':
				depth++
			case b == ')':
				depth--
			}
		}
		if depth != 0 || inside {
			t.Fatalf("%q is not closed", body)
		}
	})
}
