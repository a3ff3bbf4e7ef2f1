package sqlite

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"activitylog/backend/ledger"
)

// A leaf is a page of the words index, taken apart and put together as FTS5 does: what
// a hexadecimal editor can do to it.
type leaf []leafTerm

type leafTerm struct {
	term []byte
	rows []leafRow
}

type leafRow struct {
	key       int64
	positions []byte
}

// varint64 reads SQLite's number of up to 64 bits.
func varint64(b []byte) (uint64, []byte) {
	v := uint64(0)
	for i := range 8 {
		v = v<<7 | uint64(b[i]&0x7f)
		if b[i] < 0x80 {
			return v, b[i+1:]
		}
	}
	return v<<8 | uint64(b[8]), b[9:]
}

func appendVarint64(b []byte, v uint64) []byte {
	if v >= 1<<56 {
		for shift := 57; shift >= 8; shift -= 7 {
			b = append(b, byte(v>>shift)|0x80)
		}
		return append(b, byte(v))
	}
	groups := 1
	for v>>(7*groups) > 0 {
		groups++
	}
	for ; groups > 1; groups-- {
		b = append(b, byte(v>>(7*(groups-1)))|0x80)
	}
	return append(b, byte(v)&0x7f)
}

func decodeLeaf(b []byte) leaf {
	end := int(binary.BigEndian.Uint16(b[2:]))
	var starts []int
	at := 0
	for rest := b[end:]; len(rest) > 0; {
		var step uint64
		step, rest = varint64(rest)
		at += int(step)
		starts = append(starts, at)
	}
	var l leaf
	last := []byte{}
	for i, start := range append(starts, end)[:len(starts)] {
		rest, keep, n := b[start:append(starts, end)[i+1]], uint64(0), uint64(0)
		if i > 0 {
			keep, rest = varint64(rest)
		}
		n, rest = varint64(rest)
		last = slices.Concat(last[:keep], rest[:n])
		t, key := leafTerm{term: last}, uint64(0)
		for rest = rest[n:]; len(rest) > 0; {
			var step, size uint64
			step, rest = varint64(rest)
			size, rest = varint64(rest)
			key += step
			t.rows = append(t.rows, leafRow{int64(key), rest[:size/2]})
			rest = rest[size/2:]
		}
		l = append(l, t)
	}
	return l
}

func (l leaf) encode() []byte {
	b, offsets, before := []byte{0, 0, 0, 0}, []byte{}, 0
	last := []byte{}
	for i, t := range l {
		offsets = appendVarint64(offsets, uint64(len(b)-before))
		before = len(b)
		keep := 0
		for i > 0 && keep < min(len(last), len(t.term)) && last[keep] == t.term[keep] {
			keep++
		}
		if i > 0 {
			b = appendVarint64(b, uint64(keep))
		}
		b = append(appendVarint64(b, uint64(len(t.term)-keep)), t.term[keep:]...)
		last = t.term
		key := int64(0)
		for _, r := range t.rows {
			b = appendVarint64(b, uint64(r.key-key)) // going back is a very large step
			b = append(appendVarint64(b, uint64(2*len(r.positions))), r.positions...)
			key = r.key
		}
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	return append(b, offsets...)
}

// leafIn returns a segment of one page with a word of several rows.
func leafIn(t *testing.T, dir string) (id int64, l leaf) {
	t.Helper()
	pool := plainPool(t, dir)
	defer pool.Close()
	var block []byte
	err := pool.QueryRow("SELECT id, block FROM words_data WHERE id > 1 << 37 AND (id >> 37) IN (SELECT id >> 37 FROM words_data GROUP BY id >> 37 HAVING count(*) = 1 AND max(id & 0x7fffffff) = 1) ORDER BY id LIMIT 1").Scan(&id, &block)
	if err != nil {
		t.Fatal(err)
	}
	if l = decodeLeaf(block); !bytes.Equal(l.encode(), block) {
		t.Fatalf("the page is not understood:\n%x\n%x", block, l.encode())
	}
	return id, l
}

// hits counts what a search finds.
func hits(t *testing.T, dir, match string) (n int) {
	t.Helper()
	pool := plainPool(t, dir)
	defer pool.Close()
	if err := pool.QueryRow("SELECT count(*) FROM words WHERE words MATCH ?", match).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Rows out of order are all there when the index is listed, but a search for two words
// at once goes on in both lists and misses them.
func TestVerifySeesRowsOutOfOrderInTheWords(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	id, l := leafIn(t, dir)
	word := -1
	for i, term := range l {
		if len(term.rows) == 3 && !slices.Equal(term.term, []byte("0z")) {
			word = i
		}
	}
	if word < 0 {
		t.Fatal("no word has three rows")
	}
	match := fmt.Sprintf("%q AND z", l[word].term[1:])
	before := hits(t, dir, match)
	slices.Reverse(l[word].rows)
	tamper(t, dir, fmt.Sprintf("UPDATE words_data SET block = x'%x' WHERE id = %d", l.encode(), id))
	if after := hits(t, dir, match); after >= before {
		t.Fatalf("%d hits before, %d after: no search misses anything", before, after)
	}
	if r := verifyIn(t, dir); r.State != ledger.Altered || !(finding{"words", "words", "", -1}).in(r) {
		t.Errorf("%s\n%s", r.State, listed(r))
	}
	if r := verifyIn(t, dir, "order"); r.State != ledger.Verified {
		t.Errorf("noticed without the check of the order: %s\n%s", r.State, listed(r))
	}
}

// The directory of the words may lead a search past a word that is there.
func TestVerifySeesWordsThatASearchIsLedPast(t *testing.T) {
	base := sampleOf(t).dir
	for _, c := range []struct{ name, sql string }{
		{"another row for the next page", `INSERT INTO words_idx SELECT segid, CAST(term || x'00' AS BLOB), pgno + 2 FROM words_idx WHERE segid = 5 AND pgno = 4`},
		{"the next row earlier", `UPDATE words_idx SET term = (SELECT CAST(d.term || x'00' AS BLOB) FROM words_idx d WHERE d.segid = 5 AND d.pgno = 4) WHERE segid = 5 AND pgno = 6`},
		{"a row for a merge's leftovers", `UPDATE words_idx SET term = CAST('0z' AS BLOB) WHERE segid = 1 AND pgno = 2`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := copyLog(t, base)
			tamper(t, dir, c.sql)
			if r := verifyIn(t, dir); r.State != ledger.Altered || !(finding{"words", "words", "", -1}).in(r) {
				t.Errorf("%s\n%s", r.State, listed(r))
			}
			if r := verifyIn(t, dir, "directory"); r.State != ledger.Verified {
				t.Errorf("noticed without the check of the directory: %s\n%s", r.State, listed(r))
			}
		})
	}
}

// An index that has grown, in every state that merging leaves it in, is sound; and
// where a word's rows fill many pages, the list of these is complete.
func TestLargeVerifyKnowsTheWayInALongIndex(t *testing.T) {
	if testing.Short() {
		t.Skip("12,000 activities")
	}
	dir := t.TempDir()
	db := openTest(t, testOptions(dir))
	for i := range 4 {
		list := verifyBodies(i*3000, 3000, start)
		for j := range list {
			list[j].Parameters = json.RawMessage(`{"last of all words":"龘"}`)
		}
		appendAll(t, db, list)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	sound := func(when string) {
		t.Helper()
		if r := verifyIn(t, dir); r.State != ledger.Verified {
			t.Fatalf("%s: %s\n%s", when, r.State, listed(r))
		}
	}
	sound("as it was written")
	for _, pages := range []int{-40, 40, 200, 5000} {
		tamper(t, dir, fmt.Sprintf("INSERT INTO words (words, rank) VALUES ('merge', %d)", pages))
		sound(fmt.Sprint("after a merge of ", pages))
	}
	pool := plainPool(t, dir)
	defer pool.Close()
	var id int64
	var list []byte
	err := pool.QueryRow("SELECT id, block FROM words_data WHERE id & (1 << 36) ORDER BY id DESC LIMIT 1").Scan(&id, &list)
	if err != nil {
		t.Fatal("no word fills many pages: ", err)
	}
	newest := func() (n int) {
		t.Helper()
		if err := pool.QueryRow("SELECT count(*) FROM (SELECT rowid FROM words WHERE words MATCH '龘' ORDER BY rowid DESC)").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := newest()
	for cut := len(list) - 1; ; cut-- { // at the end of the number before
		if list[cut-1] < 0x80 {
			list = list[:cut]
			break
		}
	}
	if _, err := pool.Exec("UPDATE words_data SET block = ? WHERE id = ?", list, id); err != nil {
		t.Fatal(err)
	}
	if after := newest(); after >= before {
		t.Fatalf("%d hits before, %d after: no search misses anything", before, after)
	}
	if r := verifyIn(t, dir); r.State != ledger.Altered || !(finding{"words", "words", "", -1}).in(r) {
		t.Errorf("%s\n%s", r.State, listed(r))
	}
	if r := verifyIn(t, dir, "directory"); r.State != ledger.Verified {
		t.Errorf("noticed without the check of the directory: %s\n%s", r.State, listed(r))
	}
}

// Pages of the words index may hold any bytes.
func FuzzWordsPages(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0xff, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 9})
	f.Add([]byte{0, 0, 0, 7, 2, '0', 'z', 4})
	f.Add([]byte{1, 3, 0x81, 0x80, 0, 0, 5, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		if segments, ok := readSegments(b); ok && len(segments) > len(b) {
			t.Errorf("%d segments in %d bytes", len(segments), len(b))
		}
		if first, last, ok := wordsOnPage(b); ok && (len(first) > len(b) || len(last) > len(b)*len(b)) {
			t.Errorf("%q to %q on %x", first, last, b)
		}
		if end := lastListed(b); end < 0 {
			t.Errorf("page %d in %x", end, b)
		}
		_ = storedSizes(b)
	})
}
