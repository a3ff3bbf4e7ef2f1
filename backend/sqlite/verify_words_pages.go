package sqlite

import (
	"bytes"
	"context"
	"encoding/binary"

	"activitylog/backend/ledger"
)

// The number of a page in words_data: segment, whether it is a directory of one word's
// rows, level, page. Segments beyond maxSegment hold what was deleted.
const (
	pageBits   = 31
	levelBits  = 5
	maxSegment = 1<<16 - 1
)

// directory checks words_idx, by which a search finds the page of a word. SQLite's
// own check does not miss rows that are not there, but a search would miss words.
// Each page must be listed with something beyond the last word of the page before,
// and not beyond its own first.
func (v *verification) directory(ctx context.Context, conn fullConn) error {
	var segment int64 = -1
	var listed map[int64][]byte // page → from which word
	var last []byte             // word of the page before; nil in the first
	return each(ctx, conn, func(s *scan) error {
		id, _ := s.int(0)
		at, level, page := id>>(pageBits+levelBits+1), id>>pageBits&(1<<(levelBits+1)-1), id&(1<<pageBits-1)
		if level != 0 || at > maxSegment {
			return nil
		}
		if at != segment {
			segment, last = at, nil
			var err error
			if listed, err = pagesOf(ctx, conn, segment); err != nil {
				return err
			}
		}
		first, final, ok := wordsOnPage(s.bytes(1))
		if !ok {
			return nil // none begins here; a damaged page is found by SQLite
		}
		from, known := listed[page]
		if !known || bytes.Compare(from, first) > 0 || last != nil && bytes.Compare(from, last) <= 0 {
			v.add(ledger.KindWords, "words", "", "The index of words has lost the way to page %d of its segment %d.", page, segment)
		}
		last = final
		return nil
	}, "SELECT id, block FROM words_data WHERE id >= ? ORDER BY id", 1<<(pageBits+levelBits+1))
}

func pagesOf(ctx context.Context, conn fullConn, segment int64) (map[int64][]byte, error) {
	listed := map[int64][]byte{}
	err := each(ctx, conn, func(s *scan) error {
		page, _ := s.int(1)
		listed[page>>1] = s.raw(0)
		return nil
	}, "SELECT term, pgno FROM words_idx WHERE segid = ?", segment)
	return listed, err
}

// wordsOnPage returns the first and the last word that begin on a page: the offsets of
// all are at its end, each but the first shares its beginning with the one before.
func wordsOnPage(b []byte) (first, last []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	end := int64(binary.BigEndian.Uint16(b[2:]))
	if end > int64(len(b)) {
		return nil, nil, false
	}
	offsets, at := b[end:], int64(0)
	for len(offsets) > 0 {
		step, n := sqliteVarint(offsets)
		if n == 0 || at+step < 4 || at+step >= end {
			return nil, nil, false
		}
		offsets, at = offsets[n:], at+step
		rest, keep := b[at:end], int64(0)
		if first != nil {
			if keep, n = sqliteVarint(rest); n == 0 || keep > int64(len(last)) {
				return nil, nil, false
			}
			rest = rest[n:]
		}
		size, n := sqliteVarint(rest)
		if n == 0 || size > int64(len(rest)-n) {
			return nil, nil, false
		}
		last = append(append([]byte{}, last[:keep]...), rest[n:int64(n)+size]...)
		if first == nil {
			first = last
		}
	}
	return first, last, first != nil
}
