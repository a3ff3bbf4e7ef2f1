//go:build window

package main

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

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
		s.try(name, func() { s.key(keys...) }, func() bool { now := s.picture(); return now != "" && now != before })
		s.still(name)
		s.shot(name)
	}
	if got := s.cli("verify"); !strings.HasPrefix(got, "verified") {
		t.Errorf("verify: %s", got)
	}

	// Switched on, the window serves, which its status line says.
	before = s.still("integrity")
	port := s.freePort()
	s.cli("settings", "set", "serve=true", "port="+port)
	s.changed(before, "the status line says so")
	s.still("serving")
	s.shot("serving")
	until(t, "the window answers", func() bool {
		response, err := http.Get("http://127.0.0.1:" + port + "/")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	s.cli("settings", "set", "serve=false")

	// A session ended by another process leads to sign-in, also where nobody touches the window.
	const other = "seven quiet herons wading"
	before = s.still("integrity")
	s.ask(other+"\n", "user", "password", "ann", "--password-stdin")
	s.changed(before, "sign-in")
	s.still("sign-in")
	s.shot("signed-out")
	s.signIn(other)
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

// freePort is a port that nobody listens on.
func (s *screen) freePort() string {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
