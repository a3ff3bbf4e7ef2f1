//go:build unix

package system_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A step is a block of the document: something to type, a file, or what is seen.
type step struct{ kind, name, text string }

// stepsOf reads the blocks of a document. A file's name stands in the line before it.
func stepsOf(t *testing.T, document string) []step {
	t.Helper()
	data, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?m)^(?:`([^`\n]+)`:\n\n)?```(sh|json|text)\n((?s:.*?))^```$").FindAllStringSubmatch(string(data), -1)
	steps := make([]step, 0, len(blocks))
	for _, b := range blocks {
		steps = append(steps, step{b[2], b[1], b[3]})
	}
	return steps
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|#\d+`)

// TestThePluginDocumentIsTrue types in what docs/plugins.md says, and sees what it says.
func TestThePluginDocumentIsTrue(t *testing.T) {
	t.Parallel()
	p, dir := newLog(t), t.TempDir()
	if err := os.Symlink(binary, filepath.Join(dir, "activitylog")); err != nil {
		t.Fatal(err)
	}
	typed, seen, out := 0, 0, ""
	for _, s := range stepsOf(t, "../docs/plugins.md") {
		switch s.kind {
		case "json":
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(s.name)), []byte(s.text), 0o600); err != nil {
				t.Fatal(err)
			}
		case "sh":
			c := exec.CommandContext(t.Context(), "sh", "-e", "-c", s.text)
			c.Dir, c.Env = dir, environment(p.data, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
			got, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v\n%s", s.text, err, got)
			}
			typed, out = typed+1, string(got)
		case "text":
			for line := range strings.Lines(s.text) {
				if !strings.Contains(moment.ReplaceAllString(out, "…"), moment.ReplaceAllString(line, "…")) {
					t.Errorf("the document has\n%sbut it was\n%s", line, out)
				}
				seen++
			}
		}
	}
	if typed < 8 || seen < 6 {
		t.Errorf("only %d blocks were typed and %d lines seen: is the document read at all?", typed, seen)
	}
	if got := p.must("list", "type:ComponentUpdated", "--json"); !strings.Contains(got, `"old":"1.0.0","new":"1.1.0"`) {
		t.Errorf("the update is not told with its versions: %s", got)
	}
	if got := p.must("list", "type:Shop/OrderPaid", "--json"); strings.Contains(got, "4111") || !strings.Contains(got, "cardNumber") {
		t.Errorf("the card's number is not masked: %s", got)
	}
	p.sound("after all of it")
}

// A server that runs learns of what is installed beside it, and of what goes.
func TestAServerLearnsOfPlugins(t *testing.T) {
	t.Parallel()
	p, dir := newLog(t), t.TempDir()
	s := p.serve()
	token, _ := p.program("shop", "ingest")
	begin := p.command("plugin", "new", "Shop")
	begin.Dir = dir
	if r := p.finish(begin, ""); r.status != 0 {
		t.Fatal(r.errs)
	}
	blamed := func() string {
		_, r := s.ingest(token, `{"type":"Shop/ItemAdded"}`+"\n")
		if len(r.Results) == 1 && r.Results[0].Error != nil {
			return r.Results[0].Error.Field
		}
		return ""
	}
	if got := blamed(); got != "" {
		t.Errorf("a type that nobody knows is refused: %s", got)
	}
	p.must("plugin", "install", filepath.Join(dir, "Shop"))
	eventually(t, "the plugin at the server", func() bool { return blamed() == "parameters.item" })
	p.must("plugin", "deactivate", "Shop")
	eventually(t, "its end at the server", func() bool { return blamed() == "type" })
	p.must("plugin", "remove", "Shop")
	eventually(t, "its removal at the server", func() bool { return blamed() == "" })
	if line := p.must("list", "--limit", "1", "type:Shop/ItemAdded"); !strings.Contains(line, "added an item") {
		t.Errorf("afterwards it reads %s", line)
	}
	p.sound("in the end")
}
