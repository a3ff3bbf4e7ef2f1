package ledger

import (
	"crypto/sha256"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// maxLevels is enough for every tree whose size fits an int64.
const maxLevels = 63

// MaxSize is more leaves than any log has. Beyond it the numbers of stored hashes no
// longer fit an int64, and looking for a proof would not end.
const MaxSize = 1 << 60

// A Tree is an append-only Merkle tree of which only the right edge is held: the
// roots of the complete subtrees that its size is made of, at most one per level.
// It is a value: a copy is a snapshot, and assigning it back undoes every Append
// since. The zero value is the empty tree.
type Tree struct {
	size int64
	edge [maxLevels]tlog.Hash // edge[l] holds where bit l of size is set
}

// Size returns the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Append adds a leaf and hands each interior node (level ≥ 1) that it completes to
// store, which may be nil, with its tlog.StoredHashIndex: less than one a leaf on
// average. The leaf itself is not handed over; whoever keeps the entries can
// compute it again. It costs one hash a node.
func (t *Tree) Append(leaf tlog.Hash, store func(index int64, node tlog.Hash)) {
	n, h, level := t.size, leaf, 0
	for ; n>>level&1 == 1; level++ {
		h = tlog.NodeHash(t.edge[level], h)
		if store != nil {
			store(tlog.StoredHashIndex(level+1, n>>(level+1)), h)
		}
	}
	t.edge[level] = h
	t.size++
}

// Root returns the tree's hash as RFC 6962 defines it; that of the empty tree is
// the SHA-256 of nothing. It costs at most log₂ n hashes.
func (t *Tree) Root() tlog.Hash {
	if t.size == 0 {
		return tlog.Hash(sha256.Sum256(nil))
	}
	level := bits.TrailingZeros64(uint64(t.size))
	h := t.edge[level]
	for level++; level < maxLevels; level++ {
		if t.size>>level&1 == 1 {
			h = tlog.NodeHash(t.edge[level], h)
		}
	}
	return h
}

// Edge returns the stored hash indexes from which [LoadTree] restores a tree of
// that size, largest subtree first. If the size is odd, the last one is a leaf.
func Edge(size int64) []int64 {
	var indexes []int64
	lo := int64(0)
	for level := maxLevels - 1; level >= 0; level-- {
		if size>>level&1 == 1 {
			indexes = append(indexes, tlog.StoredHashIndex(level, lo>>level))
			lo += 1 << level
		}
	}
	return indexes
}

// LoadTree restores the tree of that size from stored hashes. It reads at most
// log₂ n of them; the caller compares the root with the one it knows.
func LoadTree(size int64, r tlog.HashReader) (Tree, error) {
	if size < 0 || size > MaxSize {
		return Tree{}, fmt.Errorf("ledger: a tree cannot have %d leaves", size)
	}
	t := Tree{size: size}
	if size == 0 {
		return t, nil
	}
	hashes, err := r.ReadHashes(Edge(size))
	if err != nil {
		return Tree{}, fmt.Errorf("ledger: load the tree's edge: %w", err)
	}
	i := 0
	for level := maxLevels - 1; level >= 0; level-- {
		if size>>level&1 == 1 {
			t.edge[level] = hashes[i]
			i++
		}
	}
	return t, nil
}

// Extends checks that the tree of newer begins with the tree of older, by a
// consistency proof over stored hashes. Both must be of one origin. It reads about
// 2·log₂ n hashes.
func Extends(older, newer Checkpoint, r tlog.HashReader) error {
	if older.Origin != newer.Origin {
		return fmt.Errorf("ledger: %s is another log than %s", newer.Origin, older.Origin)
	}
	if newer.Size > MaxSize {
		return fmt.Errorf("ledger: no log has %d entries", newer.Size)
	}
	if older.Size > newer.Size {
		return fmt.Errorf("ledger: %d entries are fewer than the %d that were there", newer.Size, older.Size)
	}
	if older.Size == newer.Size {
		if older.Root != newer.Root {
			return fmt.Errorf("ledger: two different trees of %d entries", older.Size)
		}
		return nil
	}
	if older.Size == 0 {
		return nil // every tree begins with the empty one
	}
	proof, err := tlog.ProveTree(newer.Size, older.Size, r)
	if err != nil {
		return fmt.Errorf("ledger: prove that %d entries begin with the first %d: %w", newer.Size, older.Size, err)
	}
	if err := tlog.CheckTree(proof, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return fmt.Errorf("ledger: %d entries do not begin with the first %d: %w", newer.Size, older.Size, err)
	}
	return nil
}
