// Package job keeps track of long work: imports, their undoing, and exports. It holds the jobs of this
// process only; nothing of it is stored.
package job

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// The states of a job.
const (
	StateRunning   = "running"
	StateDone      = "done"
	StateCancelled = "cancelled"
	StateFailed    = "failed"
)

// The kinds of jobs and the units they count in.
const (
	KindImport    = "import"
	KindExport    = "export"
	KindUndo      = "undo"
	KindErase     = "erase"
	KindRetention = "retention"

	UnitRows  = "rows"
	UnitBytes = "bytes"
)

// keep is how many finished jobs are remembered.
const keep = 100

// A Registry holds the jobs of this process. Its methods may be called by several
// goroutines.
type Registry struct {
	now func() time.Time
	log *slog.Logger

	mu     sync.Mutex
	jobs   []*Task // oldest first
	last   int64
	closed bool
	wait   sync.WaitGroup
}

// NewRegistry returns an empty registry. What a job fails with inside is said in the
// log, since nobody waits for it; whoever asks gets the public form.
func NewRegistry(now func() time.Time, log *slog.Logger) *Registry {
	return &Registry{now: now, log: log}
}

// A Plan is a job about to start.
type Plan struct {
	Kind  string // import, export, undo, erase, retention
	Title string
	Unit  string // rows, bytes
	Total *int64 // null: not known
}

// A Task is a job as the work itself sees it.
type Task struct {
	registry *Registry
	owner    owner
	cancel   context.CancelCauseFunc

	// Guarded by the registry's mutex. changed is closed when job changes.
	job     Job
	changed chan struct{}
}

// An owner is whoever started a job.
type owner struct {
	user  int64
	local bool
}

func ownerOf(p access.Principal) owner { return owner{user: p.UserID, local: p.Owner} }

// forget drops the oldest finished jobs beyond those that are kept.
func (r *Registry) forget() {
	surplus := len(r.jobs) - keep
	kept := r.jobs[:0]
	for _, t := range r.jobs {
		if surplus > 0 && t.job.State != StateRunning {
			surplus--
			continue
		}
		kept = append(kept, t)
	}
	clear(r.jobs[len(kept):])
	r.jobs = kept
}

// update changes the job and wakes those who follow it.
func (t *Task) update(change func(*Job)) {
	t.registry.mu.Lock()
	defer t.registry.mu.Unlock()
	change(&t.job)
	close(t.changed)
	t.changed = make(chan struct{})
}

// Progress says how much is done. Less than before is ignored.
func (t *Task) Progress(done int64) {
	t.update(func(j *Job) { j.Done = max(j.Done, done) })
}

// Total says how much there is to do, where that was not known before.
func (t *Task) Total(units int64) {
	t.update(func(j *Job) { j.Total = &units })
}

// Report publishes what became of the records so far, together with the progress.
// The report must not be changed afterwards.
func (t *Task) Report(report Report, done int64) {
	t.update(func(j *Job) {
		j.Report = &report
		j.Done = max(j.Done, done)
	})
}

func (t *Task) finish(ctx context.Context, err error) {
	if ctx.Err() == nil && fault.CodeOf(err) == fault.Internal {
		t.registry.log.Error("job failed", slog.String("kind", t.job.Kind), slog.String("cause", err.Error()))
	}
	now := t.registry.now().UnixMilli()
	t.update(func(j *Job) {
		j.FinishedAt = &now
		switch {
		case err == nil: // also if a cancellation came too late
			j.State = StateDone
			if j.Total != nil {
				j.Done = *j.Total
			}
		case ctx.Err() != nil:
			j.State = StateCancelled
		default:
			public := fault.Public(err)
			j.State = StateFailed
			j.Error = &Fault{Code: string(public.Code), Message: public.Message, Field: public.Field}
		}
	})
}

// Jobs returns the jobs of this run of the program, newest first: a super user's
// all, anybody else's own. Errors: unauthenticated, denied.
func (r *Registry) Jobs(ctx context.Context, _ ListIn) (List, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return List{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	list := List{Jobs: []Job{}}
	for i := len(r.jobs) - 1; i >= 0; i-- {
		if t := r.jobs[i]; visible(p, t) {
			list.Jobs = append(list.Jobs, t.job)
		}
	}
	return list, nil
}

// CancelJob stops a job between two slices and returns it as it is now; what is
// committed stays. A job that has ended is left as it is. That a run of retention was
// ended is recorded as RetentionStopped.
// Errors: not_found, also for a job of somebody else.
func (r *Registry) CancelJob(ctx context.Context, in CancelIn) (Job, error) {
	t, err := r.find(ctx, in.ID)
	if err != nil {
		return Job{}, err
	}
	t.cancel(cancelled{access.From(ctx)})
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.job, nil
}

// A cancelled is why the context of a job ended that somebody cancelled.
type cancelled struct{ by access.Principal }

func (cancelled) Error() string { return "cancelled" }

// CancelledBy returns who cancelled the job whose work has this context; false if nobody
// did.
func CancelledBy(ctx context.Context) (access.Principal, bool) {
	c, ok := errors.AsType[cancelled](context.Cause(ctx))
	return c.by, ok
}

// Follow calls each with the job now and after changes (several may come as one)
// until it has ended, and returns its last state. Each may be nil. It ends early
// with the context's error; the job goes on. Errors: not_found.
func (r *Registry) Follow(ctx context.Context, id string, each func(Job)) (Job, error) {
	t, err := r.find(ctx, id)
	if err != nil {
		return Job{}, err
	}
	for {
		r.mu.Lock()
		job, changed := t.job, t.changed
		r.mu.Unlock()
		if each != nil {
			each(job)
		}
		if job.State != StateRunning {
			return job, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return job, ctx.Err()
		}
	}
}

// Running is how many jobs run, whoever started them.
func (r *Registry) Running() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, t := range r.jobs {
		if t.job.State == StateRunning {
			n++
		}
	}
	return n
}

// Close cancels what runs, waits for it and starts nothing more.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	for _, t := range r.jobs {
		t.cancel(nil)
	}
	r.mu.Unlock()
	r.wait.Wait()
}

func (r *Registry) find(ctx context.Context, id string) (*Task, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.jobs {
		if t.job.ID == id && visible(p, t) {
			return t, nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no job %q, or it is not yours.", id)
}

func visible(p access.Principal, t *Task) bool { return p.SeesAll() || ownerOf(p) == t.owner }
