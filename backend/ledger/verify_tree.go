package ledger

import (
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// An Audit grows a tree from its leaves again and holds each interior node against
// the stored one. Where they differ it finds out which side is wrong: a stored node
// that its parent (or a signed root) does not need was changed itself; one that it
// needs means that a leaf below was changed. So one changed row is named once, and
// the tree above it still fits its signatures.
type Audit struct {
	// Stored returns the stored interior node, false if there is none. It is asked
	// once for each, in ascending order of index.
	Stored func(index int64) (tlog.Hash, bool)
	// Found is told what differs.
	Found func(TreeFault)

	size int64
	edge [maxLevels]slot
}

// A TreeFault is a place where a stored tree differs from its leaves.
type TreeFault struct {
	Kind   TreeFaultKind
	Index  int64 // of the stored node, see tlog.StoredHashIndex
	Lo, Hi int64 // the leaves below it, Hi exclusive
}

// A TreeFaultKind says what is wrong at a place of the tree.
type TreeFaultKind int

// What may be wrong.
const (
	NodeMissing TreeFaultKind = iota // the node is not stored
	NodeChanged                      // the stored node is not what the leaves give, and the tree above does not need it
	LeafChanged                      // a leaf below is not the one that the tree was built from
	NodeUnsure                       // they differ, and nothing above tells which is wrong
)

// A slot is the root of a complete subtree at the right edge. Where the stored hash
// differs from the computed one both are kept until something above decides.
type slot struct {
	computed tlog.Hash
	stored   *tlog.Hash
	open     []TreeFault // undecided places at and below, the topmost last
}

// maxOpen bounds the undecided places that one subtree remembers.
const maxOpen = 256

// Resume starts an audit behind a prefix that compaction dropped, from the
// stored edge of a tree of that size.
func (a *Audit) Resume(size int64, r tlog.HashReader) error {
	t, err := LoadTree(size, r)
	if err != nil {
		return err
	}
	a.size = size
	for l := range t.edge {
		a.edge[l] = slot{computed: t.edge[l]}
	}
	return nil
}

// Size returns the number of leaves so far.
func (a *Audit) Size() int64 { return a.size }

// Append adds a leaf.
func (a *Audit) Append(leaf tlog.Hash) {
	n, s, level := a.size, slot{computed: leaf}, 0
	for ; n>>level&1 == 1; level++ {
		s = a.join(a.edge[level], s, level+1, n>>(level+1))
		a.edge[level] = slot{}
	}
	a.edge[level] = s
	a.size++
}

// join makes the node (level, n) of its children and holds it against the stored one.
func (a *Audit) join(left, right slot, level int, n int64) slot {
	place := TreeFault{Index: tlog.StoredHashIndex(level, n), Lo: n << level, Hi: (n + 1) << level}
	computed := tlog.NodeHash(left.computed, right.computed)
	stored, ok := a.Stored(place.Index)
	if !ok {
		place.Kind = NodeMissing
		a.Found(place)
		return slot{computed: computed, open: both(left.open, right.open)}
	}
	if computed == stored {
		a.changed(left.open)
		a.changed(right.open)
		return slot{computed: computed}
	}
	return a.disagree(left, right, computed, stored, place)
}

// disagree is apart from join so that the usual way allocates nothing.
func (a *Audit) disagree(left, right slot, computed, stored tlog.Hash, place TreeFault) slot {
	children := []*slot{&left, &right}
	if a.decide(children, func() bool { return tlog.NodeHash(left.computed, right.computed) == stored }) {
		return slot{computed: stored}
	}
	return slot{computed: computed, stored: &stored, open: append(both(left.open, right.open), place)}
}

// decide looks for the mix of computed and stored hashes that fits. If there is one
// the open places are told and the slots hold it.
func (a *Audit) decide(slots []*slot, fits func() bool) bool {
	var unsure []*slot
	for _, s := range slots {
		if s.stored != nil {
			unsure = append(unsure, s)
		}
	}
	if len(unsure) == 0 || len(unsure) > 8 {
		return false
	}
	flip := func(mix int) {
		for i, s := range unsure {
			if mix>>i&1 == 1 {
				s.computed, *s.stored = *s.stored, s.computed
			}
		}
	}
	for mix := 1; mix < 1<<len(unsure); mix++ {
		flip(mix)
		if !fits() {
			flip(mix)
			continue
		}
		for i, s := range unsure {
			if mix>>i&1 == 1 {
				a.leaf(s.open)
			} else {
				a.changed(s.open)
			}
			s.stored, s.open = nil, nil
		}
		return true
	}
	return false
}

// changed tells that the leaves are right, so the stored nodes are not.
func (a *Audit) changed(open []TreeFault) {
	for _, f := range open {
		f.Kind = NodeChanged
		a.Found(f)
	}
}

// leaf tells that the topmost place is right as stored, so the smallest place below
// it holds a leaf that is not; those between hang on it.
func (a *Audit) leaf(open []TreeFault) {
	if len(open) == 0 {
		return
	}
	f := open[0]
	f.Kind = LeafChanged
	a.Found(f)
}

// Fits reports whether the tree so far has this root, which somebody signed. If so
// whatever was open is decided.
func (a *Audit) Fits(root tlog.Hash) bool {
	slots := a.slots()
	fits := func() bool { return a.root(slots) == root }
	if !fits() {
		return a.decide(slots, fits)
	}
	for _, s := range slots {
		a.changed(s.open)
		s.stored, s.open = nil, nil
	}
	return true
}

// Root returns the root as computed, which is that of the changed tree where a
// change was not decided.
func (a *Audit) Root() tlog.Hash { return a.root(a.slots()) }

// Finish tells of the places that nothing decided.
func (a *Audit) Finish() {
	for _, s := range a.slots() {
		for _, f := range s.open {
			f.Kind = NodeUnsure
			a.Found(f)
		}
		s.open = nil
	}
}

func (a *Audit) slots() []*slot {
	var slots []*slot // smallest subtree first
	for level := range maxLevels {
		if a.size>>level&1 == 1 {
			slots = append(slots, &a.edge[level])
		}
	}
	return slots
}

func (a *Audit) root(slots []*slot) tlog.Hash {
	if len(slots) == 0 {
		var empty Tree
		return empty.Root()
	}
	h := slots[0].computed
	for _, s := range slots[1:] {
		h = tlog.NodeHash(s.computed, h)
	}
	return h
}

func both(left, right []TreeFault) []TreeFault {
	if len(left) == 0 && len(right) == 0 {
		return nil
	}
	all := slices.Concat(left, right)
	return all[:min(len(all), maxOpen)]
}
