// Package activity is the log itself: what an activity is, what makes a draft
// valid, how a query is written, and the service that records, lists and counts.
//
// It is pure: how activities are stored is behind [Store], which the sqlite
// package implements; its tests are the proof that both agree.
package activity

import (
	"encoding/json"
	"strings"
)

// An Actor is an identity that did something. Identities are unique by
// (kind, source, name), those of this log's own users by User.
type Actor struct {
	ID     string  `json:"id"`     // of the dictionary; "" if the actor was erased
	Kind   string  `json:"kind"`   // user, os, service, system, anonymous
	Source string  `json:"source"` // the door it came through; self for this log's users
	Name   string  `json:"name"`
	User   *string `json:"user"`  // the user of this log it is linked to, by permanent id
	Label  string  `json:"label"` // what to show: the linked user's name, or Name
}

// An Object is what something was done to, with its name at that time.
type Object struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A SiteRef is the measurable an activity belongs to, with its name at that time.
type SiteRef struct {
	ID   *string `json:"id"` // permanent id of one of this log's sites, or null
	Kind string  `json:"kind"`
	Name string  `json:"name"`
}

// A Change is one field that got another value.
type Change struct {
	Field string          `json:"field"`
	Old   json.RawMessage `json:"old"` // any JSON, null if there was none
	New   json.RawMessage `json:"new"`
}

// The results.
const (
	OK     = "ok"
	Failed = "failed"
	Denied = "denied"
)

// The kinds of actors.
const (
	KindUser      = "user"
	KindOS        = "os"
	KindService   = "service"
	KindSystem    = "system"
	KindAnonymous = "anonymous"
)

// A Part is a piece of a sentence. Text parts are shown as they are; the others
// are names and can be filtered by.
type Part struct {
	Kind string `json:"kind"` // text, actor, object, site, value, result
	Text string `json:"text"`
	// Filter is what a click on the part writes into the query box, or "".
	Filter string `json:"filter"`
}

// PlainText is a sentence without its marks.
func PlainText(sentence []Part) string {
	var b strings.Builder
	for _, part := range sentence {
		b.WriteString(part.Text)
	}
	return b.String()
}

// An Activity is one stored fact, as every front shows it. Times are Unix
// milliseconds, ids strings, slices never null.
type Activity struct {
	ID            string          `json:"id"` // ledger place + 1
	OccurredAt    int64           `json:"occurredAt"`
	OffsetMinutes int             `json:"offsetMinutes"` // of the actor's clock, east of UTC
	RecordedAt    int64           `json:"recordedAt"`
	Type          string          `json:"type"`
	TypeLabel     string          `json:"typeLabel"` // in the reader's language
	Category      string          `json:"category"`
	CategoryLabel string          `json:"categoryLabel"`
	Icon          string          `json:"icon"` // a lucide icon's name
	Tone          string          `json:"tone"` // create, update, delete, access, system
	Actor         Actor           `json:"actor"`
	Object        *Object         `json:"object"`
	Site          *SiteRef        `json:"site"`
	Source        string          `json:"source"`
	ReportedBy    string          `json:"reportedBy"` // what the API token is called now that the source api:<id> names; else ""
	Result        string          `json:"result"`
	IP            *string         `json:"ip"`
	UserAgent     *string         `json:"userAgent"`
	RequestID     *string         `json:"requestId"`
	ExternalID    *string         `json:"externalId"`
	Changes       []Change        `json:"changes"`
	Parameters    json.RawMessage `json:"parameters"` // an object
	Sentence      []Part          `json:"sentence"`   // past tense, without the subject
}

// A Detail is one activity with all that is known of it.
type Detail struct {
	Activity Activity        `json:"activity"`
	Raw      json.RawMessage `json:"raw"` // the record as its source delivered it, or null
	Batch    *string         `json:"batch"`
	Ledger   Place           `json:"ledger"`
}

// A Place is where an activity stands in the ledger.
type Place struct {
	Entry      string `json:"entry"`      // seq, from 0
	Size       string `json:"size"`       // of the tree now
	Commitment string `json:"commitment"` // hex
	Leaf       string `json:"leaf"`       // base64, as in checkpoints
	Sealed     bool   `json:"sealed"`     // under a signed head
}

// A Receipt is what the recorder gets back: the place, and the leaf as proof.
type Receipt struct {
	ID         string `json:"id"`
	Leaf       string `json:"leaf"`
	Duplicate  bool   `json:"duplicate"` // an earlier activity with this external id stands for it
	RecordedAt int64  `json:"recordedAt"`
}
