package sqlite

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"

	"activitylog/backend/ledger"
)

// A seenCheck counts external ids: those of the bodies against the table seen.
type seenCheck struct {
	v   *verification
	mac hash.Hash // nil without the log secret
	sum [sha256.Size]byte
	t   *tally
}

// seqsAtOnce is how many entries one range of the tally of external ids holds, unless
// that made too many ranges: a log may say that it is of any size.
const (
	seqsAtOnce = 512
	maxRanges  = 1 << 20
)

func newSeenCheck(v *verification) *seenCheck {
	c := &seenCheck{v: v, t: newTally()}
	if v.secret != nil {
		c.mac = hmac.New(sha256.New, v.secret)
	}
	step := max(seqsAtOnce, (v.size-v.start)/maxRanges)
	for seq := v.start; v.size-seq > step; {
		seq += step
		c.t.cut(seq)
	}
	return c
}

// ext returns the first 16 bytes of the keyed hash, as two numbers.
func (c *seenCheck) ext(source, external []byte) (hi, lo int64) {
	c.mac.Reset()
	c.mac.Write(source)
	c.mac.Write([]byte{0})
	c.mac.Write(external)
	return halves(c.mac.Sum(c.sum[:0]))
}

func halves(b []byte) (hi, lo int64) {
	return int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
}

func (c *seenCheck) expect(seq int64, source, external []byte) {
	if c.mac == nil {
		return
	}
	hi, lo := c.ext(source, external)
	c.t.want.add(seq, c.t.hash(hi, lo, seq))
}

// compare reads the table and looks at the ranges that differ. Rows of erased and
// compacted entries stay in the table, so that what went does not come back; nothing
// is left to hold them against.
func (c *seenCheck) compare(ctx context.Context, conn fullConn, bodies *bitset, found *ledger.Findings) error {
	if c.mac == nil || c.v.off["seen"] {
		return nil
	}
	err := each(ctx, conn, func(s *scan) error {
		ext := s.bytes(0)
		seq, _ := s.int(1)
		if len(ext) != 16 || seq < 0 || seq >= c.v.size {
			found.Add(seenProblem(ledger.KindExtra, seq, fmt.Sprintf("An external id is remembered for entry %d, which does not exist.", seq)))
			return nil
		}
		if bodies.has(seq) {
			hi, lo := halves(ext)
			c.t.have.add(seq, c.t.hash(hi, lo, seq))
		}
		return nil
	}, "SELECT ext, seq FROM seen")
	if err != nil {
		return err
	}
	for _, i := range c.t.differing() {
		if err := lookCloser(found, "seen", func() error { return c.look(ctx, conn, i, bodies, found) }); err != nil {
			return err
		}
	}
	return nil
}

func seenProblem(kind string, seq int64, text string) ledger.Problem {
	return ledger.Problem{Kind: kind, Table: "seen", Column: "ext", Seq: &seq, Text: text}
}

// look compares one range row by row.
func (c *seenCheck) look(ctx context.Context, conn fullConn, i int, bodies *bitset, found *ledger.Findings) error {
	first, last := c.t.span(i)
	want := map[int64][2]int64{}
	var view bodyView
	err := each(ctx, conn, func(s *scan) error {
		if seq, _ := s.int(0); view.read(s.bytes(1)) && view.external != nil {
			hi, lo := c.ext(view.source, view.external)
			want[seq] = [2]int64{hi, lo}
		}
		return nil
	}, "SELECT seq, body FROM activity WHERE seq BETWEEN ? AND ?", max(first, 0), last)
	if err != nil {
		return err
	}
	err = each(ctx, conn, func(s *scan) error {
		ext := s.bytes(0)
		seq, _ := s.int(1)
		if len(ext) != 16 || !bodies.has(seq) {
			return nil // told, or erased
		}
		hi, lo := halves(ext)
		if w, ok := want[seq]; !ok || w != [2]int64{hi, lo} {
			found.Add(seenProblem(ledger.KindSeen, seq, fmt.Sprintf("The external id remembered for entry %d is not its own.", seq)))
			return nil
		}
		delete(want, seq)
		return nil
	}, "SELECT ext, seq FROM seen WHERE seq BETWEEN ? AND ?", max(first, 0), last)
	for seq := range want {
		found.Add(seenProblem(ledger.KindMissing, seq, fmt.Sprintf("The external id of entry %d is not remembered.", seq)))
	}
	return err
}
