package source

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/job"
	"activitylog/backend/remote"
	"activitylog/backend/sqlite"
)

// A world is a log with the services an import needs.
type world struct {
	t    *testing.T
	db   *sqlite.DB
	jobs *job.Registry
	log  *activity.Service
	*Service
	ctx context.Context // a super user's

	mu    sync.Mutex
	now   time.Time
	holds func(context.Context) (activity.Holds, error)
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.UnixMilli(1_795_392_000_000)}
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w.ctx = as(1, access.Super)
	w.db, err = sqlite.Open(w.ctx, sqlite.Options{
		Path: filepath.Join(dir, "activity.db"), Create: true, Now: w.clock, Tick: make(chan time.Time),
		Mask: func(b activity.Body) activity.Body { return activity.MaskBody(b, cat) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.holds = func(context.Context) (activity.Holds, error) { return activity.Holds{}, nil }
	w.jobs = job.NewRegistry(w.clock, slog.New(slog.DiscardHandler))
	w.log = activity.NewService(w.db, cat, activity.Options{
		Now: w.clock, Caller: account.Actor, Language: func(context.Context) string { return "en" },
	})
	asking, err := remote.New("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(asking.Close)
	w.Service = New(w.db, Options{
		Now: w.clock, Catalog: cat, Jobs: w.jobs, Remote: asking, Uploads: filepath.Join(dir, "uploads"), Tokens: filepath.Join(dir, "keys"), View: w.log.ViewBody,
		Standing: func(context.Context, access.Principal) error { return nil },
		Holds:    func(ctx context.Context) (activity.Holds, error) { return w.holds(ctx) },
	})
	t.Cleanup(func() {
		w.jobs.Close()
		if err := w.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func as(user int64, role access.Role) context.Context {
	return access.With(context.Background(), access.Principal{UserID: user, Login: fmt.Sprintf("user%d", user), Role: role, Door: access.HTTP})
}

// file writes a file and returns its path.
func (w *world) file(name, content string) string {
	w.t.Helper()
	return file(w.t, name, content)
}

func file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (w *world) offer(paths ...string) []string {
	w.t.Helper()
	made, err := w.Offer(w.ctx, paths)
	if err != nil {
		w.t.Fatal(err)
	}
	ids := make([]string, len(made))
	for i, h := range made {
		ids[i] = h.ID
	}
	return ids
}

// run imports and returns how it ended.
func (w *world) imports(in ImportIn) job.Job {
	w.t.Helper()
	started, err := w.Import(w.ctx, in)
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
	c, err := w.log.Count(w.ctx, activity.CountIn{Query: query, Exact: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return c.N
}

func sum(r *job.Report) string {
	return fmt.Sprintf("read %d new %d duplicate %d erased %d conflicting %d cut %d rejected %d",
		r.Read, r.New, r.Duplicate, r.Erased, r.Conflicting, r.Cut, r.Rejected)
}
