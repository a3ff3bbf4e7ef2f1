package sqlite

import (
	"context"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// A Tx is what a closure given to [DB.Write] works with. It is valid only inside it.
type Tx struct {
	w *writer
}

// Bun returns the transaction for the small tables. It formats values into the SQL
// text, so bodies never go through it; and it begins no transaction of its own.
func (tx *Tx) Bun() bun.IDB {
	tx.w.relink = true
	return tx.w.conn
}

// Record stores one activity within the closure and returns its receipt; the place
// is final once the closure's Write returned. A known external id with the same
// content answers with the earlier receipt, Duplicate set.
// Errors: invalid (with the field), conflict (other content, or erased on purpose).
func (tx *Tx) Record(ctx context.Context, body activity.Body) (activity.Receipt, error) {
	results, err := tx.Append(ctx, nil, []activity.Body{body})
	if err != nil {
		return activity.Receipt{}, err
	}
	return results[0].Receipt, results[0].Refusal()
}

// A pending is what a transaction adds and writes at its end: all at once, which is
// cheaper, and in the order that the tables like.
type pending struct {
	tree    ledger.Tree
	maxKey  int64
	counted int64
	sealed  sealed
	nodes   []node
	words   []wordRow
}

type node struct {
	index int64
	hash  tlog.Hash
}

// A wordRow is a row of the words table.
type wordRow struct {
	key    int64
	text   string
	facets string
}

// A snapshot is where a closure began. Restoring it forgets all that came after.
type snapshot struct {
	tree            ledger.Tree
	maxKey, counted int64
	nodes, words    int
	dicts           dictMark
}

func (w *writer) begin() {
	w.tx.tree, w.tx.maxKey, w.tx.counted, w.tx.sealed = w.known.tree, w.known.maxKey, w.known.counted, w.known.sealed
	w.tx.nodes, w.tx.words = w.tx.nodes[:0], w.tx.words[:0]
}

func (w *writer) snapshot() snapshot {
	return snapshot{
		tree: w.tx.tree, maxKey: w.tx.maxKey, counted: w.tx.counted,
		nodes: len(w.tx.nodes), words: len(w.tx.words),
		dicts: w.known.dicts.mark(),
	}
}

func (w *writer) restore(s snapshot) {
	w.tx.tree, w.tx.maxKey, w.tx.counted = s.tree, s.maxKey, s.counted
	w.tx.nodes, w.tx.words = w.tx.nodes[:s.nodes], w.tx.words[:s.words]
	w.known.dicts.undo(s.dicts)
}

// finish writes what the closures left to the end of the transaction.
func (w *writer) finish(ctx context.Context) error {
	if w.tx.tree.Size() == w.known.tree.Size() {
		return nil
	}
	signing := w.sign()
	for _, n := range w.tx.nodes {
		if err := w.exec(ctx, "INSERT INTO node (idx, hash) VALUES (?, ?)", n.index, n.hash[:]); err != nil {
			return err
		}
	}
	if w.tx.tree.Size()-w.tx.counted >= uncountedMost {
		if err := w.countUp(ctx); err != nil {
			return err
		}
	}
	if err := w.writeWords(ctx); err != nil {
		return err
	}
	return w.seal(ctx, signing)
}

// settle makes the transaction, now durable, what is known.
func (w *writer) settle() {
	w.known.tree, w.known.maxKey = w.tx.tree, w.tx.maxKey
	w.known.counted, w.known.sealed = w.tx.counted, w.tx.sealed
	w.known.dicts.settle()
	w.db.state.seen(&w.known.tree, w.known.sealed)
}
