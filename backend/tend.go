package backend

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// smallLog is the number of entries that are verified unasked: a second of work.
const smallLog = 100_000

// Tend does what a front that stays open needs done beside it, until ctx ends or the
// App closes: each minute it tells of failed sign-ins that are due, and the program's
// log of housekeeping that fails, reads the Matomo servers that are followed and due, and
// removes old activities where that is due; and a small log is verified once so that its
// state is known.
func (a *App) Tend(ctx context.Context) {
	ctx, a.stop = context.WithCancel(ctx)
	a.tended.Go(func() {
		everyMinute(ctx, func() {
			if err := a.Sources.KeepInStep(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn("the servers that are followed could not be read", slog.String("cause", err.Error()))
			}
		})
	})
	a.tended.Go(func() {
		everyMinute(ctx, func() {
			if err := a.Erasure.GoOn(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn("what was to be erased is not gone yet", slog.String("cause", err.Error()))
			}
		})
	})
	a.tended.Go(func() {
		everyMinute(ctx, func() {
			if err := a.Retention.Tend(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn("old activities could not be removed", slog.String("cause", err.Error()))
			}
		})
	})
	a.tended.Go(func() {
		if a.db.State().Size <= smallLog {
			// A failure leaves the state as it was: not verified.
			if _, err := a.Integrity.check(ctx, false); err != nil && ctx.Err() == nil {
				a.log.Warn("the log could not be verified at the start", slog.String("cause", err.Error()))
			}
		}
		told := ""
		minute := time.NewTicker(time.Minute)
		defer minute.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-minute.C:
				_ = a.Accounts.ReportFailures(ctx) // what could not be told now is told in a minute
				told = a.tellHousekeeping(told)
			}
		}
	})
}

// everyMinute does something at the start and each minute, until ctx ends.
func everyMinute(ctx context.Context, do func()) {
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	for {
		do()
		select {
		case <-ctx.Done():
			return
		case <-minute.C:
		}
	}
}

// tellHousekeeping logs what the store's housekeeping fails with, unless that was told
// before. It returns what has been told.
func (a *App) tellHousekeeping(before string) string {
	state := a.db.State()
	err := errors.Join(state.MarkErr, state.WALErr)
	if err == nil {
		return ""
	}
	if now := err.Error(); now != before {
		a.log.Warn("housekeeping fails", slog.String("cause", now))
		return now
	}
	return before
}
