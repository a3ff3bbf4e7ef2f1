package ledger

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// The kinds of problems: what was compared when it differed.
const (
	KindCommitment = "commitment" // body and salt against the entry
	KindLeaf       = "leaf"       // an entry against the tree
	KindNode       = "node"       // an interior hash of the tree
	KindRoot       = "root"       // the root, or the size, of the head
	KindNote       = "note"       // a signature
	KindCheckpoint = "checkpoint" // a kept signed head
	KindLogKey     = "log_key"    // the chain of public keys
	KindMark       = "mark"       // the high-water mark in the state directory
	KindKeyTime    = "key_time"   // an activity's place in time against its body
	KindColumn     = "column"     // a column of an activity against its body
	KindDictionary = "dictionary" // a dictionary's row against the bodies that use it
	KindUnused     = "unused"     // a dictionary's row that nothing uses
	KindMissing    = "missing"    // a row that should be there
	KindExtra      = "extra"      // a row that should not be there
	KindSlot       = "slot"       // a kept count against a recount
	KindSeen       = "seen"       // an external id's row
	KindWords      = "words"      // the index of words against the bodies
	KindIdentity   = "identity"   // whom an actor is linked to, by replaying the log
	KindErasure    = "erasure"    // an erasure or compaction against the activity that says so
	KindSchema     = "schema"     // a table, index, trigger or view
	KindFile       = "file"       // the database file itself
)

// MaxProblems is how many problems a report names; further ones are counted.
const MaxProblems = 100

// ExitStatus returns what `verify` exits with: 0 verified, 2 unsealed tail,
// 3 rolled back, 4 altered, 5 key missing. A state nobody knows is 4.
func (r Report) ExitStatus() int {
	switch r.State {
	case Verified:
		return 0
	case Unsealed:
		return 2
	case RolledBack:
		return 3
	case KeyMissing:
		return 5
	default:
		return 4
	}
}

// StateOf returns the worst of what was found. Any problem but one of the mark
// means altered; then come rolled back, key missing and unsealed, in this order.
func StateOf(found *Findings, keyMissing bool, sealed, size int64) string {
	switch {
	case found.Altered():
		return Altered
	case found.count > 0:
		return RolledBack
	case keyMissing:
		return KeyMissing
	case sealed < size:
		return Unsealed
	default:
		return Verified
	}
}

// Findings collects problems. It keeps the first [MaxProblems] in order (what concerns
// the whole log, then by seq, then dictionaries and counts) and counts all. The zero
// value is ready. It is not safe for concurrent use.
type Findings struct {
	kept    []placed
	count   int64
	altered bool
}

type placed struct {
	Problem
	n int64 // order of arrival
}

// Add takes a problem. It costs O([MaxProblems]) at worst.
func (f *Findings) Add(p Problem) {
	f.count++
	f.altered = f.altered || p.Kind != KindMark
	at, _ := slices.BinarySearchFunc(f.kept, placed{p, f.count}, byPlace)
	if at == MaxProblems {
		return
	}
	if len(f.kept) == MaxProblems {
		f.kept = f.kept[:MaxProblems-1]
	}
	f.kept = slices.Insert(f.kept, at, placed{p, f.count})
}

// Count takes n further problems (of any kind but the mark) that are not named.
func (f *Findings) Count(n int64) {
	if n > 0 {
		f.count += n
		f.altered = true
	}
}

// Merge adds what another collection found.
func (f *Findings) Merge(other *Findings) {
	for _, p := range other.kept {
		f.Add(p.Problem)
	}
	f.count += other.count - int64(len(other.kept))
	f.altered = f.altered || other.altered
}

// Altered reports whether anything but the mark differs.
func (f *Findings) Altered() bool { return f.altered }

// Total returns how many problems there are.
func (f *Findings) Total() int64 { return f.count }

// Problems returns the first problems in order (never null) and how many follow.
func (f *Findings) Problems() (first []Problem, more int64) {
	first = make([]Problem, 0, len(f.kept))
	for _, p := range f.kept {
		first = append(first, p.Problem)
	}
	return first, f.count - int64(len(first))
}

func byPlace(a, b placed) int {
	return cmp.Or(cmp.Compare(place(a.Problem), place(b.Problem)), cmp.Compare(a.n, b.n))
}

// place orders problems: what concerns the whole log, the entries, then what is only
// derived from them, since that is often a consequence.
func place(p Problem) int64 {
	switch {
	case p.Seq != nil:
		return *p.Seq
	case derived[p.Table] || strings.HasPrefix(p.Table, "slot_"):
		return math.MaxInt64
	}
	return -1
}

// derived are the tables that could be made again from the activities.
var derived = map[string]bool{
	"actor": true, "type": true, "source": true, "site": true, "object": true, "ip": true, "seen": true, "words": true,
}
