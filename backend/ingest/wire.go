package ingest

import (
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Drafts are the records of one request, as JSON: one draft, or an array of them. The
// other content types are in docs/ingest.md.
type Drafts []activity.Draft

// The states of a record.
const (
	StatusNew       = "new"       // stored by this request
	StatusDuplicate = "duplicate" // stored before, by its external id
	StatusConflict  = "conflict"  // its external id stands for something else, or for what was erased
	StatusRejected  = "rejected"  // not stored; Error says why
)

// A Report says what became of each record of a request.
type Report struct {
	Received  int      `json:"received"` // records: the sum of the next four
	New       int      `json:"new"`
	Duplicate int      `json:"duplicate"`
	Conflict  int      `json:"conflict"`
	Rejected  int      `json:"rejected"`
	Results   []Result `json:"results"` // in the order of the records
	// Stopped says why the rest of the records could not be stored now: those that were
	// rejected with this very code may be sent again as they are. Null: all were looked at.
	Stopped *fault.Error `json:"stopped"`
}

// A Result is what became of one record. What is new or duplicate is durable.
type Result struct {
	Index      int          `json:"index"`      // place among the records, from 0
	Line       *int         `json:"line"`       // of the body, from 1; null where the body is not in lines
	Status     string       `json:"status"`     // new, duplicate, conflict, rejected
	ID         string       `json:"id"`         // of the activity; "" where it was rejected
	Leaf       string       `json:"leaf"`       // base64, as in the ledger; "" where it was rejected
	RecordedAt *int64       `json:"recordedAt"` // ms; null where it was rejected
	Error      *fault.Error `json:"error"`      // null where it is stored
}

// whole reports whether everything is stored.
func (r Report) whole() bool { return r.New+r.Duplicate == r.Received }

// Outcome is how a request went in one word.
type Outcome int

// The outcomes, from best to worst.
const (
	All     Outcome = iota // every record is stored
	Some                   // some are, the others never will be as they are
	Nothing                // no record is, and none will be as it is
	Later                  // what is missing may be sent again
)

// Outcome says how the request went.
func (r Report) Outcome() Outcome {
	switch {
	case r.Stopped != nil:
		return Later
	case r.whole():
		return All
	case r.New+r.Duplicate > 0:
		return Some
	}
	return Nothing
}
