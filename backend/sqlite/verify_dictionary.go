package sqlite

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"activitylog/backend/ledger"
)

// A dictionaryShape says how a dictionary is read for verification.
type dictionaryShape struct {
	table   string
	columns []string // compared with the body, in this order
	query   string   // id, then the columns
}

// The dictionaries of activity. An actor's user is its own only where it is one of
// this log's users; the others' links are found out by replaying the log.
var dictionaryShapes = []dictionaryShape{
	{
		"actor",
		[]string{"kind", "source", "name", "user_id"},
		"SELECT id, kind, source, name, CASE source WHEN 'self' THEN CAST(user_id AS TEXT) END FROM actor ORDER BY id",
	},
	{"type", []string{"name"}, "SELECT id, name FROM type ORDER BY id"},
	{"source", []string{"name"}, "SELECT id, name FROM source ORDER BY id"},
	{"site", []string{"measurable", "kind", "name"}, "SELECT id, CAST(measurable AS TEXT), kind, name FROM site ORDER BY id"},
	{"object", []string{"kind", "ident", "name"}, "SELECT id, kind, ident, name FROM object ORDER BY id"},
	{"ip", []string{"addr", "prefix"}, "SELECT id, addr, CAST(prefix AS TEXT) FROM ip ORDER BY id"},
}

// Where the shapes stand in dictionaryShapes.
const (
	dictActor = iota
	dictType
	dictSource
	dictSite
	dictObject
	dictIP
)

// maxPending bounds how many differences are remembered until it is known which side
// of each is wrong.
const maxPending = 1000

// A dictionaryCheck holds a dictionary in eight bytes a row: the keyed hash of its
// values. A row is right if the bodies that refer to it say the same.
type dictionaryCheck struct {
	dictionaryShape
	seed    maphash.Seed
	hashes  []uint64         // by id; 0 is no row
	loaded  int64            // rows
	far     map[int64]uint64 // ids far beyond the number of rows
	used    bitset           // ids that an activity refers to
	agreed  bitset           // ids whose values a body had
	pending []wrongPlace
	more    int64
	buf     []byte
	// nameless holds our own users' rows again, hashed without their names.
	nameless map[int64]uint64
}

// A wrongPlace is an activity whose body says something else than the row it refers to.
type wrongPlace struct {
	seq, id int64
	values  []string // of the body; "" also for null
	hash    uint64
}

func newDictionaryCheck(shape dictionaryShape, seed maphash.Seed) *dictionaryCheck {
	return &dictionaryCheck{dictionaryShape: shape, seed: seed, far: map[int64]uint64{}, nameless: map[int64]uint64{}}
}

// load reads the dictionary.
func (d *dictionaryCheck) load(ctx context.Context, conn fullConn) error {
	values := make([][]byte, len(d.columns))
	return each(ctx, conn, func(s *scan) error {
		id, _ := s.int(0)
		for i := range values {
			values[i] = s.raw(i + 1)
		}
		d.put(id, d.hash(values...))
		if d.table == "actor" && string(values[1]) == self {
			d.nameless[id] = d.hash(values[0], values[3])
		}
		return nil
	}, d.query)
}

func (d *dictionaryCheck) put(id int64, hash uint64) {
	if d.loaded++; id < 0 || id > 4*d.loaded+1<<16 {
		d.far[id] = hash
		return
	}
	for int64(len(d.hashes)) <= id {
		d.hashes = append(d.hashes, 0)
	}
	d.hashes[id] = hash
}

func (d *dictionaryCheck) get(id int64) uint64 {
	if id >= 0 && id < int64(len(d.hashes)) {
		return d.hashes[id]
	}
	return d.far[id]
}

// hash returns the keyed hash of a row's values; nil is NULL. It is never 0.
func (d *dictionaryCheck) hash(values ...[]byte) uint64 {
	d.buf = d.buf[:0]
	for _, v := range values {
		if v == nil {
			d.buf = append(d.buf, 0)
			continue
		}
		d.buf = binary.AppendUvarint(d.buf, uint64(len(v))+1)
		d.buf = append(d.buf, v...)
	}
	return maphash.Bytes(d.seed, d.buf) | 1
}

// check holds what a body says against the row that its activity refers to.
func (d *dictionaryCheck) check(seq, id int64, values ...[]byte) {
	hash := d.hash(values...)
	d.used.set(id)
	if d.get(id) == hash {
		d.agreed.set(id)
		return
	}
	if len(d.pending) == maxPending {
		d.more++
		return
	}
	w := wrongPlace{seq: seq, id: id, hash: hash}
	for _, v := range values {
		w.values = append(w.values, string(v))
	}
	d.pending = append(d.pending, w)
}

// checkNameless is check for one of our own users whose name the body leaves out:
// any row of that user will do.
func (d *dictionaryCheck) checkNameless(seq, id int64, kind, source, user []byte) {
	if d.nameless[id] == d.hash(kind, user) {
		d.used.set(id)
		d.agreed.set(id)
		return
	}
	d.check(seq, id, kind, source, nil, user)
}

// refer notes that an activity without a readable body refers to a row.
func (d *dictionaryCheck) refer(id int64) { d.used.set(id) }

// report names what differs, each on the side that is wrong: a row that other bodies
// agree with is right, so the activity's own column is not.
func (d *dictionaryCheck) report(ctx context.Context, conn fullConn, found *ledger.Findings) error {
	holders := d.holders()
	told := map[int64]bool{}
	for _, w := range d.pending {
		elsewhere, hasRow := holders[w.hash], d.get(w.id) != 0
		switch {
		case d.agreed.has(w.id) || !hasRow && d.anyUsed(elsewhere):
			found.Add(ledger.Problem{
				Kind: ledger.KindColumn, Table: "activity", Column: d.table, Seq: &w.seq,
				Text: fmt.Sprintf("The activity of entry %d refers to %s %d, but its body says %s.", w.seq, d.table, w.id, d.quote(w.values)),
			})
		case told[w.id]:
		case !hasRow && len(elsewhere) > 0:
			told[w.id] = true
			d.tell(found, "id", fmt.Sprintf("The %s %s has id %d; the activities refer to it as %d.", d.table, d.quote(w.values), elsewhere[0], w.id))
		case !hasRow:
			told[w.id] = true
			found.Add(ledger.Problem{
				Kind: ledger.KindMissing, Table: d.table,
				Text: fmt.Sprintf("%s %d is missing; activities refer to it as %s.", title(d.table), w.id, d.quote(w.values)),
			})
		default:
			told[w.id] = true
			if err := d.tellColumns(ctx, conn, found, w); err != nil {
				return err
			}
		}
	}
	found.Count(d.more)
	d.unused(found)
	d.duplicates(found)
	return nil
}

func (d *dictionaryCheck) tell(found *ledger.Findings, column, text string) {
	found.Add(ledger.Problem{Kind: ledger.KindDictionary, Table: d.table, Column: column, Text: text})
}

// tellColumns names the columns in which a row differs from what bodies say.
func (d *dictionaryCheck) tellColumns(ctx context.Context, conn fullConn, found *ledger.Findings, w wrongPlace) error {
	query := "SELECT * FROM (" + strings.TrimSuffix(d.query, " ORDER BY id") + ") WHERE id = ?1"
	return each(ctx, conn, func(s *scan) error {
		for i, column := range d.columns {
			if have := string(s.raw(i + 1)); have != w.values[i] {
				d.tell(found, column, fmt.Sprintf("%s %d has the %s %s; the activity of entry %d says %s.",
					title(d.table), w.id, column, shown(have), w.seq, shown(w.values[i])))
			}
		}
		return nil
	}, query, w.id)
}

// holders returns the ids of the rows that have the values of a pending place.
func (d *dictionaryCheck) holders() map[uint64][]int64 {
	holders := map[uint64][]int64{}
	for _, w := range d.pending {
		holders[w.hash] = nil
	}
	if len(holders) == 0 {
		return holders
	}
	d.rows(func(id int64, hash uint64) {
		if ids, wanted := holders[hash]; wanted {
			holders[hash] = append(ids, id)
		}
	})
	return holders
}

func (d *dictionaryCheck) rows(f func(id int64, hash uint64)) {
	for id, hash := range d.hashes {
		if hash != 0 {
			f(int64(id), hash)
		}
	}
	for id, hash := range d.far {
		f(id, hash)
	}
}

func (d *dictionaryCheck) anyUsed(ids []int64) bool {
	return slices.ContainsFunc(ids, d.used.has)
}

func (d *dictionaryCheck) unused(found *ledger.Findings) {
	d.rows(func(id int64, _ uint64) {
		if !d.used.has(id) {
			found.Add(ledger.Problem{
				Kind: ledger.KindUnused, Table: d.table, Column: "id",
				Text: fmt.Sprintf("No activity refers to %s %d.", d.table, id),
			})
		}
	})
}

// duplicates finds rows with the same values, which only a damaged index lets in.
func (d *dictionaryCheck) duplicates(found *ledger.Findings) {
	sorted := slices.Clone(d.hashes)
	for _, hash := range d.far {
		sorted = append(sorted, hash)
	}
	slices.Sort(sorted)
	for i, hash := range sorted[:max(len(sorted), 1)-1] {
		if hash != 0 && hash == sorted[i+1] {
			d.tell(found, "", "Two rows of "+d.table+" have the same values.")
			return
		}
	}
}

func (d *dictionaryCheck) quote(values []string) string {
	shownValues := make([]string, len(values))
	for i, v := range values {
		shownValues[i] = shown(v)
	}
	return strings.Join(shownValues, " ")
}

// shown returns a value as a report shows it: quoted, not too long, bytes in hex.
func shown(value string) string {
	const most = 80
	if bytes.IndexByte([]byte(value), 0) >= 0 && len(value) == 16 {
		return fmt.Sprintf("%x", value)
	}
	if len(value) > most {
		value = strings.ToValidUTF8(value[:most], "") + "…"
	}
	return strconv.Quote(value)
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
