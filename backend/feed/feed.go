// Package feed puts the newest activities of a query into the forms that feed readers
// subscribe to: Atom (RFC 4287) and JSON Feed 1.1 (https://jsonfeed.org/version/1.1).
//
// A feed says the same as long as the log says the same: nothing in it depends on when
// it was asked for, so that a reader who has it already can be told just that.
package feed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Limits of a feed.
const (
	DefaultLimit = 50
	MaxLimit     = 200

	maxQuery = 2000 // bytes: what goes through an address
	maxValue = 500  // characters of an old or new value
)

// Kinds are the forms, as the ends of their addresses.
const (
	Atom = "atom"
	JSON = "json"
)

// In asks for a feed.
type In struct {
	Query string
	Limit int    // 1 to 200; 0 is 50
	Base  string // of this server's addresses, as its caller spelt it: http://127.0.0.1:8765
	Self  string // the feed's own address below Base, without a credential
}

// A Log is what feeds are read from.
type Log interface {
	List(ctx context.Context, in activity.ListIn) (activity.Page, error)
	Language(ctx context.Context) string
}

// A Service makes feeds.
type Service struct {
	log Log
	id  string
}

// New returns a service over the log with that id, a UUID.
func New(log Log, id string) *Service { return &Service{log: log, id: id} }

// A Feed is a document with its media type.
type Feed struct {
	ContentType string
	Content     []byte
}

// Make returns the newest activities that match, for the caller, in its language and
// zone. Errors: as [activity.Service.List]; invalid (query: too long, limit).
func (s *Service) Make(ctx context.Context, kind string, in In) (Feed, error) {
	if in.Limit == 0 {
		in.Limit = DefaultLimit
	}
	switch {
	case in.Limit < 1 || in.Limit > MaxLimit:
		return Feed{}, fault.At("limit", "limit must lie between 1 and %d.", MaxLimit)
	case len(in.Query) > maxQuery:
		return Feed{}, fault.At("query", "The query of a feed may have %d bytes.", maxQuery)
	}
	page, err := s.log.List(ctx, activity.ListIn{Query: in.Query, Limit: in.Limit})
	if err != nil {
		return Feed{}, err
	}
	p := access.From(ctx)
	doc := s.document(p, in, page.Items)
	doc.language = s.log.Language(ctx)
	if kind == JSON {
		return doc.json()
	}
	return doc.atom()
}

// A document is a feed before it has a form.
type document struct {
	id, title, language, home, self string
	updated                         time.Time // 1970 if it is empty: it never was
	entries                         []entry
}

type entry struct {
	id, url, title, text, author string
	kind, label                  string // the type and what it is called
	published, updated           time.Time
}

func (s *Service) document(p access.Principal, in In, items []activity.Activity) document {
	loc, err := time.LoadLocation(p.Zone)
	if err != nil {
		loc = time.UTC
	}
	doc := document{
		id: s.tag("feed:" + fingerprint(p, in.Query)), title: "Activity Log",
		home: in.Base + "/", self: in.Base + in.Self, updated: time.UnixMilli(0).In(loc),
	}
	if query := strings.TrimSpace(in.Query); query != "" {
		doc.title += ": " + query
	}
	for _, a := range items {
		e := entry{
			id: s.tag("activity:" + a.ID), url: in.Base + "/#/timeline?sel=" + a.ID,
			author: name(a.Actor), kind: a.Type, label: a.TypeLabel,
			published: time.UnixMilli(a.OccurredAt).In(loc), updated: time.UnixMilli(a.RecordedAt).In(loc),
		}
		e.title = e.author + " " + activity.PlainText(a.Sentence)
		e.text = text(e.title, a)
		if e.updated.After(doc.updated) {
			doc.updated = e.updated
		}
		doc.entries = append(doc.entries, e)
	}
	return doc
}

// tag is a tag URI (RFC 4151) for something of this log: it stays the same wherever the
// log is served.
func (s *Service) tag(of string) string {
	return "tag:activitylog.local,2026:" + s.id + ":" + of
}

// fingerprint tells feeds apart: by their query and whose activity they show.
func fingerprint(p access.Principal, query string) string {
	whose := "all"
	if !p.SeesAll() {
		whose = strconv.FormatInt(p.UserID, 10)
	}
	sum := sha256.Sum256([]byte(whose + "\x00" + strings.TrimSpace(query)))
	return hex.EncodeToString(sum[:12])
}

// name is what to call an actor; never empty.
func name(a activity.Actor) string {
	for _, text := range []string{a.Label, a.Name} {
		if text = strings.TrimSpace(text); text != "" {
			return text
		}
	}
	return a.Kind
}

// text is an entry's content: what happened, and each change on a line of its own.
func text(title string, a activity.Activity) string {
	var b strings.Builder
	b.WriteString(title)
	for _, c := range a.Changes {
		b.WriteString("\n" + c.Field + ": " + value(c.Old) + " → " + value(c.New))
	}
	return b.String()
}

// value is a JSON value as people read it, cut where it is long.
func value(raw json.RawMessage) string {
	text := string(raw)
	var plain string
	switch {
	case len(raw) == 0 || bytes.Equal(raw, []byte("null")):
		return "–"
	case json.Unmarshal(raw, &plain) == nil:
		text = plain
	}
	n := 0
	for at := range text {
		if n++; n > maxValue {
			return text[:at] + "…"
		}
	}
	return text
}
