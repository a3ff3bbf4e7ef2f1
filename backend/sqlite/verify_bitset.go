package sqlite

// A bitset holds small numbers densely and the others singly.
type bitset struct {
	words []uint64
	far   map[int64]bool
}

// farBit is the first number that is kept singly: a billion dense ones are 128 MB.
const farBit = 1 << 30

func (b *bitset) set(n int64) {
	if n < 0 || n >= farBit {
		if b.far == nil {
			b.far = map[int64]bool{}
		}
		b.far[n] = true
		return
	}
	for int64(len(b.words)) <= n>>6 {
		b.words = append(b.words, 0)
	}
	b.words[n>>6] |= 1 << (n & 63)
}

func (b *bitset) has(n int64) bool {
	if n < 0 || n >= farBit {
		return b.far[n]
	}
	return n>>6 < int64(len(b.words)) && b.words[n>>6]>>(n&63)&1 == 1
}
