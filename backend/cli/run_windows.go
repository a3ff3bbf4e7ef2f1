package cli

import "os"

// passedOn are the signals that are caught, so that the command's end is recorded.
func passedOn() []os.Signal { return []os.Signal{os.Interrupt} }

// reached is always true: the console tells every process of Ctrl-C itself.
func reached(os.Signal) bool { return true }

// endOf is a command's exit status.
func endOf(state *os.ProcessState) (status int, signal string) { return state.ExitCode(), "" }
