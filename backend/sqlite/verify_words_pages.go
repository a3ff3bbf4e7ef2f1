package sqlite

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"activitylog/backend/ledger"
)

// The number of a page in words_data is segment, whether it belongs to a list of the
// pages that one word's rows fill, level, page. Segments beyond maxSegment hold what was
// deleted from the one so many below. (The tables' format: fts5_index.c of SQLite.)
const (
	pageBits   = 31
	levelBits  = 5
	maxSegment = 1<<16 - 1
)

// pageID returns the number of a page with rows' words.
func pageID(segment, page int64) int64 { return segment<<(pageBits+levelBits+1) | page }

// listID returns the number of a page of the list that begins on a page.
func listID(segment, page int64) int64 { return pageID(segment, 1<<(pageBits+levelBits)|page) }

// directory checks words_idx, by which a search finds the page of a word. SQLite's
// own check does not miss rows that are not there, nor mind rows that lead past a
// word, but a search would miss words.
func (v *verification) directory(ctx context.Context, conn fullConn) error {
	segments, ok, err := v.wordSegments(ctx, conn)
	if err != nil || !ok || v.off["directory"] {
		return err
	}
	strays := map[int64]bool{}
	known := func(id int64) bool {
		if _, ok := segments[id]; !ok && !strays[id] {
			strays[id] = true
			v.add(ledger.KindWords, "words", "", "The index of words has rows of a segment %d that it does not consist of.", id)
		}
		return !strays[id]
	}
	err = each(ctx, conn, func(s *scan) error {
		id, ok := s.int(0)
		if known(id); !ok {
			v.add(ledger.KindWords, "words", "", "The index of words has rows of no segment.")
		}
		return nil
	}, "SELECT DISTINCT segid FROM words_idx")
	if err != nil {
		return err
	}
	var w *pageWalk
	err = each(ctx, conn, func(s *scan) error {
		id, _ := s.int(0)
		segment, level, page := id>>(pageBits+levelBits+1), id>>pageBits&(1<<(levelBits+1)-1), id&(1<<pageBits-1)
		if !known(segment&maxSegment) || level != 0 || segment > maxSegment {
			return nil
		}
		if w == nil || w.id != segment {
			if err := w.end(ctx, conn); err != nil {
				return err
			}
			if w, err = v.walkPages(ctx, conn, segment, segments[segment]); err != nil {
				return err
			}
		}
		w.page(page, s.bytes(1))
		return nil
	}, "SELECT id, block FROM words_data WHERE id >= ? ORDER BY id", pageID(1, 0))
	if err != nil {
		return err
	}
	return w.end(ctx, conn)
}

// A pageWalk goes through the pages of one segment in order and looks for each word in
// the directory as a search does: the last row that is not beyond the word says the page.
type pageWalk struct {
	v   *verification
	id  int64
	seg wordSegment

	ways     []way // of the directory, by word
	at       int   // the row that the last word is beyond; -1 is none
	used     int   // the one that the last word led to
	lastRows int64 // the last page on which rows go on from the page before
	lost     bool
}

// A way is a row of the directory: from which word on to search which page.
type way struct {
	from   []byte
	page   int64
	listed bool // the pages after it that hold rows of its last word are listed
}

func (v *verification) walkPages(ctx context.Context, conn fullConn, id int64, seg wordSegment) (*pageWalk, error) {
	w := &pageWalk{v: v, id: id, seg: seg, at: -1, used: -1}
	err := each(ctx, conn, func(s *scan) error {
		to, _ := s.int(1)
		from, blob := s.v[0].([]byte)
		if !blob { // which no search compares with
			w.lose(to >> 1)
		}
		w.ways = append(w.ways, way{from: from, page: to >> 1, listed: to&1 == 1})
		return nil
	}, "SELECT term, pgno FROM words_idx WHERE segid = ?", id)
	slices.SortFunc(w.ways, func(a, b way) int { return bytes.Compare(a.from, b.from) })
	for i := 1; i < len(w.ways); i++ {
		if w.ways[i].page <= w.ways[i-1].page {
			w.lose(w.ways[i].page)
		}
	}
	return w, err
}

// page takes the next page.
func (w *pageWalk) page(page int64, b []byte) {
	if page < w.seg.first || page > w.seg.last || len(b) < 4 {
		return // taken over by a merge; a damaged page is found by SQLite
	}
	if binary.BigEndian.Uint16(b) > 0 {
		w.lastRows = page
	}
	first, final, ok := wordsOnPage(b)
	if !ok {
		return // none begins here
	}
	w.find(first, page)
	w.find(final, page)
}

// find looks for a word that begins on a page. Words come in order.
func (w *pageWalk) find(word []byte, page int64) {
	for w.at+1 < len(w.ways) && bytes.Compare(w.ways[w.at+1].from, word) <= 0 {
		if w.at != w.used && w.ways[w.at].page > w.seg.first {
			w.lose(w.ways[w.at].page) // by a row for no word
		}
		w.at++
	}
	w.used = w.at
	to := w.seg.first
	if w.at >= 0 {
		to = max(to, w.ways[w.at].page)
	}
	if to != page {
		w.lose(page)
	}
}

func (w *pageWalk) lose(page int64) {
	if !w.lost {
		w.lost = true
		w.v.add(ledger.KindWords, "words", "", "The index of words has lost the way to page %d of its segment %d.", page, w.id)
	}
}

// end looks at what leads nowhere, and whether the list of the last word's pages is
// complete, of which SQLite's own check sees only what is there.
func (w *pageWalk) end(ctx context.Context, conn fullConn) error {
	if w == nil || w.lost || w.seg.first == 0 || len(w.ways) == 0 {
		return nil
	}
	last := w.ways[len(w.ways)-1]
	if w.at != len(w.ways)-1 {
		w.lose(last.page)
	}
	if !last.listed || last.page >= w.lastRows {
		return nil
	}
	end := int64(0)
	err := each(ctx, conn, func(s *scan) error {
		end = lastListed(s.bytes(0))
		return nil
	}, "SELECT block FROM words_data WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1", listID(w.id, last.page), listID(w.id, math.MaxInt32))
	if end != w.lastRows {
		w.lose(w.lastRows)
	}
	return err
}

// lastListed returns the last page in a list of pages: a byte, the first page and its
// first row, then for each further page how far its first row is, a 0 where none begins.
func lastListed(b []byte) int64 {
	if len(b) < 2 {
		return 0
	}
	page, n := sqliteVarint(b[1:])
	if b = b[1+n:]; n == 0 {
		return 0
	}
	end := page
	for b = b[rowVarint(b):]; len(b) > 0; page++ {
		if n = 1; b[0] != 0 {
			n, end = rowVarint(b), page+1
		}
		b = b[n:]
	}
	return end
}

// rowVarint returns the length of SQLite's number of at most 64 bits.
func rowVarint(b []byte) int {
	const most = 9
	for i := range b[:min(len(b), most-1)] {
		if b[i] < 0x80 {
			return i + 1
		}
	}
	return min(len(b), most)
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
