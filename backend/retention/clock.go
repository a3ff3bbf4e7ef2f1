package retention

import (
	"context"
	"time"
)

// What the clock and the ledger may differ by. Somebody who sets the clock a year ahead,
// or a battery that fails, must not make everything old at once.
const (
	aheadMost  = 31 * 24 * time.Hour
	behindMost = 24 * time.Hour
)

// The states of the clock.
const (
	clockAhead  = "ahead"
	clockBehind = "behind"
)

// clock holds the clock against the times of signed checkpoints, of which there is one
// for each quarter of an hour in which something was recorded. It is behind if one is of
// a day later. It is ahead if nothing was recorded for a month before the last day: a
// clock that jumped brings that about, and a program that nobody used. Both need a look;
// after a day in which something was recorded it is trusted again.
func (s *Service) clock(ctx context.Context) (state string, at int64, err error) {
	now := s.options.Now()
	first, between, last, err := s.store.Clocks(ctx, now.Add(-aheadMost).UnixMilli(), now.Add(-behindMost).UnixMilli())
	switch {
	case err != nil:
		return "", 0, err
	case last > now.Add(behindMost).UnixMilli():
		return clockBehind, last, nil
	case between == 0 && first != 0 && first < now.Add(-aheadMost).UnixMilli():
		before, err := s.lastBefore(ctx, now.Add(-aheadMost))
		return clockAhead, before, err
	}
	return "", 0, nil
}

// lastBefore is when something was recorded last before a time.
func (s *Service) lastBefore(ctx context.Context, at time.Time) (int64, error) {
	_, before, _, err := s.store.Clocks(ctx, 0, at.UnixMilli())
	return before, err
}
