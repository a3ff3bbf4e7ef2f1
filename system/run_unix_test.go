//go:build unix

package system_test

import (
	"bufio"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// What stops run stops the command, and that is recorded with the signal.
func TestRunPassesSignalsOn(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	for _, c := range []struct {
		signal syscall.Signal
		script string // what the command does
		status int
		want   string
	}{
		{syscall.SIGTERM, `echo ready; exec sleep 60`, 143, "which SIGTERM ended"},
		{syscall.SIGINT, `trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done`, 9, "which ended with status 9"},
		{syscall.SIGUSR1, `trap 'echo caught; exit 0' USR1; echo ready; while :; do sleep 0.05; done`, 0, `ran the command "sh"`},
	} {
		cmd := p.command("run", "--", "sh", "-c", c.script)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal of whoever runs the tests
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() || lines.Text() != "ready" {
			t.Fatalf("%v: %q", c.signal, lines.Text())
		}
		if err := cmd.Process.Signal(c.signal); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
		}
		status := 0
		if ended, ok := errors.AsType[*exec.ExitError](cmd.Wait()); ok {
			status = ended.ExitCode()
		}
		if status != c.status {
			t.Errorf("%v: status %d, want %d", c.signal, status, c.status)
		}
		if line := p.must("list", "--limit", "1", "type:CommandRun"); !strings.Contains(line, c.want) {
			t.Errorf("%v: recorded as %s", c.signal, line)
		}
	}
}
