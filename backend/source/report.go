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

// reportMost is how many rejections and conflicts a report names.
const reportMost = 100

// busyTries is how often a slice is tried while another process holds the log; each
// waits as long as the store does, ten seconds.
const busyTries = 12

// A tally counts what became of an import's records.
type tally struct{ report job.Report }

func newTally(pl plan) *tally {
	return &tally{report: job.Report{Source: pl.source, Format: pl.format, Rejections: []job.Rejected{}, Conflicts: []job.Rejected{}}}
}

// snapshot is the report so far; later counting does not change it.
func (t *tally) snapshot() job.Report {
	r := t.report
	r.Rejections, r.Conflicts = slices.Clone(r.Rejections), slices.Clone(r.Conflicts)
	return r
}

func (t *tally) reject(bad RejectedError) {
	t.report.Rejected++
	if len(t.report.Rejections) < reportMost {
		t.report.Rejections = append(t.report.Rejections, job.Rejected(bad))
	}
}

// commit stores a slice and counts. Its records count as read once they are stored.
func (s *Service) commit(ctx context.Context, batch int64, sl slice, t *tally) error {
	var results []activity.Appended
	if len(sl.bodies) > 0 {
		var err error
		// A slice goes in as a whole: cancelled in the middle, nobody would know. Another
		// process that holds the log for long, as a backup may, does not end a long import.
		for tries := 1; ; tries++ {
			results, err = s.store.AppendBatch(context.WithoutCancel(ctx), batch, sl.bodies)
			if !errors.Is(err, activity.ErrBusy) || tries == busyTries || ctx.Err() != nil {
				break
			}
		}
		if err != nil {
			return err
		}
	}
	t.report.Read += sl.read
	t.report.Skipped = sl.skipped
	for _, bad := range sl.rejected {
		t.reject(bad)
	}
	for i, r := range results {
		t.count(sl.records[i], sl.bodies[i], sl.cut[i], r)
	}
	return nil
}

func (t *tally) count(record Record, body activity.Body, cut bool, r activity.Appended) {
	at := RejectedError{File: record.File, Line: record.Line}
	if r.Err != nil {
		at.Reason = fault.Public(r.Err).Message
		t.reject(at)
		return
	}
	t.span(body.OccurredAt)
	switch {
	case r.Erased:
		t.report.Erased++
	case r.Conflict:
		t.report.Conflicting++
		if len(t.report.Conflicts) < reportMost {
			at.Reason = fault.Public(r.Refusal()).Message
			t.report.Conflicts = append(t.report.Conflicts, job.Rejected(at))
		}
	case r.Receipt.Duplicate:
		t.report.Duplicate++
	default:
		t.report.New++
		if cut {
			t.report.Cut++
		}
	}
}

func (t *tally) span(ms int64) {
	if t.report.Oldest == nil || ms < *t.report.Oldest {
		t.report.Oldest = &ms
	}
	if t.report.Newest == nil || ms > *t.report.Newest {
		t.report.Newest = &ms
	}
}

// importParameters are what LogImported carries.
type importParameters struct {
	Source      string   `json:"source"`
	Format      string   `json:"format"`
	Files       []string `json:"files"`
	State       string   `json:"state"`
	Read        int64    `json:"read"`
	New         int64    `json:"new"`
	Duplicate   int64    `json:"duplicate"`
	Erased      int64    `json:"erased"`
	Conflicting int64    `json:"conflicting"`
	Cut         int64    `json:"cut"`
	Rejected    int64    `json:"rejected"`
	Skipped     int64    `json:"skipped"`
	Oldest      *int64   `json:"oldest"`
	Newest      *int64   `json:"newest"`
}

// filesMost is how many file names LogImported carries.
const filesMost = 20

// finish closes the batch and records the import.
func (s *Service) finish(ctx context.Context, p access.Principal, pl plan, batch int64, t *tally, state string) error {
	now := s.options.Now()
	r := t.report
	said := account.Begin(p, now, "LogImported")
	said.Object = &activity.Object{Kind: "batch", ID: strconv.FormatInt(batch, 10), Name: pl.source}
	if state == job.StateFailed {
		said.Result = activity.Failed
	}
	names := []string{}
	for _, f := range pl.files[:min(len(pl.files), filesMost)] {
		names = append(names, cleanText(f.Name))
	}
	if pl.server != nil {
		names = append(names, pl.server.Address)
	}
	said.Parameters = encodeJSON(importParameters{
		Source: pl.source, Format: pl.format, Files: names, State: state, Read: r.Read, New: r.New, Duplicate: r.Duplicate,
		Erased: r.Erased, Conflicting: r.Conflicting, Cut: r.Cut, Rejected: r.Rejected, Skipped: r.Skipped, Oldest: r.Oldest, Newest: r.Newest,
	})
	report, err := json.Marshal(r)
	if err != nil {
		return errors.Join(errors.New("encode the report of an import"), err)
	}
	return s.store.EndBatch(ctx, batch, state, now, report, said)
}
