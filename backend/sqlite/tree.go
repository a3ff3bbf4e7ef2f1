package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// errAltered marks what only a change from outside, or a damaged disk, explains.
var errAltered = errors.New("sqlite: the log was altered")

// known is what the writer remembers of the database between transactions.
type known struct {
	stale   bool  // read it again in any case
	version int64 // PRAGMA data_version: another one when somebody else committed
	loaded  bool
	tree    ledger.Tree
	maxKey  int64 // of activity; the smallest int64 if there is none
	counted int64 // entries before it are in the slot tables
	sealed  sealed
	dicts   dicts
	links   links
	sites   map[activity.SiteCall]*activity.SiteRef // nil: none of this log's
}

// refresh reads again what another process may have changed. It runs inside the
// transaction, so that nobody can change it afterwards. It costs one PRAGMA if
// nobody did.
func (w *writer) refresh(ctx context.Context) error {
	var version int64
	if _, err := w.find(ctx, "PRAGMA data_version", nil, &version); err != nil {
		return err
	}
	k := &w.known
	if k.loaded && !k.stale && version == k.version {
		return nil
	}
	err := w.reload(ctx)
	if errors.Is(err, errAltered) {
		w.db.state.alter(err)
		return nil // the log can still be read; the state refuses to append
	}
	if err != nil {
		return err
	}
	k.version, k.loaded, k.stale = version, true, false
	return nil
}

func (w *writer) reload(ctx context.Context) error {
	w.known.dicts.forget()
	w.known.links, w.known.sites = links{}, map[activity.SiteCall]*activity.SiteRef{}
	h, err := readHead(ctx, w.conn)
	if err != nil {
		return err
	}
	var next, maxKey int64
	if err := w.conn.QueryRowContext(ctx, nextSeqQuery).Scan(&next); err != nil {
		return err
	}
	if next != h.size {
		return fmt.Errorf("%w: the head says %d entries, the table has %d", errAltered, h.size, next)
	}
	if err := w.conn.QueryRowContext(ctx, "SELECT coalesce(max(key), -9223372036854775808) FROM activity").Scan(&maxKey); err != nil {
		return err
	}
	tree, err := ledger.LoadTree(h.size, w.hashes(ctx))
	if err != nil {
		return err
	}
	if tree.Root() != h.root {
		return fmt.Errorf("%w: the stored tree of %d entries has another root than the head", errAltered, h.size)
	}
	s, err := w.loadSealed(ctx, h)
	if err != nil {
		return err
	}
	w.known.tree, w.known.maxKey, w.known.counted, w.known.sealed = tree, maxKey, h.counted, s
	w.db.state.seen(&tree, s)
	return nil
}

const nextSeqQuery = "SELECT coalesce((SELECT max(seq) + 1 FROM entry), (SELECT max(upto) FROM purge), 0)"

// hashes reads stored hashes through the writer's transaction.
func (w *writer) hashes(ctx context.Context) tlog.HashReader {
	return hashReader{ctx: ctx, q: w.conn, id: w.db.log.id}
}

// queryer is what reads need of a connection, a pool or a transaction.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// A hashReader reads the tree's hashes: interior nodes from node, leaves computed
// from entry.
type hashReader struct {
	ctx context.Context
	q   queryer
	id  ledger.LogID
}

// ReadHashes returns the hashes with these tlog.StoredHashIndex numbers.
func (r hashReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, err := r.read(index)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("%w: the tree's hash %d is missing", errAltered, index)
		}
		if err != nil {
			return nil, err
		}
		hashes[i] = h
	}
	return hashes, nil
}

func (r hashReader) read(index int64) (tlog.Hash, error) {
	var h tlog.Hash
	var raw []byte
	if level, seq := tlog.SplitStoredHashIndex(index); level == 0 {
		var recordedAt int64
		row := r.q.QueryRowContext(r.ctx, "SELECT recorded_at, commitment FROM entry WHERE seq = ?", seq)
		if err := row.Scan(&recordedAt, &raw); err != nil {
			return h, err
		}
		if len(raw) != len(h) {
			return h, fmt.Errorf("%w: entry %d has a commitment of %d bytes", errAltered, seq, len(raw))
		}
		return ledger.Leaf(r.id, seq, recordedAt, [32]byte(raw)), nil
	}
	if err := r.q.QueryRowContext(r.ctx, "SELECT hash FROM node WHERE idx = ?", index).Scan(&raw); err != nil {
		return h, err
	}
	if len(raw) != len(h) {
		return h, fmt.Errorf("%w: the tree's hash %d has %d bytes", errAltered, index, len(raw))
	}
	return tlog.Hash(raw), nil
}

// A head is the row of the table head.
type head struct {
	size    int64
	root    tlog.Hash
	note    string
	counted int64
}

func readHead(ctx context.Context, q queryer) (head, error) {
	var h head
	var root []byte
	err := q.QueryRowContext(ctx, "SELECT size, root, note, counted FROM head WHERE one = 1").Scan(&h.size, &root, &h.note, &h.counted)
	if errors.Is(err, sql.ErrNoRows) {
		return h, fmt.Errorf("%w: the head is missing", errAltered)
	}
	if err != nil {
		return h, err
	}
	if len(root) != len(h.root) || h.size < 0 || h.size > ledger.MaxSize ||
		h.counted < 0 || h.counted > h.size || h.size-h.counted >= uncountedMost {
		return h, fmt.Errorf("%w: the head is not one", errAltered)
	}
	h.root = tlog.Hash(root)
	return h, nil
}
