package matomo

import (
	"os"
	"strings"
	"testing"
)

// docs/matomo.md names every method with its parameters and defaults, and every field.
func TestEverythingIsDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/matomo.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for name, m := range methods {
		line := ""
		for candidate := range strings.SplitSeq(text, "\n") {
			if cells := strings.Split(candidate, "|"); len(cells) == 5 && strings.Contains(cells[1], "`"+name+"`") {
				line = candidate
			}
		}
		if line == "" {
			t.Errorf("%s is not in the table of methods", name)
		}
		for _, p := range m.parameters {
			if !strings.Contains(line, "`"+p.name+"`") {
				t.Errorf("%s is said to have no %s", name, p.name)
			}
		}
	}
	for _, name := range wireNames() {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the field %s is not documented", name)
		}
	}
	for _, name := range formatNames() {
		if !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, "format="+name) {
			t.Errorf("the format %s is not documented", name)
		}
	}
}
