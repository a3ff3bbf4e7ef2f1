package system_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A run that is killed leaves a log that is sound, and the same command goes on, while
// another process writes; then nothing is left of what was old in any file, the file is
// smaller, and the same import brings nothing back.
func TestRetentionSurvivesKill(t *testing.T) {
	t.Parallel()
	const rows = 9000
	p := newLog(t)
	var drafts strings.Builder
	for i := range rows {
		fmt.Fprintf(&drafts, `{"type":"GoalAdded","actor":"kanarie","occurredAt":"2019-04-02T10:00:00Z","externalId":"k%d","parameters":{"goal":{"id":"%d","name":"Kanarienvogel %d"}}}`+"\n", i, i, i)
	}
	file := filepath.Join(t.TempDir(), "old.ndjson")
	if err := os.WriteFile(file, []byte(drafts.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p.must("record", "GoalAdded", "--actor", "ben")
	p.must("import", file)
	p.must("retention", "set", "--rule", "old: all, 5 years")
	if got := p.must("retention", "dry-run"); !strings.Contains(got, fmt.Sprintf("would remove %d, oldest 2019-04-02", rows)) {
		t.Errorf("dry run: %s", got)
	}
	before := p.size()

	c := p.command("retention", "run", "--yes")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	p.must("record", "GoalAdded", "--actor", "ben") // beside it
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	left := p.count("actor:kanarie")
	if left == 0 || left == rows {
		t.Fatalf("it was not killed in the middle: %d are left, it said %q", left, lines.Text())
	}
	p.sound("killed")
	if got := p.must("retention", "history"); !strings.HasPrefix(got, "1  running ") {
		t.Errorf("history: %s", got)
	}

	if got := p.must("retention", "run", "--yes"); !strings.HasSuffix(got, fmt.Sprintf("done: %d activities removed", rows)) {
		t.Errorf("then %q", got)
	}
	p.sound("removed")
	if got := p.must("retention", "history"); !strings.HasPrefix(got, "1  done ") || strings.Contains(got, "\n") || !strings.Contains(got, fmt.Sprintf("  %d  ", rows)) {
		t.Errorf("history: %s", got)
	}
	if n := p.count("actor:kanarie") + p.count("kanarienvogel"); n != 0 || p.count("actor:ben") != 2 {
		t.Errorf("%d are still found", n)
	}
	if after := p.size(); after > before/2 {
		t.Errorf("the file had %d bytes and has %d", before, after)
	}
	p.nowhere("kanarie")
	if got := p.must("import", file); !strings.Contains(got, fmt.Sprintf("0 new, 0 duplicate, %d erased", rows)) {
		t.Errorf("imported again: %s", got)
	}
	p.sound("imported again")
}

// size is how large the log's file is.
func (p *place) size() int64 {
	p.t.Helper()
	info, err := os.Stat(filepath.Join(p.data, "activity.db"))
	if err != nil {
		p.t.Fatal(err)
	}
	return info.Size()
}

// nowhere fails where a word stands in one of the log's files.
func (p *place) nowhere(word string) {
	p.t.Helper()
	files, err := filepath.Glob(filepath.Join(p.data, "activity.db*"))
	if err != nil || len(files) == 0 {
		p.t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			p.t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(string(text)), word) {
			p.t.Errorf("%s still has its words", filepath.Base(name))
		}
	}
}
