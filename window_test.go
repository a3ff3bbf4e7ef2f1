//go:build window

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A screen is an X server without a monitor, with the program's window on it. What
// a person does is done by keys; what came of it is asked of another process.
type screen struct {
	t       *testing.T
	display string
	data    string
	binary  string
	shots   string
}

// TestWindow drives the real window: first run, timeline, record; then another
// process records, and the window shows it by itself.
func TestWindow(t *testing.T) {
	s := openScreen(t, 1280, 800)
	s.start()
	s.painted("first run")
	s.shot("first-run")

	// Keys typed before the first field has the focus go nowhere: until the user is
	// there, the form is filled in again.
	s.try("the first super user is there", func() {
		s.key("ctrl+a")
		s.typed("ann")
		for _, text := range []string{"ann@example.org", "Ann Archer", password} {
			s.key("Tab")
			s.key("ctrl+a")
			s.typed(text)
		}
		s.key("Return")
	}, func() bool { return strings.Contains(s.cli("user", "list"), "ann ") })
	s.try("the sign-in is recorded", func() {}, func() bool { return s.count("type:UserLoggedIn") == "1" })
	before := s.still("the timeline")
	s.shot("timeline")

	s.try("an activity is recorded by hand", func() {
		s.key("Escape")
		s.key("r")
		s.changed(before, "the dialog")
		s.typed("GoalAdded")
		s.still("the list of types")
		s.key("Return")
		s.still("the type's parameters")
		s.shot("record")
		s.key("Return")
	}, func() bool { return s.count("type:GoalAdded") == "1" })
	if got := s.cli("list", "--json", "type:GoalAdded"); !strings.Contains(got, `"source":"manual"`) || !strings.Contains(got, `"label":"Ann Archer"`) {
		t.Errorf("recorded in the window: %s", got)
	}
	s.key("Escape")
	s.key("Escape")

	before = s.still("the timeline")
	s.cli("record", "GoalDeleted", "--actor", "ben")
	s.changed(before, "what the command line recorded appears")
	s.still("the timeline")
	s.shot("recorded-elsewhere")

	for name, keys := range map[string][]string{"users": {"g", "u"}, "import": {"g", "i"}, "settings": {"g", "comma"}, "integrity": {"g", "v"}} {
		before = s.still(name)
		s.key(keys...)
		s.changed(before, name)
		s.still(name)
		s.shot(name)
	}
	if got := s.cli("verify"); !strings.HasPrefix(got, "verified") {
		t.Errorf("verify: %s", got)
	}
}

// Without a display, or with one that does not answer, the program says so and ends.
func TestWindowWithoutDisplay(t *testing.T) {
	binary := windowBinary(t)
	for _, display := range []string{"", ":4242"} {
		data := filepath.Join(t.TempDir(), "data")
		c := exec.Command(binary)
		c.Env = append(os.Environ(), "DISPLAY="+display, "WAYLAND_DISPLAY=", "XDG_RUNTIME_DIR="+t.TempDir(), "ACTIVITYLOG_DATA="+data)
		out, err := c.CombinedOutput()
		if c.ProcessState.ExitCode() != 6 || !strings.Contains(string(out), "activitylog serve") || strings.Contains(string(out), "goroutine") {
			t.Errorf("on display %q: %v\n%s", display, err, out)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("on display %q: a data directory was made", display)
		}
	}
}

func windowBinary(t *testing.T) string {
	t.Helper()
	binary := os.Getenv("ACTIVITYLOG_BINARY")
	if binary == "" {
		t.Fatal("ACTIVITYLOG_BINARY names the binary with the window; make window sets it")
	}
	return binary
}

// openScreen starts an X server on a display that is free.
func openScreen(t *testing.T, width, height int) *screen {
	t.Helper()
	binary := windowBinary(t)
	number, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{write}
	startProcess(t, x)
	write.Close()
	text := make([]byte, 16)
	n, err := number.Read(text)
	if err != nil {
		t.Fatalf("Xvfb does not start: %v", err)
	}
	shots := os.Getenv("ACTIVITYLOG_SHOTS")
	if shots == "" {
		shots = t.TempDir()
	}
	return &screen{t: t, display: ":" + strings.TrimSpace(string(text[:n])), data: filepath.Join(t.TempDir(), "data"), binary: binary, shots: shots}
}

// startProcess starts a process and ends it with the test.
func startProcess(t *testing.T, c *exec.Cmd) {
	t.Helper()
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGTERM)
		ended := make(chan struct{})
		go func() { _ = c.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
			<-ended
		}
	})
}

func (s *screen) start() {
	s.t.Helper()
	c := exec.Command(s.binary)
	c.Env = append(os.Environ(), "DISPLAY="+s.display, "ACTIVITYLOG_DATA="+s.data, "HOME="+s.t.TempDir(),
		"NO_AT_BRIDGE=1", "GDK_BACKEND=x11", "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=")
	c.Stdout, c.Stderr = s.t.Output(), s.t.Output()
	startProcess(s.t, c)
	until(s.t, "the window is there", func() bool {
		return s.x("xdotool", "search", "--onlyvisible", "--name", "Activity Log") != ""
	})
}

// x runs a program on the screen and returns what it says, "" if it fails.
func (s *screen) x(name string, args ...string) string {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "DISPLAY="+s.display)
	out, err := c.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func (s *screen) key(keys ...string) {
	s.x("xdotool", append([]string{"key", "--delay", "80"}, keys...)...)
}

func (s *screen) typed(text string) { s.x("xdotool", "type", "--delay", "25", text) }

// picture is what is on the screen, as a digest.
func (s *screen) picture() string {
	return s.x("import", "-window", "root", "-format", "%#", "info:")
}

// painted waits until more is on the screen than an empty window.
func (s *screen) painted(what string) {
	s.t.Helper()
	until(s.t, what+" is painted", func() bool {
		colours, err := strconv.Atoi(s.x("import", "-window", "root", "-format", "%k", "info:"))
		return err == nil && colours > 20
	})
	s.still(what)
}

// still waits until the screen does not change any more and returns its picture.
func (s *screen) still(what string) string {
	s.t.Helper()
	last, same := s.picture(), 0
	until(s.t, what+" is still", func() bool {
		now := s.picture()
		if now == last && now != "" {
			same++
		} else {
			same = 0
		}
		last = now
		return same >= 3
	})
	return last
}

// changed waits until the screen differs from a picture.
func (s *screen) changed(before, what string) {
	s.t.Helper()
	until(s.t, what, func() bool { now := s.picture(); return now != "" && now != before })
}

// try does something until it has worked, a few times at most.
func (s *screen) try(what string, do func(), worked func() bool) {
	s.t.Helper()
	for range 4 {
		do()
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
			if worked() {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	s.shot("failed")
	s.t.Fatalf("not: %s", what)
}

// cli runs the program's command line in another process on the same log.
func (s *screen) cli(args ...string) string {
	c := exec.Command(s.binary, args...)
	c.Env = append(os.Environ(), "ACTIVITYLOG_DATA="+s.data)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, io.Discard
	_ = c.Run() // what it printed is what is looked at
	return out.String()
}

func (s *screen) count(query string) string { return strings.TrimSpace(s.cli("count", query)) }

func (s *screen) shot(name string) {
	s.x("import", "-window", "root", filepath.Join(s.shots, name+".png"))
}
