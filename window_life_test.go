//go:build window

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"activitylog/backend/ledger"
)

// TestWindowEnds closes the window while an import runs: the person is asked, and
// nothing is lost either way. Another program holds the log while keys and pictures
// cross, so that the import, however fast, is not over before.
func TestWindowEnds(t *testing.T) {
	const n = 100_000
	s := openScreen(t, 1280, 800)
	p := s.signedIn()
	file := s.drafts("many.ndjson", "GoalAdded", n)
	stored := func() int { k, _ := strconv.Atoi(s.count("source:import")); return k }
	s.drop(file)
	preview := s.still("the preview")
	// The empty part of the side bar is the same on every screen, but for the shade behind a question.
	shade := func() string { return s.colour(100, 500) }
	bar := shade()
	s.startImport()
	s.changed(preview, "the import runs")
	until(t, "the first slice is stored", func() bool { return stored() > 0 })
	release := s.held()
	s.cross()
	until(t, "the question is there", func() bool { return shade() != bar })
	s.shot("closing")
	s.try("staying", func() { s.key("Escape") }, func() bool { return shade() == bar })
	seen := stored()
	release()
	until(t, "the import goes on", func() bool { return stored() > seen })
	release = s.held()
	s.cross()
	s.cross() // whoever insists is not asked
	release()
	if status := p.status(t); status != 0 {
		t.Errorf("status %d", status)
	}
	kept := stored()
	if kept >= n {
		t.Fatalf("the import was over before the window was closed")
	}
	if read, fresh, duplicate := s.report(file); read != n || fresh+duplicate != n || duplicate != kept {
		t.Errorf("kept %d, then read %d, new %d, duplicate %d", kept, read, fresh, duplicate)
	}
	if got := s.cli("verify"); !strings.HasPrefix(got, "verified") {
		t.Errorf("verify: %s", got)
	}
}

// held keeps every other process from writing to the log, until it is released.
func (s *screen) held() (release func()) {
	s.t.Helper()
	c := exec.Command("sqlite3", filepath.Join(s.data, "activity.db"))
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	gate, err := ledger.OpenGate(filepath.Join(s.data, "state", "write.lock"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer gate.Close()
	gate.Wait() // sqlite3 itself asks each 100 ms only, and would be kept out
	p := startProcess(s.t, c)
	if _, err := io.WriteString(in, ".bail on\n.timeout 60000\nBEGIN IMMEDIATE;\nSELECT 'held';\n"); err != nil {
		s.t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		s.t.Fatalf("the log is not held: %q, %v", line, err)
	}
	return func() {
		_ = in.Close()
		if status := p.status(s.t); status != 0 {
			s.t.Fatalf("sqlite3: status %d", status)
		}
	}
}

// TestWindowComesBack starts the program again: as large as it was, and once only.
func TestWindowComesBack(t *testing.T) {
	s := openScreen(t, 1280, 800)
	s.bus = s.sessionBus()
	p := s.start()
	s.painted("first run")
	s.x("xdotool", "windowsize", "--sync", s.window("^Activity Log$"), "900", "700")
	s.still("the smaller window")

	// A second start ends, and brings the window to the front: here before the hand's square.
	front := s.colour(20, 20)
	c := exec.Command(s.hand(), "drag", s.data)
	c.Env = append(os.Environ(), "DISPLAY="+s.display)
	startProcess(t, c)
	until(t, "something stands before the window", func() bool { return s.colour(20, 20) != front })
	startProcess(t, s.program()).status(t)
	until(t, "the window is in front", func() bool { return s.colour(20, 20) == front })

	s.cross()
	if status := p.status(t); status != 0 {
		t.Errorf("status %d", status)
	}
	s.start()
	s.painted("first run")
	if got := s.x("xdotool", "getwindowgeometry", s.window("^Activity Log$")); !strings.Contains(got, "900x700") {
		t.Errorf("after the restart: %s", got)
	}
}

// TestWindowFits opens the window for the first time on a screen that is smaller than it.
func TestWindowFits(t *testing.T) {
	s := openScreen(t, 1024, 700)
	s.start()
	s.painted("first run")
	until(t, "the window is no larger than the screen", func() bool {
		got := s.x("xdotool", "getwindowgeometry", s.window("^Activity Log$"))
		return strings.Contains(got, "1024x636")
	})
	s.still("the smaller window")
	s.shot("small-screen")
}

// TestWindowSaysWhatIsWrong opens data that it must not touch.
func TestWindowSaysWhatIsWrong(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, db string){
		"foreign": func(t *testing.T, db string) {
			if err := os.WriteFile(db, []byte("this is no database, and long enough to be looked at"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"newer": func(t *testing.T, db string) {
			text, err := os.ReadFile(db)
			if err != nil {
				t.Fatal(err)
			}
			binary.BigEndian.PutUint32(text[60:], 9999) // user_version, https://www.sqlite.org/fileformat.html
			if err := os.WriteFile(db, text, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := openScreen(t, 900, 700)
			s.setUp()
			db := filepath.Join(s.data, "activity.db")
			spoil(t, db)
			before, err := os.ReadFile(db)
			if err != nil {
				t.Fatal(err)
			}
			p := s.start()
			s.painted("the message")
			s.shot("sorry-" + name)
			s.try("the program ends", func() { s.key("Return") }, func() bool {
				select {
				case <-p.ended:
					return true
				default:
					return false
				}
			})
			if status := p.status(t); status != 1 {
				t.Errorf("status %d", status)
			}
			if after, err := os.ReadFile(db); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file is another: %v", err)
			}
		})
	}
}

// cross closes the window as by the cross in its frame.
func (s *screen) cross() {
	s.t.Helper()
	s.x(s.hand(), "close", s.window("^Activity Log$"))
}

// sessionBus starts a bus as a desktop session has one, and returns its address.
func (s *screen) sessionBus() string {
	s.t.Helper()
	c := exec.Command("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1")
	said, err := c.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	startProcess(s.t, c)
	line := make([]byte, 256)
	n, err := said.Read(line)
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(string(line[:n]))
}
