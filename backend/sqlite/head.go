package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// A checkpoint row is kept at least so often.
const (
	checkpointEvery = 1000 // entries
	checkpointAfter = 15 * time.Minute
)

// sealed is the newest signature and the newest checkpoint row.
type sealed struct {
	signed     ledger.Checkpoint
	note       string
	checkpoint int64 // size of the newest row
	at         int64 // its time, ms
}

// loadSealed reads the newest signature and checks that the head extends it, and
// that it extends what this process knew before: nobody goes back.
func (w *writer) loadSealed(ctx context.Context, h head) (sealed, error) {
	s := sealed{note: h.note}
	var err error
	if s.signed, err = ledger.OpenNote(h.note, w.db.log.vkeys...); err != nil {
		return s, fmt.Errorf("%w: the head's signature: %w", errAltered, err)
	}
	now := ledger.Checkpoint{Origin: w.db.log.origin, Size: h.size, Root: h.root}
	if err := w.extends(ctx, s.signed, now); err != nil {
		return s, err
	}
	if w.known.loaded {
		before := ledger.Checkpoint{Origin: w.db.log.origin, Size: w.known.tree.Size(), Root: w.known.tree.Root()}
		if err := w.extends(ctx, before, now); err != nil {
			return s, err
		}
	}
	err = w.conn.QueryRowContext(ctx, "SELECT coalesce(max(size), 0), coalesce(max(created_at), 0) FROM checkpoint").Scan(&s.checkpoint, &s.at)
	return s, err
}

func (w *writer) extends(ctx context.Context, older, newer ledger.Checkpoint) error {
	err := ledger.Extends(older, newer, w.hashes(ctx))
	if err != nil && resultCode(err) == 0 {
		return fmt.Errorf("%w: %w", errAltered, err)
	}
	return err
}

// A signing is a signature that is being made.
type signing struct {
	next ledger.Checkpoint
	done chan struct{}
	note string
	err  error
}

// sign begins to sign the new head, on the other core.
func (w *writer) sign() *signing {
	s := &signing{
		next: ledger.Checkpoint{Origin: w.db.log.origin, Size: w.tx.tree.Size(), Root: w.tx.tree.Root()},
		done: make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		if key := w.db.log.key; key != nil {
			s.note, s.err = key.Sign(s.next)
		}
	}()
	return s
}

// seal writes the signed head. Without the key the last signature stays: the newest
// entries are then an unsealed tail, but they are kept.
func (w *writer) seal(ctx context.Context, signing *signing) error {
	before, next := w.known.tree, signing.next
	<-signing.done
	if w.db.log.key != nil {
		s := &w.tx.sealed
		// The new tree was grown out of the one before. If that was signed, there is
		// nothing to prove; a tail that was not must be shown to fit.
		if s.signed.Size != before.Size() || s.signed.Root != before.Root() {
			if err := w.extends(ctx, s.signed, next); err != nil {
				w.db.state.alter(err)
				return fault.Wrap(err, fault.Unavailable, "The log was altered: its head does not go on from the last signed one. Run \"activitylog verify\".")
			}
		}
		if signing.err != nil {
			return signing.err
		}
		s.signed, s.note = next, signing.note
		if err := w.keepCheckpoint(ctx, s); err != nil {
			return err
		}
	}
	return w.exec(ctx, "UPDATE head SET size = ?, root = ?, note = ?, counted = ? WHERE one = 1", next.Size, next.Root[:], w.tx.sealed.note, w.tx.counted)
}

// tellOfTail records, before anything else that will be signed, that entries are
// signed late: nothing shows whether this program stored them without its key or
// somebody else wrote them into the file. Afterwards nobody could tell them from others.
func (w *writer) tellOfTail(ctx context.Context) error {
	first, size := w.known.sealed.signed.Size, w.known.tree.Size()
	if w.db.log.key == nil || first >= size {
		return nil
	}
	body := activity.Body{
		V: activity.BodyVersion, OccurredAt: w.db.options.Now().UnixMilli(), Type: "LogSealed",
		Actor:  activity.BodyActor{Kind: activity.KindSystem, Source: self, Name: new("activitylog")},
		Source: self, Result: activity.OK,
		Parameters: fmt.Appendf(nil, `{"count":%d,"first":%d}`, size-first, first+1), // ids
	}
	results, err := (&Tx{w: w}).Append(ctx, nil, []activity.Body{body})
	if err != nil {
		return err
	}
	return results[0].Err
}

func (w *writer) keepCheckpoint(ctx context.Context, s *sealed) error {
	now := w.db.options.Now().UnixMilli()
	if s.signed.Size/checkpointEvery == s.checkpoint/checkpointEvery && now-s.at < checkpointAfter.Milliseconds() {
		return nil
	}
	s.checkpoint, s.at = s.signed.Size, now
	// Dated as its last entry, so that the ledger proves the date.
	return w.exec(ctx, "INSERT INTO checkpoint (size, note, kind, created_at) VALUES (?, ?, 'regular', (SELECT recorded_at FROM entry WHERE seq = ?))", s.signed.Size, s.note, s.signed.Size-1)
}

// compareMark holds the database against the high-water mark on opening, and makes
// the mark where there is none: the first opening on this machine, or somebody took
// it away, which a verification tells.
func (db *DB) compareMark(ctx context.Context) error {
	held, err := db.mark.Read()
	if ledger.IsMissing(err) {
		h, err := readHead(ctx, db.writer.conn)
		if err != nil && !errors.Is(err, errAltered) {
			return err
		}
		db.state.unmarked = h.size > 0
		_ = db.raiseMark() // its failure is kept in the state
		return nil
	}
	if err != nil {
		db.state.rollBack(err)
		return nil
	}
	marked, err := ledger.OpenNote(held, db.log.vkeys...)
	if err != nil {
		db.state.rollBack(fmt.Errorf("the mark is another log's, or damaged: %w", err))
		return nil
	}
	h, err := readHead(ctx, db.writer.conn)
	if errors.Is(err, errAltered) {
		return nil // known already
	}
	if err != nil {
		return err
	}
	now := ledger.Checkpoint{Origin: db.log.origin, Size: h.size, Root: h.root}
	err = db.writer.extends(ctx, marked, now)
	if errors.Is(err, errAltered) {
		db.state.rollBack(err)
		return nil
	}
	return err
}

// raiseMark writes the newest signed head into the mark, unless something is wrong
// with the log.
func (db *DB) raiseMark() error {
	note, ok := db.state.toMark()
	if !ok {
		return nil
	}
	if err := db.mark.Raise(note, db.log.vkeys...); err != nil {
		db.state.noteMark(err)
		return fault.Wrap(err, fault.Unavailable, "The mark in %s could not be raised. Check the directory's permissions and space.", db.options.StateDir)
	}
	db.state.marked(note)
	return nil
}
