// Package source brings in activity from elsewhere: files of drafts, AWS CloudTrail
// logs, git histories, Matomo's activity log out of a dump or from the server itself, tables of
// any kind by a mapping of their columns.
//
// A reader turns a format into drafts, one at a time and without ever holding a
// whole file; the service previews and imports. What a reader cannot use is rejected
// with its place and a reason, and reading goes on behind it.
package source

import (
	"fmt"

	"activitylog/backend/activity"
)

// The formats. Auto looks at the content.
const (
	Auto       = "auto"
	NDJSON     = "ndjson"
	CloudTrail = "cloudtrail"
	Git        = "git"
	Matomo     = "matomo"
	CSV        = "csv"
	// MatomoServer is no file's: the log of a Matomo server that runs.
	MatomoServer = "matomo-server"
)

// Limits of what is read.
const (
	// MaxRecord is the longest record in bytes; a longer one is rejected.
	MaxRecord = 16 << 20
	// A compressed file may expand to maxFreeExpansion bytes, and beyond that to
	// maxExpansion times its size.
	maxFreeExpansion = 256 << 20
	maxExpansion     = 200
)

// A Record is one record of a source as a draft.
type Record struct {
	Draft activity.Draft
	// Site is a site that is none of this log's, instead of the draft's.
	Site *activity.SiteRef
	File string
	Line int64 // from 1; in arrays the element's number
}

// A Reader yields the records of a source in the order they stand there.
type Reader interface {
	// Next returns the next record. The error is io.EOF at the end, a *RejectedError for
	// a record that cannot be used (the next call goes on behind it), or what ended
	// the reading.
	Next() (Record, error)
	// Consumed is how many bytes of the source were read so far; for a git history
	// how many records. It may be called while Next runs.
	Consumed() int64
	// Skipped is how many rows were passed over so far because they are of other tables.
	Skipped() int64
	Close() error
}

// A RejectedError says why a record does not go in.
type RejectedError struct {
	File   string
	Line   int64
	Reason string // a sentence
}

func (r *RejectedError) Error() string {
	return fmt.Sprintf("%s, record %d: %s", r.File, r.Line, r.Reason)
}
