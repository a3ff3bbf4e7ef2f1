//go:build bench

package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"activitylog/backend/activity"
)

// A plain store has the same tables, indexes and words on a connection with the same
// settings, filled by prepared statements. It has SQLite's own checkpoints and merges
// of words, and no triggers, tree, counts, signature or dictionaries.
type plain struct {
	path                       string
	pool                       *sql.DB
	conn                       *sql.Conn
	read                       *sql.DB
	entry, activity, seen, fts *sql.Stmt
}

func newPlain(t testing.TB, dir string) *plain {
	t.Helper()
	p := &plain{path: filepath.Join(dir, "activity.db")}
	db, err := Open(t.Context(), figureOptions(dir, make(chan struct{})))
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background() // a test's own has ended when it is closed
	if p.pool, err = forCreating.open(p.path, 1); err != nil {
		t.Fatal(err)
	}
	if p.read, err = forReading.open(p.path, 1); err != nil {
		t.Fatal(err)
	}
	if p.conn, err = p.pool.Conn(ctx); err != nil {
		t.Fatal(err)
	}
	p.exec(t,
		"PRAGMA wal_autocheckpoint = 1000", // SQLite's own defaults, here and for the words
		"INSERT INTO words (words, rank) VALUES ('automerge', 4), ('crisismerge', 16)",
		"DROP TRIGGER entry_insert", "DROP TRIGGER entry_update", "DROP TRIGGER entry_delete",
		"DROP TRIGGER activity_insert", "DROP TRIGGER activity_update", "DROP TRIGGER activity_delete",
	)
	prepare := func(query string) *sql.Stmt {
		s, err := p.conn.PrepareContext(ctx, query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return s
	}
	p.entry = prepare("INSERT INTO entry (seq, recorded_at, commitment) VALUES (?, ?, ?)")
	p.activity = prepare("INSERT INTO activity (key, seq, actor, type, site, source, object, ip, result, offset_min, batch, salt, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)")
	p.seen = prepare("INSERT INTO seen (ext, seq) VALUES (?, ?)")
	p.fts = prepare("INSERT INTO words (rowid, text, facets) VALUES (?, ?, ?)")
	t.Cleanup(func() { p.close(t) })
	return p
}

func (p *plain) exec(t testing.TB, queries ...string) {
	t.Helper()
	for _, q := range queries {
		if _, err := p.conn.ExecContext(context.Background(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func (p *plain) close(t testing.TB) {
	for _, c := range []interface{ Close() error }{p.entry, p.activity, p.seen, p.fts, p.conn, p.read, p.pool} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A plainRow is a row that is ready to go in: making it is not part of the time.
type plainRow struct {
	key, seq, at int64
	f            places
	offset       int
	hash         [32]byte
	ext          []byte
	body         []byte
	text, facets string
}

// A plainMaker numbers rows and the values in them, without a database.
type plainMaker struct {
	seq int64
	ids map[string]int64
	r   *rand.ChaCha8
}

func newPlainMaker() *plainMaker {
	return &plainMaker{ids: map[string]int64{}, r: rand.NewChaCha8([32]byte{1})}
}

func (m *plainMaker) id(dictionary, value string) int64 {
	value = dictionary + value
	if m.ids[value] == 0 {
		m.ids[value] = int64(len(m.ids) + 1)
	}
	return m.ids[value]
}

func (m *plainMaker) row(t testing.TB, b activity.Body, key int64) plainRow {
	t.Helper()
	data, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	row := plainRow{key: key, seq: m.seq, at: b.OccurredAt, offset: b.OffsetMinutes, body: data, text: activity.Words(b)}
	m.seq++
	row.f = places{actor: m.id("a", *b.Actor.Name), typ: m.id("y", b.Type), source: m.id("d", b.Source)}
	if b.Site != nil {
		row.f.site = new(m.id("s", b.Site.Name))
	}
	if b.Object != nil {
		row.f.object = new(m.id("o", b.Object.Kind+" "+b.Object.ID))
	}
	if b.IP != nil {
		row.f.ip = new(m.id("i", *b.IP))
	}
	if row.f.result, err = resultNumber(b.Result); err != nil {
		t.Fatal(err)
	}
	row.facets = row.f.tokens()
	m.r.Read(row.hash[:]) // never fails
	if b.ExternalID != nil {
		row.ext = row.hash[16:]
	}
	return row
}

// rows makes a slice ready in the order that is the quickest for plain SQLite too.
func (m *plainMaker) rows(t testing.TB, bodies []activity.Body) []plainRow {
	slices.SortFunc(bodies, func(a, b activity.Body) int { return cmp.Compare(a.OccurredAt, b.OccurredAt) })
	list := make([]plainRow, len(bodies))
	for i, b := range bodies {
		list[i] = m.row(t, b, b.OccurredAt<<keyBits)
	}
	return list
}

// insert stores the rows in one transaction, the words last.
func (p *plain) insert(t testing.TB, rows []plainRow) {
	t.Helper()
	ctx := context.Background()
	check := func(_ sql.Result, err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(p.conn.ExecContext(ctx, "BEGIN IMMEDIATE"))
	for _, r := range rows {
		check(p.entry.ExecContext(ctx, r.seq, r.at, r.hash[:]))
		check(p.activity.ExecContext(ctx, r.key, r.seq, r.f.actor, r.f.typ, r.f.site, r.f.source, r.f.object, r.f.ip, r.f.result, r.offset, r.hash[:16], r.body))
		if r.ext != nil {
			check(p.seen.ExecContext(ctx, r.ext, r.seq))
		}
	}
	for _, r := range rows {
		check(p.fts.ExecContext(ctx, r.key, r.text, r.facets))
	}
	check(p.conn.ExecContext(ctx, "COMMIT"))
}
