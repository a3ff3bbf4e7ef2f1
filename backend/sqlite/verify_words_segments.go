package sqlite

import (
	"bytes"
	"context"

	"activitylog/backend/ledger"
)

// A wordSegment is one of the parts that the index of words consists of: its pages
// from first to last, none if first is 0. What a merge has taken over already may still
// lie before them. Commits that add words are numbered; it has those from oldest to newest.
type wordSegment struct{ first, last, oldest, newest int64 }

// segmentList is the page that lists the segments.
const segmentList = 10

// wordSegments reads the segments that the index consists of; false if it cannot.
func (v *verification) wordSegments(ctx context.Context, conn fullConn) (map[int64]wordSegment, bool, error) {
	segments, ok := map[int64]wordSegment{}, false
	err := each(ctx, conn, func(s *scan) error {
		segments, ok = readSegments(s.bytes(0))
		return nil
	}, "SELECT block FROM words_data WHERE id = ?", segmentList)
	if err == nil && !ok {
		v.add(ledger.KindWords, "words", "", "The index of words does not say what it consists of.")
	}
	return segments, ok, err
}

// readSegments takes the list of segments apart: a cookie, a mark of the version, then
// numbers: of levels, of segments, of pages written, and for each level how many are
// merged, how many there are, and eight for each.
func readSegments(b []byte) (map[int64]wordSegment, bool) {
	const header, numbers = 8, 8
	if len(b) < header || !bytes.Equal(b[4:header], []byte{0xff, 0, 0, 1}) {
		return nil, false
	}
	b = b[header:]
	ok := true
	next := func() int64 {
		value, length := sqliteVarint(b)
		ok = ok && length > 0
		b = b[length:]
		return value
	}
	segments := map[int64]wordSegment{}
	levels, count, _ := next(), next(), next()
	for ; ok && levels > 0; levels-- {
		_, here := next(), next()
		for ; ok && here > 0; here-- {
			id, seg := next(), wordSegment{next(), next(), next(), next()}
			for range numbers - 5 {
				next()
			}
			_, twice := segments[id]
			ok = ok && !twice && id > 0 && id <= maxSegment
			segments[id] = seg
		}
	}
	return segments, ok && len(b) == 0 && int64(len(segments)) == count
}
