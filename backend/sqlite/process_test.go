package sqlite

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Tests with several processes run this test binary again, as a helper that does one
// thing and says on its standard output what was acknowledged.
const (
	helperTask = "ACTIVITYLOG_TEST_TASK"
	helperDir  = "ACTIVITYLOG_TEST_DIR"
	helperID   = "ACTIVITYLOG_TEST_ID"
)

func TestHelperProcess(t *testing.T) {
	task := os.Getenv(helperTask)
	if task == "" {
		t.Skip("runs only as another test's helper")
	}
	id, err := strconv.Atoi(os.Getenv(helperID))
	if err != nil {
		t.Fatal(err)
	}
	o := testOptions(os.Getenv(helperDir))
	o.Create = task != "open"
	if strings.HasPrefix(task, "append") {
		o.Tick = time.Tick(3 * time.Millisecond) // what is put off happens between commits
	}
	db, err := Open(t.Context(), o)
	if err != nil {
		fmt.Println("error", fault.CodeOf(err), err)
		return
	}
	fmt.Println("log", db.LogID())
	switch task {
	case "append": // until killed
		for n := 0; ; n += 10 {
			help(t, db, bodies(id*1_000_000+n, 1+n%30/10))
		}
	case "failing disk":
		failingDisk(t, db)
	case "append some":
		for n := range 100 {
			help(t, db, bodies(id*1_000_000+n*10, 1+n%3))
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	fmt.Println("closed")
}

func help(t *testing.T, db *DB, list []activity.Body) {
	got, err := db.Append(t.Context(), list)
	if err != nil {
		fmt.Println("error", fault.CodeOf(err), err)
		return
	}
	for i, r := range got {
		fmt.Println("ack", r.Receipt.ID, *list[i].ExternalID, r.Receipt.Leaf)
	}
}

type helper struct {
	cmd *exec.Cmd
	out *bufio.Scanner
}

func startHelper(t *testing.T, program, task, dir string, id int, change func(*exec.Cmd)) *helper {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestHelperProcess$", "-test.timeout=20m")
	cmd.Env = append(os.Environ(), helperTask+"="+task, helperDir+"="+dir, helperID+"="+strconv.Itoa(id))
	if change != nil {
		change(cmd)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &helper{cmd: cmd, out: bufio.NewScanner(out)}
}

// lines returns the words of the next lines that begin with the word, until most or
// the end.
func (h *helper) lines(word string, most int) (found [][]string) {
	for len(found) < most && h.out.Scan() {
		if fields := strings.Fields(h.out.Text()); len(fields) > 0 && fields[0] == word {
			found = append(found, fields)
		}
	}
	return found
}

// end reads the rest, so that the helper does not wait for a reader, and waits.
func (h *helper) end() error {
	for h.out.Scan() {
	}
	return errors.Join(h.out.Err(), h.cmd.Wait())
}

// acked checks that each acknowledged activity is there, at its place, as its leaf.
func acked(t *testing.T, db *DB, lines [][]string) {
	t.Helper()
	for _, l := range lines {
		id, err := strconv.ParseInt(l[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		n := count(t, db, "SELECT count(*) FROM activity WHERE seq = ? AND json_extract(CAST(body AS TEXT), '$.externalId') = ?", id-1, l[2])
		if n != 1 {
			t.Errorf("activity %d (%s) was acknowledged and is not there", id, l[2])
		}
	}
}

func TestKilledProcessesLoseNothing(t *testing.T) {
	dir := t.TempDir()
	openTest(t, testOptions(dir)).Close()
	r := rand.New(rand.NewPCG(3, 3))
	var lines [][]string
	for round := range 10 {
		var wait sync.WaitGroup
		var mu sync.Mutex
		for child := range 2 {
			h := startHelper(t, os.Args[0], "append", dir, round*2+child, nil)
			most := 20 + r.IntN(100)
			wait.Go(func() {
				got := h.lines("ack", most)
				if len(got) < most {
					t.Errorf("the helper ended by itself after %d", len(got))
				}
				if err := h.cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
				got = append(got, h.lines("ack", 1<<30)...) // what it still said
				h.cmd.Wait()                                // "killed" is what it should say
				mu.Lock()
				defer mu.Unlock()
				lines = append(lines, got...)
			})
		}
		wait.Wait()
	}
	o := testOptions(dir)
	o.Create = false
	db := openTest(t, o)
	size := checkLedger(t, db)
	if size < int64(len(lines)) {
		t.Errorf("%d entries, %d acknowledged", size, len(lines))
	}
	acked(t, db, lines)
	t.Logf("%d acknowledged, %d stored", len(lines), size)
}

// Several processes, and two stores in this one, make the log at once and write to it.
func TestManyProcessesOneLog(t *testing.T) {
	dir := t.TempDir()
	var helpers []*helper
	for id := range 3 {
		helpers = append(helpers, startHelper(t, os.Args[0], "append some", dir, id+10, nil))
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]bool{}
	for id := range 2 {
		wait.Go(func() {
			db, err := Open(t.Context(), testOptions(dir))
			if err != nil {
				t.Error(err)
				return
			}
			for n := range 50 {
				got, err := db.Append(t.Context(), bodies(id*1_000_000+n*10, 2))
				if err != nil || got[0].Err != nil {
					t.Errorf("%+v, %v", got, err)
				}
			}
			mu.Lock()
			ids[db.LogID().String()] = true
			mu.Unlock()
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	var lines [][]string
	for _, h := range helpers {
		if l := h.lines("log", 1); len(l) == 1 {
			mu.Lock()
			ids[l[0][1]] = true
			mu.Unlock()
		}
		lines = append(lines, h.lines("ack", 199)...) // 100 times 1, 2 or 3
		if err := h.end(); err != nil {
			t.Error(err)
		}
	}
	wait.Wait()
	if len(ids) != 1 {
		t.Errorf("there are %d logs: %v", len(ids), ids)
	}
	db := openTest(t, testOptions(dir))
	if n := checkLedger(t, db); n != 3*199+2*50*2 {
		t.Errorf("%d entries", n)
	}
	if len(lines) != 3*199 {
		t.Errorf("%d acknowledged", len(lines))
	}
	acked(t, db, lines)
	if s := db.State(); s.Name != "sealed" {
		t.Errorf("%+v", s)
	}
}

// A write that fails is told as such, nothing of it is acknowledged, and once writes
// succeed again the writer goes on, on a new connection.
func TestFailingDisk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a limit on the size of files")
	}
	dir := t.TempDir()
	h := startHelper(t, os.Args[0], "failing disk", dir, 0, nil)
	before, after := h.lines("ack", 20), [][]string(nil)
	failed := h.lines("error", 3)
	for _, l := range failed {
		if text := strings.Join(l, " "); !strings.Contains(text, "unavailable The disk failed") {
			t.Error(text)
		}
	}
	after = h.lines("ack", 20)
	if closed := h.lines("closed", 1); len(before) != 20 || len(failed) != 3 || len(after) != 20 || len(closed) != 1 {
		t.Errorf("%d acknowledged, %d failed, %d acknowledged, closed %v", len(before), len(failed), len(after), closed)
	}
	if err := h.end(); err != nil {
		t.Error(err)
	}
	db := openTest(t, testOptions(dir))
	if n := checkLedger(t, db); n != 40 {
		t.Errorf("%d entries", n)
	}
	acked(t, db, append(before, after...))
}

func TestReadOnlyDirectory(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps permissions otherwise")
	}
	dir := filepath.Join(t.TempDir(), "data")
	openTest(t, testOptions(dir)).Close()
	say := func() (string, string) {
		if os.Geteuid() == 0 {
			return asNobody(t, dir)
		}
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(dir, 0o700)
		_, err := Open(t.Context(), testOptions(dir))
		return string(fault.CodeOf(err)), fmt.Sprint(err)
	}
	if code, text := say(); code != "unavailable" || !strings.Contains(text, "read-only for this account") {
		t.Errorf("%s: %s", code, text)
	}
}
