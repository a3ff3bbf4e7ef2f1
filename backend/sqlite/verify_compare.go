package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/ledger"
)

// rowsAndTree runs the two long passes side by side, each on its own connection.
func (v *verification) rowsAndTree(ctx context.Context, s *still) error {
	v.rows = newRowCheck(v)
	factor := int64(1)
	if v.o.Words {
		factor = 2
	}
	v.total.Store(factor * max(v.size-v.start, 0))
	var rowErr, treeErr error
	var both sync.WaitGroup
	both.Go(func() { treeErr = v.tree.run(ctx, s.tree) })
	rowErr = v.rows.run(ctx, s.rows)
	both.Wait()
	v.found.Merge(&v.rows.found)
	v.found.Merge(&v.tree.found)
	if err := v.guard(treeErr); err != nil {
		return errors.Join(rowErr, err)
	}
	return rowErr
}

// compareRows settles what needs both passes, and compares what the first counted.
func (v *verification) compareRows(ctx context.Context, s *still) error {
	if v.tree.complete && v.tree.firstAt != v.createdAt {
		v.add(ledger.KindColumn, "log", "created_at", "The log is dated %d ms, its first checkpoint %d.", v.createdAt, v.tree.firstAt)
	}
	v.bodies()
	v.accounts()
	if err := v.leaves(ctx, s.tree); err != nil {
		return err
	}
	if err := v.referLinked(ctx, s.rows); err != nil {
		return err
	}
	if !v.off["dictionary"] {
		for _, d := range v.rows.dicts {
			if err := d.report(ctx, s.rows, &v.found); err != nil {
				return err
			}
		}
	}
	if !v.off["slot"] {
		if err := v.rows.slots.compare(ctx, s.rows, &v.found); err != nil {
			return err
		}
	}
	if err := v.rows.seen.compare(ctx, s.rows, &v.rows.bodies, &v.found); err != nil {
		return err
	}
	return v.identities(ctx, s.rows)
}

// leaves says which side is wrong where a body does not fit its entry, and which
// column where an entry does not fit the tree.
func (v *verification) leaves(ctx context.Context, conn fullConn) error {
	inChanged := func(seq int64) bool {
		return slices.ContainsFunc(v.tree.leaves, func(f ledger.TreeFault) bool { return f.Lo <= seq && seq < f.Hi })
	}
	unfit := map[int64]bool{}
	for _, seq := range v.rows.commitments {
		p := ledger.Problem{
			Kind: ledger.KindCommitment, Table: "activity", Column: "body, salt", Seq: &seq,
			Text: fmt.Sprintf("The body of entry %d, or its salt, is not the one that was recorded.", seq),
		}
		if unfit[seq] = inChanged(seq); unfit[seq] {
			p.Table, p.Column = "entry", "commitment"
			p.Text = fmt.Sprintf("The commitment of entry %d is not the one in the tree, and its body does not fit it.", seq)
		}
		v.found.Add(p)
	}
	if v.off["leaf"] {
		return nil
	}
	for i, f := range v.tree.leaves {
		known := false
		for seq := f.Lo; seq < f.Hi && f.Hi-f.Lo <= 2; seq++ {
			known = known || unfit[seq] || v.tree.missing.has(seq)
		}
		if known {
			continue
		}
		p := ledger.Problem{
			Kind: ledger.KindLeaf, Table: "entry", Column: "recorded_at", Seq: &f.Lo,
			Text: fmt.Sprintf("One of the entries %d to %d is not the one that was signed: its time, or its commitment and body, were changed.", f.Lo, f.Hi-1),
		}
		if f.Hi-f.Lo == 1 {
			p.Text = fmt.Sprintf("Entry %d is not the one that was signed: its time, or its commitment and body, were changed.", f.Lo)
		}
		if i < maxExplained {
			if err := v.explain(ctx, conn, f, &p); err != nil {
				return err
			}
		}
		v.found.Add(p)
	}
	return nil
}

// maxExplained and maxTimes bound the search for the time that an entry was signed with.
const (
	maxExplained = 20
	maxTimes     = 200_000
)

// explain looks for the one changed time that makes a pair of entries fit again: the
// times between their neighbours' are few.
func (v *verification) explain(ctx context.Context, conn fullConn, f ledger.TreeFault, p *ledger.Problem) error {
	if f.Hi-f.Lo != 2 {
		return nil
	}
	var want tlog.Hash
	err := each(ctx, conn, func(s *scan) error { want = hashOf(s.bytes(0)); return nil }, "SELECT hash FROM node WHERE idx = ?", f.Index)
	if err != nil {
		return err
	}
	type place struct {
		at         int64
		commitment [tlog.HashSize]byte
	}
	near := map[int64]place{}
	err = each(ctx, conn, func(s *scan) error {
		seq, _ := s.int(0)
		at, _ := s.int(1)
		near[seq] = place{at, hashOf(s.bytes(2))}
		return nil
	}, "SELECT seq, recorded_at, commitment FROM entry WHERE seq BETWEEN ? AND ?", f.Lo-2, f.Hi+1)
	if err != nil {
		return err
	}
	pair := [2]tlog.Hash{}
	for i := range pair {
		e := near[f.Lo+int64(i)]
		pair[i] = ledger.Leaf(v.id, f.Lo+int64(i), e.at, e.commitment)
	}
	for i := range pair {
		seq := f.Lo + int64(i)
		from, to := near[seq^1].at, near[seq^1].at
		for _, other := range []int64{f.Lo - 2, f.Lo - 1, f.Hi, f.Hi + 1} {
			if n, ok := near[other]; ok {
				from, to = min(from, n.at), max(to, n.at)
			}
		}
		if to-from > maxTimes {
			continue
		}
		for at := from - 1000; at <= to+1000; at++ {
			tried := pair
			tried[i] = ledger.Leaf(v.id, seq, at, near[seq].commitment)
			if tlog.NodeHash(tried[0], tried[1]) == want {
				p.Seq, p.Text = &seq, fmt.Sprintf("Entry %d is dated %d ms, but was signed as of %d.", seq, near[seq].at, at)
				return nil
			}
		}
	}
	p.Column = "commitment"
	return nil
}
