package source

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// follow has the stand-in followed every ten minutes.
func (w *world) follow(s *standIn) Schedule {
	w.t.Helper()
	saved, err := w.SaveSchedule(w.ctx, SaveScheduleIn{Address: s.address(), Token: serverToken, Minutes: 10})
	if err != nil {
		w.t.Fatal(err)
	}
	return saved
}

// keep keeps in step once and returns the one schedule as it is then.
func (w *world) keep() Schedule {
	w.t.Helper()
	if err := w.KeepInStep(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	list, err := w.Schedules(w.ctx, SchedulesIn{})
	if err != nil || len(list.Schedules) != 1 {
		w.t.Fatalf("%v %+v", err, list)
	}
	return list.Schedules[0]
}

// tokenNames are the files of tokens.
func (w *world) tokenNames() []string {
	w.t.Helper()
	names, err := filepath.Glob(filepath.Join(w.tokens.dir, "*.token"))
	if err != nil {
		w.t.Fatal(err)
	}
	return names
}

func TestAServerIsFollowed(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 40)...)
	if err := w.KeepInStep(w.ctx); err != nil || s.requests() != 0 {
		t.Fatalf("before it is switched on: %v, %d requests", err, s.requests())
	}
	if saved := w.follow(s); saved.Name != "main" || saved.RanAt != nil || saved.By != "user1" {
		t.Errorf("%+v", saved)
	}
	if got := w.keep(); got.State != job.StateDone || got.New != 40 || got.RanAt == nil || w.count("type:GoalAdded") != 40 {
		t.Fatalf("%+v", got)
	}
	for _, step := range []struct {
		name     string
		wait     time.Duration
		more     int
		requests int
		added    int64
	}{
		{"not due", 9 * time.Minute, 3, 0, 40}, // what the reading before brought still stands there
		{"due", time.Minute, 0, 3, 3},          // once to look, then two pages
		{"nothing new", 10 * time.Minute, 0, 1, 0},
		{"again nothing", 10 * time.Minute, 0, 1, 0},
		{"the clock was set back", -time.Hour, 1, 3, 1},
	} {
		w.wait(step.wait)
		n := len(s.entries)
		s.set(nil, goalEntries(n+1, step.more)...)
		if got := w.keep(); got.State != job.StateDone || got.New != step.added || s.requests() != step.requests {
			t.Errorf("%s: %+v in %d requests", step.name, got, s.requests())
		}
	}
	if n := w.count("type:LogImported"); n != 3 {
		t.Errorf("%d imports are recorded: those with nothing new leave no trace", n)
	}
	if n := w.count("type:GoalAdded"); n != 44 {
		t.Errorf("%d are stored", n)
	}
}

// The token is in one file, which only its owner may read, and nowhere else.
func TestTokensOfFollowedServers(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 3)...)
	w.follow(s)
	w.keep()
	names := w.tokenNames()
	if len(names) != 1 {
		t.Fatal(names)
	}
	if info, err := os.Stat(names[0]); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	dir := filepath.Dir(w.tokens.dir)
	for _, name := range []string{"activity.db", "activity.db-wal"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || strings.Contains(string(data), serverToken) {
			t.Errorf("%s holds the token, or %v", name, err)
		}
	}
	// Another interval keeps the token; another token takes its place.
	change := func(in SaveScheduleIn) error {
		_, err := w.SaveSchedule(w.ctx, in)
		return err
	}
	if err := change(SaveScheduleIn{Address: s.address(), Minutes: 20}); err != nil || w.tokenNames()[0] != names[0] || w.keep().State != job.StateDone {
		t.Errorf("another interval: %v", err)
	}
	if err := change(SaveScheduleIn{Address: s.address(), Minutes: 20, Token: "another"}); err != nil || len(w.tokenNames()) != 1 || w.tokenNames()[0] == names[0] {
		t.Errorf("another token: %v %v", err, w.tokenNames())
	}
	if err := change(SaveScheduleIn{Address: "https://stats.example.org", Minutes: 20}); fault.Public(err).Field != "token" {
		t.Errorf("another address without a token: %v", err)
	}
	if n := w.count("type:ImportScheduleSaved"); n != 3 {
		t.Errorf("%d changes are recorded", n)
	}
	for field, in := range map[string]SaveScheduleIn{
		"name": {Name: "a b", Address: s.address(), Token: "x", Minutes: 20}, "address": {Address: "x", Token: "x", Minutes: 20},
		"token": {Address: s.address(), Token: "a b", Minutes: 20}, "minutes": {Address: s.address(), Token: "x", Minutes: 4},
	} {
		if err := change(in); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if n := len(w.tokenNames()); n != 1 {
		t.Errorf("%d files of tokens", n)
	}
	// A file that nobody has, of a process that was killed, goes; a young one stays.
	for name, age := range map[string]time.Duration{"old": 2 * time.Hour, "new": 0} {
		file, err := w.tokens.save(s.address(), name)
		if err == nil {
			err = os.Chtimes(filepath.Join(w.tokens.dir, file), time.Time{}, w.clock().Add(-age))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.keep()
	if n := len(w.tokenNames()); n != 2 {
		t.Errorf("%d files of tokens", n)
	}
	if _, err := w.RemoveSchedule(w.ctx, RemoveScheduleIn{Name: "main"}); err != nil || len(w.tokenNames()) != 1 || w.count("type:ImportScheduleRemoved") != 1 {
		t.Errorf("%v, %d files", err, len(w.tokenNames()))
	}
	if _, err := w.RemoveSchedule(w.ctx, RemoveScheduleIn{Name: "main"}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("twice: %v", err)
	}
	w.wait(time.Hour)
	s.set(nil)
	if err := w.KeepInStep(w.ctx); err != nil || s.requests() != 0 {
		t.Errorf("after it: %v, %d requests", err, s.requests())
	}
}

// A token goes to the address it was given for, whatever the database says, and while
// whoever gave it may import.
func TestTokensDoNotGoAstray(t *testing.T) {
	w := newWorld(t)
	s, elsewhere := newStandIn(t, goalEntries(1, 3)...), newStandIn(t)
	w.follow(s)
	move := func(address string) {
		t.Helper()
		err := w.db.ChangeSchedule(w.ctx, "main", func(savedJSON, ranJSON []byte, _ int) ([]byte, []byte, *activity.Body, error) {
			old, err := openFollowed("main", savedJSON, ranJSON)
			if err != nil {
				return nil, nil, nil, err
			}
			old.Address = address
			return encodeJSON(old.saved), ranJSON, &activity.Body{V: activity.BodyVersion, Type: "Test", Actor: activity.BodyActor{Kind: "system", Source: "self"}, Source: "self", Result: "ok", Changes: []activity.Change{}, Parameters: []byte("{}")}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	move(elsewhere.address())
	if got := w.keep(); got.State != job.StateFailed || !strings.Contains(got.Error, "for another address") || elsewhere.requests() != 0 {
		t.Errorf("%+v, %d requests", got, elsewhere.requests())
	}
	if _, err := w.RunSchedule(w.ctx, RunScheduleIn{Name: "main"}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("now: %v", err)
	}
	move(s.address())
	w.options.Standing = func(context.Context, access.Principal) error { return fault.New(fault.Denied, "No more.") }
	w.wait(time.Hour)
	if got := w.keep(); got.State != job.StateFailed || got.Error != "No more." || s.requests() != 0 {
		t.Errorf("%+v, %d requests", got, s.requests())
	}
	w.options.Standing = func(context.Context, access.Principal) error { return nil }
	w.wait(time.Hour)
	if got := w.keep(); got.State != job.StateDone || got.New != 3 {
		t.Errorf("%+v", got)
	}
}

// A server that fails is asked again when it is due, and says what it failed with.
func TestAFollowedServerFails(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 40)...)
	s.set(func(n int, w http.ResponseWriter, _ *http.Request) bool {
		if n == 4 { // one to look, then the third page
			w.WriteHeader(http.StatusBadGateway)
		}
		return n == 4
	})
	w.follow(s)
	if got := w.keep(); got.State != job.StateFailed || got.New != 14 || !strings.Contains(got.Error, "502") {
		t.Errorf("%+v", got)
	}
	w.wait(10 * time.Minute)
	if got := w.keep(); got.State != job.StateDone || got.New != 26 || got.Error != "" {
		t.Errorf("%+v", got)
	}
}

// A server is read once at a time, by whichever process.
func TestAFollowedServerIsReadOnce(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 3)...)
	w.follow(s)
	if held, err := w.db.TakeLease(w.ctx, "import:matomo/main", "another process", time.Minute); err != nil || !held {
		t.Fatal(held, err)
	}
	if got := w.keep(); got.RanAt != nil || s.requests() != 0 {
		t.Errorf("another process has it: %+v, %d requests", got, s.requests())
	}
	if _, err := w.RunSchedule(w.ctx, RunScheduleIn{Name: "main"}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("now, while another process has it: %v", err)
	}
	w.wait(2 * time.Minute) // that process was killed
	asked, release := make(chan struct{}), make(chan struct{})
	s.set(func(n int, _ http.ResponseWriter, _ *http.Request) bool {
		if n == 1 {
			close(asked)
			<-release
		}
		return false
	})
	started, err := w.RunSchedule(w.ctx, RunScheduleIn{Name: "main"})
	if err != nil {
		t.Fatal(err)
	}
	<-asked
	if _, err := w.RunSchedule(w.ctx, RunScheduleIn{Name: "main"}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("twice in this process: %v", err)
	}
	close(release)
	ended, err := w.jobs.Follow(w.ctx, started.ID, nil)
	if err != nil || ended.State != job.StateDone || ended.Report.New != 3 {
		t.Fatalf("%v %+v", err, ended)
	}
	s.set(nil)
	if got := w.keep(); got.New != 3 || s.requests() != 0 {
		t.Errorf("right after it: %+v, %d requests", got, s.requests())
	}
	again, err := w.RunSchedule(w.ctx, RunScheduleIn{Name: "main"}) // the lease was given back
	if err != nil {
		t.Fatal(err)
	}
	if ended, err = w.jobs.Follow(w.ctx, again.ID, nil); err != nil || ended.Report.New != 0 {
		t.Errorf("%v %+v", err, ended)
	}
	for name, role := range map[string]access.Role{"admin": access.Admin, "none": access.None} {
		ctx := as(2, role)
		_, list := w.Schedules(ctx, SchedulesIn{})
		_, run := w.RunSchedule(ctx, RunScheduleIn{Name: "main"})
		_, save := w.SaveSchedule(ctx, SaveScheduleIn{Address: s.address(), Token: "x", Minutes: 5})
		_, remove := w.RemoveSchedule(ctx, RemoveScheduleIn{Name: "main"})
		for _, err := range []error{list, run, save, remove} {
			if fault.CodeOf(err) != fault.Denied {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
