package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"activitylog/backend/ledger"
)

// libraryProgram builds a program over another SQLite than ours: the C library as its
// authors write it (system/sqlite3).
var libraryProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sqlite3-")
	if err != nil {
		return "", err
	}
	libraryDir = dir
	program := filepath.Join(dir, "sqlite3")
	c := exec.Command("go", "build", "-C", "../../system/sqlite3", "-tags", "sqlite_fts5", "-o", program, ".")
	// It has little to do, so nobody waits for it, but for the compiler.
	c.Env = append(os.Environ(), "CGO_ENABLED=1", "CGO_CFLAGS=-O0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("system/sqlite3: %w: %s", err, out)
	}
	return program, nil
})

var libraryDir string // to remove at the end

// byLibrary returns the hand that changes logs by the C library. Without a C compiler
// the test is skipped; in CI that is a failure.
func byLibrary(t *testing.T) hand {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		const why = "there is no C compiler (apt-get install gcc libc6-dev)"
		if os.Getenv("CI") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	if _, err := libraryProgram(); err != nil {
		t.Fatal(err)
	}
	return func(t testing.TB, dir string, statements ...string) {
		t.Helper()
		if _, err := tamperAsking(t, dir, statements...); err != nil {
			t.Fatal(err)
		}
	}
}

// tamperAsking is tamper by the C library, with what the statements answered.
func tamperAsking(t testing.TB, dir string, statements ...string) ([][]any, error) {
	t.Helper()
	triggers, err := ask(t, dir, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil || len(triggers) == 0 {
		t.Fatal("there are no triggers: ", err)
	}
	var drop, again []string
	for _, row := range triggers {
		drop, again = append(drop, fmt.Sprint("DROP TRIGGER ", row[0])), append(again, fmt.Sprint(row[1]))
	}
	return ask(t, dir, slices.Concat(drop, statements, again)...)
}

// ask has the C library run statements on the log in dir and returns the rows that they
// answered, numbers as json.Number.
func ask(t testing.TB, dir string, statements ...string) ([][]any, error) {
	t.Helper()
	program, err := libraryProgram()
	if err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(append([]string{"PRAGMA synchronous = OFF"}, statements...))
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	c := exec.CommandContext(t.Context(), program, filepath.Join(dir, "activity.db"))
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(in), &out, &errs
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, &errs)
	}
	var rows [][]any
	d := json.NewDecoder(&out)
	d.UseNumber()
	for d.More() {
		var row []any
		if err := d.Decode(&row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// answer is the one value that a question has.
func answer(t testing.TB, dir, question string) string {
	t.Helper()
	rows, err := ask(t, dir, question)
	if err != nil || len(rows) != 1 || len(rows[0]) != 1 {
		t.Fatalf("%s: %v %v", question, rows, err)
	}
	return fmt.Sprint(rows[0][0])
}

// The library is another build than the driver's, and able to write the index of words.
func TestLargeTheLibraryLeavesUntouchedLogsVerified(t *testing.T) {
	if testing.Short() {
		t.Skip("a C library to compile")
	}
	by := byLibrary(t)
	for i, base := range bases(t) {
		dir := copyLog(t, base)
		if compiler := answer(t, dir, "SELECT compile_options FROM pragma_compile_options WHERE compile_options LIKE 'COMPILER=%'"); compiler[:12] != "COMPILER=gcc" {
			t.Errorf("the library was not compiled from C: %s", compiler)
		}
		before := answer(t, dir, "PRAGMA schema_version")
		by(t, dir)
		if after := answer(t, dir, "PRAGMA schema_version"); after == before {
			t.Errorf("log %d: the triggers were not taken away", i)
		}
		if r := verifyIn(t, dir); r.State != ledger.Verified {
			t.Errorf("log %d: %s\n%s", i, r.State, listed(r))
		}
	}
}

// bases are closed logs in one of which each table that is proven has rows.
func bases(t *testing.T) []string {
	t.Helper()
	return []string{sampleOf(t).dir, erasedLog(t), compactedLog(t)}
}
