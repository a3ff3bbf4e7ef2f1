//go:build bench

package sqlite

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"activitylog/backend/activity"
)

const (
	eraseStep  = 2500 // activities in one commit of a run, as it takes them
	eraseApart = 1000 // and runs of places at most
	eraseOf    = 10   // one activity in so many is erased
)

// An eraser erases, and records as many in turn.
type eraser struct {
	t       testing.TB
	db      *DB
	id      int64
	r       *rand.Rand
	records int
}

// erasing times the steps of a run of retention beside recording as many, and the
// cleaning up at its end. It comes last: a tenth of the log is gone then.
func erasing(t testing.TB, s *sheet, db *DB) {
	id, err := db.BeginErasing(t.Context(), activity.Erasing{Kind: "figures", StartedAt: start.UnixMilli(), Plan: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	e := &eraser{t: t, db: db, id: id, r: rand.New(rand.NewPCG(4, 4)), records: *figureRows}
	turns := max(*figureRows/eraseOf/eraseStep, 1)
	s.title("Erasing beside recording, %d turns of %d, durable", turns, eraseStep)
	recorded, erased := e.turns(s, "in a row", turns, eraseStep, func(turn int) [][2]int64 {
		lo := int64(10 + turn*eraseStep)
		return [][2]int64{{lo, lo + eraseStep - 1}}
	})
	const gap = 15
	few := min(eraseApart, *figureRows/2/gap)
	e.turns(s, "each apart", 5, few, func(turn int) (runs [][2]int64) {
		for i := range few {
			seq := int64(*figureRows/2 + i*gap + turn)
			runs = append(runs, [2]int64{seq, seq})
		}
		return runs
	})
	begin := time.Now()
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	scrub := time.Since(begin)
	begin = time.Now()
	freed, err := db.GiveBack(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	back := time.Since(begin)
	s.line("cleaning up after it: %.1f s for the words, %.1f µs for each activity of the log; %.1f s to give back %.0f MiB",
		scrub.Seconds(), scrub.Seconds()*1e6/float64(*figureRows), back.Seconds(), float64(freed)/(1<<20))
	s.line("the run of %d in a row and the cleaning up, in the time of recording as many: %.2f", turns*eraseStep, (erased+scrub+back).Seconds()/recorded.Seconds())
	if v, err := db.Verify(context.Background(), VerifyOptions{}); err != nil || v.State != "verified" {
		t.Fatal(v.State, v.Problems, err)
	}
}

// turns records and erases in turn, and prints how long each activity takes.
func (e *eraser) turns(s *sheet, name string, turns, step int, runs func(turn int) [][2]int64) (recorded, erased time.Duration) {
	var a, b, ratio []float64
	for turn := range turns {
		list := make([]activity.Body, step)
		for i := range list {
			list[i] = figureBody(e.r, *figureRows, e.records)
			e.records++
		}
		x := e.timed(func() { appendAll(e.t, e.db, list) })
		y := e.timed(func() {
			n, kept, err := e.db.EraseRuns(e.t.Context(), e.id, "", runs(turn), sayErased)
			if err != nil || n+kept == 0 || n < int64(step)*9/10 {
				e.t.Fatal(n, kept, err)
			}
		})
		recorded, erased = recorded+x, erased+y
		a, b, ratio = append(a, x.Seconds()*1e6/float64(step)), append(b, y.Seconds()*1e6/float64(step)), append(ratio, y.Seconds()/x.Seconds())
	}
	s.line("%-34s %-24s record %-23s ratio %s", name+", µs each", spreadOf(b).whole(), spreadOf(a).whole(), spreadOf(ratio))
	return recorded, erased
}

// timed is how long something takes with its checkpoint; what it leaves for when nobody
// waits is done afterwards.
func (e *eraser) timed(do func()) time.Duration {
	begin := time.Now()
	do()
	e.db.checkpointWAL(context.Background(), e.db.maintenance, "FULL")
	took := time.Since(begin)
	rest(e.db)
	return took
}
