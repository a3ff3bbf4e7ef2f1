package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// wordColumns are the columns of words; the place is the number in the tally.
var wordColumns = []string{"text", "facets"}

// vocabulary lists every place of every word in the index.
const vocabulary = "SELECT term, doc, offset * 2 + (col = 'facets') FROM temp.verify_words"

// words compares the index of words with the bodies: one goroutine lists the stored
// index, this one splits the bodies into words again. A word that was put in, taken
// out or moved makes the sums of its range of activities differ; those are then
// looked at word by word.
func (v *verification) words(ctx context.Context, s *still) error {
	if v.rows == nil || v.off["words"] {
		return nil
	}
	if err := v.integrity(ctx, s.tree, "words"); err != nil {
		return err
	}
	if err := v.directory(ctx, s.tree); err != nil {
		return err
	}
	if err := execute(ctx, s.tree, "CREATE VIRTUAL TABLE temp.verify_words USING fts5vocab(main, words, instance)"); err != nil {
		return err
	}
	c := &wordCheck{v: v, t: v.rows.words}
	var storedErr error
	var both sync.WaitGroup
	both.Go(func() { storedErr = c.stored(ctx, s.tree) })
	err := c.expected(ctx, s.rows)
	both.Wait()
	if err = errors.Join(err, storedErr); err != nil {
		return err
	}
	if c.misplaced > 0 && !v.off["order"] {
		v.add(ledger.KindWords, "words", "", "%d words of the index are not in order, so that a search would not find all.", c.misplaced)
	}
	return c.look(ctx, s)
}

// A wordCheck compares the two sides.
type wordCheck struct {
	v         *verification
	t         *tally
	misplaced int64 // words of the index that do not come in its order
}

// A wordAt is a word where it stands in the index.
type wordAt struct {
	term       string
	key, place int64
	any        bool
}

// after reports whether the index holds a later: words by their bytes, then rows by
// key, then text before facets. A search that meets one out of order stops too early.
func (a wordAt) after(b wordAt) bool {
	return !b.any || cmp.Or(cmp.Compare(a.term, b.term), cmp.Compare(a.key, b.key), cmp.Compare(a.place&1, b.place&1), cmp.Compare(a.place, b.place)) > 0
}

func (c *wordCheck) instance(term string, key, place int64) uint64 {
	return c.t.hash(int64(c.t.hashText(term)), key, place)
}

// sizes is the record of how many words the columns of an activity have.
func (c *wordCheck) sizes(key int64, n [2]int64) uint64 {
	return c.t.hash(key, n[0], n[1], -1)
}

func (c *wordCheck) stored(ctx context.Context, conn fullConn) error {
	var before wordAt
	err := each(ctx, conn, func(s *scan) error {
		term, _ := s.v[0].(string)
		key, _ := s.int(1)
		place, _ := s.int(2)
		c.t.have.add(key, c.instance(term, key, place))
		if at := (wordAt{term, key, place, true}); at.after(before) {
			before = at
		} else {
			c.misplaced++
		}
		return nil
	}, vocabulary)
	if err != nil {
		return err
	}
	return each(ctx, conn, func(s *scan) error {
		key, _ := s.int(0)
		c.t.have.add(key, c.sizes(key, storedSizes(s.bytes(1))))
		return nil
	}, "SELECT id, sz FROM words_docsize")
}

// storedSizes reads the two numbers that FTS5 keeps for a row, spelled as it does;
// anything else is -1 words.
func storedSizes(b []byte) (n [2]int64) {
	for i := range n {
		value, length := sqliteVarint(b)
		if length == 0 || length > 1 && b[0] == 0x80 {
			return [2]int64{-1, -1}
		}
		n[i], b = value, b[length:]
	}
	if len(b) > 0 {
		return [2]int64{-1, -1}
	}
	return n
}

// sqliteVarint reads SQLite's number: big-endian, seven bits a byte (of numbers that
// fit 56 bits).
func sqliteVarint(b []byte) (value int64, length int) {
	for i := 0; i < len(b) && i < 8; i++ {
		value = value<<7 | int64(b[i]&0x7f)
		if b[i] < 0x80 {
			return value, i + 1
		}
	}
	return 0, 0
}

const wordRows = `SELECT a.key, a.seq, a.actor, a.type, a.site, a.source, a.object, a.result, a.batch, a.body FROM activity a NOT INDEXED`

// wordsOf returns what the index must hold of the row a scan stands on.
func wordsOf(s *scan) (seq int64, row wordRow, body activity.Body, err error) {
	key, _ := s.int(0)
	seq, _ = s.int(1)
	var f places
	f.actor, _ = s.int(2)
	f.typ, _ = s.int(3)
	f.source, _ = s.int(5)
	result, _ := s.int(7)
	f.result = int(result)
	for _, o := range []struct {
		column int
		into   **int64
	}{{4, &f.site}, {6, &f.object}, {8, &f.batch}} {
		if id, _ := s.int(o.column); id != none {
			*o.into = &id
		}
	}
	body, err = activity.DecodeBody(s.bytes(9))
	return seq, wordRow{key: key, text: activity.Words(body), facets: f.tokens()}, body, err
}

func (c *wordCheck) expected(ctx context.Context, conn fullConn) (err error) {
	split := newSplitter(func(key int64, words [2]int64) {
		c.t.want.add(key, c.sizes(key, words))
	}, func(term []byte, key, place int64) {
		c.t.want.add(key, c.instance(string(term), key, place))
	})
	defer func() { err = errors.Join(err, split.close()) }()
	n, view := int64(0), bodyView{}
	err = each(ctx, conn, func(s *scan) error {
		if n++; n%rowsAtOnce == 0 {
			c.v.progress(rowsAtOnce)
		}
		seq, row, body, err := wordsOf(s)
		if err != nil && !view.read(s.bytes(9)) {
			return nil // told by the first pass
		}
		if again, wrong := body.Encode(); err != nil || wrong != nil || !bytes.Equal(again, s.bytes(9)) {
			c.v.found.Add(ledger.Problem{
				Kind: ledger.KindColumn, Table: "activity", Column: "body", Seq: &seq,
				Text: fmt.Sprintf("The body of entry %d is not spelled as bodies are.", seq),
			})
		}
		return split.add(ctx, row)
	}, wordRows+" ORDER BY a.key")
	if err != nil {
		return err
	}
	c.v.progress(n % rowsAtOnce)
	return split.flush(ctx)
}
