package source

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// importsMost is how many past imports are listed.
const importsMost = 100

// Imports lists the imports there were. Errors: denied, unavailable.
func (s *Service) Imports(ctx context.Context, _ ImportsIn) (Imports, error) {
	if _, err := access.Require(ctx, access.Super); err != nil {
		return Imports{}, err
	}
	batches, err := s.store.Batches(ctx, importsMost)
	out := Imports{Imports: make([]PastImport, len(batches))}
	for i, b := range batches {
		past := PastImport{
			ID: strconv.FormatInt(b.ID, 10), Source: b.Source, State: b.State, StartedAt: b.StartedAt, FinishedAt: b.FinishedAt, By: b.By,
		}
		var report job.Report
		if b.FinishedAt != nil && json.Unmarshal(b.Report, &report) == nil {
			past.Report = &report
		}
		out.Imports[i] = past
	}
	return out, err
}

// UndoImport starts erasing the activities of an import and returns the job. Each step is
// recorded as LogErased, in the commit that erases; the external ids are free again, so
// that the same can be imported anew. An import that runs stores nothing from then on.
// Cancelled or interrupted, it can be begun again and goes on.
// Errors: denied, not_found, conflict (undone already, some of it is under
// legal hold), unavailable.
func (s *Service) UndoImport(ctx context.Context, in UndoImportIn) (job.Job, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return job.Job{}, err
	}
	batch, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil || batch < 1 {
		return job.Job{}, fault.At("id", "%q is no import: give the number that the list of imports shows.", in.ID)
	}
	if _, err := s.unheld(ctx, batch); err != nil {
		return job.Job{}, err
	}
	u, err := s.store.BeginUndo(ctx, batch)
	if err != nil {
		return job.Job{}, err
	}
	want := job.Plan{Kind: job.KindUndo, Title: u.Source, Unit: job.UnitRows, Total: &u.Count}
	return s.options.Jobs.Start(ctx, want, func(ctx context.Context, task *job.Task) error {
		return s.undo(ctx, p, batch, u.Runs, task)
	})
}

// unheld refuses to undo an import while some of it is under hold, and returns the mark
// of the holds.
func (s *Service) unheld(ctx context.Context, batch int64) (mark string, err error) {
	holds, err := s.options.Holds(ctx)
	if err != nil {
		return "", err
	}
	held, err := s.store.HeldInBatch(ctx, holds, batch)
	if err == nil && held > 0 {
		err = fault.New(fault.Conflict, "Under legal hold: %d activities of this import. Lift the hold first, under Views.", held)
	}
	return holds.Mark, err
}

func (s *Service) undo(ctx context.Context, p access.Principal, batch int64, runs [][2]int64, task *job.Task) error {
	say := func(n int64, runs [][2]int64) activity.Body {
		said := account.BeginLasting(p, s.options.Now(), "LogErased")
		said.Parameters = encodeJSON(erasedParameters{Count: n, Runs: runs, Import: batch})
		return said
	}
	var done int64
	err := activity.Heeding(&done, func() error {
		// Again, since the import may have run until now.
		holds, err := s.unheld(ctx, batch)
		if err != nil {
			return err
		}
		return activity.EraseInSteps(ctx, slices.Clone(runs), func(some [][2]int64) error {
			if err := s.options.Standing(ctx, p); err != nil {
				return err
			}
			n, err := s.store.EraseBatch(ctx, batch, holds, some, say)
			done += n
			task.Progress(done)
			return err
		})
	})
	if err != nil {
		return err
	}
	if err := s.store.Scrub(ctx); err != nil {
		return err
	}
	if _, err := s.store.GiveBack(ctx); err != nil {
		return err
	}
	if done > 0 {
		return s.store.EndUndo(ctx, batch, nil)
	}
	said := say(0, [][2]int64{}) // nothing was there that could have said so
	return s.store.EndUndo(ctx, batch, &said)
}

// DropTokens removes files with tokens of servers that are not followed any more.
// Errors: unavailable.
func (s *Service) DropTokens(files []string) error {
	var errs []error
	for _, file := range files {
		errs = append(errs, s.tokens.remove(file))
	}
	return errors.Join(errs...)
}

// erasedParameters are what LogErased carries.
type erasedParameters struct {
	Count  int64      `json:"count"`
	Runs   [][2]int64 `json:"runs"` // places in the ledger, from 0, both ends included
	Import int64      `json:"import"`
}
