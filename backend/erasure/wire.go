package erasure

import "activitylog/backend/activity"

// PlanIn says what is to be erased: activities, or one person by an account or by an
// identity. Exactly one of Activities, User and Actor is given.
type PlanIn struct {
	Activities []string `json:"activities"` // ids
	User       string   `json:"user"`       // id of an account, also of one that was removed
	Actor      string   `json:"actor"`      // id of an identity that is linked to no account
	Also       []string `json:"also"`       // further names the person goes by
	Without    []string `json:"without"`    // names and addresses of the plan that are to count as nobody's
	Keep       []string `json:"keep"`       // ids of activities by others that stay although they name the person
}

// A Plan says what goes if it is erased now. Nothing has gone yet.
type Plan struct {
	Kind  string `json:"kind"`  // activity, person
	Label string `json:"label"` // what the person is called here; "" for activities
	// User is set where an account is removed first.
	User       *Account   `json:"user"`
	Identities []Identity `json:"identities"`
	Total      int64      `json:"total"`  // activities that go
	By         int64      `json:"by"`     // of these, by the person
	About      int64      `json:"about"`  // of these, by others, with the person as object
	Naming     int64      `json:"naming"` // of these, by others, that name the person otherwise
	Held       int64      `json:"held"`   // of these, under legal hold: nothing goes until it is lifted
	Oldest     *int64     `json:"oldest"` // ms, of what goes
	Newest     *int64     `json:"newest"` // ms
	Names      []Name     `json:"names"`
	Samples    []Sample   `json:"samples"` // some of what goes, newest first; all, where they are few
	Lasting    []Lasting  `json:"lasting"` // what speaks of the log itself and is never erased
	Gone       []string   `json:"gone"`    // ids that were asked for and have no activity (any more)
	Traces     []Trace    `json:"traces"`  // what else goes
	Left       []Trace    `json:"left"`    // what names the person and is for you to change
}

// An Account is one that is removed.
type Account struct {
	ID    string `json:"id"`
	Login string `json:"login"`
	Email string `json:"email"`
	Name  string `json:"name"`
}

// An Identity is one of the person's: what it did goes.
type Identity struct {
	Actor  string `json:"actor"` // id
	Kind   string `json:"kind"`
	Source string `json:"source"`
	Name   string `json:"name"`
}

// A Name is a text by which other activities name the person.
type Name struct {
	Text    string              `json:"text"`
	Kind    string              `json:"kind"` // login, name, email, identity, address, also
	N       int64               `json:"n"`    // activities by others that have it
	Counts  bool                `json:"counts"`
	Samples []activity.Activity `json:"samples"` // the newest three by others
}

// A Sample is an activity that goes, and why.
type Sample struct {
	Why      string            `json:"why"` // by, about, naming, chosen
	Activity activity.Activity `json:"activity"`
}

// A Lasting is a type whose activities are never erased.
type Lasting struct {
	Type  string `json:"type"`
	Label string `json:"label"`
	N     int64  `json:"n"`
	Names bool   `json:"names"` // some of these have a name or an address of the person
}

// A Trace is something else that has to do with the person.
type Trace struct {
	Kind string `json:"kind"` // widget, view, token, schedule, mapping, report, session, site, setting, user, plugin
	Name string `json:"name"` // "" without one
	N    int64  `json:"n"`
}

// In erases what a plan with the same fields lists.
type In struct {
	Activities []string `json:"activities"`
	User       string   `json:"user"`
	Actor      string   `json:"actor"`
	Also       []string `json:"also"`
	Without    []string `json:"without"`
	Keep       []string `json:"keep"`
	// Total is the number of activities of the plan that was agreed to; if it is more by
	// now, nothing is erased. null: whatever it is.
	Total *int64 `json:"total"`
}

// ContinueIn goes on with what is half erased.
type ContinueIn struct{}

// Continued says how many erasings were gone on with; all of them have ended.
type Continued struct {
	Erasings int `json:"erasings"`
}
