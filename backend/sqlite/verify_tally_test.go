package sqlite

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestATallyFindsTheRangeThatDiffers(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(have [][2]int64) [][2]int64
		ranges []int
	}{
		{"equal", func(h [][2]int64) [][2]int64 { return h }, nil},
		{"missing", func(h [][2]int64) [][2]int64 { return slices.Delete(h, 55, 56) }, []int{5}},
		{"extra", func(h [][2]int64) [][2]int64 { return append(h, [2]int64{71, 3}) }, []int{7}},
		{"twice", func(h [][2]int64) [][2]int64 { return append(h, h[99]) }, []int{9}},
		{"before all", func(h [][2]int64) [][2]int64 { return append(h, [2]int64{-400, 3}) }, []int{0}},
		{"other value", func(h [][2]int64) [][2]int64 { h[33][1]++; return h }, []int{3}},
		{"swapped values", func(h [][2]int64) [][2]int64 { h[33][1], h[44][1] = h[44][1], h[33][1]; return h }, []int{3, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sums := newTally()
			var rows [][2]int64
			for i := range int64(100) {
				if i%10 == 0 && i > 0 {
					sums.cut(i)
				}
				sums.want.add(i, sums.hash(i, i*i))
				rows = append(rows, [2]int64{i, i * i})
			}
			have := c.change(rows)
			rand.Shuffle(len(have), func(i, j int) { have[i], have[j] = have[j], have[i] })
			for _, r := range have {
				sums.have.add(r[0], sums.hash(r[0], r[1]))
			}
			if got := sums.differing(); !slices.Equal(got, c.ranges) {
				t.Errorf("ranges %v differ, want %v", got, c.ranges)
			}
		})
	}
}
