package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"activitylog/backend/ledger"
)

// Differing ranges are looked at a few at a time, since each time lists the whole
// index; after so many the others are only counted.
const (
	rangesAtOnce = 8
	maxLooks     = 4
)

// A wordPlace is a word at a place of a column (place*2, +1 in facets).
type wordPlace struct {
	term  string
	place int64
}

// look names what differs in the ranges whose sums do.
func (c *wordCheck) look(ctx context.Context, s *still) error {
	differing := c.t.differing()
	for looks := 0; len(differing) > 0 && looks < maxLooks; looks++ {
		some := differing[:min(rangesAtOnce, len(differing))]
		differing = differing[len(some):]
		if err := lookCloser(&c.v.found, "words", func() error { return c.lookAt(ctx, s, some) }); err != nil {
			return err
		}
	}
	c.v.found.Count(int64(len(differing)))
	return nil
}

// A wordSide is what one side holds of each activity.
type wordSide map[int64]map[wordPlace]int

func (w wordSide) add(key int64, p wordPlace) {
	if w[key] == nil {
		w[key] = map[wordPlace]int{}
	}
	w[key][p]++
}

func (c *wordCheck) lookAt(ctx context.Context, s *still, ranges []int) error {
	want, have, seqs := wordSide{}, wordSide{}, map[int64]int64{}
	for _, i := range ranges {
		if err := c.want(ctx, s.rows, i, want, seqs); err != nil {
			return err
		}
	}
	if err := c.have(ctx, s.tree, ranges, have); err != nil {
		return err
	}
	keys := slices.Collect(maps.Keys(want))
	for key := range have {
		if want[key] == nil {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		c.tell(key, seqs, want[key], have[key])
	}
	return nil
}

// sizePlace is the pseudo-place of how many words a column has.
const sizePlace = -2

func (c *wordCheck) want(ctx context.Context, conn fullConn, i int, into wordSide, seqs map[int64]int64) (err error) {
	split := newSplitter(func(key int64, n [2]int64) {
		into.add(key, wordPlace{fmt.Sprint(n), sizePlace})
	}, func(term []byte, key, place int64) {
		into.add(key, wordPlace{string(term), place})
	})
	defer func() { err = errors.Join(err, split.close()) }()
	first, last := c.t.span(i)
	err = each(ctx, conn, func(s *scan) error {
		seq, row, _, err := wordsOf(s)
		if seqs[row.key] = seq; err != nil {
			return nil
		}
		return split.add(ctx, row)
	}, wordRows+" WHERE a.key BETWEEN ? AND ?", first, last)
	if err != nil {
		return err
	}
	return split.flush(ctx)
}

func (c *wordCheck) have(ctx context.Context, conn fullConn, ranges []int, into wordSide) error {
	within := func(column string) string {
		parts := make([]string, len(ranges))
		for i, r := range ranges {
			first, last := c.t.span(r)
			parts[i] = fmt.Sprintf("%s BETWEEN %d AND %d", column, first, last)
		}
		return " WHERE " + strings.Join(parts, " OR ")
	}
	err := each(ctx, conn, func(s *scan) error {
		key, _ := s.int(1)
		place, _ := s.int(2)
		into.add(key, wordPlace{s.text(0), place})
		return nil
	}, vocabulary+within("doc"))
	if err != nil {
		return err
	}
	return each(ctx, conn, func(s *scan) error {
		key, _ := s.int(0)
		into.add(key, wordPlace{fmt.Sprint(storedSizes(s.bytes(1))), sizePlace})
		return nil
	}, "SELECT id, sz FROM words_docsize"+within("id"))
}

// tell reports one activity whose words differ.
func (c *wordCheck) tell(key int64, seqs map[int64]int64, want, have map[wordPlace]int) {
	if maps.Equal(want, have) {
		return
	}
	p := ledger.Problem{Kind: ledger.KindWords, Table: "words"}
	seq, known := seqs[key]
	if !known {
		p.Kind, p.Text = ledger.KindExtra, fmt.Sprintf("The index has words at %d, where there is no activity.", key)
		c.v.found.Add(p)
		return
	}
	p.Seq = &seq
	if len(have) == 0 {
		p.Kind, p.Text = ledger.KindMissing, fmt.Sprintf("The words of entry %d are not in the index.", seq)
		c.v.found.Add(p)
		return
	}
	for column, name := range wordColumns {
		lacks, besides := difference(want, have, column), difference(have, want, column)
		if len(lacks)+len(besides) == 0 {
			continue
		}
		p.Column = name
		p.Text = fmt.Sprintf("The index of entry %d lacks [%s] and has besides [%s].", seq, strings.Join(lacks, " "), strings.Join(besides, " "))
		c.v.found.Add(p)
	}
	if p.Column == "" {
		p.Text = fmt.Sprintf("The index has another number of words for entry %d.", seq)
		c.v.found.Add(p)
	}
}

// difference returns the first few words of a column that a has and b has not there.
func difference(a, b map[wordPlace]int, column int) []string {
	const most = 8
	var list []wordPlace
	for p, n := range a {
		if p.place != sizePlace && p.place&1 == int64(column) && b[p] < n {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(x, y wordPlace) int { return cmp.Compare(x.place, y.place) })
	terms := make([]string, 0, most)
	for _, p := range list[:min(len(list), most)] {
		terms = append(terms, shown(p.term))
	}
	return terms
}
