package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/fault"
	"activitylog/backend/ops"
)

var update = flag.Bool("update", false, "rewrite the commands' part of docs/cli.md")

const (
	documents = "../../docs/cli.md"
	marker    = "\n<!-- The commands, from `activitylog help`. Rewritten by: go test ./backend/cli -run Documented -update -->\n"
)

// docs/cli.md carries each command's help word for word.
func TestCommandsAreDocumented(t *testing.T) {
	data, err := os.ReadFile(documents)
	if err != nil {
		t.Fatal(err)
	}
	before, have, found := strings.Cut(string(data), marker)
	if !found {
		t.Fatal("docs/cli.md has no place for the commands")
	}
	var want strings.Builder
	for _, cmd := range commands() {
		var out bytes.Buffer
		c := &call{Env: Env{Out: &out}}
		if err := c.helpOf(cmd); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&want, "\n## %s\n\n```\n%s```\n", cmd.name, strings.TrimRight(out.String(), "\n")+"\n")
	}
	if *update {
		if err := os.WriteFile(documents, []byte(before+marker+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != want.String() {
		t.Error("docs/cli.md differs from the commands' help. Rewrite it: go test ./backend/cli -run Documented -update")
	}
	for _, code := range fault.Codes() {
		if !strings.Contains(before, fmt.Sprintf("| %d | `%s`", statuses[code], code)) && !strings.Contains(before, "`"+string(code)+"`") {
			t.Errorf("docs/cli.md does not say the status of %s", code)
		}
	}
}

// Every operation with the command line's door has a command that calls it, and no
// command names one that does not exist.
func TestCommandsCoverTheTable(t *testing.T) {
	called := map[string]bool{}
	for _, cmd := range commands() {
		for _, name := range cmd.ops {
			called[name] = true
		}
	}
	var names []string
	for _, op := range ops.Table(ops.Services{}) {
		names = append(names, op.Name)
		if op.Doors&ops.CLI != 0 && !called[op.Name] {
			t.Errorf("%s has the command line's door but no command", op.Name)
		}
	}
	for name := range called {
		if !slices.Contains(names, name) {
			t.Errorf("a command calls %s, which does not exist", name)
		}
	}
}

func TestEveryCodeHasItsStatus(t *testing.T) {
	for _, code := range fault.Codes() {
		if statuses[code] == 0 {
			t.Errorf("%s has no status, or that of success", code)
		}
	}
	if len(statuses) != len(fault.Codes()) {
		t.Error("a status for a code that does not exist")
	}
	if Status(nil) != 0 || Status(fmt.Errorf("bare")) != 1 || Status(fault.New(fault.NotFound, "x")) != 4 {
		t.Error("Status does not follow the table")
	}
}
