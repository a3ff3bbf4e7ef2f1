package activity

import (
	"os"
	"strings"
	"testing"
)

// docs/query.md names every field, and its examples are queries.
func TestQueryIsDocumented(t *testing.T) {
	text := read(t, "../../docs/query.md")
	for _, info := range QueryFields() {
		for _, name := range append([]string{string(info.Field)}, info.Aliases...) {
			if !strings.Contains(text, "`"+name+":") {
				t.Errorf("docs/query.md does not explain %s:", name)
			}
		}
	}
	examples := strings.Split(strings.TrimSpace(fenced(t, text, "```\n")), "\n")
	for _, line := range strings.Split(text, "\n") {
		if first, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "` |"); ok && strings.HasPrefix(line, "| `") {
			examples = append(examples, first)
		}
	}
	for _, example := range examples {
		if _, err := ParseQuery(example, testOptions); err != nil {
			t.Errorf("docs/query.md: %s: %v", example, err)
		}
	}
	if len(examples) < 5+len(QueryFields()) {
		t.Errorf("docs/query.md has only %d examples", len(examples))
	}
}

// docs/formats.md shows a draft with every field there is, and explains each.
func TestDraftIsDocumented(t *testing.T) {
	text := read(t, "../../docs/formats.md")
	example := fenced(t, text, "```json\n")
	if _, err := ParseDraft([]byte(example)); err != nil {
		t.Errorf("the draft of docs/formats.md: %v", err)
	}
	for _, name := range draftFields {
		if !strings.Contains(example, `"`+name+`": `) || strings.Count(text, "`"+name+"`") == 0 {
			t.Errorf("docs/formats.md does not show and explain %s", name)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fenced returns the first block of a text that is opened so.
func fenced(t *testing.T, text, open string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, open)
	block, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatalf("there is no block opened by %q", open)
	}
	return block
}
