package retention

import (
	"context"
	"errors"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/job"
)

// Tend applies the rules when they are due and goes on with a run that was interrupted.
// A front that stays open calls it every minute; of several processes one does it. While
// the clock is ahead of the ledger or behind it nothing is begun.
// Errors: what the store says, and how a run failed; it is tried again with the next call.
func (s *Service) Tend(ctx context.Context) (err error) {
	if _, _, due, err := s.due(ctx); err != nil || !due {
		return err
	}
	release, held, err := s.store.Alone(kind)
	if err != nil || !held {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	// Another process may have run them, or somebody changed them, since they were read.
	c, last, due, err := s.due(ctx)
	if err != nil || !due {
		return err
	}
	by := access.Principal{Owner: true, Role: access.Super} // whose the job is
	var r running
	if last != nil && last.State == activity.ErasingRunning {
		r, err = resumed(*last)
	} else {
		r, err = s.begin(ctx, access.Principal{}, c, true)
	}
	if err != nil {
		return err
	}
	return s.options.Jobs.Run(access.With(ctx, by), r.job(), func(ctx context.Context, task *job.Task) error {
		return s.run(ctx, r, task)
	})
}

// due reports whether there is something to do now.
func (s *Service) due(ctx context.Context) (c Config, last *activity.Erasing, due bool, err error) {
	if c, _, err = s.config(ctx); err != nil {
		return c, nil, false, err
	}
	runs, err := s.store.Erasings(ctx, kind, 1)
	if err != nil {
		return c, nil, false, err
	}
	if len(runs) > 0 {
		last = &runs[0]
	}
	if last != nil && last.State == activity.ErasingRunning {
		return c, last, true, nil
	}
	if !c.Enabled || len(c.Rules) == 0 && !c.Reports.Enabled || s.options.Now().UnixMilli() < c.next(last) {
		return c, last, false, nil
	}
	state, _, err := s.clock(ctx)
	return c, last, state == "", err
}
