//go:build unix

package system_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A writer grows a file as a program's log grows.
type writer struct {
	t    *testing.T
	path string
	n    int
}

// write appends drafts, each with its number, and reports how many there are now.
func (w *writer) write(lines int) int {
	w.t.Helper()
	var text strings.Builder
	for range lines {
		w.n++
		fmt.Fprintf(&text, `{"type":"Shop/Sold","requestId":"%d"}`+"\n", w.n)
	}
	w.append(text.String())
	return w.n
}

func (w *writer) append(text string) {
	w.t.Helper()
	file, err := os.OpenFile(w.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(text)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// follow begins to follow the file.
func (p *place) follow(path string) (*exec.Cmd, *bytes.Buffer) {
	p.t.Helper()
	var out bytes.Buffer
	c := p.command("follow", path)
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.Process.Kill() }) // it has ended
	return c, &out
}

// A file that grows, is rotated and is cut short loses nothing and stores nothing twice,
// and Ctrl-C ends with a report.
func TestFollow(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	w := &writer{t: t, path: filepath.Join(t.TempDir(), "shop.ndjson")}
	w.write(3)
	c, out := p.follow(w.path)
	there := func(n int) func() bool { return func() bool { return p.count("type:Shop/Sold") == n } }
	eventually(t, "the first lines", there(3))
	eventually(t, "a line more", there(w.write(1)))
	w.append("nonsense\n")
	old := &writer{t: t, path: w.path + ".1", n: w.n}
	if err := os.Rename(w.path, old.path); err != nil {
		t.Fatal(err)
	}
	w.n = old.write(2) // whoever writes has the old file still
	eventually(t, "what came into the new file", there(w.write(2)))
	if err := os.Truncate(w.path, 0); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what came after it was cut short", there(w.write(1)))
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if status := exitStatus(c.Wait()); status != 2 {
		t.Errorf("status %d: one line was refused", status)
	}
	if want := fmt.Sprintf("new %d, known 0, conflicting 0, rejected 1; goes on after line 1\n", w.n); !strings.HasSuffix(out.String(), want) || !strings.Contains(out.String(), "line 5: ") {
		t.Errorf("it says %s, want %s", out, want)
	}
	p.sound("in the end")
}

func exitStatus(err error) int {
	if err == nil {
		return 0
	}
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return ended.ExitCode()
	}
	return -1
}

// Killed again and again, it stores each line once.
func TestFollowSurvivesKill(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	w := &writer{t: t, path: filepath.Join(t.TempDir(), "shop.ndjson")}
	killed := 0
	for round := range kills {
		before := p.count("type:Shop/Sold")
		w.write(2000)
		c, _ := p.follow(w.path)
		eventually(t, "some lines", func() bool { return p.count("type:Shop/Sold") > before })
		if err := c.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait() // it was killed
		if p.count("type:Shop/Sold") < w.n {
			killed++
		}
		if round%3 == 2 {
			if err := os.Rename(w.path, fmt.Sprint(w.path, ".", round)); err != nil {
				t.Fatal(err)
			}
			w.write(1)
		}
	}
	p.must("follow", "--once", w.path)
	seen := map[string]int{}
	for _, request := range p.stored("type:Shop/Sold") {
		seen[request]++
	}
	for i := range w.n {
		if n := seen[fmt.Sprint(i+1)]; n != 1 {
			t.Errorf("line %d is stored %d times", i+1, n)
		}
	}
	if killed == 0 {
		t.Error("it was never killed before the end of the file: this test proves nothing")
	}
	p.sound("in the end")
}
