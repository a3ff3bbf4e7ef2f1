package source

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

const (
	leaseLength = 10 * time.Minute // longer than the longest wait for one page
	leaseRenew  = time.Minute
)

// KeepInStep reads the servers that are followed and due. A front that stays open calls
// it every minute. Each server is read by one process at a time. One that has nothing
// new leaves no trace but the time of the reading; otherwise it is an import like any.
// Errors: what the store says; what a server says is kept with its schedule.
func (s *Service) KeepInStep(ctx context.Context) error {
	all, err := s.allFollowed(ctx)
	if err != nil {
		return err
	}
	s.tokens.sweep(all, s.options.Now())
	for _, f := range all {
		if s.due(f) && ctx.Err() == nil {
			err = errors.Join(err, s.step(ctx, f.name))
		}
	}
	return err
}

// due reports whether it is time for a server. A clock that was set back does not stop it.
func (s *Service) due(f *followed) bool {
	if f.RanAt == nil {
		return true
	}
	since := s.options.Now().UnixMilli() - *f.RanAt
	return since < 0 || since >= int64(f.Minutes)*time.Minute.Milliseconds()
}

// step reads one server that is due, unless another process does.
func (s *Service) step(ctx context.Context, name string) error {
	l, err := s.takeLease(ctx, name)
	if err != nil || l == nil {
		return err
	}
	// Another process may have read it, or somebody removed it, since the list was read.
	f, err := s.scheduled(ctx, name)
	if fault.CodeOf(err) == fault.NotFound || err == nil && !s.due(f) {
		return l.give(ctx)
	}
	if err != nil {
		return errors.Join(err, l.give(ctx))
	}
	p := access.Principal{UserID: f.User, Owner: f.User == 0, Login: f.By, Role: access.Super}
	pl, more, err := s.whetherMore(ctx, f, p)
	if err != nil || !more {
		return errors.Join(s.ran(ctx, f, 0, err), l.give(ctx))
	}
	// How the import ends is told by its job, its report and the schedule.
	err = s.options.Jobs.Run(access.With(ctx, p), serverJob(pl), func(ctx context.Context, task *job.Task) error {
		return s.runScheduled(ctx, f, p, pl, l, task)
	})
	if fault.CodeOf(err) == fault.Internal {
		return err
	}
	return nil
}

// whetherMore looks at the newest page: whether it has what is not known yet.
func (s *Service) whetherMore(ctx context.Context, f *followed, p access.Principal) (plan, bool, error) {
	if err := s.options.Standing(ctx, p); err != nil {
		return plan{}, false, err
	}
	pl, err := s.scheduledPlan(f)
	if err != nil {
		return plan{}, false, err
	}
	if err := s.whetherKnown(ctx, pl); err != nil {
		return plan{}, false, err
	}
	r := s.serverReader(ctx, pl)
	if err := r.turn(); err != nil {
		return plan{}, false, err
	}
	return pl, !r.done, nil
}

// runScheduled is the job. It holds the lease, and gives it back.
func (s *Service) runScheduled(ctx context.Context, f *followed, p access.Principal, pl plan, l *lease, task *job.Task) error {
	ctx, stop := context.WithCancel(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		l.renew(ctx, stop)
	}()
	t := newTally(pl)
	err := s.run(ctx, p, pl, t, task)
	noted := s.ran(ctx, f, t.report.New, err)
	stop()
	<-renewed
	return errors.Join(err, noted, l.give(ctx))
}

// ran notes how a reading ended. One that was broken off from here is due again at once.
func (s *Service) ran(ctx context.Context, f *followed, n int64, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
	}
	now := s.options.Now().UnixMilli()
	how := ran{RanAt: &now, State: job.StateDone, New: n}
	if err != nil {
		how.State, how.Error = job.StateFailed, fault.Public(err).Message
	}
	return s.store.RanSchedule(ctx, f.name, f.as, encodeJSON(how))
}

// A lease says that a server is read here and nowhere else, also not twice in this
// process.
type lease struct {
	store Store
	job   string
	owner string
}

// takeLease returns nil where somebody else reads the server.
func (s *Service) takeLease(ctx context.Context, name string) (*lease, error) {
	l := &lease{store: s.store, job: "import:matomo/" + name, owner: rand.Text()}
	held, err := s.store.TakeLease(ctx, l.job, l.owner, leaseLength)
	if err != nil || !held {
		return nil, err
	}
	return l, nil
}

func (l *lease) give(ctx context.Context) error {
	return l.store.ReleaseLease(context.WithoutCancel(ctx), l.job, l.owner)
}

// renew keeps the lease until ctx ends. Work whose lease is another's must stop.
func (l *lease) renew(ctx context.Context, stop context.CancelFunc) {
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := l.store.RenewLease(ctx, l.job, l.owner, leaseLength); fault.CodeOf(err) == fault.Conflict {
				stop()
				return
			}
		}
	}
}
