package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// followed reads a file to its end and says what each line was: its number, and the
// place that is its external id, or that it is refused.
func followed(t *testing.T, file *os.File, state *followState, ended bool) string {
	t.Helper()
	f := &follower{file: file, state: *state}
	var out strings.Builder
	for {
		lines, after, err := f.read(ended)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			place := "refused"
			if l.err == nil {
				place = *l.draft.ExternalID
			}
			fmt.Fprintf(&out, "%d %s\n", l.number, place)
		}
		if after.Offset == f.state.Offset {
			*state = f.state
			return out.String()
		}
		f.state = after
	}
}

func fileOf(t *testing.T, content []byte) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func TestFollowReadsLines(t *testing.T) {
	draft := `{"type":"A"}`
	long := strings.Repeat("x", maxLine)
	for name, c := range map[string]struct {
		content string
		ended   bool
		want    string
	}{
		"nothing":                   {"", true, ""},
		"a line":                    {draft + "\n", false, "1 follow:id:0\n"},
		"an empty one":              {"\n\r\n" + draft + "\r\n", false, "3 follow:id:3\n"},
		"not complete":              {draft + "\n" + draft, false, "1 follow:id:0\n"},
		"the last of an ended file": {draft + "\n" + draft, true, "1 follow:id:0\n2 follow:id:13\n"},
		"its own id":                {`{"type":"A","externalId":"own"}` + "\n", false, "1 own\n"},
		"as long as may be":         {long[1:] + "\n" + draft + "\n", false, fmt.Sprintf("1 refused\n2 follow:id:%d\n", maxLine)},
		"too long":                  {long + long + long + "\n" + draft + "\n", false, fmt.Sprintf("1 refused\n2 follow:id:%d\n", 3*maxLine+1)},
		"too long and the end":      {long + long, true, "1 refused\n"},
	} {
		state := &followState{ID: "id"}
		if got := followed(t, fileOf(t, []byte(c.content)), state, c.ended); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// FuzzFollow holds that it makes no difference in how many pieces a file grows.
func FuzzFollow(f *testing.F) {
	f.Add([]byte("{\"type\":\"A\"}\n{\"type\":\"B\"}\n"), 5)
	f.Add([]byte("\n\n{\"type\":\"A\"}"), 1)
	f.Add([]byte("x\r\n\xff\n"), 2)
	f.Fuzz(func(t *testing.T, content []byte, cut int) {
		if cut < 0 || cut > len(content) {
			return
		}
		want := followed(t, fileOf(t, content), &followState{ID: "id"}, true)
		file, state := fileOf(t, content[:cut]), &followState{ID: "id"}
		got := followed(t, file, state, false)
		if _, err := file.Write(content[cut:]); err != nil {
			t.Fatal(err)
		}
		got += followed(t, file, state, true)
		if got != want {
			t.Errorf("in two pieces %q, in one %q", got, want)
		}
		if state.Offset != int64(len(content)) {
			t.Errorf("it ends at %d of %d", state.Offset, len(content))
		}
	})
}

// A file is known again by how it begins, whatever it is called, and however far it has grown.
func TestFollowKnowsAFile(t *testing.T) {
	file := fileOf(t, bytes.Repeat([]byte("a line\n"), 10))
	var state followState
	state.begin(file)
	state.Offset = 70
	if !state.isOf(file) {
		t.Error("it does not know the file")
	}
	if _, err := file.Write(bytes.Repeat([]byte("more\n"), 10_000)); err != nil {
		t.Fatal(err)
	}
	if state.know(file); !state.isOf(file) || state.Headed != maxHead {
		t.Errorf("it does not know it after it grew: %+v", state)
	}
	if other := fileOf(t, bytes.Repeat([]byte("b line\n"), 10_000)); state.isOf(other) {
		t.Error("it takes another file for it")
	}
	if short := fileOf(t, bytes.Repeat([]byte("a line\n"), 9)); state.isOf(short) {
		t.Error("it takes a shorter file for it")
	}
}
