// Package ingest takes in what programs report: drafts or CloudEvents, many in one
// request, each answered for itself. It stores nothing by itself; the log does.
//
// It is pure: which bytes arrive, and how, is the front's.
package ingest

import (
	"context"
	"errors"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// group is how many records share a commit. While one is written nobody else's is.
const group = 500

// A Log records drafts: [activity.Service].
type Log interface {
	RecordAll(ctx context.Context, drafts []activity.Draft) ([]activity.Appended, error)
}

// A Service takes in records.
type Service struct {
	log   Log
	quota *Quota
}

// New returns a service.
func New(log Log, quota *Quota) *Service { return &Service{log: log, quota: quota} }

// Admit says whether the caller may send records now, before their body is read, and
// counts the request. Leave ends it. Errors: unauthenticated, denied, unavailable (over
// the quota; with the time to wait).
func (s *Service) Admit(ctx context.Context) (leave func(), err error) {
	p, err := access.RequireRecorder(ctx)
	if err != nil {
		return nil, err
	}
	return s.quota.Enter(ctx, p)
}

// Ingest stores the records of a body in commits of at most 500 and says what became of
// each. What is called new or duplicate is durable. A record that is refused has its
// reason, and the others are stored. If the log cannot store on, the report says so and
// what was stored before stays; if it can store nothing at all, that is the error.
// Errors: unauthenticated, denied, invalid (the body as a whole; [ErrLarge] where it is
// too large), unavailable. Cost: about 80 µs a record and an fsync for each commit.
func (s *Service) Ingest(ctx context.Context, media string, body []byte) (Report, error) {
	p, err := access.RequireRecorder(ctx)
	if err != nil {
		return Report{}, err
	}
	if len(body) > MaxBytes {
		return Report{}, TooLarge()
	}
	records, err := read(media, body)
	if err != nil {
		return Report{}, err
	}
	if err := s.quota.Take(ctx, p, len(records)); err != nil {
		return Report{}, err
	}
	report := Report{Received: len(records), Results: make([]Result, 0, len(records))}
	for from := 0; from < len(records); from += group {
		part := records[from:min(from+group, len(records))]
		if report.Stopped == nil {
			err := s.store(ctx, part, &report)
			if err == nil {
				continue
			}
			if from == 0 {
				return Report{}, err
			}
			report.Stopped = fault.Public(err)
		}
		for _, r := range part {
			report.add(r, activity.Appended{Err: errors.Join(r.err, report.Stopped)})
		}
	}
	return report, nil
}

// store stores records in one commit and adds what became of them to the report.
func (s *Service) store(ctx context.Context, records []record, report *Report) error {
	drafts := make([]activity.Draft, 0, len(records))
	for _, r := range records {
		if r.err == nil {
			drafts = append(drafts, r.draft)
		}
	}
	stored, err := s.log.RecordAll(ctx, drafts)
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.err != nil {
			report.add(r, activity.Appended{Err: r.err})
			continue
		}
		report.add(r, stored[0])
		stored = stored[1:]
	}
	return nil
}

// add puts the next record's result into the report and counts it.
func (r *Report) add(of record, a activity.Appended) {
	out := Result{Index: len(r.Results), Status: StatusNew, ID: a.Receipt.ID, Leaf: a.Receipt.Leaf}
	if of.line > 0 {
		out.Line = &of.line
	}
	if err := a.Refusal(); err != nil {
		if of.event {
			err = blamed(err)
		}
		out.Error = fault.Public(err)
	}
	switch {
	case a.Err != nil:
		out.Status, out.ID, out.Leaf = StatusRejected, "", ""
		r.Rejected++
	case out.Error != nil:
		out.Status = StatusConflict
		r.Conflict++
	case a.Receipt.Duplicate:
		out.Status = StatusDuplicate
		r.Duplicate++
	default:
		r.New++
	}
	if a.Err == nil {
		out.RecordedAt = &a.Receipt.RecordedAt
	}
	r.Results = append(r.Results, out)
}
