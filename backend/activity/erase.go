package activity

import (
	"context"
	"errors"

	"activitylog/backend/fault"
)

// One commit erases at most so many activities, in so many runs: the activity that says
// so carries the runs and has to fit.
const (
	eraseRows = 2500
	eraseRuns = 1000
)

// The states of an Erasing. One whose program was killed stays running: it is to go on.
const (
	ErasingRunning = "running"
	ErasingDone    = "done"
	ErasingStopped = "stopped" // somebody ended it; what was erased stays so
)

// NeverErased are the types that say what became of the log itself. Without them nothing
// would say why entries have no activity.
func NeverErased() []string {
	return []string{"LogErased", "LogPurged", "LogRestored", "LogSealed", "KeyRotated"}
}

// An Erasing is the erasing of activities over as many commits as it takes. Each commit
// says what it erased by a LogErased of its own; this only says what is under way.
type Erasing struct {
	ID         int64
	Kind       string // what erases: retention, …
	State      string
	ByUser     *int64 // whose it is; nil: the local owner's, or nobody's
	By         string // that user's login now, "" without one
	StartedAt  int64  // ms
	FinishedAt *int64
	Plan       []byte // JSON: what is to go, in the form of its kind. No names: it is kept
	Erased     int64  // activities so far
	Freed      int64  // bytes given back
}

// Said makes the activity that says what one commit erased: how many, and in which runs
// of ledger places (from 0, both ends included).
type Said func(n int64, runs [][2]int64) Body

// EraseInSteps calls step with runs of places, a commit's worth at a time, until all were
// there, ctx ends or step fails. It changes the runs.
func EraseInSteps(ctx context.Context, runs [][2]int64, step func(runs [][2]int64) error) error {
	for len(runs) > 0 && ctx.Err() == nil {
		var some [][2]int64
		some, runs = cutRuns(runs, eraseRows, eraseRuns)
		if err := step(some); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// cutRuns takes so many places off the beginning of runs, in so many pieces at most. It
// changes the run that it cuts.
func cutRuns(runs [][2]int64, places int64, pieces int) (taken, left [][2]int64) {
	for len(runs) > 0 && len(taken) < pieces && places > 0 {
		n := min(runs[0][1]-runs[0][0]+1, places)
		taken = append(taken, [2]int64{runs[0][0], runs[0][0] + n - 1})
		places -= n
		if runs[0][0] += n; runs[0][0] > runs[0][1] {
			runs = runs[1:]
		}
	}
	return taken, runs
}

// ErrHolds ends a step whose holds are others than those that it was begun with.
var ErrHolds error = fault.New(fault.Conflict, "A legal hold was set or lifted meanwhile, or what is held is called otherwise. What was erased before stays erased; begin again.")

// Heeding calls try, which asks for the holds and erases while they are those, and again
// with the new ones while they are not. It gives up after twenty tries in a row in which
// done, what was erased so far, did not grow. Errors: that of try; in the end [ErrHolds].
func Heeding(done *int64, try func() error) (err error) {
	const most = 20
	for left := most; left > 0; left-- {
		before := *done
		if err = try(); !errors.Is(err, ErrHolds) {
			break
		}
		if *done > before {
			left = most
		}
	}
	return err
}

// AddPlace adds a ledger place that is larger than those in runs.
func AddPlace(runs [][2]int64, seq int64) [][2]int64 {
	if last := len(runs) - 1; last >= 0 && runs[last][1] == seq-1 {
		runs[last][1] = seq
		return runs
	}
	return append(runs, [2]int64{seq, seq})
}

// A Sieve says which activities are to go: each by the first of the parts whose query
// it matches, if it occurred before that part's time.
type Sieve struct {
	Parts []SievePart
	Hold  Holds    // what is under hold stays
	Stay  []string // so do these types, where this log itself recorded them
}

// Holds are what must not be erased.
type Holds struct {
	Queries []Query // what matches any of these stays
	Mark    string  // another as soon as a hold is set or lifted, or what a name means may have changed
}

// A SievePart is a part of a Sieve. A view's "me" is nobody.
type SievePart struct {
	Query  Query
	Before int64 // ms, exclusive
	Keep   bool  // what comes to this part stays, however old
}

// A Sifted is what a Sieve found.
type Sifted struct {
	Runs  [][2]int64 // where what is to go lies: runs of ledger places, from 0, both ends included
	Count int64
	Body  int64 // bytes that an activity's body of those has in the middle, 0 without any
	Parts []SiftedPart
}

// A SiftedPart is what came to one part.
type SiftedPart struct {
	Count  int64  // is to go
	Held   int64  // would go, but is under hold
	Oldest *int64 // ms: when the first of what is to go occurred; nil without any
}
