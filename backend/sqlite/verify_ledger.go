package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/ledger"
)

// maxGap bounds how many missing entries are stood in for, one by one.
const maxGap = 1 << 16

// A treeCheck goes through all entries in the order of the ledger, grows the tree
// again and holds it against the stored nodes and everything that was signed.
type treeCheck struct {
	v     *verification
	found ledger.Findings
	audit ledger.Audit
	conn  fullConn

	nodes     *scan // stored nodes, in step with the audit
	nodeIndex int64 // of the row that nodes stands on; none at the end
	kept      map[int64]bool
	err       error // of reading nodes inside the audit

	signed     []signedRoot // what must fit, by size; those of the table checkpoint are streamed
	unfit      []signedRoot
	noteFits   bool
	leaves     []ledger.TreeFault // ranges with a changed leaf
	missing    bitset
	gap        bool // so much is missing that the tree cannot be grown on
	recordedAt int64
	firstAt    int64 // created_at of the checkpoint of size 0
	complete   bool  // nothing kept it from reading to the end
}

// A signedRoot is a root that somebody signed, or the head's.
type signedRoot struct {
	ledger.Checkpoint
	problem ledger.Problem // what to say if it does not fit
	isNote  bool
}

func (c *treeCheck) run(ctx context.Context, conn fullConn) (err error) {
	c.conn = conn
	c.audit = ledger.Audit{Stored: c.stored, Found: c.fault}
	if err := c.resume(ctx); err != nil {
		return err
	}
	if c.nodes, err = query(ctx, conn, "SELECT idx, hash FROM node ORDER BY idx"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.nodes.close()) }()
	c.stepNode()
	checkpoints, err := query(ctx, conn, "SELECT size, note, kind, created_at FROM checkpoint ORDER BY size")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, checkpoints.close()) }()
	row := checkpointRows{scan: checkpoints}
	if err := row.step(); err != nil {
		return err
	}
	if err := c.signedHere(&row); err != nil {
		return err
	}
	err = each(ctx, conn, func(s *scan) error { return c.entry(s, &row) }, "SELECT seq, recorded_at, commitment FROM entry NOT INDEXED ORDER BY seq")
	if err != nil {
		return err
	}
	err = c.end(&row)
	c.complete = err == nil
	return err
}

// resume starts behind the prefix that compaction dropped, if any.
func (c *treeCheck) resume(ctx context.Context) error {
	c.kept = map[int64]bool{}
	if c.v.start == 0 {
		return nil
	}
	for _, index := range ledger.Edge(c.v.start) {
		c.kept[index] = true
	}
	return c.audit.Resume(c.v.start, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			err := each(ctx, c.conn, func(s *scan) error { hashes[i] = hashOf(s.bytes(0)); return nil },
				"SELECT hash FROM node WHERE idx = ?", index)
			if err != nil {
				return nil, err
			}
		}
		return hashes, nil
	}))
}

// entry takes one row.
func (c *treeCheck) entry(s *scan, row *checkpointRows) error {
	seq, _ := s.int(0)
	recordedAt, valid := s.int(1)
	commitment := s.bytes(2)
	if seq < c.v.start || seq >= c.v.size {
		c.found.Add(ledger.Problem{
			Kind: ledger.KindExtra, Table: "entry", Column: "seq", Seq: &seq,
			Text: fmt.Sprintf("Entry %d is beyond the %d that the head covers.", seq, c.v.size),
		})
		return nil
	}
	if err := c.absent(seq, row); err != nil || c.gap {
		return err
	}
	if len(commitment) != tlog.HashSize || !valid {
		c.found.Add(ledger.Problem{Kind: ledger.KindColumn, Table: "entry", Seq: &seq, Text: fmt.Sprintf("Entry %d is not one.", seq)})
		c.missing.set(seq)
		commitment = make([]byte, tlog.HashSize)
	}
	c.recordedAt = recordedAt
	return c.append(ledger.Leaf(c.v.id, seq, recordedAt, [tlog.HashSize]byte(commitment)), row)
}

// absent stands in for the entries that are missing before seq.
func (c *treeCheck) absent(seq int64, row *checkpointRows) error {
	first := c.audit.Size()
	if seq == first {
		return nil
	}
	c.found.Add(ledger.Problem{Kind: ledger.KindMissing, Table: "entry", Column: "seq", Seq: &first, Text: missingText(first, seq-1)})
	if c.gap = seq-first > maxGap; c.gap {
		return nil
	}
	for n := first; n < seq; n++ {
		c.missing.set(n)
		if err := c.append(tlog.Hash{}, row); err != nil {
			return err
		}
	}
	return nil
}

func missingText(from, to int64) string {
	if from == to {
		return fmt.Sprintf("Entry %d is missing.", from)
	}
	return fmt.Sprintf("Entries %d to %d are missing.", from, to)
}

func (c *treeCheck) append(leaf tlog.Hash, row *checkpointRows) error {
	c.audit.Append(leaf)
	if c.err != nil {
		return c.err
	}
	return c.signedHere(row)
}

// signedHere holds what was signed at this size against the tree.
func (c *treeCheck) signedHere(row *checkpointRows) error {
	size := c.audit.Size()
	for len(c.signed) > 0 && c.signed[0].Size <= size {
		if c.signed[0].Size == size {
			c.fit(c.signed[0])
		}
		c.signed = c.signed[1:]
	}
	for !row.done && row.size <= size {
		c.checkpoint(row, size)
		if err := row.step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *treeCheck) fit(s signedRoot) {
	if c.v.off["root"] {
		return
	}
	if !c.audit.Fits(s.Root) {
		c.unfit = append(c.unfit, s)
	} else if s.isNote {
		c.noteFits = true
	}
}

// checkpointRows is the table checkpoint, row by row.
type checkpointRows struct {
	*scan
	size int64
	done bool
}

func (r *checkpointRows) step() error {
	more, err := r.next()
	if r.done = !more; more {
		r.size, _ = r.int(0)
	}
	return err
}

func (c *treeCheck) checkpoint(row *checkpointRows, size int64) {
	if c.v.off["checkpoint"] {
		return
	}
	tell := func(column, format string, args ...any) {
		c.found.Add(ledger.Problem{
			Kind: ledger.KindCheckpoint, Table: "checkpoint", Column: column,
			Text: fmt.Sprintf("The checkpoint of %d entries ", row.size) + fmt.Sprintf(format, args...),
		})
	}
	createdAt, _ := row.int(3)
	if row.size == 0 {
		c.firstAt = createdAt
	}
	opened, err := c.v.keys.Open(row.text(1))
	switch {
	case err != nil:
		tell("note", "is not signed by the log's key of that time.")
		return
	case opened.Size != row.size:
		tell("size", "is signed for %d.", opened.Size)
		return
	}
	if kind := row.text(2); !c.v.kindFits(kind, row.size) {
		tell("kind", "is called %s.", shown(kind))
	}
	if row.size < size {
		return // before what compaction left; its signature is good
	}
	if row.size > 0 && createdAt != c.recordedAt && !c.missing.has(row.size-1) {
		tell("created_at", "is of %d ms, its last entry of %d.", createdAt, c.recordedAt)
	}
	c.fit(signedRoot{Checkpoint: opened, problem: ledger.Problem{
		Kind: ledger.KindCheckpoint, Table: "checkpoint", Column: "note",
		Text: fmt.Sprintf("The tree of the first %d entries is not the one that was signed then.", row.size),
	}})
}

// end compares what is left after the last entry.
func (c *treeCheck) end(row *checkpointRows) error {
	if c.gap {
		c.audit.Finish()
		return c.err
	}
	if size := c.audit.Size(); size < c.v.size {
		c.found.Add(ledger.Problem{Kind: ledger.KindMissing, Table: "entry", Column: "seq", Seq: &size, Text: missingText(size, c.v.size-1)})
		c.gap = true
	}
	for !row.done {
		c.found.Add(ledger.Problem{
			Kind: ledger.KindCheckpoint, Table: "checkpoint", Column: "size",
			Text: fmt.Sprintf("There is a checkpoint of %d entries, but only %d are there.", row.size, c.audit.Size()),
		})
		if err := row.step(); err != nil {
			return err
		}
	}
	if c.gap {
		c.audit.Finish()
		return c.err
	}
	c.headRoot()
	c.audit.Finish()
	c.restNodes()
	c.unfitting()
	return c.err
}

// headRoot compares the head's root. Where a signature of the same size fits, the
// head itself was changed.
func (c *treeCheck) headRoot() {
	if c.v.off["root"] || c.audit.Fits(c.v.head.root) {
		return
	}
	p := ledger.Problem{Kind: ledger.KindRoot, Table: "head", Column: "root", Text: fmt.Sprintf("The head's root is not that of the %d entries.", c.v.size)}
	if c.noteFits {
		c.found.Add(p)
		return
	}
	c.unfit = append(c.unfit, signedRoot{Checkpoint: ledger.Checkpoint{Size: c.v.size}, problem: p})
}

// unfitting tells of roots that do not fit, unless a changed leaf explains it: the
// last leaf of an odd number was under no node yet. If only the roots of the whole log
// do not fit, its last leaf is the one.
func (c *treeCheck) unfitting() {
	last := slices.IndexFunc(c.unfit, func(s signedRoot) bool { return s.Size != c.v.size }) < 0
	if last && len(c.unfit) > 0 && c.v.size%2 == 1 {
		c.leaves = append(c.leaves, ledger.TreeFault{Kind: ledger.LeafChanged, Lo: c.v.size - 1, Hi: c.v.size})
	}
	for _, s := range c.unfit {
		explained := slices.ContainsFunc(c.leaves, func(f ledger.TreeFault) bool { return f.Lo < s.Size && s.Size <= f.Hi })
		if s.Size%2 == 0 || !explained || s.Size == c.v.size {
			c.found.Add(s.problem)
		}
	}
}
