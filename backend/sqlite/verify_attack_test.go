package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/ledger"
)

// An attack is one change from outside, and what a verification must say of it.
type attack struct {
	name string // table.column, where it changes a column
	sql  []string
	want finding
	off  string // the check without which nobody notices
}

// A finding is what a report must contain. Seq -1 is any or none.
type finding struct {
	kind, table, column string
	seq                 int64
}

func (f finding) in(r ledger.Report) bool {
	return slices.ContainsFunc(r.Problems, func(p ledger.Problem) bool {
		return (f.kind == "" || p.Kind == f.kind) && p.Table == f.table && strings.Contains(p.Column, f.column) &&
			(f.seq < 0 || p.Seq != nil && *p.Seq == f.seq)
	})
}

// victim is an entry somewhere in the middle, with object, site, address and external
// id. Its neighbours differ from it in every dictionary.
const victim = 102

func cell(name, set, where string, want finding) attack {
	table, column, _ := strings.Cut(name, ".")
	if where != "" {
		where = " WHERE " + where
	}
	return attack{name: name, sql: []string{fmt.Sprintf("UPDATE %s SET %s = %s%s", table, column, set, where)}, want: want}
}

// ofVictim changes a cell of the victim's row in entry or activity.
func ofVictim(name, set, kind string, off ...string) attack {
	table, column, _ := strings.Cut(name, ".")
	a := cell(name, set, fmt.Sprintf("seq = %d", victim), finding{kind, table, column, victim})
	if len(off) > 0 {
		a.off = off[0]
	}
	return a
}

// uncounting says that another number of entries is in the kept counts.
func uncounting(set string) attack {
	a := cell("head.counted", set, "", finding{"", "slot_all", "n", -1})
	a.off = "slot"
	return a
}

// another is another row of a dictionary than the victim's.
func another(table string) string {
	return fmt.Sprintf("(SELECT max(id) FROM %s WHERE id <> (SELECT %s FROM activity WHERE seq = %d))", table, table, victim)
}

// cellAttacks change one cell each.
func cellAttacks() []attack {
	list := []attack{
		{name: "log.one", sql: []string{"PRAGMA ignore_check_constraints = ON", "UPDATE log SET one = 2"}, want: finding{"extra", "log", "one", -1}},
		{name: "head.one", sql: []string{"PRAGMA ignore_check_constraints = ON", "UPDATE head SET one = 2"}, want: finding{"extra", "head", "one", -1}},
		{name: "two heads", sql: []string{"PRAGMA ignore_check_constraints = ON", "INSERT INTO head SELECT 0, size, root, note, counted FROM head"}, want: finding{"extra", "head", "one", -1}},
		cell("log.id", "randomblob(16)", "", finding{"column", "log", "id", -1}),
		cell("log.created_at", "created_at + 1", "", finding{"column", "log", "created_at", -1}),

		cell("entry.seq", "seq + 1000000", "seq = 102", finding{"missing", "entry", "seq", 102}),
		ofVictim("entry.recorded_at", "recorded_at + 1", "leaf", "leaf"),
		ofVictim("entry.commitment", "randomblob(32)", "commitment"),

		ofVictim("activity.key", "key + (1 << 21)", "key_time"),
		ofVictim("activity.key", "key + 1", "key_time"),
		cell("activity.seq", "seq + 1000000", "seq = 102", finding{"missing", "activity", "seq", 102}),
		ofVictim("activity.actor", another("actor"), "column"),
		ofVictim("activity.actor", "999", "column"),
		ofVictim("activity.type", another("type"), "column"),
		ofVictim("activity.site", another("site"), "column"),
		ofVictim("activity.site", "NULL", "column", "column"),
		ofVictim("activity.source", another("source"), "column"),
		ofVictim("activity.object", another("object"), "column"),
		ofVictim("activity.object", "NULL", "column", "column"),
		ofVictim("activity.ip", another("ip"), "column"),
		ofVictim("activity.ip", "NULL", "column", "column"),
		ofVictim("activity.result", "(result + 1) % 3", "column"),
		ofVictim("activity.offset_min", "offset_min + 60", "column", "column"),
		ofVictim("activity.salt", "randomblob(16)", "commitment", "commitment"),
		ofVictim("activity.body", "CAST(replace(CAST(body AS TEXT), 'Sign-up', 'Sign-in') AS BLOB)", "commitment"),
		ofVictim("activity.body", "CAST(replace(CAST(body AS TEXT), '\"result\":\"', '\"result\":\"not') AS BLOB)", "commitment"),
		ofVictim("activity.body", "x'00'", "column"),

		cell("node.idx", "idx + 1000000", "idx = 2", finding{"missing", "node", "idx", -1}),
		cell("node.hash", "randomblob(32)", "idx = 2", finding{"node", "node", "hash", -1}),
		cell("node.hash", "randomblob(32)", "idx = (SELECT max(idx) FROM node)", finding{"node", "node", "hash", -1}),

		cell("head.size", "size + 1", "", finding{"root", "head", "size", -1}),
		cell("head.size", "size - 1", "", finding{"root", "head", "size", -1}),
		cell("head.size", "-1", "", finding{"root", "head", "size", -1}),
		cell("head.size", "1 << 60", "", finding{"root", "head", "size", -1}),
		cell("head.root", "randomblob(32)", "", finding{"root", "head", "root", -1}),
		cell("head.note", "replace(note, '=', 'A')", "", finding{"note", "head", "note", -1}),
		cell("head.note", "(SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1) || ' '", "", finding{"note", "head", "note", -1}),
		cell("head.counted", "size + 1", "", finding{"slot", "head", "counted", -1}),
		cell("head.counted", "-1", "", finding{"slot", "head", "counted", -1}),
		uncounting("counted - 1"), uncounting("counted + 1"),

		cell("checkpoint.size", "size + 1", "size = (SELECT max(size) FROM checkpoint)", finding{"checkpoint", "checkpoint", "size", -1}),
		cell("checkpoint.note", "replace(note, '=', 'A')", "size = (SELECT max(size) FROM checkpoint)", finding{"checkpoint", "checkpoint", "note", -1}),
		cell("checkpoint.kind", "'rotation'", "size = (SELECT max(size) FROM checkpoint)", finding{"checkpoint", "checkpoint", "kind", -1}),
		cell("checkpoint.kind", "'regular'", "size = 0", finding{"checkpoint", "checkpoint", "kind", -1}),
		cell("checkpoint.created_at", "created_at + 1", "size = (SELECT max(size) FROM checkpoint)", finding{"checkpoint", "checkpoint", "created_at", -1}),

		cell("log_key.n", "7", "", finding{"log_key", "log_key", "", -1}),
		cell("log_key.vkey", "vkey || 'A'", "", finding{"log_key", "log_key", "", -1}),
		cell("log_key.from_size", "1", "", finding{"log_key", "log_key", "", -1}),
		cell("log_key.handover", "'x'", "", finding{"log_key", "log_key", "", -1}),
		cell("log_key.handover", "''", "", finding{"log_key", "log_key", "handover", -1}),

		cell("seen.ext", "randomblob(16)", "seq = 102", finding{"seen", "seen", "ext", 102}),
		cell("seen.seq", "106", "seq = 102", finding{"missing", "seen", "", 102}),
		cell("seen.seq", "1000000", "seq = 102", finding{"missing", "seen", "", 102}),
	}
	return append(list, dictionaryAttacks()...)
}

func dictionaryAttacks() []attack {
	var list []attack
	one := func(table string) string {
		return fmt.Sprintf("id = (SELECT %s FROM activity WHERE seq = %d)", table, victim)
	}
	for table, columns := range map[string]map[string]string{
		"actor":  {"kind": "'os'", "source": "'import:other/x'", "name": "'mallory'"},
		"type":   {"name": "'Nothing'"},
		"source": {"name": "'import:other/x'"},
		"site":   {"measurable": "5", "kind": "'website'", "name": "'Mall'"},
		"object": {"kind": "'funnel'", "ident": "'x'", "name": "'Nothing'"},
		"ip":     {"addr": "randomblob(16)", "prefix": "127"},
	} {
		list = append(list, cell(table+".id", "id + 70000", one(table), finding{"dictionary", table, "id", -1}),
			cell(table+".id", "id + 1000000000000", one(table), finding{"dictionary", table, "id", -1}))
		for column, value := range columns {
			list = append(list, cell(table+"."+column, value, one(table), finding{"dictionary", table, column, -1}))
		}
	}
	list = append(list,
		cell("actor.user_id", "2", "source <> 'self' AND user_id IS NULL", finding{"identity", "actor", "user_id", -1}),
		cell("actor.user_id", "NULL", "source <> 'self' AND user_id IS NOT NULL", finding{"identity", "actor", "user_id", -1}),
		cell("actor.user_id", "77", "id = (SELECT max(id) FROM actor WHERE source = 'self' AND kind = 'user')", finding{"dictionary", "actor", "user_id", -1}),
	)
	list[len(list)-3].off, list[len(list)-2].off = "identity", "identity"
	for _, table := range []string{"slot_all", "slot_actor", "slot_type", "slot_site", "slot_actor_type"} {
		where := "rowid = (SELECT max(rowid) FROM slot_all)"
		columns := []string{"slot", "n"}
		if table != "slot_all" {
			where = fmt.Sprintf("slot = (SELECT max(slot) FROM %s)", table)
			columns = append(columns, strings.Split(strings.TrimPrefix(strings.Replace(table, "actor_type", "actor type", 1), "slot_"), " ")...)
		}
		for _, column := range columns {
			a := cell(table+"."+column, column+" + 1000", where, finding{"", table, "", -1})
			a.off = "slot"
			list = append(list, a)
		}
	}
	return list
}

// A hand changes the closed log in a directory from outside, see [tamper].
type hand func(t testing.TB, dir string, statements ...string)

// names runs every step-th attack on a copy of the log in base.
func names(t *testing.T, base string, by hand, step int, attacks []attack) {
	t.Helper()
	for i, a := range attacks {
		if i%step == 0 {
			t.Run(a.name, func(t *testing.T) {
				t.Parallel()
				a.run(t, base, by)
			})
		}
	}
}

func (a attack) run(t *testing.T, base string, by hand) {
	dir := copyLog(t, base)
	by(t, dir, a.sql...)
	in, words := evidenceIn(t, dir), a.want.table == "words" || strings.HasPrefix(a.name, "words")
	r, err := verifyFile(t.Context(), in, VerifyOptions{Words: words})
	if err != nil || r.State != ledger.Altered || !a.want.in(r) {
		t.Errorf("%q: %s %v, want %+v:\n%s", a.sql, r.State, err, a.want, listed(r))
	}
	if a.off == "" {
		return
	}
	// The negative control: without the check that is named nobody notices.
	if r := verifyIn(t, dir, a.off, "words", "file"); a.want.in(r) {
		t.Errorf("%q is noticed without the check of %s:\n%s", a.sql, a.off, listed(r))
	}
}

func TestVerifyNamesAChangedCell(t *testing.T) {
	names(t, sampleOf(t).dir, tamper, 6, cellAttacks())
}

func TestLargeVerifyNamesEachChangedCell(t *testing.T) {
	if testing.Short() {
		t.Skip("many attacks")
	}
	names(t, sampleOf(t).dir, byLibrary(t), 1, slices.Concat(cellAttacks(), wordAttacks()))
}

// The rows are read into memory that is used again: what was found in the first of many
// still names its own entry at the end.
func TestVerifyNamesTheEntryInALongLog(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, testOptions(dir))
	for i := range 4 {
		appendAll(t, db, bodies(i*1000, 1000))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	first := "key = (SELECT min(key) FROM activity)"
	tamper(t, dir, "UPDATE activity SET result = 2, key = key - 1 WHERE "+first)
	r, err := verifyFile(t.Context(), evidenceIn(t, dir), VerifyOptions{})
	for _, f := range []finding{{"column", "activity", "result", 0}, {"key_time", "activity", "key", 0}} {
		if err != nil || !f.in(r) {
			t.Errorf("%v, not %+v:\n%s", err, f, listed(r))
		}
	}
	tamper(t, dir, "UPDATE activity SET seq = 1 << 40 WHERE "+first)
	r, err = verifyFile(t.Context(), evidenceIn(t, dir), VerifyOptions{})
	if f := (finding{"extra", "activity", "seq", 1 << 40}); err != nil || !f.in(r) {
		t.Errorf("%v, not %+v:\n%s", err, f, listed(r))
	}
}
