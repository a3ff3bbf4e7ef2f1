package ledger

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// A grown tree is what a writer would have stored.
type grown struct {
	leaves []tlog.Hash
	nodes  map[int64]tlog.Hash
	root   tlog.Hash
}

func grow(n int64) grown {
	g := grown{nodes: map[int64]tlog.Hash{}}
	var t Tree
	for i := range n {
		leaf := tlog.RecordHash([]byte(fmt.Sprint(i)))
		g.leaves = append(g.leaves, leaf)
		t.Append(leaf, func(index int64, node tlog.Hash) { g.nodes[index] = node })
	}
	g.root = t.Root()
	return g
}

// audit returns what an audit finds, as "kind index lo-hi", and whether the root fits.
func (g grown) audit() (faults []string, fits bool) {
	a := Audit{
		Stored: func(index int64) (tlog.Hash, bool) { h, ok := g.nodes[index]; return h, ok },
		Found: func(f TreeFault) {
			faults = append(faults, fmt.Sprintf("%d %d %d-%d", f.Kind, f.Index, f.Lo, f.Hi))
		},
	}
	for _, leaf := range g.leaves {
		a.Append(leaf)
	}
	fits = a.Fits(g.root)
	a.Finish()
	slices.Sort(faults)
	return faults, fits
}

func TestAnAuditOfWhatWasStoredFindsNothing(t *testing.T) {
	for n := range int64(70) {
		if faults, fits := grow(n).audit(); len(faults) != 0 || !fits {
			t.Fatalf("%d leaves: %v, root fits: %v", n, faults, fits)
		}
	}
}

func TestAnAuditNamesTheOneNodeThatWasChanged(t *testing.T) {
	for n := int64(2); n <= 40; n++ {
		for index := range grow(n).nodes {
			g := grow(n)
			g.nodes[index] = tlog.RecordHash([]byte("other"))
			level, at := tlog.SplitStoredHashIndex(index)
			want := fmt.Sprintf("%d %d %d-%d", NodeChanged, index, at<<level, (at+1)<<level)
			if faults, fits := g.audit(); !slices.Equal(faults, []string{want}) || !fits {
				t.Fatalf("%d leaves, node %d: %v, want %s; root fits: %v", n, index, faults, want, fits)
			}
			delete(g.nodes, index)
			want = fmt.Sprintf("%d %d %d-%d", NodeMissing, index, at<<level, (at+1)<<level)
			if faults, fits := g.audit(); !slices.Equal(faults, []string{want}) || !fits {
				t.Fatalf("%d leaves without node %d: %v, want %s; root fits: %v", n, index, faults, want, fits)
			}
		}
	}
}

func TestAnAuditNamesThePairOfTheLeafThatWasChanged(t *testing.T) {
	for n := int64(1); n <= 40; n++ {
		for i := range n {
			g := grow(n)
			g.leaves[i] = tlog.RecordHash([]byte("other"))
			faults, fits := g.audit()
			if n%2 == 1 && i == n-1 {
				if len(faults) != 0 || fits {
					t.Fatalf("%d leaves, the last: %v, root fits: %v", n, faults, fits)
				}
				continue // only the root covers it
			}
			lo := i &^ 1
			want := fmt.Sprintf("%d %d %d-%d", LeafChanged, tlog.StoredHashIndex(1, lo/2), lo, lo+2)
			if !slices.Equal(faults, []string{want}) || !fits {
				t.Fatalf("%d leaves, leaf %d: %v, want %s; root fits: %v", n, i, faults, want, fits)
			}
		}
	}
}

func TestAnAuditOfARebuiltTreeDoesNotFitTheSignedRoot(t *testing.T) {
	g, other := grow(37), grow(37)
	var tree Tree
	other.leaves[5] = tlog.RecordHash([]byte("other"))
	for _, leaf := range other.leaves {
		tree.Append(leaf, func(index int64, node tlog.Hash) { other.nodes[index] = node })
	}
	other.root = g.root
	if faults, fits := other.audit(); len(faults) != 0 || fits {
		t.Errorf("%v, root fits: %v", faults, fits)
	}
}

func TestAnAuditTellsOfWhatNothingDecides(t *testing.T) {
	g := grow(8)
	g.leaves[2] = tlog.RecordHash([]byte("other"))
	g.root = tlog.RecordHash([]byte("forged"))
	for index := range g.nodes {
		g.nodes[index] = tlog.RecordHash([]byte(fmt.Sprint("noise", index)))
	}
	if faults, fits := g.audit(); len(faults) != len(g.nodes) || fits {
		t.Errorf("%v, root fits: %v", faults, fits)
	}
}

func TestAnAuditResumesBehindADroppedPrefix(t *testing.T) {
	g := grow(45)
	for _, from := range []int64{0, 1, 8, 13, 44, 45} {
		a := Audit{
			Stored: func(index int64) (tlog.Hash, bool) { h, ok := g.nodes[index]; return h, ok },
			Found:  func(f TreeFault) { t.Errorf("from %d: %v", from, f) },
		}
		err := a.Resume(from, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			var hashes []tlog.Hash
			for _, index := range indexes {
				if level, n := tlog.SplitStoredHashIndex(index); level == 0 {
					hashes = append(hashes, g.leaves[n])
				} else {
					hashes = append(hashes, g.nodes[index])
				}
			}
			return hashes, nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		for _, leaf := range g.leaves[from:] {
			a.Append(leaf)
		}
		if !a.Fits(g.root) || a.Size() != 45 || a.Root() != g.root {
			t.Errorf("from %d the root does not fit", from)
		}
		a.Finish()
	}
}
