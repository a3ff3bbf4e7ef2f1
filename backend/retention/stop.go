package retention

import (
	"context"
	"errors"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// StopRetention ends the run that is under way, in whichever process, before its next
// step, and returns retention as it is then. The process that is at it cleans up; after
// one that is interrupted this one does, and that takes as long as the file is large.
// Recorded as RetentionStopped. Errors: denied, not_found (none runs).
func (s *Service) StopRetention(ctx context.Context, _ StopIn) (State, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return State{}, err
	}
	last, err := s.store.Erasings(ctx, kind, 1)
	if err != nil {
		return State{}, failed(err)
	}
	if len(last) == 0 || last[0].State != activity.ErasingRunning {
		return State{}, fault.New(fault.NotFound, "Nothing is being removed at the moment.")
	}
	if err := s.stop(ctx, p, last[0]); err != nil {
		return State{}, failed(err)
	}
	return s.state(ctx)
}

func (s *Service) stop(ctx context.Context, p access.Principal, e activity.Erasing) (err error) {
	release, idle, err := s.store.Alone(kind)
	if err != nil {
		return err
	}
	if idle {
		defer func() { err = errors.Join(err, release()) }()
		if err := s.clean(ctx, &e); err != nil {
			return err
		}
	}
	e.State, e.FinishedAt = activity.ErasingStopped, new(s.options.Now().UnixMilli())
	return s.store.EndErasing(ctx, e, s.stopped(p, e))
}

// stopped is the activity that says who ended a run before it was done. It is recorded
// once the file is clean, and by then they may be erased: so it names nobody.
func (s *Service) stopped(by access.Principal, e activity.Erasing) *activity.Body {
	b := account.BeginLasting(by, s.options.Now(), "RetentionStopped")
	b.Parameters = account.JSON(ofRun{e.ID})
	return &b
}
