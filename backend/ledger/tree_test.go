package ledger

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// memory keeps every stored hash, leaves too, as tlog itself would.
type memory map[int64]tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := m[index]
		if !ok {
			return nil, fmt.Errorf("no hash %d", index)
		}
		hashes[i] = h
	}
	return hashes, nil
}

func leafNumber(n int64) tlog.Hash {
	return tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

// growTree appends leaves up to size to the tree and keeps all hashes in m.
func growTree(t *Tree, m memory, size int64) {
	for n := t.Size(); n < size; n++ {
		leaf := leafNumber(n)
		m[tlog.StoredHashIndex(0, n)] = leaf
		t.Append(leaf, func(index int64, h tlog.Hash) { m[index] = h })
	}
}

func TestTreeAgreesWithTlog(t *testing.T) {
	sizes := make([]int64, 0, 320)
	for n := range int64(301) {
		sizes = append(sizes, n)
	}
	r := rand.New(rand.NewPCG(7, 7))
	last := int64(300)
	for range 12 {
		last += 1 + r.Int64N(8000)
		sizes = append(sizes, last)
	}
	var tree Tree
	m := memory{}
	for _, n := range sizes {
		growTree(&tree, m, n)
		want, err := tlog.TreeHash(n, m)
		if err != nil {
			t.Fatal(err)
		}
		if tree.Root() != want {
			t.Fatalf("size %d: root differs from tlog's", n)
		}
		if got := int64(len(m)); got != tlog.StoredHashCount(n) {
			t.Fatalf("size %d: %d hashes stored, tlog stores %d", n, got, tlog.StoredHashCount(n))
		}
		loaded, err := LoadTree(n, m)
		if err != nil {
			t.Fatal(err)
		}
		if loaded.Root() != want || loaded.Size() != n {
			t.Fatalf("size %d: the loaded tree differs", n)
		}
	}
}

func TestStoredNodesAreTlogs(t *testing.T) {
	var tree Tree
	ours, theirs := memory{}, memory{}
	for n := range int64(1025) {
		growTree(&tree, ours, n+1)
		hashes, err := tlog.StoredHashesForRecordHash(n, leafNumber(n), theirs)
		if err != nil {
			t.Fatal(err)
		}
		for i, h := range hashes {
			theirs[tlog.StoredHashIndex(0, n)+int64(i)] = h
		}
	}
	for index, h := range theirs {
		if ours[index] != h {
			t.Fatalf("hash %d differs", index)
		}
	}
}

func TestCopyIsSnapshot(t *testing.T) {
	var tree Tree
	growTree(&tree, memory{}, 37)
	before := tree
	growTree(&tree, memory{}, 64)
	if tree.Root() == before.Root() {
		t.Fatal("27 more leaves left the root as it was")
	}
	tree = before
	growTree(&tree, memory{}, 64)
	var fresh Tree
	growTree(&fresh, memory{}, 64)
	if tree.Root() != fresh.Root() {
		t.Fatal("the tree did not go on from its snapshot")
	}
}

func TestLoadTreeFails(t *testing.T) {
	if _, err := LoadTree(-1, memory{}); err == nil {
		t.Error("a tree of -1 leaves was loaded")
	}
	if _, err := LoadTree(math.MaxInt64, memory{}); err == nil {
		t.Error("a tree larger than any was loaded")
	}
	if _, err := LoadTree(5, memory{}); err == nil {
		t.Error("a tree was loaded from nothing")
	}
}

func TestExtends(t *testing.T) {
	const origin = "activitylog.local/test"
	var tree Tree
	m := memory{}
	at := map[int64]Checkpoint{}
	for _, n := range []int64{0, 1, 5, 64, 100, 257} {
		growTree(&tree, m, n)
		at[n] = Checkpoint{origin, n, tree.Root()}
	}
	for a, older := range at {
		for b, newer := range at {
			if err := Extends(older, newer, m); (err == nil) != (a <= b) {
				t.Errorf("%d to %d: %v", a, b, err)
			}
		}
	}
	other := at[64]
	other.Root[0] ^= 1
	if Extends(other, at[100], m) == nil || Extends(at[5], other, m) == nil || Extends(other, at[64], m) == nil {
		t.Error("a tree with another root was taken for the same")
	}
	foreign := at[5]
	foreign.Origin = "activitylog.local/other"
	if Extends(foreign, at[100], m) == nil {
		t.Error("another log's tree was taken for ours")
	}
	endless := at[100]
	endless.Size = math.MaxInt64
	if Extends(at[64], endless, m) == nil {
		t.Error("a tree larger than any was taken for ours")
	}
	m[tlog.StoredHashIndex(5, 2)] = leafNumber(9) // covers 64 to 95
	if Extends(at[64], at[100], m) == nil {
		t.Error("an altered node was not noticed")
	}
}
