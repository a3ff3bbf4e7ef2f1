package backend

import (
	"context"
	"log/slog"
	"time"
)

// goOnErasing finishes what was being erased when the program was killed, at the start and
// each minute.
func (a *App) goOnErasing(ctx context.Context) {
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	for {
		if err := a.Erasure.GoOn(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("what was to be erased is not gone yet", slog.String("cause", err.Error()))
		}
		select {
		case <-ctx.Done():
			return
		case <-minute.C:
		}
	}
}
