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
	home    string
	bus     string // address of a session bus, "" for none
	binary  string
	shots   string
}

// openScreen starts an X server on a display that is free.
func openScreen(t *testing.T, width, height int) *screen {
	t.Helper()
	binary := windowBinary(t)
	number, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp", "-noreset")
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
	home := t.TempDir()
	quiet := filepath.Join(home, ".config", "gtk-3.0")
	if err := os.MkdirAll(quiet, 0o700); err != nil {
		t.Fatal(err)
	}
	// A caret that blinks would never be still where pictures take their time.
	if err := os.WriteFile(filepath.Join(quiet, "settings.ini"), []byte("[Settings]\ngtk-cursor-blink=0\ngtk-enable-animations=0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &screen{t: t, display: ":" + strings.TrimSpace(string(text[:n])), data: filepath.Join(t.TempDir(), "data"), home: home, binary: binary, shots: shots}
}

// A process is one that was started for a test. Its status may be read once ended is closed.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

// startProcess starts a process and ends it with the test.
func startProcess(t *testing.T, c *exec.Cmd) *process {
	t.Helper()
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: c, ended: make(chan struct{})}
	go func() { _ = c.Wait(); close(p.ended) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(10 * time.Second):
			_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
			<-p.ended
		}
	})
	return p
}

// status waits until the process has ended by itself, and returns its exit status.
func (p *process) status(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(2 * time.Minute):
		t.Fatal("the process does not end")
		return -1
	}
}

// start opens the program's window.
func (s *screen) start() *process {
	s.t.Helper()
	p := startProcess(s.t, s.program())
	until(s.t, "the window is there", func() bool { return s.window("^Activity Log$") != "" })
	return p
}

// program is the program without arguments, ready to be started on this screen.
func (s *screen) program() *exec.Cmd {
	c := exec.Command(s.binary)
	c.Env = append(os.Environ(), "DISPLAY="+s.display, "ACTIVITYLOG_DATA="+s.data, "HOME="+s.home, "XDG_CONFIG_HOME="+filepath.Join(s.home, ".config"),
		"NO_AT_BRIDGE=1", "GDK_BACKEND=x11", "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS="+s.bus)
	c.Stdout, c.Stderr = s.t.Output(), s.t.Output()
	return c
}

// window is the number of a visible window by its title, "" if there is none.
func (s *screen) window(title string) string {
	return s.x("xdotool", "search", "--onlyvisible", "--name", title)
}

// setUp makes a log and its super user by the command line.
func (s *screen) setUp() {
	s.t.Helper()
	s.ask(password+"\n", "init", "--login", "ann", "--email", "ann@example.org", "--name", "Ann Archer", "--password-stdin")
}

// ask runs the command line with an input; it has to succeed.
func (s *screen) ask(input string, args ...string) {
	s.t.Helper()
	c := exec.Command(s.binary, args...)
	c.Env = append(os.Environ(), "ACTIVITYLOG_DATA="+s.data)
	c.Stdin = strings.NewReader(input)
	if out, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// signedIn opens the window over a log with a super user, who is signed in.
func (s *screen) signedIn() *process {
	s.t.Helper()
	s.setUp()
	p := s.start()
	s.painted("sign-in")
	s.signIn(password)
	return p
}

// signIn signs ann in where the window asks for it.
func (s *screen) signIn(password string) {
	s.t.Helper()
	before := s.count("type:UserLoggedIn")
	again := false
	s.try("the sign-in", func() {
		if again {
			s.key("shift+Tab") // after a refusal the focus is on the password
		}
		again = true
		s.key("ctrl+a")
		s.typed("ann")
		s.key("Tab", "ctrl+a")
		s.typed(password)
		s.key("Return")
	}, func() bool { return s.count("type:UserLoggedIn") != before })
	s.still("the timeline")
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

// colour is that of one point of the screen.
func (s *screen) colour(x, y int) string {
	return s.x("import", "-window", "root", "-crop", fmt.Sprintf("1x1+%d+%d", x, y), "-depth", "8", "-format", "%[pixel:p{0,0}]", "info:")
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
