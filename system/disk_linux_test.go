package system_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// In a directory that may be read and not written, each command says so and fails,
// and nothing is changed.
func TestReadOnlyDirectory(t *testing.T) {
	p := newLog(t)
	var account *syscall.SysProcAttr
	program := binary
	mode := os.FileMode(0o500)
	if os.Geteuid() == 0 { // who may write everywhere
		account = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		for _, file := range []string{"activity.db", "keys", "state"} {
			owned(t, filepath.Join(p.data, file))
		}
		program = filepath.Join(t.TempDir(), "activitylog") // the other may lie where only root gets to
		content, err := os.ReadFile(binary)
		if err == nil {
			err = os.WriteFile(program, content, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
		above(t, program)
		above(t, p.data)
		mode = 0o555
	}
	if err := os.Chmod(p.data, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(p.data, 0o700) })
	for _, args := range [][]string{
		{"list"},
		{"record", "GoalAdded"},
		{"verify"},
		{"serve", "--listen", "127.0.0.1:0"},
		{"init", "--login", "x", "--email", "x@example.org"},
		{"backup", "/tmp/never.db"},
	} {
		c := p.command(args...)
		c.Path, c.SysProcAttr, c.Dir = program, account, "/"
		if r := p.finish(c, ""); r.status != 6 || r.out != "" || !strings.Contains(r.errs, "is read-only for this account") {
			t.Errorf("%v: %+v", args, r)
		}
	}
	if err := os.Chmod(p.data, 0o700); err != nil {
		t.Fatal(err)
	}
	p.must("record", "GoalAdded") // as the owner, with the directory as it was
	p.sound("afterwards")
}

// owned gives files to the unprivileged account, so that only the directory stands in
// its way.
func owned(t *testing.T, path string) {
	t.Helper()
	if err := os.Chown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(path) // a file has none
	for _, e := range entries {
		owned(t, filepath.Join(path, e.Name()))
	}
}

// above lets everybody pass through this test's directories above a file.
func above(t *testing.T, path string) {
	t.Helper()
	for dir := filepath.Dir(path); dir != "/" && dir != os.TempDir(); dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil {
			err = os.Chmod(dir, info.Mode().Perm()|0o011)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// On a full disk nothing is acknowledged that is not stored, what was acknowledged
// stays, and once there is room the log goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("a small file system cannot be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	p := &place{t: t, data: filepath.Join(disk, "data")}
	copyTree(t, template, p.data)
	ballast := filepath.Join(disk, "ballast")
	put(t, ballast, strings.Repeat("x", 8<<20))

	const lines = 3000
	long := strings.Repeat("long text ", 500)
	r := p.run(drafts(lines, func(i int) map[string]any {
		return map[string]any{"type": "GoalAdded", "actor": "full", "requestId": fmt.Sprint(i), "parameters": map[string]string{"long": long}}
	}), "record", "-")
	acknowledged := map[string]bool{}
	for line := range strings.Lines(r.out) {
		var receipt struct{ ID string }
		if err := json.Unmarshal([]byte(line), &receipt); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		acknowledged[receipt.ID] = true
	}
	if r.status != 6 || !strings.Contains(r.errs, "full") || len(acknowledged) == 0 || len(acknowledged) == lines {
		t.Errorf("status %d, %d acknowledged: %.600s", r.status, len(acknowledged), r.errs)
	}
	for _, args := range [][]string{{"record", "GoalAdded", "--param", "long=" + long}, {"import", filepath.Join(disk, "data", "activity.db")}} {
		if r := p.run("", args...); r.status == 0 || r.errs == "" {
			t.Errorf("%s on the full disk: %+v", args[0], r)
		}
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	p.must("record", "GoalDeleted", "--actor", "after")
	stored := map[string]bool{}
	for line := range strings.Lines(p.must("export", "actor:full")) {
		var a struct {
			ID         string
			Parameters struct{ Long string }
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil || a.Parameters.Long != long {
			t.Fatalf("%v: %.100s", err, line)
		}
		stored[a.ID] = true
	}
	for id := range acknowledged {
		if !stored[id] {
			t.Errorf("#%s was acknowledged and is not there", id)
		}
	}
	if len(stored) != len(acknowledged) {
		t.Errorf("%d are stored, %d acknowledged", len(stored), len(acknowledged))
	}
	p.sound("with room again")
}

// Where the answer cannot be written to its end, a command does not end as if it had
// been; what was stored is whole.
func TestALostAnswer(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	for _, args := range [][]string{
		{"list"},
		{"list", "--json"},
		{"count"},
		{"export"},
		{"export", "--format", "csv"},
		{"types"},
		{"user", "list"},
		{"verify"},
		{"record", "GoalAdded"},
		{"record", "-"},
		{"version"},
		{"help"},
	} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skipf("there is no /dev/full: %v", err)
		}
		var errs strings.Builder
		c := p.command(args...)
		c.Stdin, c.Stdout, c.Stderr = strings.NewReader(`{"type":"GoalAdded"}`), full, &errs
		_ = c.Run() // the status is looked at
		if status := c.ProcessState.ExitCode(); status != 6 || !strings.Contains(errs.String(), "The output could not be written to its end.") || strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("%v: status %d, %q", args, status, errs.String())
		}
		if err := full.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := p.count("type:GoalAdded"); n != 2 {
		t.Errorf("%d of 2 are stored", n)
	}
	p.sound("afterwards")
}
