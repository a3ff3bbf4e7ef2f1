package retention_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/retention"
	"activitylog/backend/sqlite"
)

// A meddler does something between two steps of a run.
type meddler struct {
	*sqlite.Retention
	steps int
	at    int
	do    func() error
}

func (m *meddler) EraseUnder(ctx context.Context, id int64, name string, value json.RawMessage, holds string, runs [][2]int64, say activity.Said) (int64, error) {
	if m.steps++; m.steps == m.at {
		if err := m.do(); err != nil {
			return 0, err
		}
	}
	return m.Retention.EraseUnder(ctx, id, name, value, holds, runs, say)
}

// meddled has something done before a step of the runs to come.
func (w *world) meddled(at int, do func() error) {
	w.t.Helper()
	cat, err := catalog.Load()
	if err != nil {
		w.t.Fatal(err)
	}
	w.Service = w.serviceOver(&meddler{Retention: sqlite.NewRetention(w.db), at: at, do: do}, cat)
}

const step = 2500 // activities that one commit erases

// A run whose rules are changed, that is stopped, or whose owner may no longer do it ends
// before its next step; what came between stays consistent, and the next run has the rest.
func TestARunIsEnded(t *testing.T) {
	for name, c := range map[string]struct {
		how   func(w *world) error
		state string
		by    string // whose number is recorded to have ended it; "": nobody's
	}{
		"rules changed": {func(w *world) error {
			list := []retention.Rule{{Name: "all", Scope: retention.ScopeAll, Keep: true}}
			_, err := w.ConfigureRetention(w.ctx, retention.ConfigureIn{Rules: &list})
			return err
		}, job.StateFailed, ""},
		"stopped": {func(w *world) error {
			_, err := w.StopRetention(w.ctx, retention.StopIn{})
			return err
		}, job.StateFailed, "1"},
		"cancelled": {func(w *world) error {
			other := as(2, access.Super)
			jobs, err := w.jobs.Jobs(other, job.ListIn{})
			if err == nil {
				_, err = w.jobs.CancelJob(other, job.CancelIn{ID: jobs.Jobs[0].ID})
			}
			return errors.Join(err, context.Canceled)
		}, job.StateCancelled, "2"},
		"role lost": {func(*world) error { return fault.New(fault.Denied, "not any more") }, job.StateFailed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(step, "GoalAdded", 90, "kanarie")
			w.add(10, "GoalAdded", 90, "sparrow")
			w.rules("all: all, 30 days")
			plain := w.Service
			w.meddled(2, func() error { return c.how(w) })
			if ended := w.runs(); ended.State != c.state || ended.Done != step {
				t.Errorf("%+v, %+v", ended, ended.Error)
			}
			if got := w.last(); got != "stopped 2500" {
				t.Errorf("history: %s", got)
			}
			if by := w.stoppedBy(); by != c.by {
				t.Errorf("it is recorded to have been ended by %q", by)
			}
			w.gone("kanarie")
			w.Service = plain
			w.rules("all: all, 31 days")
			if dry := w.dry(); dry.Count != 10 {
				t.Errorf("then %+v", dry)
			}
			if ended := w.runs(); ended.Done != 10 || w.last() != "done 10, stopped 2500" {
				t.Errorf("then %+v, %s", ended, w.last())
			}
		})
	}
}

// A run that fails, or whose program ends, goes on by itself, with the time it began at,
// and in the name of who began it; only one process does it.
func TestARunGoesOn(t *testing.T) {
	w := newWorld(t)
	w.add(step+10, "GoalAdded", 90, "old")
	w.add(5, "GoalAdded", 29, "younger")
	w.rules("all: all, 30 days")
	w.meddled(2, func() error { return errors.New("the disk is on fire") })
	if ended := w.runs(); ended.State != job.StateFailed || w.last() != "running 2500" {
		t.Errorf("%+v, %s", ended, w.last())
	}
	w.shut()
	w.open()
	w.set(w.now().AddDate(0, 0, 2)) // the five are old by now, but the run began before
	release, held, err := w.db.Alone("retention")
	if err != nil || !held {
		t.Fatal(held, err)
	}
	if err := w.Tend(w.ctx); err != nil || w.last() != "running 2500" {
		t.Errorf("beside another process: %s, %v", w.last(), err)
	}
	if _, err := w.RunRetention(w.ctx, retention.RunIn{}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("beside another process: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if err := w.Tend(w.ctx); err != nil {
		t.Fatal(err)
	}
	if got := w.last(); got != "done 2510" || w.count("younger") != 5 {
		t.Errorf("%s", got)
	}
	rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Query: "type:LogErased"})
	if err != nil || len(rows) != 2 {
		t.Fatal(len(rows), err)
	}
	for _, row := range rows {
		if row.Body.Actor.User == nil || *row.Body.Actor.User != "1" {
			t.Errorf("by %+v", row.Body.Actor)
		}
	}
	w.sound()
}

// Rules that somebody else changed meanwhile are not what was agreed to.
func TestOnlyWhatWasLookedAtRuns(t *testing.T) {
	w := newWorld(t)
	w.add(5, "GoalAdded", 90, "old")
	w.rules("all: all, 100 days")
	looked, err := w.Retention(w.ctx, retention.GetIn{})
	if err != nil {
		t.Fatal(err)
	}
	w.set(w.now().Add(time.Second))
	w.rules("all: all, 30 days")
	_, err = w.RunRetention(w.ctx, retention.RunIn{SavedAt: &looked.Config.SavedAt})
	if fault.CodeOf(err) != fault.Conflict || fault.Public(err).Field != "savedAt" || w.count("old") != 5 || w.last() != "" {
		t.Errorf("%v, %s", err, w.last())
	}
	started, err := w.RunRetention(w.ctx, retention.RunIn{SavedAt: new(w.now().UnixMilli())})
	if err != nil {
		t.Fatal(err)
	}
	if ended, err := w.jobs.Follow(w.ctx, started.ID, nil); err != nil || ended.Done != 5 {
		t.Errorf("%+v, %v", ended, err)
	}
}

// stoppedBy returns the numbers of the users who are recorded to have ended a run.
func (w *world) stoppedBy() string {
	w.t.Helper()
	page, err := w.log.List(w.ctx, activity.ListIn{Query: "type:RetentionStopped"})
	if err != nil {
		w.t.Fatal(err)
	}
	var users []string
	for _, a := range page.Items {
		if a.Actor.Name != "" || a.IP != nil {
			w.t.Errorf("it names somebody: %+v", a.Actor)
		}
		users = append(users, *a.Actor.User)
	}
	return strings.Join(users, " ")
}

// A run that the program ends under is nobody's to have stopped: it goes on.
func TestARunOutlivesTheProgram(t *testing.T) {
	w := newWorld(t)
	w.add(step+10, "GoalAdded", 90, "old")
	w.rules("all: all, 30 days")
	w.meddled(1, func() error { return errors.New("the disk is on fire") })
	w.runs()
	ctx, end := context.WithCancel(w.ctx)
	w.meddled(2, func() error { end(); return nil })
	if err := w.Tend(ctx); err == nil || w.last() != "running 2500" && w.last() != "running 2510" {
		t.Errorf("%s, %v", w.last(), err)
	}
	if n := w.count("type:RetentionStopped"); n != 0 {
		t.Errorf("%d activities say that somebody ended it", n)
	}
	if err := w.Tend(w.ctx); err != nil || w.last() != "done 2510" {
		t.Errorf("then %s, %v", w.last(), err)
	}
}

// A run that is stopped while no process is at it leaves nothing in the file either.
func TestAnInterruptedRunIsStopped(t *testing.T) {
	w := newWorld(t)
	w.add(step, "GoalAdded", 90, "kanarie")
	w.add(10, "GoalAdded", 90, "sparrow")
	w.rules("all: all, 30 days")
	w.meddled(2, func() error { return errors.New("the disk is on fire") })
	if ended := w.runs(); ended.State != job.StateFailed || w.last() != "running 2500" {
		t.Fatalf("%+v, %s", ended, w.last())
	}
	if _, err := w.StopRetention(w.ctx, retention.StopIn{}); err != nil || w.last() != "stopped 2500" {
		t.Errorf("%s, %v", w.last(), err)
	}
	w.gone("kanarie")
	if _, err := w.StopRetention(w.ctx, retention.StopIn{}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("again: %v", err)
	}
	if by := w.stoppedBy(); by != "1" {
		t.Errorf("it is recorded to have been ended by %q", by)
	}
}

// Nothing runs by itself before it is switched on and due; then the program does it in
// its own name, and not again until the next time.
func TestByItself(t *testing.T) {
	w := newWorld(t)
	w.add(5, "GoalAdded", 90, "old")
	w.rules("all: all, 30 days")
	tend := func(want string) {
		t.Helper()
		if err := w.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.last(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	later := func(days int) {
		w.set(w.now().AddDate(0, 0, days))
		w.add(1, "GoalAdded", 0, "now"+w.now().Format("0102"))
	}
	later(20)
	later(20)
	tend("")
	on, daily := true, retention.Daily
	state, err := w.ConfigureRetention(w.ctx, retention.ConfigureIn{Enabled: &on, Every: &daily})
	if err != nil || state.NextAt == nil || *state.NextAt != w.now().AddDate(0, 0, 1).UnixMilli() {
		t.Fatalf("%+v, %v", state, err)
	}
	tend("") // due in a day
	later(1)
	tend("done 6 by itself") // with what was recorded 40 days ago
	tend("done 6 by itself")
	rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Query: "type:LogErased"})
	if err != nil || len(rows) != 1 || rows[0].Body.Actor.Kind != activity.KindSystem || rows[0].Body.Actor.User != nil {
		t.Fatal(len(rows), err)
	}
	later(1)
	tend("done 0 by itself, done 6 by itself")
	w.sound()
}

// A clock that jumped makes nothing old: not by itself, and not for who only says run.
func TestAClockThatJumped(t *testing.T) {
	w := newWorld(t)
	w.add(5, "GoalAdded", 1, "young")
	w.rules("all: all, 1 year")
	on, daily := true, retention.Daily
	if _, err := w.ConfigureRetention(w.ctx, retention.ConfigureIn{Enabled: &on, Every: &daily}); err != nil {
		t.Fatal(err)
	}
	right := w.now()
	for _, c := range []struct {
		state string
		years int
	}{{"ahead", 3}, {"behind", -1}} {
		w.set(right.AddDate(c.years, 0, 0))
		if c.years > 0 {
			w.add(1, "GoalAdded", 0, "signed in with the wrong clock")
		}
		if err := w.Tend(t.Context()); err != nil || w.last() != "" {
			t.Errorf("%s, by itself: %s, %v", c.state, w.last(), err)
		}
		if _, err := w.RunRetention(w.ctx, retention.RunIn{}); fault.CodeOf(err) != fault.Conflict || fault.Public(err).Field != "anyClock" {
			t.Errorf("%s, by hand: %v", c.state, err)
		}
		if state, err := w.Retention(w.ctx, retention.GetIn{}); err != nil || state.Clock != c.state || state.ClockAt == nil {
			t.Errorf("%s: %+v, %v", c.state, state, err)
		}
		if n := w.count("young"); n != 5 {
			t.Errorf("%s: %d are left", c.state, n)
		}
	}
	// It was right after all: the program was not used for three years.
	w.set(right.AddDate(3, 0, 0))
	started, err := w.RunRetention(w.ctx, retention.RunIn{AnyClock: true})
	if err != nil {
		t.Fatal(err)
	}
	if ended, err := w.jobs.Follow(w.ctx, started.ID, nil); err != nil || ended.Done != 8 {
		t.Errorf("%+v, %v", ended, err)
	}
	w.set(w.now().AddDate(0, 0, 2))
	if err := w.Tend(t.Context()); err != nil || !strings.HasPrefix(w.last(), "done 0 by itself") {
		t.Errorf("two days on: %s, %v", w.last(), err)
	}
}

// Old reports lose what they quote, and the history its old runs.
func TestOldReportsGo(t *testing.T) {
	w := newWorld(t)
	batch, err := w.db.BeginBatch(w.ctx, "import:test/main", 0, w.now())
	if err != nil {
		t.Fatal(err)
	}
	said := account.Begin(access.Principal{Owner: true, Login: "owner"}, w.now(), "LogImported")
	report := `{"new":1,"rejections":[{"reason":"kanarie is no address"}],"conflicts":[]}`
	if err := w.db.EndBatch(w.ctx, batch, "done", w.now(), []byte(report), said); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ConfigureRetention(w.ctx, retention.ConfigureIn{Reports: &retention.Reports{Enabled: true, Months: 2}}); err != nil {
		t.Fatal(err)
	}
	w.runs()
	if dry := w.dry(); dry.Reports != 0 {
		t.Errorf("at once: %+v", dry)
	}
	for range 4 { // the log is used
		w.set(w.now().AddDate(0, 0, 20))
		w.add(1, "GoalAdded", 0, w.now().Format("0102"))
	}
	if dry := w.dry(); dry.Reports != 2 || dry.Count != 0 {
		t.Errorf("after 80 days: %+v", dry)
	}
	w.runs()
	list, err := w.db.Batches(w.ctx, 1)
	if err != nil || string(list[0].Report) != `{"new":1,"rejections":[],"conflicts":[]}` {
		t.Errorf("%s, %v", list[0].Report, err)
	}
	if got := w.last(); got != "done 0" {
		t.Errorf("history: %s", got)
	}
	told, err := w.log.List(w.ctx, activity.ListIn{Query: "type:OldReportsDeleted"})
	if err != nil || len(told.Items) != 1 || string(told.Items[0].Parameters) != `{"count":2,"retention":2}` {
		t.Errorf("%+v, %v", told.Items, err)
	}
	w.runs() // nothing is left, and nothing is said
	if n := w.count("type:OldReportsDeleted"); n != 1 {
		t.Errorf("%d activities say so", n)
	}
}
