// Package system_test drives the finished program as people and other programs do:
// the real binary, in processes of its own, over data directories, pipes and HTTP.
// It knows nothing of the code. What needs a tool or a right that this machine does
// not give is skipped with the reason; with CI set that is a failure.
package system_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// binary is the program under test; template is a data directory in which it has made
// a log and its first super user, to be copied.
var binary, template string

const (
	password = "four calm otters rowing"
	super    = "ann"
)

func TestMain(m *testing.M) {
	status, err := prepared(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func prepared(m *testing.M) (status int, err error) {
	dir, err := os.MkdirTemp("", "system-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if binary, err = program(dir); err != nil {
		return 1, err
	}
	template = filepath.Join(dir, "template")
	c := exec.Command(binary, "init", "--login", super, "--email", "ann@example.org", "--password-stdin")
	c.Env, c.Stdin = environment(template), strings.NewReader(password+"\n")
	if out, err := c.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("init: %w: %s", err, out)
	}
	return m.Run(), nil
}

// program returns ACTIVITYLOG_BINARY, or builds the program without its window.
func program(dir string) (string, error) {
	if made := os.Getenv("ACTIVITYLOG_BINARY"); made != "" {
		return filepath.Abs(made)
	}
	made := filepath.Join(dir, "activitylog")
	c := exec.Command("go", "build", "-o", made, "activitylog")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return made, nil
}

// environment is all that the program gets of ours.
func environment(data string, more ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(data), "TZ=UTC", "LC_ALL=C.UTF-8", "ACTIVITYLOG_DATA=" + data,
	}, more...)
}

// A place is a data directory and what the program is started with over it.
type place struct {
	t    *testing.T
	data string
	env  []string
}

// newLog returns a log with the super user ann.
func newLog(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, data: filepath.Join(t.TempDir(), "data")}
	copyTree(t, template, p.data)
	return p
}

// copyTree copies files with their modes.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if e.IsDir() {
			return os.MkdirAll(target, info.Mode().Perm())
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *place) command(args ...string) *exec.Cmd {
	c := exec.Command(binary, args...) // not with the test's context, which ends before its clean-up
	c.Env = environment(p.data, p.env...)
	return c
}

// A result is what a command left behind.
type result struct {
	out, errs string
	status    int
}

// run runs a command to its end.
func (p *place) run(in string, args ...string) result {
	p.t.Helper()
	return p.finish(p.command(args...), in)
}

func (p *place) finish(c *exec.Cmd, in string) result {
	p.t.Helper()
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), &out, &errs
	err := c.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		p.t.Fatalf("%v: %v", c.Args, err)
	}
	return result{out.String(), errs.String(), c.ProcessState.ExitCode()}
}

// must runs a command that has to succeed and returns its output.
func (p *place) must(args ...string) string {
	p.t.Helper()
	return p.mustRead("", args...)
}

// mustRead is must with an input.
func (p *place) mustRead(in string, args ...string) string {
	p.t.Helper()
	r := p.run(in, args...)
	if r.status != 0 {
		p.t.Fatalf("activitylog %s: status %d\n%s%s", strings.Join(args, " "), r.status, r.out, r.errs)
	}
	return strings.TrimSuffix(r.out, "\n")
}

func (p *place) count(query string) int {
	p.t.Helper()
	n, err := strconv.Atoi(p.must("count", "--exact", query))
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// sound fails unless the log verifies, words included.
func (p *place) sound(when string) {
	p.t.Helper()
	if r := p.run("", "verify"); r.status != 0 || !strings.HasPrefix(r.out, "verified") {
		p.t.Errorf("%s: verify: status %d\n%s%s", when, r.status, r.out, r.errs)
	}
}

// cannot skips the test for a reason of the machine's; in CI that is a failure.
func cannot(t *testing.T, why string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("cannot run here: "+why, args...)
	}
	t.Skipf(why, args...)
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain waited for: %s", what)
		}
	}
}
