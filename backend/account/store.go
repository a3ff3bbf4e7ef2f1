package account

import (
	"context"
	"encoding/json"

	"activitylog/backend/activity"
)

// A Record is a user as stored. Times are Unix milliseconds.
type Record struct {
	ID        int64
	Login     string
	Key       string // the login in the form in which logins are compared
	Email     string
	Name      string
	Password  string // PHC string; "" cannot sign in
	Super     bool
	Disabled  bool
	Version   int64 // of tokens: those with another one are refused
	CreatedAt int64
	SeenAt    *int64
}

// A Grant is a user's level on a site: view, write or admin.
type Grant struct {
	User, Site int64
	Level      string
}

// A Link is an identity of another source and the user it is linked to, if any.
type Link struct {
	Actor              int64
	Kind, Source, Name string
	User               *int64
}

// A Running is a session as stored.
type Running struct {
	ID        string
	User      int64
	CreatedAt int64
	SeenAt    int64 // last call, to the minute
	ExpiresAt int64 // absolute end
	Door      string
	Agent     string
}

// A Live is what one call needs to know of its session, read at once.
type Live struct {
	Session  Running
	User     Record
	Level    string // the highest on any site, "" without any
	Language string // preferences, "" if not set
	Zone     string
}

// Tries counts failed sign-ins of one account, unknown login or source.
type Tries struct {
	Scope    string // account:<id>, login:<hash> or source:<address>
	Failures int    // in a row
	Until    int64  // ms; no try is evaluated before
	Summary  int64  // ms of the last summary recorded, 0 for none
	Skipped  int    // failures since then that were not recorded singly
}

// A View reads accounts. Each method costs one or a few index look-ups, those that
// return slices one more per row. The bool is false where there is no such thing.
type View interface {
	HasSuper(ctx context.Context) (bool, error)
	Users(ctx context.Context) ([]Record, error)                                // by login
	UserByID(ctx context.Context, id int64) (Record, bool, error)               //
	UserByKey(ctx context.Context, key string) (Record, bool, error)            //
	Grants(ctx context.Context, user int64) ([]Grant, error)                    // 0: everybody's
	GrantsOn(ctx context.Context, site int64) ([]Grant, error)                  // by user
	Links(ctx context.Context, user int64) ([]Link, error)                      // 0: everybody's
	Actor(ctx context.Context, id int64) (Link, bool, error)                    // of any source, self too
	Live(ctx context.Context, session string) (Live, bool, error)               //
	Stored(ctx context.Context, user int64) (map[string]json.RawMessage, error) // preferences
	Tries(ctx context.Context, scope string) (Tries, bool, error)               //
	Untold(ctx context.Context, before int64) ([]Tries, error)                  // Skipped > 0, Summary < before
	SiteRef(ctx context.Context, site int64) (activity.SiteRef, bool, error)    //
	OtherSupers(ctx context.Context, id int64) (int, error)                     // enabled ones besides this user
	OwnViews(ctx context.Context, user int64) (int, error)                      // that nobody else has
	Tokens(ctx context.Context) ([]TokenRecord, error)                          // everybody's
	TokenByID(ctx context.Context, id int64) (TokenRecord, bool, error)         //
	TokenByHash(ctx context.Context, hash []byte) (TokenRecord, bool, error)    //
}

// A Tx is a View of one transaction that also writes. Everything in it, the
// activities too, is stored together or not at all.
type Tx interface {
	View
	Record(ctx context.Context, b activity.Body) (activity.Receipt, error)

	AddUser(ctx context.Context, r Record) (int64, error) // the id was never used before
	SaveUser(ctx context.Context, r Record) error         // all but id, login and creation
	DropUser(ctx context.Context, id int64) error         // with sessions, grants, preferences, own views; unlinks foreign identities
	SetGrant(ctx context.Context, g Grant) error          // Level "" takes it away
	SetLink(ctx context.Context, actor int64, user *int64) error

	AddSession(ctx context.Context, r Running) error
	Touch(ctx context.Context, session string, now int64) error       // the session and its user were seen
	EndSession(ctx context.Context, session string) error             //
	EndSessions(ctx context.Context, user int64, except string) error //
	EndExpired(ctx context.Context, now, seenBefore int64) error      // sessions that are over
	SetPreference(ctx context.Context, user int64, name string, value json.RawMessage) error
	AddToken(ctx context.Context, r TokenRecord, hash []byte) (int64, error) // the id was never used before
	SaveToken(ctx context.Context, r TokenRecord) error                      // name, scopes, GET, expiry, revocation
	TouchToken(ctx context.Context, id, now int64) error                     // it was used
	SaveTries(ctx context.Context, t Tries) error
	ForgetTries(ctx context.Context, scope string) error
	ForgetTriesBefore(ctx context.Context, until int64) error
}

// A Store keeps accounts. The sqlite package implements it.
type Store interface {
	View
	// Update runs change in a transaction of the writer and returns when it is
	// durable. If change fails nothing of it is stored. The writer waits for change:
	// it must not hash passwords or call Update.
	Update(ctx context.Context, change func(Tx) error) error
}
