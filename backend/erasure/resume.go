package erasure

import (
	"context"
	"encoding/json"
	"errors"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/job"
)

// GoOn finishes what a program before began to erase and was killed over, unless another
// process is at it. The program calls it at its start and each minute. Cost: two reads
// where there is nothing to do. Errors: unavailable, internal.
func (s *Service) GoOn(ctx context.Context) error {
	var errs []error
	for _, kind := range []string{KindPerson, KindActivity} {
		errs = append(errs, s.goOn(ctx, kind))
	}
	return errors.Join(errs...)
}

// ContinueErasing is GoOn for a person, who is told how many there were.
// Errors: denied, conflict (another process is at it), and those of GoOn.
func (s *Service) ContinueErasing(ctx context.Context, _ ContinueIn) (Continued, error) {
	if _, err := access.RequirePerson(ctx, access.Super); err != nil {
		return Continued{}, err
	}
	var found Continued
	for _, kind := range []string{KindPerson, KindActivity} {
		some, err := s.resume(ctx, kind)
		if some {
			found.Erasings++
		}
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// unfinished returns the erasing of a kind that is not ended; false without one.
func (s *Service) unfinished(ctx context.Context, kind string) (e activity.Erasing, n note, found bool, err error) {
	last, err := s.store.Erasings(ctx, kind, 1)
	if err != nil || len(last) == 0 || last[0].State != activity.ErasingRunning {
		return e, n, false, err
	}
	err = json.Unmarshal(last[0].Plan, &n)
	return last[0], n, err == nil, err
}

func (s *Service) goOn(ctx context.Context, kind string) error {
	_, err := s.resume(ctx, kind)
	if errors.Is(err, errHeld) {
		return nil // somebody is at it
	}
	return err
}

// resume goes on with the erasing of a kind that is not ended, as whoever began it, and
// returns when it has ended. Found is whether there was one. Errors: [errHeld].
func (s *Service) resume(ctx context.Context, kind string) (found bool, err error) {
	if _, _, found, err := s.unfinished(ctx, kind); err != nil || !found {
		return false, err
	}
	release, err := s.alone(kind)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, release()) }()
	e, n, found, err := s.unfinished(ctx, kind) // it may have ended meanwhile
	if err != nil || !found {
		return false, err
	}
	return true, s.options.Jobs.Run(access.With(ctx, n.principal()), jobOf(nil), func(run context.Context, task *job.Task) error {
		return s.run(run, running{Erasing: e, note: n, progress: task.Progress})
	})
}
