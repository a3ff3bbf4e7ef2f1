package activity

import (
	"context"

	"activitylog/backend/fault"
)

// NewMost is how many new matches are counted at most.
const NewMost = 999

// A Scope says whose activity a read may see. The zero value sees nothing.
type Scope struct {
	All  bool  // a super user's
	User int64 // otherwise the activity of the identities linked to this user; 0 sees nothing
}

// A Selection is what a read asks of the store: a parsed query within a scope.
type Selection struct {
	Scope  Scope
	Caller int64 // who "me" is; 0 for nobody
	Query  Query
}

// A Position is a place in the order of time: a stored row's key.
type Position int64

// A Seek says where a page starts and which way it runs. Items come back in the
// order of the page, whichever way they were reached.
type Seek struct {
	Oldest   bool      // the page's order: oldest first
	From     *Position // start strictly beyond this row; nil: at the end the order starts with
	Backward bool      // read against the order, ending just before From
	At       *int64    // start at this time, inclusive (when From is nil)
	Limit    int
}

// A Stored is an activity as the store holds it.
type Stored struct {
	Key        Position
	Seq        int64
	RecordedAt int64
	Body       Body
	ActorID    int64
	ActorUser  *int64 // whom the identity is linked to now
	ActorLogin string // the linked user's login, or ""
	ActorLabel string // the linked user's shown name, or ""
	ReportedBy string // what the API token it came through is called now, or ""
	Batch      *int64
}

// A Store keeps activities. Each method's cost is stated for a log of n activities.
// The sqlite package implements it.
type Store interface {
	// Append stores bodies, each in a savepoint of its own, all in one commit, and
	// returns when they are durable. Results are in order; a body that is refused
	// has its error there and leaves no trace. A known external id of the same
	// source answers with the earlier receipt, Duplicate set. What a body only calls
	// its site becomes the one of this log that [SiteCall] means, if there is one.
	Append(ctx context.Context, bodies []Body) ([]Appended, error)
	// Select returns a page of what the selection matches. O(limit · log n) for
	// what facets, words and time can answer.
	Select(ctx context.Context, sel Selection, seek Seek) ([]Stored, error)
	// Skip returns the row before which the n newest matches lie, itself the last of
	// them, to read on from; nil if there are fewer. O(log n) for what Count answers
	// from kept counts.
	Skip(ctx context.Context, sel Selection, n int64) (*Position, error)
	// Count returns how many match, exactly if that is cheap or asked for.
	Count(ctx context.Context, sel Selection, exact bool) (Count, error)
	// CountSince returns how many matches have a place in the ledger from seq on, whenever
	// they happened: at most NewMost, exactly where a bounded look tells. O(log n).
	CountSince(ctx context.Context, sel Selection, seq int64) (Count, error)
	// Histogram spreads the matches over time; see [Histogram].
	Histogram(ctx context.Context, sel Selection, buckets int) (Histogram, error)
	// Find returns one activity by seq with its ledger place, or not_found, also
	// where the scope does not reach it.
	Find(ctx context.Context, scope Scope, seq int64) (Stored, Place, error)
	// Actors returns identities within the scope whose name or label contains search.
	Actors(ctx context.Context, scope Scope, search string, limit int) ([]ActorInfo, error)
	// TypeNames returns the types seen within the scope.
	TypeNames(ctx context.Context, scope Scope) ([]string, error)
	// Revision changes when something within the scope may have changed.
	Revision(ctx context.Context, scope Scope) (string, error)
}

// An Appended is what became of one body; see [Appended.Refusal].
type Appended struct {
	Receipt Receipt
	Err     error // a *fault.Error if the body itself was refused
	// Conflict is set when an earlier activity has this external id but other content.
	Conflict bool
	// Erased is set when the external id is known but its activity was erased.
	Erased bool
}

// Refusal returns why the body is not to be acknowledged: its own error, or conflict
// where its external id stands for something else or for what was erased on purpose.
// It is nil for what is stored, now or before.
func (a Appended) Refusal() error {
	switch {
	case a.Err != nil:
		return a.Err
	case a.Conflict:
		return fault.New(fault.Conflict, "Activity %s has this external id, but says something else.", a.Receipt.ID)
	case a.Erased:
		return fault.New(fault.Conflict, "An activity with this external id was erased on purpose and does not come back.")
	}
	return nil
}
