package sqlite

import (
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
)

// expression returns the MATCH expression of everything the words index answers, or
// "" if the query asks nothing of it. What people type is quoted and bound to the
// column text; only ids from dictionaries reach the column facets.
func (m matcher) expression() string {
	var all, none []string
	for _, g := range m.groups {
		switch {
		case !m.inIndex(g):
		case !g.negated:
			all = append(all, facets(g.facet, g.ids))
		case g.rest != nil:
			all = append(all, facets(g.facet, g.rest))
		default:
			none = append(none, facets(g.facet, g.ids))
		}
	}
	for _, w := range m.words {
		if w.Negated {
			none = append(none, phrase(w))
		} else {
			all = append(all, phrase(w))
		}
	}
	if len(all) == 0 && len(none) == 0 {
		return ""
	}
	if len(all) == 0 {
		all = []string{"facets : z"}
	}
	text := strings.Join(all, " AND ")
	if len(none) > 0 {
		text = "(" + text + ") NOT (" + strings.Join(none, " OR ") + ")"
	}
	return text
}

// onlyText returns the MATCH expression of the words alone, or "".
func (m matcher) onlyText() string {
	m.groups = nil
	return m.expression()
}

func facets(letter byte, ids []int64) string {
	var b strings.Builder
	b.WriteString("facets : (")
	for i, id := range ids {
		if i > 0 {
			b.WriteString(" OR ")
		}
		b.WriteByte(letter)
		b.WriteString(strconv.FormatInt(id, 10))
	}
	b.WriteString(")")
	return b.String()
}

func phrase(w word) string {
	switch {
	case w.wide:
		return "text : " + quote(strings.Join(w.tokens, " ")) + " *"
	case !w.Prefix:
		return "text : " + quote(w.Text)
	}
	phrases := make([]string, len(w.ends))
	for i, end := range w.ends {
		phrases[i] = quote(strings.Join(append(slices.Clone(w.tokens[:len(w.tokens)-1]), end), " "))
	}
	return "text : (" + strings.Join(phrases, " OR ") + ")"
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// columns adds the conditions that the words index does not answer; all of them if
// the rows do not come from there.
func (m matcher) columns(q *bun.SelectQuery, all bool) *bun.SelectQuery {
	for _, g := range m.groups {
		if !all && m.inIndex(g) {
			continue
		}
		// The plus keeps SQLite from starting at an index of the column.
		column := "+a." + g.column
		not := ""
		if g.negated {
			not = "NOT "
		}
		switch {
		case g.wide:
			// Row by row: a list of that many ids would be made anew for each page.
			cond := not + "EXISTS (SELECT 1 FROM " + g.table + " AS d WHERE d.id = " + column + " AND (" + g.cond.text + "))"
			q = q.Where(cond, g.cond.args...)
		case g.negated:
			q = q.Where("("+column+" IS NULL OR "+column+" NOT IN (?))", bun.List(g.ids))
		default:
			q = q.Where(column+" IN (?)", bun.List(g.ids))
		}
	}
	return q
}
