package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// read returns what a text yields: "number value", or "number !reason".
func read(t testing.TB, r io.Reader, most int) []string {
	t.Helper()
	e := newElements(bufio.NewReaderSize(r, headSize), most)
	var got []string
	for range 10_000 {
		data, n, err := e.next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if bad, ok := errors.AsType[*RejectedError](err); ok {
			got = append(got, fmt.Sprintf("%d !%s", n, bad.Reason))
			continue
		}
		if err != nil {
			return append(got, "end: "+err.Error())
		}
		got = append(got, fmt.Sprintf("%d %s", n, data))
	}
	t.Fatal("it never ends")
	return nil
}

func TestElements(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"white space", " \n\t\n", nil},
		{"lines", "{\"a\":1}\n\n {\"b\":2}\r\n{\"c\":3}", []string{`1 {"a":1}`, `3 {"b":2}`, `4 {"c":3}`}},
		{"a bad line in the middle", "{\"a\":1}\n{\"b\":\n{\"c\":3}\n", []string{`1 {"a":1}`, "2 !This is not valid JSON: unexpected end of JSON input.", `3 {"c":3}`}},
		{"a bad line first", "oops\n{\"c\":3}\n", []string{"1 !This is not valid JSON: invalid character 'o' looking for beginning of value.", `2 {"c":3}`}},
		{"a half line first", "{\"a\":\n{\"c\":3}\n", []string{"1 !This is not valid JSON: unexpected end of JSON input.", `2 {"c":3}`}},
		{"an array", `[{"a":[1,"]"]}, {"b":"\"}"}]`, []string{`1 {"a":[1,"]"]}`, `2 {"b":"\"}"}`}},
		{"an array over lines", "[\n  {\n  \"a\": 1\n  },\n {} ]\n", []string{"1 {\n  \"a\": 1\n  }", "2 {}"}},
		{"an empty array", `[]`, nil},
		{"scalars in an array", `[1,"x",true]`, []string{"1 1", `2 "x"`, "3 true"}},
		{"a bad element", `[{"a":1},{"b":x},{"c":3}]`, []string{`1 {"a":1}`, "2 !This is not valid JSON: invalid character 'x' looking for beginning of value.", `3 {"c":3}`}},
		{"an array cut off", `[{"a":1},{"b":`, []string{`1 {"a":1}`, "2 !The file ends in the middle of it.", "3 !The file ends before its list does."}},
		{"records", `{"Records":[{"a":1},{"b":2}]}`, []string{`1 {"a":1}`, `2 {"b":2}`}},
		{"records not first and not last", `{"v": "1", "n": 2, "Records" : [ {"a":1} ], "more": {"x": ["}"]}}`, []string{`1 {"a":1}`}},
		{"records cut off", `{"Records":[{"a":1}`, []string{`1 {"a":1}`, "2 !The file ends before its list does."}},
		{"files one after another", `{"Records":[{"a":1}]}{"Records":[{"b":2}]}[{"c":3}]`, []string{`1 {"a":1}`, `2 {"b":2}`, `3 {"c":3}`}},
		{"objects over lines", "{\n\"a\": 1\n}\n{\n\"b\": 2\n}\n", []string{"1 {\n\"a\": 1\n}", "2 {\n\"b\": 2\n}"}},
		{"invalid UTF-8", "{\"a\":\"\xff\"}\n{\"b\":2}\n", []string{"1 !Its byte 7 is not valid UTF-8.", `2 {"b":2}`}},
		{"NUL is kept", `{"a":"\u0000"}`, []string{`1 {"a":"\u0000"}`}},
		{"too long a line", "{\"a\":\"" + strings.Repeat("x", 100) + "\"}\n{\"b\":2}\n", []string{"1 !It is 109 bytes long; at most 64 are read.", `2 {"b":2}`}},
		{"too long an element", `[{"a":"` + strings.Repeat("x", 100) + `"},{"b":2}]`, []string{"1 !It is 108 bytes long; at most 64 are read.", `2 {"b":2}`}},
		{"brackets the wrong way", `[{"a":1}}]`, []string{`1 {"a":1}`, "2 !This is not valid JSON: invalid character '}' looking for beginning of value."}},
	}
	for _, tt := range tests {
		if got := read(t, strings.NewReader(tt.in), 64); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
		if got := read(t, iotest.OneByteReader(strings.NewReader(tt.in)), 64); !slices.Equal(got, tt.want) {
			t.Errorf("%s, byte by byte:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

func TestElementsStopAtAReadError(t *testing.T) {
	got := read(t, io.MultiReader(strings.NewReader("{\"a\":1}\n{\"b\""), iotest.ErrReader(errors.New("the disk is gone"))), 64)
	if want := []string{`1 {"a":1}`, "end: the disk is gone"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzElements(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\"b\":"), 64)
	f.Add([]byte(`{"Records":[{"a":1},{"b":"\"]"}], "x": 1} [1, 2`), 5)
	f.Add([]byte("]}\x00\xff{[\"\\"), 64)
	f.Fuzz(func(t *testing.T, in []byte, most int) {
		got := read(t, strings.NewReader(string(in)), max(most, 1))
		if len(got) > len(in)+2 {
			t.Fatalf("%d values of %d bytes", len(got), len(in))
		}
	})
}
