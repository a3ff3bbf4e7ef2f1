package system_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Two processes that import the same file at once bring in each activity once.
func TestTheSameImportTwiceAtOnce(t *testing.T) {
	t.Parallel()
	const rows = 3000
	p := newLog(t)
	file := filepath.Join(t.TempDir(), "drafts.ndjson")
	put(t, file, drafts(rows, func(i int) map[string]any {
		return map[string]any{"type": "GoalAdded", "actor": "a", "externalId": fmt.Sprint(i), "occurredAt": fmt.Sprintf("2026-11-%02dT09:15:00Z", 1+i%20)}
	}))
	var added, known [2]int
	var wait sync.WaitGroup
	for i := range 2 {
		wait.Go(func() {
			r := p.run("", "import", file)
			at := strings.Index(r.out, "import:")
			if at < 0 {
				t.Errorf("%+v", r)
				return
			}
			var read int
			if _, err := fmt.Sscanf(r.out[at:], "import:ndjson/main: %d read, %d new, %d duplicate,", &read, &added[i], &known[i]); err != nil || r.status != 0 || read != rows {
				t.Errorf("%v, %+v", err, r)
			}
		})
	}
	wait.Wait()
	if added[0]+added[1] != rows || known[0]+known[1] != rows {
		t.Errorf("new %v, duplicate %v", added, known)
	}
	if n := p.count("source:import"); n != rows {
		t.Errorf("%d stored", n)
	}
	p.sound("afterwards")
}

// Asked to end, record - stops waiting for input and says what that means. A lone line
// is acknowledged before, without a second one to push it.
func TestRecordIsInterrupted(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	c := p.command("record", "-")
	var errs strings.Builder
	c.Stderr = &errs
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write([]byte(`{"type":"GoalAdded","actor":"lone"}` + "\n" + `{"type":"GoalAdded","ac`)); err != nil {
		t.Fatal(err)
	}
	receipts := bufio.NewReader(out)
	if line, err := receipts.ReadString('\n'); err != nil || !strings.Contains(line, `"leaf"`) {
		t.Fatalf("%q, %v", line, err)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if rest, err := receipts.ReadString('\n'); err == nil {
		t.Errorf("a second receipt: %s", rest)
	}
	_ = c.Wait() // the status is looked at
	if status := c.ProcessState.ExitCode(); status != 6 || !strings.Contains(errs.String(), "What was acknowledged is stored") {
		t.Errorf("status %d, %s", status, errs.String())
	}
	if n := p.count("type:GoalAdded"); n != 1 {
		t.Errorf("%d stored", n)
	}
	p.sound("afterwards")
}
