//go:build unix

package sqlite

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// failingDisk lets writes fail in the middle: files may not grow beyond what they are.
func failingDisk(t *testing.T, db *DB) {
	signal.Ignore(syscall.SIGXFSZ)
	limit := func(size uint64) {
		var l syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			t.Fatal(err)
		}
		l.Cur = min(size, l.Max)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 20 {
		help(t, db, bodies(n, 1))
	}
	info, err := os.Stat(db.options.Path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	limit(uint64(info.Size() + 5000))
	for n := range 3 {
		help(t, db, bodies(20+n, 1))
	}
	limit(1<<63 - 1)
	for n := range 20 {
		help(t, db, bodies(20+n, 1)) // the three that failed too
	}
}

// asNobody opens the log as an account that may read the directory and not write it:
// root may write everywhere. It returns what the helper says.
func asNobody(t *testing.T, dir string) (code, text string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "helper.test")
	data, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(program, data, 0o755)
	}
	above := filepath.Dir(filepath.Dir(program))
	err = errors.Join(err, os.Chmod(above, 0o755), os.Chmod(filepath.Dir(program), 0o755), os.Chmod(dir, 0o755), os.Chmod(filepath.Dir(dir), 0o755))
	if err != nil {
		t.Fatal(err)
	}
	h := startHelper(t, program, "open", dir, 0, func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		cmd.Dir = "/"
	})
	lines := h.lines("error", 1)
	if err := h.end(); err != nil {
		t.Error(err)
	}
	if len(lines) != 1 {
		t.Fatal("the helper opened it")
	}
	return lines[0][1], strings.Join(lines[0][2:], " ")
}
