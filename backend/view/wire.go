package view

import "activitylog/backend/activity"

// A View is a saved query with how its list is shown.
type View struct {
	ID        string   `json:"id"` // never used again
	Name      string   `json:"name"`
	Query     string   `json:"query"`
	Columns   []string `json:"columns"` // beside the sentence: type, site, object, result, source, ip, offset, id
	Order     string   `json:"order"`   // newest, oldest
	Density   string   `json:"density"` // compact, comfortable, airy; "" is the reader's own
	Shared    bool     `json:"shared"`  // everybody has it; each sees in it what they may see
	Own       bool     `json:"own"`     // the caller made it
	By        string   `json:"by"`      // who made it, as shown; "": the command line, or a user who was removed
	Editable  bool     `json:"editable"`
	Hold      bool     `json:"hold"`     // under legal hold: what it matches is not erased; super users see it
	HoldZone  string   `json:"holdZone"` // in which the dates of a held query are read; "" where none is held
	Pinned    bool     `json:"pinned"`   // to the caller's side bar
	CreatedAt int64    `json:"createdAt"`
	ChangedAt int64    `json:"changedAt"`
	// New is how many matches were recorded since the caller last saw it, whenever they
	// happened: at most 999, at least N where it is not exact. Null where it is not
	// pinned, or its query means nothing.
	New *activity.Count `json:"new"`
	// Fault says why its query means nothing any more; "" where it does.
	Fault string `json:"fault"`
}

// ListIn asks for the views the caller has: own and shared ones.
type ListIn struct {
	Zone string `json:"zone"` // IANA name in which dates of queries are read; "" is the caller's own
}

// List is the answer of Views, by name.
type List struct {
	Views []View `json:"views"`
}

// SaveIn makes a view, or changes the one of an id; null leaves a field as it is.
type SaveIn struct {
	ID      string    `json:"id"`   // "" makes one
	Name    *string   `json:"name"` // needed to make one
	Query   *string   `json:"query"`
	Columns *[]string `json:"columns"`
	Order   *string   `json:"order"`
	Density *string   `json:"density"`
	Shared  *bool     `json:"shared"`
	Pinned  *bool     `json:"pinned"` // to the caller's own side bar
}

// RemoveIn removes a view.
type RemoveIn struct {
	ID string `json:"id"`
}

// Removed is the answer of RemoveView.
type Removed struct{}

// HoldIn puts a shared view under legal hold, or lifts it. Super users only.
type HoldIn struct {
	ID   string `json:"id"`
	Hold bool   `json:"hold"`
	Zone string `json:"zone"` // IANA name in which dates of its query are read; "" is the caller's own
}

// SeeIn says that the caller sees a view now.
type SeeIn struct {
	ID string `json:"id"`
}

// Seen is the answer of SeeView.
type Seen struct{}

// PinIn pins a view to the caller's side bar, or takes it off.
type PinIn struct {
	ID     string `json:"id"`
	Pinned bool   `json:"pinned"`
}

// FileIn asks for views as a file.
type FileIn struct {
	IDs []string `json:"ids"` // none: all the caller has
}

// A File is views to be saved: what ImportViews takes.
type File struct {
	Name    string `json:"name"`
	Content string `json:"content"` // JSON
}

// ImportIn takes a file of views in.
type ImportIn struct {
	Content string `json:"content"` // of the file
	// Replace changes views of the same name; without it a file with such a view that
	// says something else is refused.
	Replace bool `json:"replace"`
}

// An Imported is what became of a file of views.
type Imported struct {
	Created int `json:"created"`
	Changed int `json:"changed"`
	Same    int `json:"same"` // there already
}
