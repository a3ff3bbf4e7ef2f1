package sqlite

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// A word is one word or phrase of a query.
type word struct {
	activity.Word
	tokens []string // of a prefix, as the index holds them; the last may go on
	// ends are the words in the log that the last token goes on to. Where there are
	// none nothing matches, where there are too many to ask for the prefix is wide.
	ends []string
	wide bool
}

// FTS5 answers a prefix by reading the places of all words that begin so, every time:
// "dash*" read all rows with "dashboard" for the newest 50. So the words are listed
// first, and asked for; each costs a step into the list, and a step for the search.

// endsQuery lists the words that begin with a text, out of temp.word_places (conn.go). The
// character after the word is smaller than any in a word.
const endsQuery = `WITH RECURSIVE t (term) AS (
		SELECT (SELECT term FROM temp.word_places WHERE term >= ?0 ORDER BY term LIMIT 1)
		UNION ALL
		SELECT (SELECT term FROM temp.word_places WHERE term >= t.term || char(1) ORDER BY term LIMIT 1)
		  FROM t WHERE substr(t.term, 1, length(?0)) = ?0
	) SELECT term FROM t WHERE substr(term, 1, length(?0)) = ?0 LIMIT ?1`

// expand lists the words that the prefixes of a query stand for.
func (m *matcher) expand(ctx context.Context, db bun.IDB) error {
	list := make([]word, 0, len(m.words))
	for _, w := range m.words {
		if !w.Prefix {
			list = append(list, w)
			continue
		}
		texts, err := tokensOf(ctx, []string{w.Text})
		if err != nil {
			return err
		}
		if w.tokens = texts[0]; len(w.tokens) > 0 {
			last := w.tokens[len(w.tokens)-1]
			if err := db.NewRaw(endsQuery, last, bounds.ends+1).Scan(ctx, &w.ends); err != nil {
				return err
			}
		}
		w.wide = len(w.ends) > bounds.ends
		switch {
		case len(w.ends) > 0:
			list = append(list, w)
		case !w.Negated:
			m.empty = true
		}
	}
	m.words = list
	return nil
}

// isWide reports whether a word is a prefix that FTS5 has to answer itself.
func (m matcher) isWide() bool {
	return slices.ContainsFunc(m.words, func(w word) bool { return w.wide })
}

// searches returns how many words the index is asked for.
func (m matcher) searches() (n int) {
	for _, w := range m.words {
		n += max(len(w.ends), 1)
	}
	return n
}

// tokensOf cuts texts into words as the index does.
func tokensOf(ctx context.Context, texts []string) (tokens [][]string, err error) {
	tokens = make([][]string, len(texts))
	split := newSplitter(func(int64, [2]int64) {}, func(term []byte, key, place int64) {
		// Those that FTS5 cuts come by word, not by place.
		for int64(len(tokens[key])) <= place/2 {
			tokens[key] = append(tokens[key], "")
		}
		tokens[key][place/2] = string(term)
	})
	defer func() { err = errors.Join(err, split.close()) }()
	for i, text := range texts {
		if err := split.add(ctx, wordRow{key: int64(i), text: text}); err != nil {
			return nil, err
		}
	}
	return tokens, split.flush(ctx)
}

// holds reports whether a text of these words has the prefix.
func (w word) holds(tokens []string) bool {
	last := len(w.tokens) - 1
	for i := 0; i+last < len(tokens); i++ {
		if slices.Equal(tokens[i:i+last], w.tokens[:last]) && strings.HasPrefix(tokens[i+last], w.tokens[last]) {
			return true
		}
	}
	return false
}

// lookThrough looks for wide prefixes in the activities themselves that match the
// rest of the query. What begins so often is soon found; done is false where it was
// not found in enough of them, and the index must be asked.
func (m matcher) lookThrough(ctx context.Context, db bun.IDB, from, to int64, newest bool, limit int) (keys []int64, done bool, err error) {
	if !m.isWide() {
		return nil, false, nil
	}
	rest, err := m.withoutWide(ctx, db)
	if err != nil || rest.empty {
		return nil, rest.empty, err
	}
	most := bounds.look * limit
	short, err := rest.rare(ctx, db, most)
	if err != nil || short == nil && !rest.byIP && rest.anchor == nil && !rest.indexOnly() {
		return nil, false, err // its rows may lie far apart
	}
	for looked, step := 0, 4*limit; looked < most; step = looked {
		step = min(step, most-looked)
		rows, err := rest.bodies(ctx, db, from, to, newest, step)
		if err != nil {
			return nil, false, err
		}
		found, ok, err := m.held(ctx, rows)
		if err != nil || !ok {
			return nil, false, err
		}
		keys = append(keys, found...)
		if len(keys) >= limit || len(rows) < step {
			return keys[:min(len(keys), limit)], true, nil
		}
		if looked += step; short == nil && len(keys)*bounds.look < looked {
			return nil, false, nil // too rare to fill the page
		}
		if last := rows[step-1].Key; newest {
			to = last
		} else {
			from = last + 1
		}
	}
	return nil, false, nil
}

// withoutWide returns the rest of the query, planned anew.
func (m matcher) withoutWide(ctx context.Context, db bun.IDB) (matcher, error) {
	m.groups, m.byIP, m.anchor = slices.Clone(m.groups), false, nil
	m.words = slices.DeleteFunc(slices.Clone(m.words), func(w word) bool { return w.wide })
	err := m.plan(ctx, db)
	return m, err
}

// countThrough counts wide prefixes in the activities themselves if the rest of the
// query has few.
func (m matcher) countThrough(ctx context.Context, db bun.IDB) (n int64, ok bool, err error) {
	if !m.isWide() {
		return 0, false, nil
	}
	rest, err := m.withoutWide(ctx, db)
	if err != nil || rest.empty {
		return 0, rest.empty, err
	}
	if short, err := rest.rare(ctx, db, bounds.countLook); err != nil || short == nil && !rest.byIP {
		return 0, false, err
	}
	rows, err := rest.bodies(ctx, db, m.from, m.to, true, bounds.countLook+1)
	if err != nil || len(rows) > bounds.countLook {
		return 0, false, err
	}
	keys, ok, err := m.held(ctx, rows)
	return int64(len(keys)), ok, err
}

type keyAndBody struct {
	Key, Seq int64 // the place only where it is asked for
	Body     []byte
}

func (m matcher) bodies(ctx context.Context, db bun.IDB, from, to int64, newest bool, limit int) (rows []keyAndBody, err error) {
	err = db.NewSelect().TableExpr("(?) AS k", m.keys(db, from, to, newest, limit)).ColumnExpr("a.key, a.body").
		Join("CROSS JOIN activity AS a ON a.key = k.key").OrderExpr("a.key"+direction(newest)).Scan(ctx, &rows)
	return rows, err
}

// held returns those rows that have the wide prefixes, or lack the negated ones; false
// if one of them cannot be read, which is told when it is on a page.
func (m matcher) held(ctx context.Context, rows []keyAndBody) (keys []int64, ok bool, err error) {
	texts := make([]string, len(rows))
	for i, row := range rows {
		if texts[i], ok = wordsIn(row.Body); !ok {
			return nil, false, nil
		}
	}
	tokens, err := tokensOf(ctx, texts)
	if err != nil {
		return nil, false, err
	}
	for i, row := range rows {
		fails := func(w word) bool { return w.wide && w.holds(tokens[i]) == w.Negated }
		if !slices.ContainsFunc(m.words, fails) {
			keys = append(keys, row.Key)
		}
	}
	return keys, true, nil
}

func wordsIn(body []byte) (text string, ok bool) {
	b, err := activity.DecodeBody(body)
	return activity.Words(b), err == nil
}
