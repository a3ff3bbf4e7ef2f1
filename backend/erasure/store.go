package erasure

import (
	"context"
	"net/netip"

	"activitylog/backend/account"
	"activitylog/backend/activity"
)

// A Person is who is to be erased, as the store knows them.
type Person struct {
	User       *account.Record // nil without an account (any more)
	UserID     int64           // 0: never one of this log's users
	Identities []account.Link  // their own, and those linked to the account
	// Called are logins, names and e-mail addresses the account had at any time, as far
	// as the log still says so.
	Called    []string
	Addresses []netip.Addr // whole ones from which they acted
}

// Wanted says which activities are looked for: those of these places, or those that have
// to do with a person.
type Wanted struct {
	Places     []int64 // of the ledger; for these nothing else counts
	UserID     int64
	Identities []int64
	Texts      []string // by which they are named
	Without    []bool   // of Texts: only counted
	Keep       []int64  // places of what others did that stay
	Own        []string // types that this log records of itself, whose object may be the person
}

// Found is what was found.
type Found struct {
	Runs              [][2]int64 // runs of places, from 0, both ends included
	Total             int64
	By, About, Naming int64
	Undoing           int64 // of Total, in an import that is being undone: EraseRuns keeps those
	Oldest, Newest    int64 // ms, with Total
	Names             []FoundName
	Lasting           map[string]FoundLasting // by type
	Samples           []FoundSample           // newest first
}

// A FoundName is what others' activities say of one of the texts.
type FoundName struct {
	N       int64
	Samples []int64 // places, newest first
}

// FoundLasting counts activities that stay.
type FoundLasting struct {
	N     int64
	Names bool // some of them have one of the texts
}

// A FoundSample is an activity that goes.
type FoundSample struct {
	Place int64
	Why   string
}

// Forgotten is what a person left outside of the activities.
type Forgotten struct {
	Traces []Trace
	Left   []Trace
	// Tokens are files of tokens for servers that are no longer followed.
	Tokens []string
}

// Note adds something; goes is whether it goes. What has no kind is not told.
func (f *Forgotten) Note(kind, name string, goes bool) {
	list := &f.Left
	if goes {
		list = &f.Traces
	}
	if kind == "" {
		return
	}
	for i := range *list {
		if t := &(*list)[i]; t.Kind == kind && t.Name == name {
			t.N++
			return
		}
	}
	*list = append(*list, Trace{Kind: kind, Name: name, N: 1})
}

// A Tx is a transaction in which a person is forgotten.
type Tx interface {
	account.Tx
	// Forget removes what the person left outside of the activities and says what.
	Forget(ctx context.Context, who Who) (Forgotten, error)
	// UnderHolds refuses to go on if the holds are others than those of a mark. Errors: conflict.
	UnderHolds(ctx context.Context, mark string) error
	// Replan changes the note of an erasing.
	Replan(ctx context.Context, id int64, plan []byte) error
}

// Who is by what a person is found outside of the activities.
type Who struct {
	UserID    int64
	Texts     []string // that count
	Hashes    []string // of logins, as failed sign-ins have them
	Addresses []string // from which they acted
}

// A Store finds and erases. The sqlite package implements it.
type Store interface {
	// Person finds a person by the account's id or else by an identity's; false if there
	// is no such. Cost: a look at each activity by or about them.
	Person(ctx context.Context, user, identity int64) (Person, bool, error)
	// Erasable finds the activities that go. Cost: a look at each activity of the log.
	Erasable(ctx context.Context, want Wanted) (Found, error)
	// Find returns one activity.
	Find(ctx context.Context, scope activity.Scope, seq int64) (activity.Stored, activity.Place, error)
	// Left says what Forget would remove, and what names the person beside that.
	Left(ctx context.Context, who Who) (Forgotten, error)
	// Forgetting runs change in a transaction of the writer: all of it or nothing is stored.
	Forgetting(ctx context.Context, change func(Tx) error) error
	// Unname takes identities out of the dictionary, or at least their names.
	Unname(ctx context.Context, identities []int64) error
	// BeginErasing notes that erasing begins. Errors: conflict (one of that kind runs).
	BeginErasing(ctx context.Context, e activity.Erasing) (int64, error)
	// Erasings returns the erasings of a kind that began last, newest first.
	Erasings(ctx context.Context, kind string, limit int) ([]activity.Erasing, error)
	// HeldAmong counts what is under hold in runs of places.
	HeldAmong(ctx context.Context, holds activity.Holds, runs [][2]int64) (int64, error)
	// EraseRuns erases in one commit. Errors: conflict (somebody stopped this erasing, the
	// holds are others by now).
	EraseRuns(ctx context.Context, erasing int64, holds string, runs [][2]int64, say activity.Said) (erased, kept int64, err error)
	// EndErasing notes that an erasing ended, and records who ended it before it was done, if
	// that is known.
	EndErasing(ctx context.Context, e activity.Erasing, ended *activity.Body) error
	// Scrub removes what erasing left of words in the file.
	Scrub(ctx context.Context) error
	// GiveBack makes the file smaller and returns by how many bytes.
	GiveBack(ctx context.Context) (int64, error)

	// Alone has this process be the only one that does a job until release is called, or
	// the process ends; held is false where another is at it.
	Alone(job string) (release func() error, held bool, err error)
}
