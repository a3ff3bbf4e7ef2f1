package activity

import "encoding/json"

// A Draft is an activity not yet stored. Only Type is required; unknown fields
// are refused by name (see [ParseDraft]). The source is never the draft's to say.
type Draft struct {
	Type       string          `json:"type"`
	Actor      *DraftActor     `json:"actor"`      // null: the caller
	OccurredAt *string         `json:"occurredAt"` // RFC 3339; null: now
	Site       *string         `json:"site"`       // id, address or name of a site; null: none
	Object     *Object         `json:"object"`
	Changes    []Change        `json:"changes"`
	Parameters json.RawMessage `json:"parameters"` // an object or null
	Result     string          `json:"result"`     // "" is ok
	IP         *string         `json:"ip"`
	UserAgent  *string         `json:"userAgent"`
	RequestID  *string         `json:"requestId"`
	ExternalID *string         `json:"externalId"`
	// Raw is the record as its source delivered it. Only importers set it.
	Raw json.RawMessage `json:"-"`
}

// A DraftActor names who did it: a bare JSON string is a name of kind user.
type DraftActor struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// ListIn asks for a page. At and Cursor exclude each other.
type ListIn struct {
	Query  string `json:"query"`
	Zone   string `json:"zone"`   // IANA name in which dates are read; "" is the caller's own
	Order  string `json:"order"`  // newest (default) or oldest first
	At     *int64 `json:"at"`     // start at this time (newest: at or before; oldest: at or after)
	Cursor string `json:"cursor"` // Next or Previous of an earlier page of the same query
	Limit  int    `json:"limit"`  // 1 to 500; 0 is 50
}

// A Page is a part of the log, in the order asked for, whichever way it was reached.
type Page struct {
	Items    []Activity `json:"items"`
	Next     *string    `json:"next"`     // goes on after the last item; null at the end
	Previous *string    `json:"previous"` // goes back before the first item; never null if there are items
}

// CountIn asks how many match.
type CountIn struct {
	Query string `json:"query"`
	Zone  string `json:"zone"`
	Exact bool   `json:"exact"` // count to the end, however long it takes
}

// A Count is how many match. Where Exact is false there are at least N.
type Count struct {
	N     int64 `json:"n"`
	Exact bool  `json:"exact"`
}

// HistogramIn asks how the matches are spread over time.
type HistogramIn struct {
	Query   string `json:"query"`
	Zone    string `json:"zone"`
	Buckets int    `json:"buckets"` // at most 512; 0 is 512
}

// A Histogram spreads matches over time. Where Exact is false the query cannot be
// answered from kept counts: Buckets is empty and only From and To are known.
type Histogram struct {
	From    int64    `json:"from"` // ms of the oldest match
	To      int64    `json:"to"`   // ms of the newest match
	Width   int64    `json:"width"`
	Buckets []Bucket `json:"buckets"` // oldest first, empty ones left out
	Exact   bool     `json:"exact"`
}

// A Bucket is one bar.
type Bucket struct {
	At int64 `json:"at"`
	N  int64 `json:"n"`
}

// GetIn names one activity.
type GetIn struct {
	ID string `json:"id"`
}

// TypesIn asks for the catalogue and what else the caller can see.
type TypesIn struct{}

// A TypeInfo describes one type in the reader's language.
type TypeInfo struct {
	ID            string      `json:"id"`
	Label         string      `json:"label"`
	Category      string      `json:"category"`
	CategoryLabel string      `json:"categoryLabel"`
	Icon          string      `json:"icon"`
	Tone          string      `json:"tone"`
	Parameters    []ParamInfo `json:"parameters"`
	// Known is false for a type seen in the log that no catalogue defines.
	Known bool `json:"known"`
	// Recordable is false for what only this program may record of itself, and while the
	// plugin that has it is deactivated.
	Recordable bool `json:"recordable"`
}

// A ParamInfo describes one parameter of a type.
type ParamInfo struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Kind     string `json:"kind"` // text, number, flag, date, list, entity
	Required bool   `json:"required"`
	Secret   bool   `json:"secret"`
}

// TypeList is the answer of Types.
type TypeList struct {
	Types []TypeInfo `json:"types"`
}

// ActorsIn asks for identities, those whose name or label contains Search.
type ActorsIn struct {
	Search string `json:"search"`
	Limit  int    `json:"limit"` // 1 to 500; 0 is 50
}

// ActorList is the answer of Actors: a super user's whole dictionary, anybody
// else's own identities.
type ActorList struct {
	Actors []ActorInfo `json:"actors"`
}

// An ActorInfo is an identity and how often it acted.
type ActorInfo struct {
	Actor Actor `json:"actor"`
	N     int64 `json:"n"`
}

// StatusIn asks for the state of the log.
type StatusIn struct{}

// A Status is the state of the log as far as the caller may know it.
type Status struct {
	Version  string `json:"version"`
	Ready    bool   `json:"ready"`    // false until a first super user exists
	Revision string `json:"revision"` // another one when something the caller sees may have changed
	State    string `json:"state"`    // sealed, verified, unsealed, rolled_back, altered, key_missing; "" if not allowed to know
	Size     string `json:"size"`     // entries in the ledger; "" if not allowed to know
	Verified *int64 `json:"verified"` // ms of the last complete verification in this process
	Origin   string `json:"origin"`   // activitylog.local/<uuid>
	Key      string `json:"key"`      // the public verifier key to pin; "" if not allowed to know
}
