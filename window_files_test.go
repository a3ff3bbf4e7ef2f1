//go:build window

package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWindowTakesFiles brings files in and out as a person does: dropped on the
// window, chosen in the system's dialog, saved by it.
func TestWindowTakesFiles(t *testing.T) {
	s := openScreen(t, 1280, 800)
	s.signedIn()

	dropped := s.drafts("dropped here.ndjson", "GoalAdded", 3)
	s.try("what was dropped is imported", func() {
		s.drop(dropped)
		s.still("the preview")
		s.shot("dropped")
		s.startImport()
	}, func() bool { return s.count("source:import type:GoalAdded") == "3" })

	chosen := s.drafts("chosen.ndjson", "GoalDeleted", 2)
	s.try("what was chosen is imported", func() {
		s.key("g", "t")
		s.still("the timeline")
		s.key("g", "i")
		s.still("the import")
		s.key("Tab", "Return")
		s.inDialog("Import", chosen)
		s.still("the preview")
		s.startImport()
	}, func() bool { return s.count("source:import type:GoalDeleted") == "2" })

	out := filepath.Join(t.TempDir(), "saved.csv")
	s.try("what is shown is saved", func() {
		s.key("Escape", "Escape")
		s.key("g", "t")
		s.still("the timeline")
		s.key("slash", "ctrl+a")
		s.typed("type:GoalAdded")
		s.key("Return", "Escape")
		s.still("the goals")
		s.key("e")
		s.still("the dialog")
		s.key("Return")
		s.inDialog("Export", out)
	}, func() bool { _, err := os.Stat(out); return err == nil })
	file, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Errorf("saved: %d lines, %v", len(rows), err)
	}
	if got := s.cli("verify"); !strings.HasPrefix(got, "verified") {
		t.Errorf("verify: %s", got)
	}
}

// drafts writes a file of so many drafts of a type and returns its path.
func (s *screen) drafts(name, kind string, n int) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	file, err := os.Create(path)
	if err != nil {
		s.t.Fatal(err)
	}
	out := bufio.NewWriter(file)
	for i := range n {
		fmt.Fprintf(out, `{"type":%q,"actor":"cara","occurredAt":"2026-01-05T09:00:00Z","externalId":"%s %d"}`+"\n", kind, name, i)
	}
	if err := out.Flush(); err != nil {
		s.t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// startImport presses Import, once one file was chosen: the focus is on the button
// that chooses files.
func (s *screen) startImport() {
	s.key("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Return") // folder, server, leave out, format, name, anew, import
}

// inDialog names a file in a dialog of the system's and agrees to it. While GTK
// completes what is typed, letters may go astray.
func (s *screen) inDialog(title, path string) {
	s.t.Helper()
	title = "^" + title + "$"
	until(s.t, "the system's dialog is there", func() bool { return s.window(title) != "" })
	s.still("the system's dialog")
	s.key("slash") // opens the line for a path where there is none yet
	again := false
	s.try("the system's dialog is done", func() {
		if again {
			s.key("Return") // to what it says of a path that is not there
		}
		again = true
		s.still("the line for a path")
		s.key("ctrl+a")
		s.x("xdotool", "type", "--delay", "90", path)
		s.still("the path")
		s.key("Return")
	}, func() bool { return s.window(title) == "" })
}

// drop drags files onto the middle of the window, as from another program.
func (s *screen) drop(files ...string) {
	s.t.Helper()
	c := exec.Command(s.hand(), append([]string{"drag"}, files...)...)
	c.Env = append(os.Environ(), "DISPLAY="+s.display)
	said, err := c.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	source := startProcess(s.t, c)
	if line, err := bufio.NewReader(said).ReadString('\n'); line != "ready\n" {
		s.t.Fatalf("the hand says %q: %v", line, err)
	}
	still := s.colour(1200, 780)
	s.x("xdotool", "mousemove", "20", "20", "mousedown", "1")
	x := 30
	until(s.t, "the page shows that files are over it", func() bool {
		s.x("xdotool", "mousemove", fmt.Sprint(x), "300")
		x = 300 + (x+40)%400
		return s.colour(1200, 780) != still
	})
	s.x("xdotool", "mouseup", "1")
	source.status(s.t)
	s.x("xdotool", "mousemove", "1270", "400")
}

// hand is the program that does what keys cannot, built when it is needed first.
func (s *screen) hand() string {
	s.t.Helper()
	path := filepath.Join(s.home, "hand")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "gtk+-3.0", "x11").Output()
	if err != nil {
		s.t.Fatal(err)
	}
	args := append([]string{"-o", path, "testdata/window/hand.c"}, strings.Fields(string(flags))...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// report is what the command line says of an import of a file.
func (s *screen) report(path string) (read, fresh, duplicate int) {
	s.t.Helper()
	var got struct {
		Report struct{ Read, New, Duplicate int }
	}
	if err := json.Unmarshal([]byte(s.cli("import", "--json", path)), &got); err != nil {
		s.t.Fatal(err)
	}
	return got.Report.Read, got.Report.New, got.Report.Duplicate
}
