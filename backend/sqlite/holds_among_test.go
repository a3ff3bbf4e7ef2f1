package sqlite

import (
	"fmt"
	"math"
	"math/bits"
	"testing"

	"activitylog/backend/activity"
)

// runs returns random runs of places, in order, some beyond the end of the log.
func (w *world) runs() (runs [][2]int64) {
	size := int64(len(w.model.rows)) + 4
	longest := pick(w.rand, []int64{1, 1, 5, size})
	for at := w.rand.Int64N(size); at < size; at += 1 + w.rand.Int64N(size/2) {
		end := min(at+w.rand.Int64N(longest), size)
		runs = append(runs, [2]int64{at, end})
		at = end
	}
	return runs
}

// Whether few places are looked at or all matches are gone through, the same is held as
// in a naive model.
func TestHeldAmongAgreesWithTheModel(t *testing.T) {
	usual := bounds
	t.Cleanup(func() { bounds = usual })
	for _, name := range []string{"usual", "look", "walk", "wide"} {
		t.Run(name, func(t *testing.T) {
			bounds = usual
			switch name {
			case "look":
				bounds.heldRows, bounds.heldWords, bounds.heldBodies, bounds.ends = 1, 1, 1, 1
			case "walk":
				bounds.heldRows, bounds.heldWords, bounds.heldBodies = math.MaxInt32, math.MaxInt32, math.MaxInt32
			case "wide":
				bounds.facets, bounds.ends, bounds.anchorRows, bounds.ipRows = 1, 0, -1, -1
			}
			w := newWorld(t, 160, 3)
			for range 500 {
				var holds activity.Holds
				held := map[int64]bool{}
				for range 1 + w.rand.IntN(2) {
					q := w.parse(t, w.query())
					holds.Queries = append(holds.Queries, q)
					for _, row := range w.model.matches(activity.Selection{Scope: activity.Scope{All: true}, Query: q}) {
						held[row.seq] = true
					}
				}
				runs, want := w.runs(), int64(0)
				for _, run := range runs {
					for seq := run[0]; seq <= run[1]; seq++ {
						if held[seq] {
							want++
						}
					}
				}
				about := fmt.Sprint(runs)
				if n, err := w.db.HeldAmong(t.Context(), holds, runs); err != nil || n != want || fmt.Sprint(runs) != about {
					t.Fatalf("%q of %s: %d, %v, want %d; runs are then %v", holds.Queries, about, n, err, want, runs)
				}
			}
		})
	}
}

// To ask about few places does not go through all that a hold matches, even where they lie
// at both ends of the log.
func TestHeldAmongFew(t *testing.T) {
	usual := bounds
	t.Cleanup(func() { bounds = usual })
	bounds.heldWords = bounds.heldRows
	w := newWorld(t, 160, 3)
	first, last := w.model.rows[0].seq, w.model.rows[len(w.model.rows)-1].seq
	runs := [][2]int64{{min(first, last), min(first, last)}, {max(first, last), max(first, last)}}
	for _, text := range []string{"", "result:ok", "-type:Plug", "ip:0.0.0.0/0", "object:goal", "-nothing", "-q*"} {
		var noted bitset
		if err := among(t.Context(), w.db.Read(), w.parse(t, text), runs, &noted); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, word := range noted.words {
			n += bits.OnesCount64(word)
		}
		if most := 2*bounds.heldRows + 2; n > most {
			t.Errorf("%q: asked about two places, %d were noted", text, n)
		}
	}
}
