package job

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// Start runs work in the background on behalf of the caller in ctx and returns at
// once. The work outlives the call: its context keeps the values of ctx but ends
// only by [Registry.CancelJob] or [Registry.Close]. A cancelled context means that
// the work should stop between two slices and return.
// Errors: unauthenticated, unavailable (shutting down).
func (r *Registry) Start(ctx context.Context, plan Plan, work func(context.Context, *Task) error) (Job, error) {
	run, t, job, err := r.begin(context.WithoutCancel(ctx), plan)
	if err != nil {
		return Job{}, err
	}
	go func() { _ = t.work(run, work) }() // the job tells how it ended
	return job, nil
}

// Run is Start for work that a caller waits for: it returns once the work has ended,
// with its error, and the work's context ends with ctx too.
func (r *Registry) Run(ctx context.Context, plan Plan, work func(context.Context, *Task) error) error {
	run, t, _, err := r.begin(ctx, plan)
	if err != nil {
		return err
	}
	return t.work(run, work)
}

// begin enters a job. Whoever calls it has its work done.
func (r *Registry) begin(ctx context.Context, plan Plan) (context.Context, *Task, Job, error) {
	p, err := access.RequirePerson(ctx, access.None)
	if err != nil {
		return nil, nil, Job{}, err
	}
	run, cancel := context.WithCancelCause(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		cancel(nil)
		return nil, nil, Job{}, fault.New(fault.Unavailable, "The program is ending. Start it again for further jobs.")
	}
	r.last++
	t := &Task{registry: r, owner: ownerOf(p), cancel: cancel, changed: make(chan struct{}), job: Job{
		ID: strconv.FormatInt(r.last, 10), Kind: plan.Kind, Title: plan.Title, State: StateRunning,
		Total: plan.Total, Unit: plan.Unit, StartedAt: r.now().UnixMilli(),
	}}
	r.jobs = append(r.jobs, t)
	r.forget()
	r.wait.Add(1)
	return run, t, t.job, nil
}

// work does the job's work to its end.
func (t *Task) work(ctx context.Context, work func(context.Context, *Task) error) error {
	defer t.registry.wait.Done()
	defer t.cancel(nil)
	err := attempt(func() error { return work(ctx, t) })
	t.finish(ctx, err)
	return err
}

// attempt turns a panic into an error: a bug met by one file must not end the program.
func attempt(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return work()
}
