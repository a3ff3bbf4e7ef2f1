package sqlite

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// A key is (occurred ms << keyBits) | n.
const (
	keyBits = 21
	keyMask = 1<<keyBits - 1
)

// The times that fit a key: 1900 inclusive to 2100 exclusive.
var (
	earliest = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
)

// large is how many bodies make a call that shares no commit with others.
const large = 16

// Append stores bodies in one commit and returns when they are durable; see
// [activity.Store]. Cost: about 80 µs a body in slices of 5,000, less than a
// millisecond for one (an fsync).
// Errors: unavailable, and then nothing of it is stored.
func (db *DB) Append(ctx context.Context, bodies []activity.Body) ([]activity.Appended, error) {
	return db.append(ctx, nil, bodies)
}

// AppendBatch is Append for an import: the rows carry its batch. Errors: also conflict
// (the import does not run any more: it is undone).
func (db *DB) AppendBatch(ctx context.Context, batch int64, bodies []activity.Body) ([]activity.Appended, error) {
	return db.append(ctx, &batch, bodies)
}

func (db *DB) append(ctx context.Context, batch *int64, bodies []activity.Body) (results []activity.Appended, err error) {
	if len(bodies) == 0 {
		return []activity.Appended{}, nil
	}
	err = db.writer.submit(ctx, &request{alone: len(bodies) > large, run: func(tx *Tx) (err error) {
		if err := tx.w.stillRunning(ctx, batch); err != nil {
			return err
		}
		results, err = tx.Append(ctx, batch, bodies)
		return err
	}})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// A draftRow is a body on its way into the tables.
type draftRow struct {
	at     int // place among the bodies
	body   activity.Body
	data   []byte
	text   string // its words
	ext    *[16]byte
	ip     netip.Prefix
	result int
	same   []*draftRow // later ones of the same call with this external id
}

// Append stores bodies within the closure, sorted by time so that they fill the
// tables in order. Results are in the order of bodies; one that is refused has its
// error there and leaves no trace. Batch is the import's, or nil. An error returned
// means that the closure must fail.
func (tx *Tx) Append(ctx context.Context, batch *int64, bodies []activity.Body) ([]activity.Appended, error) {
	ctx = context.WithoutCancel(ctx) // what runs, runs to the end: see Write
	results := make([]activity.Appended, len(bodies))
	rows, err := tx.w.examine(ctx, bodies, results)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b *draftRow) int { return cmp.Compare(a.body.OccurredAt, b.body.OccurredAt) })
	for _, row := range rows {
		r, err := tx.w.store(ctx, row, batch)
		if err != nil {
			if !refused(err) {
				return nil, err
			}
			r.Err = err
		}
		results[row.at] = r
		for _, later := range row.same {
			again := r
			again.Receipt.Duplicate = r.Err == nil
			again.Conflict = r.Err == nil && !tx.w.db.sameContent(row.body, later.body)
			results[later.at] = again
		}
	}
	return results, nil
}

// store inserts one row. An invalid body is refused before anything is written.
func (w *writer) store(ctx context.Context, row *draftRow, batch *int64) (activity.Appended, error) {
	var out activity.Appended
	key, err := w.nextKey(ctx, row.body.OccurredAt)
	if err != nil {
		return out, err
	}
	f, err := w.placesOf(ctx, row, batch)
	if err != nil {
		return out, err
	}
	seq, now := w.tx.tree.Size(), w.db.options.Now().UnixMilli()
	var salt [ledger.SaltSize]byte
	rand.Read(salt[:]) // never fails, see crypto/rand
	commitment := ledger.Commitment(salt[:], row.data)
	leaf := ledger.Leaf(w.db.log.id, seq, now, commitment)
	if err := w.exec(ctx, "INSERT INTO entry (seq, recorded_at, commitment) VALUES (?, ?, ?)", seq, now, commitment[:]); err != nil {
		return out, err
	}
	err = w.exec(ctx, "INSERT INTO activity (key, seq, actor, type, site, source, object, ip, result, offset_min, batch, salt, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		key, seq, f.actor, f.typ, f.site, f.source, f.object, f.ip, row.result, row.body.OffsetMinutes, batch, salt[:], row.data)
	if err != nil {
		return out, err
	}
	if row.ext != nil {
		if err := w.exec(ctx, "INSERT INTO seen (ext, seq) VALUES (?, ?)", row.ext[:], seq); err != nil {
			return out, err
		}
	}
	w.tx.tree.Append(leaf, func(index int64, hash tlog.Hash) {
		w.tx.nodes = append(w.tx.nodes, node{index, hash})
	})
	w.tx.maxKey = max(w.tx.maxKey, key)
	w.tx.words = append(w.tx.words, wordRow{key, row.text, f.tokens()})
	out.Receipt = activity.Receipt{ID: strconv.FormatInt(seq+1, 10), Leaf: leaf.String(), RecordedAt: now}
	return out, nil
}

// nextKey returns the first free key of a millisecond.
func (w *writer) nextKey(ctx context.Context, ms int64) (int64, error) {
	low := ms << keyBits
	if low > w.tx.maxKey {
		return low, nil
	}
	var last *int64
	if _, err := w.find(ctx, "SELECT max(key) FROM activity WHERE key BETWEEN ? AND ?", []any{low, low | keyMask}, &last); err != nil {
		return 0, err
	}
	if last == nil {
		return low, nil
	}
	if *last == low|keyMask {
		return 0, fault.At("occurredAt", "%d activities of this very millisecond are stored already; there is no place for another.", keyMask+1)
	}
	return *last + 1, nil
}
