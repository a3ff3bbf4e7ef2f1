//go:build bench

package sqlite

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"activitylog/backend/catalog"
)

var (
	figureRows  = flag.Int("rows", 1_000_000, "rows of the bulk")
	figureDir   = flag.String("dir", "", "an empty data directory to build the log in, and leave it there; none: a temporary one")
	figureChild = flag.Bool("child", false, "be the process that fills the log")
)

// TestFigures prints the figures of docs/benchmarks.md. It asserts none of them: it
// fails only where something does not work or a count is wrong.
func TestFigures(t *testing.T) {
	if *figureRows < figureSlice {
		t.Fatalf("-rows must be at least %d", figureSlice)
	}
	dir := *figureDir
	if dir == "" {
		dir = t.TempDir()
	}
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := &sheet{}
	s.head()
	maker := newPlainMaker()
	p := newPlain(t, t.TempDir())
	bulk(t, s, dir, p, maker)

	beats := newBeats()
	db := openTest(t, figureOptions(dir, beats.out))
	record(t, s, db, beats, cat, p, maker)
	p.exec(t, "CREATE INDEX plain_actor ON activity (actor)", "CREATE INDEX plain_type ON activity (type)",
		"CREATE INDEX plain_site ON activity (site)", "PRAGMA wal_checkpoint(TRUNCATE)")
	rest(db)
	r := &readings{t: t, s: s, db: db, cat: cat, p: p, maker: maker}
	r.pages()
	r.counts()
	r.words()
	r.since()
	r.sifting()
	r.holding()
	verifying(t, s, db)
	erasing(t, s, db)
	s.end()
}

func figureOptions(dir string, beat chan struct{}) Options {
	tick := make(chan time.Time)
	go func() {
		for range beat {
			tick <- time.Now()
		}
	}()
	return Options{Path: filepath.Join(dir, "activity.db"), Create: true, Now: time.Now, Tick: tick}
}

// beats tick each second as outside of tests, but only between start and stop: what
// the store does by itself must not fall into plain SQLite's turn.
type beats struct {
	out  chan struct{}
	quit chan struct{}
}

func newBeats() *beats { return &beats{out: make(chan struct{})} }

func (b *beats) start() {
	b.quit = make(chan struct{})
	go func(quit chan struct{}) {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
				b.out <- struct{}{}
			}
		}
	}(b.quit)
}

func (b *beats) stop() { close(b.quit) }

// A middle is the middle of several values, and how far they lie apart.
type middle struct {
	low, mid, high float64
	digits         int
}

func spreadOf(values []float64) middle {
	list := slices.Sorted(slices.Values(values))
	return middle{list[0], list[len(list)/2], list[len(list)-1], 2}
}

func (v middle) whole() middle { v.digits = 0; return v }

func (v middle) String() string {
	f := func(n float64) string { return strconv.FormatFloat(n, 'f', v.digits, 64) }
	return f(v.mid) + " (" + f(v.low) + "–" + f(v.high) + ")"
}

// A target is a bound named in docs/benchmarks.md.
type target struct {
	bound float64
	least bool
}

func atLeast(n float64) *target { return &target{n, true} }
func atMost(n float64) *target  { return &target{n, false} }

func (g *target) say(n float64) string {
	if g == nil {
		return ""
	}
	sign, met := "≤", n <= g.bound
	if g.least {
		sign, met = "≥", n >= g.bound
	}
	word := "met"
	if !met {
		word = "not met"
	}
	return fmt.Sprintf("%s %s: %s", sign, strconv.FormatFloat(g.bound, 'g', -1, 64), word)
}

// A sheet is what is printed.
type sheet struct{ began time.Time }

func (s *sheet) head() {
	s.began = time.Now()
	s.line("%d rows, %s; spreads are: middle (lowest–highest)", *figureRows, load())
}

func (s *sheet) end() {
	s.line("\n%.0f s, %s", time.Since(s.began).Seconds(), load())
}

// load tells how busy the machine is with other things, where the system says so.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "load unknown"
	}
	var one, five float64
	fmt.Sscan(string(data), &one, &five)
	return fmt.Sprintf("load average %.1f %.1f", one, five)
}

func (s *sheet) line(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func (s *sheet) title(format string, args ...any) { fmt.Printf("\n== "+format+"\n", args...) }

// compare prints a figure beside that of plain SQLite. The target is the ratio's.
func (s *sheet) compare(name string, ours, plain, ratio middle, g *target) {
	s.line("%-34s %-24s plain %-24s ratio %-18s %s", name, ours, plain, ratio, g.say(ratio.mid))
}

func (s *sheet) value(name string, n float64, g *target) {
	s.line("%-34s %-24.1f %s", name, n, g.say(n))
}

func (s *sheet) several(name string, v middle, g *target) {
	s.line("%-42s %-28s %s", name, v, g.say(v.mid))
}
