package backend

import (
	"context"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/ledger"
	"activitylog/backend/sqlite"
)

// Integrity verifies and backs up the log. Both are recorded.
type Integrity struct {
	db  *sqlite.DB
	now func() time.Time

	mu   sync.Mutex
	last *ledger.Report
}

// Verify recomputes everything the ledger proves and records what came out. Super
// users only. Cost: one pass over all activities, a second one over the words.
// Errors: unauthenticated, denied, unavailable.
func (i *Integrity) Verify(ctx context.Context, in ledger.VerifyIn) (ledger.Report, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return ledger.Report{}, err
	}
	report, err := i.check(ctx, in.Words)
	if err != nil {
		return ledger.Report{}, err
	}
	body := account.Begin(p, i.now(), "LogVerified")
	body.Parameters = account.JSON(map[string]any{
		"state": report.State, "size": size(report.Size), "problems": int64(len(report.Problems)) + report.More,
	})
	if report.State != ledger.Verified && report.State != ledger.Unsealed {
		body.Result = activity.Failed
	}
	err = i.record(ctx, body)
	if report.State == ledger.RolledBack || report.State == ledger.Altered {
		return report, nil // the store refuses to go on; what was found matters more
	}
	return report, err
}

func (i *Integrity) record(ctx context.Context, body activity.Body) error {
	return i.db.Write(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Record(ctx, body)
		return err
	})
}

// check verifies without recording it, and remembers the report.
func (i *Integrity) check(ctx context.Context, words bool) (ledger.Report, error) {
	report, err := i.db.Verify(ctx, sqlite.VerifyOptions{Words: words})
	if err != nil {
		return ledger.Report{}, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last = &report
	return report, nil
}

// Backup writes a verified copy of the database to a file that does not exist yet.
// The keys lie beside the database and are not in it. Super users only.
// Errors: unauthenticated, denied, conflict (the file exists), unavailable.
func (i *Integrity) Backup(ctx context.Context, path string) error {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return err
	}
	if err := i.db.Backup(ctx, path); err != nil {
		return err
	}
	body := account.Begin(p, i.now(), "LogBackedUp")
	body.Parameters = account.JSON(map[string]any{"size": i.db.State().Size, "file": filepath.Base(path)})
	return i.record(ctx, body)
}

// KeyFiles names the files a backup does not hold and a restore needs.
func (i *Integrity) KeyFiles() []string { return i.db.KeyFiles() }

// State returns what is known without verifying: the store's own state, and verified
// once a verification of this process found nothing and covers what was there then.
func (i *Integrity) State(context.Context) activity.LedgerState {
	s := i.db.State()
	out := activity.LedgerState{State: s.Name, Size: s.Size, Root: s.Root.String(), Origin: s.Origin, Key: s.Key}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.last == nil {
		return out
	}
	out.Verified = &i.last.At
	switch i.last.State {
	case ledger.Altered, ledger.RolledBack:
		out.State = i.last.State
	case ledger.Verified:
		if s.Name == ledger.Sealed {
			out.State = ledger.Verified
		}
	}
	return out
}

func size(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
