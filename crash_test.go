package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A logDir is a data directory with the program's command line over it, each command
// in a process of its own (TestMain puts the program on the path).
type logDir struct {
	t    *testing.T
	data string
}

func newLog(t *testing.T) logDir {
	t.Helper()
	l := logDir{t: t, data: filepath.Join(t.TempDir(), "data")}
	c := l.command("init", "--login", "ann", "--email", "ann@example.org", "--password-stdin")
	c.Stdin = strings.NewReader(password + "\n")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("init: %v: %s", err, out)
	}
	return l
}

func (l logDir) command(args ...string) *exec.Cmd {
	c := exec.Command("activitylog", args...)
	c.Env = append(os.Environ(), "ACTIVITYLOG_DATA="+l.data)
	return c
}

// must runs a command that has to succeed and returns its output.
func (l logDir) must(args ...string) string {
	l.t.Helper()
	var out, errs bytes.Buffer
	c := l.command(args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		l.t.Fatalf("activitylog %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return strings.TrimSpace(out.String())
}

func (l logDir) count(query string) int {
	l.t.Helper()
	n, err := strconv.Atoi(l.must("count", "--exact", query))
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

const kills = 10

// Whatever was acknowledged is there after kill -9, and the log is whole.
func TestRecordSurvivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program many times")
	}
	l := newLog(t)
	for round := range kills {
		actor := fmt.Sprintf("round%d", round)
		c := l.command("record", "-")
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { // until the pipe breaks
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(in, `{"type":"GoalAdded","actor":%q,"externalId":"%s-%d"}`+"\n", actor, actor, i); err != nil {
					return
				}
			}
		}()
		acknowledged := readAcknowledged(t, out, 40+round*37, c)
		if got := l.count("actor:" + actor); got < len(acknowledged) {
			t.Errorf("round %d: %d acknowledged, %d there", round, len(acknowledged), got)
		}
		there := map[string]bool{}
		for _, line := range strings.Split(l.must("export", "--format", "ndjson", "actor:"+actor), "\n") {
			var a struct{ ID string }
			if err := json.Unmarshal([]byte(line), &a); err != nil {
				t.Fatal(err)
			}
			there[a.ID] = true
		}
		for _, id := range acknowledged {
			if !there[id] {
				t.Errorf("round %d: #%s was acknowledged and is not there", round, id)
			}
		}
		if got := l.must("verify"); !strings.HasPrefix(got, "verified") {
			t.Fatalf("round %d: %s", round, got)
		}
	}
}

// readAcknowledged reads receipts, kills the process after so many of them, and
// returns also those that were on their way.
func readAcknowledged(t *testing.T, out io.Reader, enough int, c *exec.Cmd) []string {
	t.Helper()
	var ids []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var receipt struct{ ID string }
		if err := json.Unmarshal(lines.Bytes(), &receipt); err != nil {
			break // cut off in the middle
		}
		if ids = append(ids, receipt.ID); len(ids) == enough {
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(ids) < enough {
		t.Fatalf("%d receipts only", len(ids))
	}
	_ = c.Wait() // killed
	return ids
}

// An import that is killed loses nothing it called committed, and a second run
// brings in the rest and nothing twice.
func TestLargeImportSurvivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("more than 10,000 rows")
	}
	const rows = 12_000
	file := filepath.Join(t.TempDir(), "drafts.ndjson")
	var text bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&text, `{"type":"GoalAdded","actor":"a%d","occurredAt":"2026-11-%02dT%02d:%02d:%02dZ","externalId":"x%d","parameters":{"note":"row %d"}}`+"\n",
			i%7, 1+i%20, i%24, i%60, i%59, i, i)
	}
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for round := range kills {
		l := newLog(t)
		c := l.command("import", file)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		committed := 0
		for lines := bufio.NewScanner(out); lines.Scan(); {
			n, found := strings.CutPrefix(lines.Text(), "committed ")
			if !found {
				continue
			}
			if committed, err = strconv.Atoi(n); err != nil {
				t.Fatal(err)
			}
			if committed > round*rows/kills/2 {
				_ = c.Process.Kill() // it may have ended by itself
			}
		}
		_ = c.Wait()
		if got := l.count("source:import"); got < committed || committed == 0 {
			t.Errorf("round %d: %d committed, %d there", round, committed, got)
		}
		if got := l.must("verify"); !strings.HasPrefix(got, "verified") {
			t.Errorf("round %d: %s", round, got)
		}
		var job struct {
			Report struct{ Read, New, Duplicate int }
		}
		if err := json.Unmarshal([]byte(l.must("import", "--json", file)), &job); err != nil {
			t.Fatal(err)
		}
		if r := job.Report; r.Read != rows || r.New+r.Duplicate != rows || r.Duplicate < committed {
			t.Errorf("round %d: after %d committed, the second run says %+v", round, committed, r)
		}
		if got := l.count("source:import"); got != rows {
			t.Errorf("round %d: %d rows in the end", round, got)
		}
	}
}
