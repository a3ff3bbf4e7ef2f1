//go:build unix

package cli

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// passedOn are the signals that a command gets as this program gets them.
func passedOn() []os.Signal {
	return []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2}
}

// reached reports whether the command has had a signal already: what is typed at a
// terminal goes to everybody in its foreground.
func reached(s os.Signal) bool {
	if s != syscall.SIGINT && s != syscall.SIGQUIT {
		return false
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false // no terminal
	}
	defer tty.Close()
	front, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && front == unix.Getpgrp()
}

// endOf is a command's exit status as a shell says it, and the signal that ended it.
func endOf(state *os.ProcessState) (status int, signal string) {
	if s, ok := state.Sys().(syscall.WaitStatus); ok && s.Signaled() { //nolint:misspell // its name
		return 128 + int(s.Signal()), unix.SignalName(s.Signal())
	}
	return state.ExitCode(), ""
}
