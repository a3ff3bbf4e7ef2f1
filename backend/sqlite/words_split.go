package sqlite

import "context"

// A splitter cuts texts into words exactly as the index does: plain ASCII by itself,
// since that is most of it, the rest with an FTS5 table in memory of the same kind.
type splitter struct {
	conn    fullConn
	waiting []wordRow
	row     func(key int64, words [2]int64)
	word    func(term []byte, key, place int64)
	buf     []byte
}

// splitAtOnce is how many texts wait for the table in memory.
const splitAtOnce = 256

// maxPlain is the longest text that is cut without FTS5, which shortens words beyond it.
const maxPlain = 1 << 15

func newSplitter(row func(int64, [2]int64), word func([]byte, int64, int64)) *splitter {
	return &splitter{row: row, word: word}
}

// open makes the table in memory, which plain text does without.
func (s *splitter) open(ctx context.Context) error {
	fresh, err := freshSchema()
	if err != nil {
		return err
	}
	if s.conn, err = openMemory(ctx); err != nil {
		return err
	}
	return execute(ctx, s.conn, fresh.parts["table words"]+"; CREATE VIRTUAL TABLE temp.verify_words USING fts5vocab(main, words, instance)")
}

func (s *splitter) close() error {
	if s.conn == nil {
		return nil
	}
	return s.conn.Close()
}

func (s *splitter) add(ctx context.Context, row wordRow) error {
	if !isPlain(row.text) || !isPlain(row.facets) {
		if s.waiting = append(s.waiting, row); len(s.waiting) < splitAtOnce {
			return nil
		}
		return s.flush(ctx)
	}
	s.row(row.key, [2]int64{s.cut(row.text, row.key, 0), s.cut(row.facets, row.key, 1)})
	return nil
}

func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return len(text) < maxPlain
}

// cut tells the words of plain text: runs of letters and digits, in small letters.
func (s *splitter) cut(text string, key, column int64) (n int64) {
	s.buf = s.buf[:0]
	for i := 0; i <= len(text); i++ {
		c := byte(' ')
		if i < len(text) {
			c = text[i]
		}
		switch {
		case 'A' <= c && c <= 'Z':
			s.buf = append(s.buf, c+'a'-'A')
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			s.buf = append(s.buf, c)
		case len(s.buf) > 0:
			s.word(s.buf, key, n*2+column)
			s.buf = s.buf[:0]
			n++
		}
	}
	return n
}

// flush cuts the texts that wait.
func (s *splitter) flush(ctx context.Context) error {
	if len(s.waiting) == 0 {
		return nil
	}
	if s.conn == nil {
		if err := s.open(ctx); err != nil {
			return err
		}
	}
	if err := execute(ctx, s.conn, "BEGIN"); err != nil {
		return err
	}
	for _, r := range s.waiting {
		if err := executeWith(ctx, s.conn, "INSERT INTO words (rowid, text, facets) VALUES (?, ?, ?)", r.key, r.text, r.facets); err != nil {
			return err
		}
	}
	s.waiting = s.waiting[:0]
	err := each(ctx, s.conn, func(r *scan) error {
		key, _ := r.int(1)
		place, _ := r.int(2)
		s.word([]byte(r.text(0)), key, place)
		return nil
	}, vocabulary)
	if err != nil {
		return err
	}
	err = each(ctx, s.conn, func(r *scan) error {
		key, _ := r.int(0)
		s.row(key, storedSizes(r.bytes(1)))
		return nil
	}, "SELECT id, sz FROM words_docsize")
	if err != nil {
		return err
	}
	return execute(ctx, s.conn, "INSERT INTO words (words) VALUES ('delete-all'); COMMIT")
}
