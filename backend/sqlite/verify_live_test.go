package sqlite

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"activitylog/backend/ledger"
)

// envWriter makes the test binary another process that writes until its directory is
// told to stop.
const envWriter = "ACTIVITYLOG_TEST_WRITER"

// most is how many commits each writer makes at most: a slow verification must not
// find ever more to do.
const most = 120

func TestWriterProcess(t *testing.T) {
	dir := os.Getenv(envWriter)
	if dir == "" {
		t.Skip("only as another process of TestVerifyWhileOthersWrite")
	}
	o := testOptions(dir)
	tick := make(chan time.Time)
	o.Tick = tick
	db := openTest(t, o)
	for n := range most {
		if _, err := os.Stat(filepath.Join(dir, "stop")); err == nil {
			return
		}
		appendAll(t, db, verifyBodies(100_000+n*5, 5, start))
		if n == 0 {
			fmt.Println("writing")
		}
		if n%5 == 0 {
			tick <- start // mark, checkpoint, count, merge
		}
	}
}

// A healthy log is verified right after each commit, whoever writes meanwhile.
func TestVerifyWhileOthersWrite(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriterProcess$")
	cmd.Env = append(os.Environ(), envWriter+"="+dir)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	if line, err := out.ReadString('\n'); line != "writing\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	ended := make(chan string, 1)
	go func() {
		rest, err := io.ReadAll(out)
		ended <- fmt.Sprint(string(rest), errors.Join(err, cmd.Wait()))
	}()
	db := openTest(t, testOptions(dir))
	var stop atomic.Bool
	wrote := make(chan error, 1)
	go func() {
		var err error
		for n := 0; n < most && err == nil && !stop.Load(); n++ {
			_, err = db.Append(t.Context(), verifyBodies(500_000+n*3, 3, start))
		}
		wrote <- err
	}()
	var last int64
	grown := 0
	for rounds := range 12 {
		r, err := db.Verify(t.Context(), VerifyOptions{Words: rounds%3 == 0})
		if err != nil || r.State != ledger.Verified {
			t.Errorf("round %d: %s %v\n%s", rounds, r.State, err, listed(r))
			break
		}
		if r.Entries > last {
			grown++
		}
		last = r.Entries
	}
	if grown < 2 {
		t.Errorf("nothing was written meanwhile: %d entries", last)
	}
	stop.Store(true)
	if err := os.WriteFile(filepath.Join(dir, "stop"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-wrote; err != nil {
		t.Error(err)
	}
	if said := <-ended; !strings.HasSuffix(said, "<nil>") {
		t.Errorf("the other process: %s", said)
	}
}

// The two connections of a verification must not see what was counted in between.
func TestMomentsDiffer(t *testing.T) {
	o := testOptions(copyLog(t, sampleOf(t).dir))
	db := openTest(t, o)
	moment := func() string {
		s, err := openStill(t.Context(), o.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		seen, err := momentOf(t.Context(), s.rows)
		if err != nil {
			t.Fatal(err)
		}
		return seen
	}
	first, again := moment(), moment()
	appendAll(t, db, verifyBodies(900, 1, start))
	second := moment()
	idle(db)
	third := moment()
	idle(db) // nothing is left to count
	if first != again || first == second || second == third || third != moment() {
		t.Errorf("%q, %q, %q, %q", first, again, second, third)
	}
}

func TestVerifyTellsOfAnUnsealedTail(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	keys, err := filepath.Glob(filepath.Join(dir, "keys", "*.key"))
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	key, err := os.ReadFile(keys[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(keys[0]); err != nil {
		t.Fatal(err)
	}
	db := openTest(t, testOptions(dir))
	appendAll(t, db, verifyBodies(700, 4, start))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keys[0], key, 0o600); err != nil {
		t.Fatal(err)
	}
	size := sampleOf(t).size
	r := verifyIn(t, dir)
	if r.State != ledger.Unsealed || r.ExitStatus() != 2 || r.Size != fmt.Sprint(size+4) || r.Sealed != fmt.Sprint(size) {
		t.Errorf("%s, %s of %s\n%s", r.State, r.Sealed, r.Size, listed(r))
	}
	tamper(t, dir, "UPDATE entry SET recorded_at = recorded_at + 1 WHERE seq = "+fmt.Sprint(size+1))
	if r := verifyIn(t, dir); r.State != ledger.Altered {
		t.Errorf("the tail changed: %s", r.State)
	}
}

func TestABackupIsVerifiedBeforeItHasAName(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	db := openTest(t, testOptions(dir))
	good := filepath.Join(t.TempDir(), "good.db")
	if err := db.Backup(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	in := evidenceIn(t, dir)
	in.path = good
	if r, err := verifyFile(t.Context(), in, VerifyOptions{Words: true}); err != nil || r.State != ledger.Verified {
		t.Errorf("%s %v\n%s", r.State, err, listed(r))
	}
	tamper(t, dir, "UPDATE activity SET result = 1 - result WHERE result < 2")
	bad := filepath.Join(t.TempDir(), "bad.db")
	if err := db.Backup(t.Context(), bad); err == nil {
		t.Error("an altered log is backed up as if it were good")
	}
	left, err := os.ReadDir(filepath.Dir(bad))
	if err != nil || len(left) != 0 {
		t.Errorf("the refused backup left %v %v", left, err)
	}
}

// The text that the index gets is cut into the same words by the verification, and a
// word of the index is asked for as that word.
func FuzzWordsAreCutAlike(f *testing.F) {
	for _, text := range []string{"", "Hello, World 42", "a_b-c.d", "x\x00y", "ÄÖÜ ß é 東京 🙂", "naïve café", "A\nB\tC", "١٢٣ ½ Ⅻ"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		var quick, slow []string
		split := func(into *[]string) *splitter {
			return newSplitter(func(key int64, n [2]int64) {
				*into = append(*into, fmt.Sprint(key, n))
			}, func(term []byte, key, place int64) {
				*into = append(*into, fmt.Sprintf("%s %d %d", term, key, place))
			})
		}
		a, b := split(&quick), split(&slow)
		defer a.close()
		defer b.close()
		row := wordRow{key: 7, text: text, facets: "z a1 y22"}
		b.waiting = append(b.waiting, row)
		for _, err := range []error{a.add(t.Context(), row), a.flush(t.Context()), b.flush(t.Context())} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if x, y := sortedText(quick), sortedText(slow); x != y {
			t.Errorf("%q is cut into\n%s\nby FTS5 into\n%s", text, x, y)
		}
		tokens, err := tokensOf(t.Context(), []string{"", text})
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range tokens[1] {
			if again, err := tokensOf(t.Context(), []string{token}); err != nil || len(again[0]) != 1 || again[0][0] != token {
				t.Errorf("%q becomes %q, %v", token, again, err)
			}
		}
	})
}

func sortedText(list []string) string {
	sorted := append([]string{}, list...)
	slices.Sort(sorted)
	return strings.Join(sorted, "\n")
}
