package system_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// The server and the command line share a log: the page's revision changes by what
// another process records, each sees the other's, and both find it whole.
func TestServerAndCommandLine(t *testing.T) {
	t.Parallel()
	s := newLog(t).serve()
	ann := s.signIn(super)
	revision := func() string {
		var status struct{ Revision string }
		s.ask(ann, "status", `{}`, &status)
		return status.Revision
	}
	before := revision()
	if again := revision(); again != before {
		t.Errorf("the revision changes by itself: %s, %s", before, again)
	}
	s.must("record", "GoalAdded", "--actor", "cli", "--param", "note=fromoutside")
	eventually(t, "another revision", func() bool { return revision() != before })
	var page struct {
		Items []struct{ Source string }
	}
	s.ask(ann, "list", `{"query":"fromoutside"}`, &page)
	if len(page.Items) != 1 || page.Items[0].Source != "cli" {
		t.Errorf("%+v", page)
	}
	var wait sync.WaitGroup // both at once
	wait.Go(func() {
		in := drafts(300, func(i int) map[string]any {
			return map[string]any{"type": "GoalAdded", "actor": "many", "externalId": fmt.Sprint(i)}
		})
		if r := s.run(in, "record", "-"); r.status != 0 || strings.Count(r.out, `"leaf"`) != 300 {
			t.Errorf("status %d, %d receipts: %s", r.status, strings.Count(r.out, `"leaf"`), r.errs)
		}
	})
	for range 100 {
		s.ask(ann, "record", `{"type":"GoalDeleted"}`, &nothing{})
	}
	wait.Wait()
	if many, own := s.count("actor:many"), s.count("type:GoalDeleted"); many != 300 || own != 100 {
		t.Errorf("%d and %d are there, want 300 and 100", many, own)
	}
	s.sound("by the command line")
	var report struct {
		State    string
		Problems []any
	}
	s.ask(ann, "verify", `{"words":true}`, &report)
	if report.State != "verified" {
		t.Errorf("by the server: %+v", report)
	}
}

// Of several first runs at once one makes the log and its super user; the others are
// told, and there is one log.
func TestRacingFirstRuns(t *testing.T) {
	t.Parallel()
	p := &place{t: t, data: t.TempDir() + "/data"}
	const runs = 4
	results := make([]result, runs)
	var wait sync.WaitGroup
	for i := range runs {
		wait.Go(func() {
			login := fmt.Sprintf("first%d", i)
			results[i] = p.run(password+"\n", "init", "--login", login, "--email", login+"@example.org", "--password-stdin")
		})
	}
	wait.Wait()
	made := 0
	for _, r := range results {
		switch {
		case r.status == 0:
			made++
		case r.status != 5 || !strings.Contains(r.errs, "super user already"):
			t.Errorf("%+v", r)
		}
	}
	if users := p.must("user", "list"); made != 1 || strings.Count(users, "\n") != 0 || !strings.Contains(users, " super ") {
		t.Errorf("%d made one:\n%s", made, users)
	}
	if n := p.count("type:UserCreated"); n != 1 {
		t.Errorf("%d users were created", n)
	}
	p.sound("after the race")
	if secrets, err := filepath.Glob(filepath.Join(p.data, "keys", "*.secret")); err != nil || len(secrets) != 1 {
		t.Errorf("there are the secrets of %d logs: %v", len(secrets), err)
	}
}

// A log that is taken away from under the server takes nothing more, and the page is
// told; what is put in its place by hand is not written over.
func TestTakenAwayWhileServed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not give away a file that is open")
	}
	s := newLog(t).serve()
	ann := s.signIn(super)
	backup := filepath.Join(t.TempDir(), "copy.db")
	s.must("backup", backup)
	s.ask(ann, "record", `{"type":"GoalAdded"}`, &nothing{})
	state := func() string {
		var status struct{ State string }
		s.ask(ann, "status", `{}`, &status)
		return status.State
	}
	file := filepath.Join(s.data, "activity.db")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"away", "replaced by an older copy"} {
		if status, body := s.call(ann, "record", `{"type":"GoalDeleted"}`); status != http.StatusServiceUnavailable || !strings.Contains(body, "removed or replaced") {
			t.Errorf("%s: %d %s", when, status, body)
		}
		if got := state(); got != "altered" {
			t.Errorf("%s: the state is %s", when, got)
		}
		if when == "away" {
			content, err := os.ReadFile(backup)
			if err != nil {
				t.Fatal(err)
			}
			put(t, file, string(content))
		}
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	s.ask(ann, "record", `{"type":"GoalAdded"}`, &nothing{})
	if n := s.count("type:GoalAdded"); n != 2 {
		t.Errorf("%d of 2 are stored", n)
	}
	if n := s.count("type:GoalDeleted"); n != 0 {
		t.Errorf("%d were stored and not acknowledged", n)
	}
	s.sound("put back")
}
