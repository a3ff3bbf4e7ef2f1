package retention_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/job"
	"activitylog/backend/ledger"
	"activitylog/backend/retention"
	"activitylog/backend/sqlite"
	"activitylog/backend/view"
)

// A world is a log with retention over it. Its clock is moved by hand.
type world struct {
	t     *testing.T
	dir   string
	mu    sync.Mutex
	at    time.Time // guarded by mu: jobs and the writer read it
	db    *sqlite.DB
	jobs  *job.Registry
	log   *activity.Service
	views *view.Service
	*retention.Service
	ctx      context.Context // a super user's
	standing func() error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), at: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC), ctx: as(1, access.Super)}
	w.open()
	t.Cleanup(w.shut)
	return w
}

func as(user int64, role access.Role) context.Context {
	return access.With(context.Background(), access.Principal{UserID: user, Login: fmt.Sprintf("user%d", user), Role: role, Door: access.HTTP})
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) set(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
}

func (w *world) options() sqlite.Options {
	return sqlite.Options{Path: filepath.Join(w.dir, "activity.db"), Create: true, Now: w.now, Tick: make(chan time.Time)}
}

// open opens the log, as another start of the program does.
func (w *world) open() {
	w.t.Helper()
	cat, err := catalog.Load()
	if err != nil {
		w.t.Fatal(err)
	}
	if w.db, err = sqlite.Open(w.ctx, w.options()); err != nil {
		w.t.Fatal(err)
	}
	w.jobs = job.NewRegistry(w.now, slog.New(slog.DiscardHandler))
	w.log = activity.NewService(w.db, cat, activity.Options{
		Now: w.now, Caller: account.Actor, Language: func(context.Context) string { return "en" },
	})
	w.Service = w.serviceOver(sqlite.NewRetention(w.db), cat)
}

func (w *world) serviceOver(store retention.Store, cat *catalog.Catalog) *retention.Service {
	w.views = view.New(sqlite.NewViews(w.db), w.log, w.now)
	return retention.New(store, retention.Options{Now: w.now, Jobs: w.jobs, Categories: cat.TypesOf, Holds: w.views.Holds, View: w.views.Fixed, Standing: func(context.Context, access.Principal) error {
		if w.standing != nil {
			return w.standing()
		}
		return nil
	}})
}

func (w *world) shut() {
	w.jobs.Close()
	if err := w.db.Close(); err != nil {
		w.t.Error(err)
	}
}

// add stores n activities of a type that occurred so many days ago, each with a word.
func (w *world) add(n int, typ string, daysAgo int, word string) {
	w.t.Helper()
	list := make([]activity.Body, n)
	for i := range list {
		list[i] = activity.Body{
			V: activity.BodyVersion, OccurredAt: w.now().AddDate(0, 0, -daysAgo).UnixMilli() + int64(i), Type: typ,
			Actor: activity.BodyActor{Kind: activity.KindUser, Source: "import:test/main", Name: new(word + "-actor")}, Source: "import:test/main", Result: activity.OK,
			ExternalID: new(fmt.Sprintf("%s-%s-%d-%d", typ, word, daysAgo, i)), Parameters: fmt.Appendf(nil, `{"note":"%s %d"}`, word, i),
		}
	}
	got, err := w.db.Append(w.t.Context(), list)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range got {
		if r.Err != nil {
			w.t.Fatal(r.Err)
		}
	}
}

// rules sets rules in their short form.
func (w *world) rules(texts ...string) {
	w.t.Helper()
	list := []retention.Rule{}
	for _, text := range texts {
		r, err := retention.ParseRule(text)
		if err != nil {
			w.t.Fatal(err)
		}
		list = append(list, r)
	}
	if _, err := w.ConfigureRetention(w.ctx, retention.ConfigureIn{Rules: &list}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) dry() retention.DryRun {
	w.t.Helper()
	dry, err := w.RetentionDryRun(w.ctx, retention.DryRunIn{})
	if err != nil {
		w.t.Fatal(err)
	}
	return dry
}

// runs runs them now and returns the ended job.
func (w *world) runs() job.Job {
	w.t.Helper()
	started, err := w.RunRetention(w.ctx, retention.RunIn{})
	if err != nil {
		w.t.Fatal(err)
	}
	ended, err := w.jobs.Follow(w.ctx, started.ID, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return ended
}

func (w *world) count(query string) int64 {
	w.t.Helper()
	n, err := w.log.Count(w.ctx, activity.CountIn{Query: query, Exact: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return n.N
}

// last is how the last runs ended, newest first.
func (w *world) last() string {
	w.t.Helper()
	list, err := w.RetentionRuns(w.ctx, retention.RunsIn{})
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, r := range list.Runs {
		who := r.By
		if r.Scheduled {
			who = "by itself"
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %d %s", r.State, r.Erased, who)))
	}
	return strings.Join(all, ", ")
}

// sound verifies the log.
func (w *world) sound() {
	w.t.Helper()
	r, err := w.db.Verify(w.t.Context(), sqlite.VerifyOptions{Words: true})
	if err != nil || r.State != ledger.Verified {
		w.t.Errorf("%s, %v: %+v", r.State, err, r.Problems)
	}
}
