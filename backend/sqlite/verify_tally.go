package sqlite

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"

	"activitylog/backend/ledger"
)

// A tally compares two multisets of small records that arrive in different orders,
// in little memory: each record adds its keyed hash to the range it belongs to, on
// the side where it was met. Ranges whose sums differ are looked at record by
// record. The key is random and lives for one verification, so nobody can prepare
// records whose sums agree.
type tally struct {
	seed       maphash.Seed
	starts     []int64 // first place of each range, ascending; the first takes all before
	want, have side
}

// A side is what one of the two multisets adds up to. One goroutine fills it.
type side struct {
	t    *tally
	sums []uint64
	last int
}

func newTally() *tally {
	t := &tally{seed: maphash.MakeSeed(), starts: []int64{none}}
	t.want, t.have = side{t: t, sums: []uint64{0}}, side{t: t, sums: []uint64{0}}
	return t
}

// cut begins a new range at a place beyond all starts so far.
func (t *tally) cut(place int64) {
	if place <= t.starts[len(t.starts)-1] {
		return
	}
	t.starts = append(t.starts, place)
	t.want.sums = append(t.want.sums, 0)
	t.have.sums = append(t.have.sums, 0)
}

// span returns the range's first and last place.
func (t *tally) span(i int) (first, last int64) {
	if i+1 == len(t.starts) {
		return t.starts[i], math.MaxInt64
	}
	return t.starts[i], t.starts[i+1] - 1
}

// hash returns the keyed hash of a record of numbers.
func (t *tally) hash(record ...int64) uint64 {
	var buf [6 * 8]byte
	b := buf[:0]
	for _, n := range record {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return maphash.Bytes(t.seed, b)
}

// hashText returns the keyed hash of a text, to be part of a record.
func (t *tally) hashText(text string) uint64 { return maphash.String(t.seed, text) }

// differing returns the ranges whose sums differ.
func (t *tally) differing() []int {
	var list []int
	for i := range t.starts {
		if t.want.sums[i] != t.have.sums[i] {
			list = append(list, i)
		}
	}
	return list
}

// lookCloser looks at ranges that differ. If that names nothing, it is told that they do:
// what is looked at must not be taken for the same because it looks the same.
func lookCloser(found *ledger.Findings, table string, look func() error) error {
	before := found.Total()
	if err := look(); err != nil || found.Total() > before {
		return err
	}
	found.Add(ledger.Problem{Kind: ledger.KindExtra, Table: table, Text: "The rows of " + table + " are not those that the activities give."})
	return nil
}

// add takes a record by its place and hash.
func (s *side) add(place int64, hash uint64) {
	s.sums[s.at(place)] += hash
}

// at returns the range of a place. Places that come in order are found at once.
func (s *side) at(place int64) int {
	starts := s.t.starts
	if i := s.last; place >= starts[i] && (i+1 == len(starts) || place < starts[i+1]) {
		return i
	}
	i, found := slices.BinarySearch(starts, place)
	if !found {
		i--
	}
	s.last = i
	return i
}
