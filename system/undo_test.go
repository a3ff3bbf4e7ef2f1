package system_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An undo that is killed leaves a log that is sound, and the same command goes on; then
// nothing is left of the import in any file, and it can be imported again.
func TestUndoSurvivesKill(t *testing.T) {
	t.Parallel()
	const rows = 9000
	p := newLog(t)
	var drafts strings.Builder
	for i := range rows {
		fmt.Fprintf(&drafts, `{"type":"GoalAdded","actor":"kanarie","externalId":"k%d","parameters":{"goal":{"id":"%d","name":"Kanarienvogel %d"}}}`+"\n", i, i, i)
	}
	file := filepath.Join(t.TempDir(), "many.ndjson")
	if err := os.WriteFile(file, []byte(drafts.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p.must("record", "GoalAdded", "--actor", "ben")
	p.must("import", file)
	if r := p.run("", "imports", "undo", "1"); r.status != 2 || !strings.Contains(r.errs, "--yes") || p.count("batch:1") != rows {
		t.Errorf("without --yes: status %d, %s", r.status, r.errs)
	}

	c := p.command("imports", "undo", "1", "--yes")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	left := p.count("batch:1")
	if left == 0 || left == rows {
		t.Fatalf("it was not killed in the middle: %d are left, it said %q", left, lines.Text())
	}
	p.sound("killed")
	if got := p.must("imports", "list"); !strings.HasPrefix(got, "1  undoing ") {
		t.Errorf("imports: %s", got)
	}

	if got := p.must("imports", "undo", "1", "--yes"); !strings.HasSuffix(got, fmt.Sprintf("undone: %d activities of import:ndjson/main", left)) {
		t.Errorf("then %q", got)
	}
	p.sound("undone")
	if n := p.count("batch:1") + p.count("actor:kanarie") + p.count("kanarienvogel"); n != 0 {
		t.Errorf("%d are still found", n)
	}
	p.nowhere("kanarie")
	if got := p.must("import", file); !strings.Contains(got, fmt.Sprintf("%d new, 0 duplicate", rows)) {
		t.Errorf("imported again: %s", got)
	}
	p.sound("imported again")
}
