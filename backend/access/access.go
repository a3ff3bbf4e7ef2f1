// Package access says who is calling and what they may do.
//
// It is pure: it reads no database and no network. A front puts a [Principal]
// into the context; the first line of each service asks [Require] for the least
// role. Tokens (token.go) and passwords (password.go) are made and checked here.
package access

import (
	"context"

	"activitylog/backend/fault"
)

// A Role is what a caller may do at most. Roles are ordered: each may do what
// the ones before it may.
type Role string

// The roles, from least to most.
const (
	None  Role = "none"  // sign in and out, own password; sees nothing
	View  Role = "view"  // and read own activity
	Write Role = "write" // and record by hand, as oneself
	Admin Role = "admin" // and the settings of sites where admin
	Super Role = "super" // everything; sees all
)

// Roles lists the roles from least to most.
func Roles() []Role { return []Role{None, View, Write, Admin, Super} }

// Rank returns the role's place in the order, 0 for [None] and for any other word.
func (r Role) Rank() int {
	for i, known := range Roles() {
		if r == known {
			return i
		}
	}
	return 0
}

// AtLeast reports whether r may do what least may.
func (r Role) AtLeast(least Role) bool { return r.Rank() >= least.Rank() }

// A Door is the way a call came in. The source of an activity is set by it.
type Door string

// The doors.
const (
	Window Door = "window"
	HTTP   Door = "http"
	CLI    Door = "cli"
)

// A Principal is who calls. The zero value is nobody.
type Principal struct {
	UserID   int64  // our user's permanent id; 0 for nobody and for the local owner
	Login    string // the user's login, or the operating-system account of the local owner
	Role     Role   // the effective role: super, or the highest level on any site
	Session  string // the session's id, "" if the call stands on none
	Token    *Token // the API token the call stands on, nil without; UserID is then its maker's
	Door     Door
	Exposed  bool   // the credential stood in an address, which servers and browsers keep
	Owner    bool   // the command line acting as the operating-system account that owns the data
	Language string // "en", "de"; "" for the log's default
	Zone     string // IANA name; "" for UTC
	IP       string // the peer's address, "" if none
	Agent    string // the peer's user agent, "" if none

	DoNotTrack bool // the peer's browser asks not to be tracked (Sec-GPC or DNT)
}

// Known reports whether somebody is signed in, or a token's maker (or is the local owner).
func (p Principal) Known() bool { return p.Owner || p.UserID != 0 || p.Token != nil }

// SeesAll reports whether the principal's scope is the whole log.
func (p Principal) SeesAll() bool {
	if p.Token != nil {
		return p.Token.Maker == Super && p.Token.Has(ReadAll)
	}
	return p.Role == Super
}

// MayRecord reports whether the principal may record activity.
func (p Principal) MayRecord() bool {
	if p.Token != nil {
		return p.Token.Maker.AtLeast(Write) && p.Token.Has(Ingest)
	}
	return p.Known() && p.Role.AtLeast(Write)
}

// MayNameOthers reports whether what the principal records may name another actor.
func (p Principal) MayNameOthers() bool {
	if p.Token != nil {
		return p.MayRecord() && p.Token.Maker == Super
	}
	return p.Known() && p.Role == Super
}

type contextKey struct{}

// With returns a context that carries the principal.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From returns the context's principal; nobody if there is none.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(contextKey{}).(Principal)
	return p
}

// Require returns the caller if it is signed in with at least the role. An API token
// never does more than read: only view opens to one that may.
// Errors: unauthenticated (nobody), denied (a lesser role, a token).
func Require(ctx context.Context, least Role) (Principal, error) {
	p := From(ctx)
	if !p.Known() {
		return p, fault.New(fault.Unauthenticated, "Sign in first.")
	}
	if p.Token != nil && (least != View || p.Role != View) {
		return p, refusedToken(p)
	}
	if !p.Role.AtLeast(least) {
		if least == Super {
			return p, fault.New(fault.Denied, "Only a super user may do this. Ask one of them.")
		}
		return p, fault.New(fault.Denied, "This needs the role %q on at least one site. A super user can give it.", least)
	}
	return p, nil
}

// RequirePerson is [Require] for what no API token may do, whatever its scopes.
func RequirePerson(ctx context.Context, least Role) (Principal, error) {
	if p := From(ctx); p.Token != nil {
		return p, refusedToken(p)
	}
	return Require(ctx, least)
}

// RequireRecorder returns the caller if it may record activity: a person with at
// least the role write, or a token with the scope ingest whose maker has it.
// Errors: unauthenticated, denied.
func RequireRecorder(ctx context.Context) (Principal, error) {
	p := From(ctx)
	if p.Token == nil {
		return Require(ctx, Write)
	}
	if !p.MayRecord() {
		return p, refusedToken(p)
	}
	return p, nil
}

// RequireViewer returns the caller if it may open a widget: a person with at least the
// role view, or a token with the scope widget whose maker has it. Which widget is for
// the caller to ask. Errors: unauthenticated, denied.
func RequireViewer(ctx context.Context) (Principal, error) {
	p := From(ctx)
	if p.Token == nil {
		return Require(ctx, View)
	}
	if !p.Token.Has(Widget) || !p.Token.Maker.AtLeast(View) {
		return p, refusedToken(p)
	}
	return p, nil
}

func refusedToken(p Principal) error {
	return fault.New(fault.Denied, "The API token %q may not do this: its scopes and its maker's role do not allow it.", p.Token.Name)
}
