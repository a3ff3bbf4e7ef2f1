package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"activitylog": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// What a person types and sees: the program itself, in a process of its own, over a
// log of its own.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program many times")
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "backend/cli/testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("ACTIVITYLOG_DATA", env.WorkDir+"/data")
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("TZ", "UTC")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   status,
			"tokenenv": tokenEnv,
		},
	})
}

// tokenEnv has the following commands act as the token that a file, or the output of
// the command before, consists of.
func tokenEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tokenenv file")
	}
	ts.Setenv("ACTIVITYLOG_TOKEN", strings.TrimSpace(ts.ReadFile(args[0])))
}

// status runs a command that has to end with a status, as in
//
//	status 4 activitylog list
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command args…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = err.Error()
	}
	if got != args[0] && got != "exit status "+args[0] {
		ts.Fatalf("%v: %s, want %s", args[1:], got, args[0])
	}
}
