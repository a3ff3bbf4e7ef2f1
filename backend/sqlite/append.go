package sqlite

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

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

// AppendBatch is Append for an import: the rows carry its batch.
func (db *DB) AppendBatch(ctx context.Context, batch int64, bodies []activity.Body) ([]activity.Appended, error) {
	return db.append(ctx, &batch, bodies)
}

func (db *DB) append(ctx context.Context, batch *int64, bodies []activity.Body) (results []activity.Appended, err error) {
	if len(bodies) == 0 {
		return []activity.Appended{}, nil
	}
	err = db.writer.submit(ctx, func(tx *Tx) (err error) {
		results, err = tx.Append(ctx, batch, bodies)
		return err
	}, len(bodies) > large)
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
	same   []int // later bodies of the same call with this external id
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
		for _, at := range row.same {
			again := r
			again.Receipt.Duplicate = r.Err == nil
			again.Conflict = r.Err == nil && !tx.w.db.sameContent(row.body, bodies[at])
			results[at] = again
		}
	}
	return results, nil
}

// examine checks the bodies and sorts out those that are refused or known already:
// their results are set. It writes nothing.
func (w *writer) examine(ctx context.Context, bodies []activity.Body, results []activity.Appended) ([]*draftRow, error) {
	rows := make([]*draftRow, 0, len(bodies))
	first, known := map[[16]byte]*draftRow{}, w.links()
	for i, body := range bodies {
		row, err := w.examineOne(ctx, i, body, known)
		if err != nil {
			if !refused(err) {
				return nil, err
			}
			results[i].Err = err
			continue
		}
		if row.ext != nil {
			if earlier, ok := first[*row.ext]; ok {
				earlier.same = append(earlier.same, i)
				continue
			}
			seen, err := w.seen(ctx, row)
			if err != nil {
				return nil, err
			}
			if seen != nil {
				results[i] = *seen
				continue
			}
			first[*row.ext] = row
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// refused tells a body that cannot go in from a database that fails.
func refused(err error) bool {
	_, ok := errors.AsType[*fault.Error](err)
	return ok
}

func (w *writer) examineOne(ctx context.Context, at int, body activity.Body, links links) (*draftRow, error) {
	row := &draftRow{at: at, body: body}
	if body.OccurredAt < earliest || body.OccurredAt >= latest {
		return nil, fault.At("occurredAt", "occurredAt must lie in the years 1900 to 2099.")
	}
	err := checkIDs(body)
	if err != nil {
		return nil, err
	}
	if row.result, err = resultNumber(body.Result); err != nil {
		return nil, err
	}
	if row.ip, err = parseIP(body.IP); err != nil {
		return nil, err
	}
	if row.ext, err = w.db.external(body); err != nil {
		return nil, err
	}
	if err := w.complete(ctx, &row.body.Actor, links); err != nil {
		return nil, err
	}
	if row.data, err = row.body.Encode(); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The activity cannot be written as JSON. Check its parameters and changes.").Blame("parameters")
	}
	if len(row.data) > activity.MaxBody {
		return nil, fault.At("parameters", "The activity is %d bytes long; at most %d are allowed. Send less in parameters or changes.", len(row.data), activity.MaxBody)
	}
	if row.text = activity.Words(row.body); !utf8.ValidString(row.text + row.body.Type + row.body.Source) {
		// JSON holds U+FFFD for what is no UTF-8; the tables must agree with it.
		if row.body, err = activity.DecodeBody(row.data); err != nil {
			return nil, err
		}
		row.text = activity.Words(row.body)
	}
	return row, nil
}

// checkIDs checks what refers to rows of ours.
func checkIDs(b activity.Body) error {
	if b.Actor.User != nil {
		if _, err := permanentID("user", *b.Actor.User); err != nil {
			return err
		}
	}
	if b.Site != nil && b.Site.ID != nil {
		if _, err := permanentID("site", *b.Site.ID); err != nil {
			return err
		}
	}
	return nil
}

func resultNumber(text string) (int, error) {
	switch text {
	case activity.OK:
		return 0, nil
	case activity.Failed:
		return 1, nil
	case activity.Denied:
		return 2, nil
	}
	return 0, fault.At("result", "result must be ok, failed or denied, not %q.", text)
}

// external returns the keyed hash of the body's external id, nil if it has none.
func (db *DB) external(b activity.Body) (*[16]byte, error) {
	if b.ExternalID == nil {
		return nil, nil
	}
	if db.log.secret == nil {
		return nil, fault.Wrap(db.log.secErr, fault.Unavailable,
			"External ids cannot be compared without the log secret. Put %s back from a backup of the keys, as a file that only its owner may read.", secretPath(db.options, db.log.id))
	}
	mac := hmac.New(sha256.New, db.log.secret)
	mac.Write([]byte(b.Source))
	mac.Write([]byte{0})
	mac.Write([]byte(*b.ExternalID))
	ext := [16]byte(mac.Sum(nil)[:16])
	return &ext, nil
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
	hit := slotHit{slot: SlotOf(row.body.OccurredAt), actor: f.actor, typ: f.typ}
	if f.site != nil {
		hit.site = *f.site
	}
	w.tx.slots = append(w.tx.slots, hit)
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
