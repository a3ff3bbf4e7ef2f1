package source

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"sync/atomic"

	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/remote"
)

const (
	serverPage = 500 // entries asked for at once
	// stalePages is how many pages in a row may bring nothing but the entries of the page
	// before. A busy log moves on between two pages, so that one may.
	stalePages = 3
)

// A serverPlan is which server to read, and how far.
type serverPlan struct {
	remote.Server
	limit int  // entries asked for at once
	all   bool // to the end
	// stops says that a reading before came to the end: all is known behind a page that is.
	stops bool
}

// planServer checks what a server's import is asked for.
func planServer(in ImportIn) (plan, error) {
	switch {
	case in.Server == nil:
		return plan{}, fault.At("server", "Say which Matomo server: give its address and a token.")
	case len(in.Handles) > 0:
		return plan{}, fault.At("handles", "Import files and the log of a server one after the other.")
	case in.Format != "" && in.Format != Auto && in.Format != MatomoServer:
		return plan{}, fault.At("format", "A server is read as %s, not as %q.", MatomoServer, in.Format)
	}
	address, err := remote.Address(in.Server.Address)
	if err != nil {
		return plan{}, err
	}
	token, err := remote.Token(in.Server.Token)
	if err != nil {
		return plan{}, err
	}
	source, err := sourceOf(Matomo, in.Name) // a dump of the server's has the same ids
	if err != nil {
		return plan{}, err
	}
	server := &serverPlan{Server: remote.Server{Address: address, Token: token}, limit: serverPage, all: in.Server.All}
	return plan{format: MatomoServer, source: source, server: server}, nil
}

// title is the server's name.
func (s *serverPlan) title() string {
	u, err := url.Parse(s.Address)
	if err != nil {
		return s.Address
	}
	return u.Host
}

// whetherKnown finds out whether the reading may stop where all is known: newest comes
// first, so that one that was broken off has left a gap behind what it stored.
func (s *Service) whetherKnown(ctx context.Context, pl plan) error {
	last, err := s.store.LastImport(ctx, pl.source, MatomoServer)
	pl.server.stops = last == job.StateDone && !pl.server.all
	return err
}

// A serverReader reads the log of a Matomo server, newest first. It goes on behind the
// entries that it got, however many those were, until there are no more.
type serverReader struct {
	ask     func(offset, limit int) ([]json.RawMessage, error)
	known   func(ids []string) (int, error) // nil reads to the end
	catalog *catalog.Catalog
	name    string

	page   []entry
	before map[string]bool // external ids of the page before
	stale  int
	offset int
	limit  int
	done   bool
	read   atomic.Int64
}

// An entry is one of a page as a record, or what is wrong with it.
type entry struct {
	record Record
	at     string // when it was, as the server writes it
	err    error
}

func (s *Service) serverReader(ctx context.Context, pl plan) *serverReader {
	r := &serverReader{
		catalog: s.options.Catalog, name: pl.server.title(), limit: pl.server.limit,
		ask: func(offset, limit int) ([]json.RawMessage, error) {
			return s.options.Remote.Entries(ctx, pl.server.Server, offset, limit)
		},
	}
	if pl.server.stops {
		r.known = func(ids []string) (int, error) { return s.store.Known(ctx, pl.source, ids) }
	}
	return r
}

func (r *serverReader) Consumed() int64 { return r.read.Load() }
func (r *serverReader) Skipped() int64  { return 0 }
func (r *serverReader) Close() error    { return nil }

// Next returns the next entry; the error is what the server or its connection failed with.
func (r *serverReader) Next() (Record, error) {
	for len(r.page) == 0 {
		if r.done {
			return Record{}, io.EOF
		}
		if err := r.turn(); err != nil {
			return Record{}, err
		}
	}
	e := r.page[0]
	r.page = r.page[1:]
	line := r.read.Add(1)
	if e.err != nil {
		return Record{}, &RejectedError{File: r.name, Line: line, Reason: sentence(reason(e.err))}
	}
	e.record.File, e.record.Line = r.name, line
	return e.record, nil
}

// turn gets the next page. One that is too large is asked for in parts.
func (r *serverReader) turn() error {
	data, err := r.ask(r.offset, r.limit)
	for errors.Is(err, remote.ErrTooLarge) && r.limit > 1 {
		r.limit = max(r.limit/10, 1)
		data, err = r.ask(r.offset, r.limit)
	}
	if err != nil {
		return err
	}
	r.done = len(data) == 0
	r.offset += len(data)
	var ids []string
	for _, one := range data {
		e := r.entry(one)
		if e.err == nil {
			ids = append(ids, *e.record.Draft.ExternalID)
		}
		r.page = append(r.page, e)
	}
	if err := r.moves(ids); err != nil || r.known == nil || len(ids) == 0 || !newestFirst(r.page) {
		return err
	}
	n, err := r.known(ids)
	r.done = r.done || n == len(ids)
	return err
}

// moves refuses a server that answers with the same entries for ever.
func (r *serverReader) moves(ids []string) error {
	again := len(ids) > 0
	now := make(map[string]bool, len(ids))
	for _, id := range ids {
		now[id] = true
		again = again && r.before[id]
	}
	r.before = now
	if r.stale++; !again {
		r.stale = 0
	}
	if r.stale >= stalePages {
		return fault.At("address", "%s gives the same entries for every page, so that its log cannot be read to the end.", r.name)
	}
	return nil
}

// newestFirst reports whether a page is in the order in which reading may stop early.
func newestFirst(page []entry) bool {
	first, last := page[0], page[len(page)-1]
	return first.at >= last.at
}

// entryNames are what else an entry's fields are called: Matomo publishes the columns of
// the table, and not the names its API gives them.
var entryNames = map[string]string{"login": "user_login", "userlogin": "user_login", "params": "parameters"}

// entry makes a record of an entry. One without an id gets an external id made of its
// content, so that two that are equal in all, their second too, count as one.
func (r *serverReader) entry(data json.RawMessage) entry {
	row, err := entryRow(data)
	if err != nil {
		return entry{err: err}
	}
	if row.id != "" {
		record, err := row.record(r.catalog)
		return entry{record: record, at: row.at, err: err}
	}
	record, err := row.draft(r.catalog)
	if err == nil {
		record.Draft.ExternalID = contentID(sha256.Sum256(record.Draft.Raw))
	}
	return entry{record: record, at: row.at, err: err}
}

// entryRow takes an entry's values by their names.
func entryRow(data json.RawMessage) (matomoRow, error) {
	if len(data) > MaxRecord {
		return matomoRow{}, errors.New("it is larger than 16 MiB")
	}
	if err := activity.CheckText(data); err != nil {
		return matomoRow{}, err
	}
	members, err := activity.Members(data)
	if err != nil {
		return matomoRow{}, errors.New("it is no object of distinct names")
	}
	columns, values := make([]string, len(members)), make([]cell, len(members))
	for i, m := range members {
		name := strings.ToLower(m.Name)
		if other, ok := entryNames[name]; ok && !hasMember(members, other) {
			name = other
		}
		text := scalarText(m.Value)
		if name == "parameters" && (m.Value[0] == '{' || m.Value[0] == '[') {
			text = string(m.Value)
		}
		columns[i], values[i] = name, cell{text: text, null: string(m.Value) == "null"}
	}
	return rowOf(columns, values)
}

var _ Reader = (*serverReader)(nil)
