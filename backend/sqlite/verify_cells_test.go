package sqlite

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/ledger"
)

// A column is one of a table in the file, as the file says.
type column struct {
	table, name, kind string
	keys              []string // the primary key's columns
}

func (c column) String() string { return c.table + "." + c.name }

// columnsIn asks the log in dir for every column of every table.
func columnsIn(t *testing.T, dir string) []column {
	t.Helper()
	rows, err := ask(t, dir, "SELECT m.name, c.name, c.type, c.pk FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.pk")
	if err != nil {
		t.Fatal(err)
	}
	list, keys := make([]column, len(rows)), map[string][]string{}
	for i, row := range rows {
		list[i] = column{table: fmt.Sprint(row[0]), name: fmt.Sprint(row[1]), kind: fmt.Sprint(row[2])}
		if fmt.Sprint(row[3]) != "0" {
			keys[list[i].table] = append(keys[list[i].table], list[i].name)
		}
	}
	for i, c := range list {
		if list[i].keys = keys[c.table]; len(keys[c.table]) == 0 {
			list[i].keys = []string{"rowid"}
		}
	}
	return list
}

// changes are other values for a cell, by the type of its column; %[1]s is the cell.
// Those that SQLite refuses, or that change nothing, do not count.
func (c column) changes() []string {
	numbers := []string{"%[1]s + 1", "%[1]s - 1", "%[1]s + 1000000", "-%[1]s - 1", "9223372036854775807", "0", "NULL"}
	blobs := []string{
		"CAST(%[1]s || x'00' AS BLOB)", "CAST(%[1]s || 'A' AS BLOB)", "CAST('A' || substr(%[1]s, 2) AS BLOB)", "CAST(substr(%[1]s, 2) AS BLOB)",
		"CAST(substr(%[1]s, 1, length(%[1]s) - 1) || CASE substr(%[1]s, -1) WHEN x'41' THEN x'42' ELSE x'41' END AS BLOB)",
		"CAST(substr(%[1]s, 1, 4) || CASE substr(%[1]s, 5, 1) WHEN x'41' THEN x'42' ELSE x'41' END || substr(%[1]s, 6) AS BLOB)",
		"zeroblob(length(%[1]s))", "x''", "NULL",
	}
	switch c.kind {
	case "INTEGER", "INT":
		return numbers
	case "TEXT":
		return []string{"%[1]s || char(0)", "%[1]s || ' '", "'A' || substr(%[1]s, 2)", "substr(%[1]s, 2)", "upper(%[1]s)", "''", "'other'", "NULL"}
	case "BLOB":
		return blobs
	}
	return slices.Concat(numbers, blobs) // FTS5's own tables declare no types
}

// where picks a row: the first, the middle or the last.
func (c column) where(row string) string {
	offset := map[string]string{"first": "0", "middle": "count(*) / 2", "last": "count(*) - 1"}[row]
	return fmt.Sprintf("(%[1]s) = (SELECT %[1]s FROM %[2]s ORDER BY %[1]s LIMIT 1 OFFSET (SELECT %[3]s FROM %[2]s))", strings.Join(c.keys, ", "), c.table, offset)
}

// update changes one cell.
func (c column) update(row, change string) string {
	value, _, _ := strings.Cut(fmt.Sprintf(change, c.name), "%!")
	return fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s AND %s IS NOT %s", c.table, c.name, value, c.where(row), c.name, value)
}

// An attempt changes a cell of a row.
type attempt struct{ row, change string }

// attempts are all changes of a row in the middle, and one of the first and the last.
func (c column) attempts() []attempt {
	var list []attempt
	for _, change := range c.changes() {
		list = append(list, attempt{"middle", change})
	}
	return append(list, attempt{"first", c.changes()[0]}, attempt{"last", c.changes()[0]})
}

// elsewhere says under what else a changed cell may be named: where the cell tells which
// row it is, the row is named; where two columns disagree, perhaps the other.
var elsewhere = map[string][]string{
	"entry.recorded_at": {"entry."}, "entry.commitment": {"entry."},
	"checkpoint.created_at": {"log.created_at"}, "actor.name": {"activity.actor"},
	"log_key": {"log_key."}, "erasure": {"erasure."}, "purge.by": {"purge."}, "seen.seq": {"seen.ext"},
	"slot_all": {"slot_all.n"}, "slot_actor": {"slot_actor.n"}, "slot_type": {"slot_type.n"}, "slot_site": {"slot_site.n"}, "slot_actor_type": {"slot_actor_type.n"},
	"head.counted": {"slot_"}, // with one more or less counted, the counts are wrong
	"words_data":   {"words."}, "words_idx": {"words."}, "words_docsize": {"words."}, "words_config": {"words."},
}

// named reports whether a report names the column, and the entry where the row is one's.
func (c column) named(r ledger.Report, entry string) bool {
	places := slices.Concat([]string{c.table + "."}, elsewhere[c.table], elsewhere[c.String()])
	return slices.ContainsFunc(r.Problems, func(p ledger.Problem) bool {
		place := p.Table + "." + p.Column
		ok := p.Table == c.table && strings.Contains(p.Column, c.name) ||
			slices.ContainsFunc(places[1:], func(other string) bool { return strings.HasPrefix(place, other) })
		return ok && (entry == "" || p.Seq != nil && fmt.Sprint(*p.Seq) == entry)
	})
}

// One cell at a time is changed by the C library: what is said to be proven is named,
// what is said not to be is not noticed.
func TestLargeEachChangedCellIsNamedOrNotProven(t *testing.T) {
	if testing.Short() {
		t.Skip("many attacks")
	}
	byLibrary(t)
	logs, documents := bases(t), documented(t)
	before := searches(t, copyLog(t, logs[0]))
	for _, c := range columnsIn(t, copyLog(t, logs[0])) {
		i := slices.IndexFunc(logs, func(log string) bool {
			return answer(t, copyLog(t, log), "SELECT count(*) > 0 FROM "+c.table) == "1"
		})
		if c.table == "words" || i < 0 && documents[c.String()] == "no" {
			continue // the table without rows of its own; nothing there to change
		}
		if i < 0 {
			t.Errorf("%s: no log has rows of it", c)
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			changed := 0
			for _, a := range c.attempts() {
				changed += c.try(t, logs[i], a, documents[c.String()], before)
			}
			if changed == 0 {
				t.Error("no change of it was made")
			}
		})
	}
}

// try makes one attempt on a fresh copy and reports 1 if it changed something that a
// search or a reader meets.
func (c column) try(t *testing.T, base string, a attempt, proven, before string) int {
	t.Helper()
	dir := copyLog(t, base)
	entry := ""
	if slices.Contains([]string{"entry", "activity", "seen"}, c.table) {
		entry = answer(t, dir, fmt.Sprintf("SELECT seq FROM %s WHERE %s", c.table, c.where(a.row)))
	}
	checks := "PRAGMA ignore_check_constraints = ON"
	if proven == "no" {
		checks = "PRAGMA ignore_check_constraints = OFF"
	}
	rows, err := tamperAsking(t, dir, checks, c.update(a.row, a.change), "SELECT changes()")
	if err != nil || fmt.Sprint(rows[0][0]) == "0" {
		return 0 // refused, or the same value
	}
	words := strings.HasPrefix(c.table, "words")
	r, err := verifyFile(t.Context(), evidenceIn(t, dir), VerifyOptions{Words: words})
	switch {
	case err != nil:
		t.Errorf("%v: %v", a, err)
	case proven == "no" && r.State != ledger.Verified:
		t.Errorf("%v is noticed, though it is said not to be proven: %s\n%s", a, r.State, listed(r))
	case proven == "yes" && words && r.State == ledger.Verified:
		if after := searches(t, dir); after != before {
			t.Errorf("%v is not noticed, but searches answer differently", a)
		}
		return 0
	case proven == "yes" && (r.State != ledger.Altered || !c.named(r, entry)):
		t.Errorf("%v of entry %q is not named: %s\n%s", a, entry, r.State, listed(r))
	}
	return 1
}

// searches returns what a search for each word answers, from either end.
func searches(t *testing.T, dir string) string {
	t.Helper()
	pool := plainPool(t, dir)
	defer pool.Close()
	var out strings.Builder
	for _, term := range vocabularyOf(t, pool) {
		for _, order := range []string{"ASC", "DESC"} {
			var found sql.NullString
			match := `"` + strings.ReplaceAll(term, `"`, `""`) + `"`
			err := pool.QueryRow("SELECT group_concat(rowid) FROM (SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid "+order+")", match).Scan(&found)
			fmt.Fprintln(&out, term, order, found.String, err)
		}
	}
	return out.String()
}

func vocabularyOf(t *testing.T, pool *sql.DB) []string {
	t.Helper()
	if _, err := pool.Exec("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, row)"); err != nil {
		t.Fatal(err)
	}
	rows, err := pool.Query("SELECT term FROM vocabulary")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var term string
		if err := rows.Scan(&term); err != nil {
			t.Fatal(err)
		}
		list = append(list, term)
	}
	return list
}
