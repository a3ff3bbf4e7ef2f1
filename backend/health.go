package backend

import (
	"context"
	"slices"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
	"activitylog/backend/sqlite"
)

// writable is how long the store may take to say whether it can be written.
const writable = 5 * time.Second

// Health says whether the log works, for programs that watch it. It writes nothing.
// Cost: a turn of the writer. Errors: unauthenticated, denied.
func (i *Integrity) Health(ctx context.Context, _ ledger.HealthIn) (ledger.Health, error) {
	if _, err := access.Require(ctx, access.View); err != nil {
		return ledger.Health{}, err
	}
	stored, known := i.db.State(), i.State(ctx)
	h := ledger.Health{State: known.State, Size: known.Size, Problems: []string{}}
	problem := func(text string) { h.Problems = append(h.Problems, text) }
	if !slices.Contains([]string{ledger.Verified, ledger.Sealed, ledger.Unsealed}, known.State) {
		problem(i.why(known, stored))
	}
	if stored.MarkErr != nil {
		problem("The mark that notices an older copy of the data cannot be raised.")
	}
	if stored.WALErr != nil {
		problem("The write-ahead log cannot be taken back, and grows.")
	}
	trying, stop := context.WithTimeout(ctx, writable)
	defer stop()
	if err := i.db.Write(trying, func(*sqlite.Tx) error { return nil }); err != nil && ctx.Err() == nil {
		problem(fault.Public(err).Message)
	}
	h.OK = len(h.Problems) == 0
	return h, nil
}

// why says what a bad state means. The store's own sentence wins: it is of now.
func (i *Integrity) why(known activity.LedgerState, stored sqlite.State) string {
	if stored.Reason != "" {
		return stored.Reason
	}
	return "The last verification found that the log is " + known.State + "."
}
