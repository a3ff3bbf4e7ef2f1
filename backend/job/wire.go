package job

import "strings"

// A Job is a long piece of work: an import, the undoing of one, an export, or erasing, also
// of what is old.
type Job struct {
	ID         string  `json:"id"`
	Kind       string  `json:"kind"`  // import, export, undo, erase, retention
	Title      string  `json:"title"` // a file's or source's name, not a sentence
	State      string  `json:"state"` // running, done, cancelled, failed
	Done       int64   `json:"done"`  // units (rows, bytes) so far; never goes back
	Total      *int64  `json:"total"` // null: not known
	Unit       string  `json:"unit"`  // rows, bytes
	StartedAt  int64   `json:"startedAt"`
	FinishedAt *int64  `json:"finishedAt"`
	Report     *Report `json:"report"` // of an import
	Error      *Fault  `json:"error"`  // of a failed one
}

// A Fault is the public form of an error.
type Fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field"`
}

// A Report says what became of an import's records.
type Report struct {
	Source      string     `json:"source"` // import:<format>/<name>
	Format      string     `json:"format"`
	Read        int64      `json:"read"`
	New         int64      `json:"new"`
	Duplicate   int64      `json:"duplicate"`
	Erased      int64      `json:"erased"`
	Conflicting int64      `json:"conflicting"` // same external id, other content
	Cut         int64      `json:"cut"`         // stored with an over-long part cut and marked
	Rejected    int64      `json:"rejected"`
	Skipped     int64      `json:"skipped"`    // rows of other tables in a dump, which are not read
	Rejections  []Rejected `json:"rejections"` // the first 100
	Conflicts   []Rejected `json:"conflicts"`  // the first 100
	Oldest      *int64     `json:"oldest"`     // ms
	Newest      *int64     `json:"newest"`
}

// A Rejected is one record that did not go in, and why.
type Rejected struct {
	File   string `json:"file"`
	Line   int64  `json:"line"` // from 1; for arrays the element's number
	Reason string `json:"reason"`
}

// ListIn asks for the jobs of this run of the program.
type ListIn struct{}

// List is the answer of Jobs, newest first.
type List struct {
	Jobs []Job `json:"jobs"`
}

// CancelIn stops a job between two slices. What is committed stays.
type CancelIn struct {
	ID string `json:"id"`
}

// States is the list in short, to tell whether a job began, went on or ended.
func (l List) States() (states string, running bool) {
	var b strings.Builder
	for _, j := range l.Jobs {
		b.WriteString(j.ID + " " + j.State + "\n")
		running = running || j.State == StateRunning
	}
	return b.String(), running
}
