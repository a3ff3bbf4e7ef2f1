package erasure

import (
	"context"

	"activitylog/backend/fault"
)

// agreed refuses what cannot be erased, or not so.
func (p Plan) agreed(total *int64) error {
	switch {
	case p.Held > 0:
		return underHold(p.Held)
	case total != nil && p.Total > *total:
		return fault.New(fault.Conflict, "%d activities would go by now, not %d. Look at the list again.", p.Total, *total).Blame("total")
	case p.Total == 0 && p.Kind == KindActivity && len(p.Lasting) > 0:
		return fault.New(fault.Conflict, "This says what became of the log itself and is never erased.")
	case p.Total == 0 && p.Kind == KindActivity:
		return fault.New(fault.NotFound, "There is no such activity, or it is erased already.").Blame("activities")
	}
	return nil
}

// errHeld says that another process, or another job of this one, erases.
var errHeld = fault.New(fault.Conflict, "Something is being erased already. Wait until that has ended.")

func underHold(n int64) error {
	return fault.New(fault.Conflict, "Under legal hold: %d of these activities. Lift the hold first, under Views.", n)
}

// held counts what of these is under hold, and returns the mark of the holds.
func (s *Service) held(ctx context.Context, runs [][2]int64) (mark string, n int64, err error) {
	holds, err := s.options.Holds(ctx)
	if err != nil {
		return "", 0, err
	}
	n, err = s.store.HeldAmong(ctx, holds, runs)
	return holds.Mark, n, err
}

// unheld refuses to begin while something of what is to go is under hold, and returns the
// mark of the holds. Cost: without any hold none, else that of Erasable and HeldAmong.
func (s *Service) unheld(ctx context.Context, w Wanted) (mark string, err error) {
	holds, err := s.options.Holds(ctx)
	if err != nil || len(holds.Queries) == 0 {
		return holds.Mark, err
	}
	found, err := s.store.Erasable(ctx, w)
	if err != nil {
		return "", err
	}
	n, err := s.store.HeldAmong(ctx, holds, found.Runs)
	if err == nil && n > 0 {
		err = underHold(n)
	}
	return holds.Mark, err
}

// alone has this process be the one that erases, of a kind, until release is called: by a
// lock that goes with the process, so that neither a computer that slept nor a long
// search loses it. Errors: [errHeld].
func (s *Service) alone(kind string) (release func() error, err error) {
	release, held, err := s.store.Alone("erase-" + kind)
	if err == nil && !held {
		err = errHeld
	}
	return release, err
}

// whole refuses to erase while some of it could not go: an undo frees external ids, and
// leaves alone what is gone.
func (f Found) whole() error {
	if f.Undoing == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "%d of these activities are in an import whose undo has not ended. Finish the undo first.", f.Undoing)
}
