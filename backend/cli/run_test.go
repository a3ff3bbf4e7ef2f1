package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"activitylog/backend"
	"activitylog/backend/cli"
)

const password = "four calm otters rowing"

// person is a command line with somebody in front of it.
func person(t *testing.T, data string, answers ...string) (cli.Env, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	var out, errs bytes.Buffer
	clock := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	return cli.Env{
		In: strings.NewReader(""), Out: &out, Err: &errs, Watched: true, ErrWatched: true,
		Ask: func(string) (string, error) {
			if len(answers) == 0 {
				return "", errors.New("asked once too often")
			}
			answer := answers[0]
			answers = answers[1:]
			return answer, nil
		},
		Config: backend.Config{Data: data}, Version: "test", Zone: time.UTC,
		Now: func() time.Time { clock = clock.Add(2 * time.Second); return clock },
	}, &out, &errs
}

func TestPasswordsAreAskedForTwice(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	words := []string{"init", "--login", "ann", "--email", "ann@example.org"}
	env, _, errs := person(t, data, password, password+" not")
	if status := cli.Run(t.Context(), words, env); status != 2 || !strings.Contains(errs.String(), "differ") {
		t.Errorf("two that differ: status %d: %s", status, errs)
	}
	env, out, errs := person(t, data, password, password)
	if status := cli.Run(t.Context(), words, env); status != 0 || strings.Contains(out.String()+errs.String(), password) {
		t.Errorf("two alike: status %d: %s%s", status, out, errs)
	}
}

// A person sees one line that changes, never a control character of the log's.
func TestWhatAPersonSees(t *testing.T) {
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "drafts.ndjson")
	env, _, errs := person(t, data, password, password)
	if status := cli.Run(t.Context(), []string{"init", "--login", "ann", "--email", "ann@example.org"}, env); status != 0 {
		t.Fatal(errs)
	}
	var drafts strings.Builder
	for i := range 20 {
		fmt.Fprintf(&drafts, `{"type":"GoalAdded","actor":"\u001b[2Jevil\u202e","externalId":"%d"}`+"\n", i)
	}
	if err := os.WriteFile(file, []byte(drafts.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	env, out, errs := person(t, data)
	if status := cli.Run(t.Context(), []string{"import", file}, env); status != 0 || !strings.Contains(out.String(), "\rcommitted 20 (100 %)") {
		t.Errorf("import: status %d: %q %s", status, out, errs)
	}
	for _, words := range [][]string{{"list"}, {"list", "--json"}, {"export"}, {"export", "--format", "csv"}} {
		env, out, errs := person(t, data)
		if status := cli.Run(t.Context(), words, env); status != 0 {
			t.Errorf("%v: status %d: %s", words, status, errs)
		}
		if strings.ContainsAny(out.String(), "\x1b\u202e") {
			t.Errorf("%v lets a control character through: %q", words, out)
		}
	}
}

func TestUnknownCommand(t *testing.T) {
	env, out, errs := person(t, t.TempDir())
	if status := cli.Run(t.Context(), []string{"paint"}, env); status != 2 || out.Len() > 0 || !strings.Contains(errs.String(), "paint") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
}
