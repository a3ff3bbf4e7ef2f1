package system_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// otherSQLite builds a program over the C library, from system/sqlite3.
var otherSQLite = sync.OnceValues(func() (string, error) {
	program := filepath.Join(filepath.Dir(template), "sqlite3") // removed with it
	c := exec.Command("go", "build", "-C", "sqlite3", "-tags", "sqlite_fts5", "-o", program, ".")
	c.Env = append(os.Environ(), "CGO_ENABLED=1", "CGO_CFLAGS=-O0") // as backend/sqlite builds it
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("system/sqlite3: %w: %s", err, out)
	}
	return program, nil
})

// sqlite runs statements on the log's file and returns what they answered.
func (p *place) sqlite(statements ...string) [][]string {
	p.t.Helper()
	return p.sqliteOn(filepath.Join(p.data, "activity.db"), statements...)
}

// sqliteOn is sqlite for any file.
func (p *place) sqliteOn(path string, statements ...string) [][]string {
	p.t.Helper()
	program, err := otherSQLite()
	if err != nil {
		p.t.Fatal(err)
	}
	in, err := json.Marshal(statements)
	if err != nil {
		p.t.Fatal(err)
	}
	c := exec.Command(program, path)
	c.Stdin = bytes.NewReader(in)
	out, err := c.CombinedOutput()
	if err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
	var rows [][]string
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var row []any
		if err := d.Decode(&row); err != nil {
			p.t.Fatal(err)
		}
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = fmt.Sprint(cell)
		}
		rows = append(rows, cells)
	}
	return rows
}

// alter changes the log's file: the triggers are taken away and put back as they were.
func (p *place) alter(statements ...string) {
	p.t.Helper()
	var drop, again []string
	for _, row := range p.sqlite("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'") {
		drop, again = append(drop, "DROP TRIGGER "+row[0]), append(again, row[1])
	}
	if len(drop) == 0 {
		p.t.Fatal("there are no triggers")
	}
	p.sqlite(slices.Concat(drop, statements, again)...)
}

// filledLog returns a closed log with activities that fill every table they can.
func filledLog(t *testing.T) *place {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		cannot(t, "there is no C compiler (apt-get install gcc libc6-dev)")
	}
	p := newLog(t)
	var drafts strings.Builder
	for i := range 12 {
		fmt.Fprintf(&drafts, `{"type":"Goal%s","actor":"mallory%d","occurredAt":"2026-11-23T09:%02d:00+01:00","site":"shop%d","object":{"kind":"goal","id":"%d","name":"Goal %d"},"result":"denied","ip":"203.0.113.%d","externalId":"x%d"}`+"\n",
			[]string{"Added", "Changed"}[i%2], i%3, i, i%2, i, i, i, i)
	}
	p.mustRead(drafts.String(), "record", "-")
	s := p.serve()
	s.signIn(super)
	for kept := "0"; kept == "0"; { // which a server does while it has nothing else to do
		kept = p.sqlite("SELECT count(*) FROM slot_site")[0][0]
	}
	s.stop()
	p.sound("before")
	return p
}

func (p *place) copied() *place {
	p.t.Helper()
	to := filepath.Join(p.t.TempDir(), "data")
	copyTree(p.t, p.data, to)
	return &place{t: p.t, data: to}
}

// ofTable says for each table that is proven which cell to change, and what `verify`
// calls it.
var ofTable = map[string]struct{ sql, named string }{
	"log":             {"UPDATE log SET created_at = created_at + 1", "column log.created_at:"},
	"entry":           {"UPDATE entry SET commitment = zeroblob(32) WHERE seq = 7", "commitment entry.commitment #8:"},
	"activity":        {"UPDATE activity SET body = CAST(replace(CAST(body AS TEXT), 'mallory', 'charlie') AS BLOB) WHERE seq = 7", "commitment activity.body, salt #8:"},
	"node":            {"UPDATE node SET hash = zeroblob(32) WHERE idx = 2", "node node.hash:"},
	"head":            {"UPDATE head SET root = zeroblob(32)", "root head.root:"},
	"checkpoint":      {"UPDATE checkpoint SET note = replace(note, '=', 'A') WHERE size = 0", "checkpoint checkpoint.note:"},
	"log_key":         {"UPDATE log_key SET vkey = vkey || 'A'", "log_key log_key"},
	"seen":            {"UPDATE seen SET ext = zeroblob(16) WHERE seq = 7", "seen seen.ext #8:"},
	"actor":           {"UPDATE actor SET name = 'nobody' WHERE name = 'mallory1'", "dictionary actor.name:"},
	"type":            {"UPDATE type SET name = 'GoalDeleted' WHERE name = 'GoalAdded'", "dictionary type.name:"},
	"source":          {"UPDATE source SET name = 'api:1' WHERE name = 'cli'", "dictionary source.name:"},
	"site":            {"UPDATE site SET name = 'mall' WHERE name = 'shop1'", "dictionary site.name:"},
	"object":          {"UPDATE object SET name = 'Nothing' WHERE ident = '7'", "dictionary object.name:"},
	"erasure":         {"INSERT INTO erasure (lo, hi, by) VALUES (3, 3, 5)", "erasure erasure"},
	"purge":           {"INSERT INTO purge (by, upto, certificate) VALUES (5, 2, '')", "erasure purge"},
	"ip":              {"UPDATE ip SET addr = zeroblob(16) WHERE id = (SELECT ip FROM activity WHERE seq = 7)", "dictionary ip.addr:"},
	"slot_all":        {"UPDATE slot_all SET n = n + 1 WHERE slot = (SELECT max(slot) FROM slot_all)", "slot slot_all.n:"},
	"slot_actor":      {"UPDATE slot_actor SET n = n + 1 WHERE slot = (SELECT max(slot) FROM slot_all)", "slot slot_actor.n:"},
	"slot_type":       {"UPDATE slot_type SET n = n + 1 WHERE slot = (SELECT max(slot) FROM slot_all)", "slot slot_type.n:"},
	"slot_site":       {"UPDATE slot_site SET n = n + 1 WHERE slot = (SELECT min(slot) FROM slot_site)", "slot slot_site.n:"},
	"slot_actor_type": {"UPDATE slot_actor_type SET n = n + 1 WHERE slot = (SELECT max(slot) FROM slot_all)", "slot slot_actor_type.n:"},
	"words":           {"INSERT OR REPLACE INTO words (rowid, text, facets) VALUES ((SELECT key FROM activity WHERE seq = 7), 'nothing happened', 'z')", "words words.text #8:"},
	"words_data":      {"UPDATE words_data SET block = zeroblob(length(block)) WHERE id = (SELECT max(id) FROM words_data)", "file"},
	"words_idx":       {"UPDATE words_idx SET pgno = pgno + 2", "words words:"},
	"words_docsize":   {"UPDATE words_docsize SET sz = x'0101' WHERE id = (SELECT key FROM activity WHERE seq = 7)", "words words #8:"},
	"words_config":    {"UPDATE words_config SET v = 9 WHERE k = 'automerge'", "schema words:"},
}

// notProven are the tables of which docs/data.md says so for each column.
var notProven = []string{"user", "access", "session", "throttle", "preference", "setting", "measurable", "lease", "batch", "sqlite_sequence", "token", "widget", "mapping", "schedule", "component", "erasing", "plugin", "plugin_type", "address", "removed_site", "view", "view_mark", "hold_meaning", "name_change"}

func TestVerifyNamesWhatAnotherProgramChanged(t *testing.T) {
	t.Parallel()
	p := filledLog(t)
	tables := p.sqlite("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
	if len(tables) < 20 {
		t.Fatalf("%d tables", len(tables))
	}
	for _, row := range tables {
		change, proven := ofTable[row[0]]
		if !proven {
			if !slices.Contains(notProven, row[0]) {
				t.Errorf("nothing is changed in %s", row[0])
			}
			continue
		}
		q := p.copied()
		q.alter(change.sql)
		v := q.run("", "verify")
		if v.status != 4 || !strings.HasPrefix(v.out, "ALTERED") || !regexp.MustCompile("(?m)^"+regexp.QuoteMeta(change.named)).MatchString(v.out) {
			t.Errorf("%s: status %d, no %q in\n%s%s", change.sql, v.status, change.named, v.out, v.errs)
		}
	}
	q := p.copied()
	q.alter()
	q.sound("opened by another program, its triggers taken away and put back")
	q.alter("UPDATE user SET email = 'nobody@example.org'", "UPDATE measurable SET zone = 'Asia/Tokyo'", "UPDATE batch SET state = 'failed'", "UPDATE ip SET country = 'xx'")
	q.sound("changed where nothing is proven")
}

// Rows taken out, put in, exchanged, numbered anew.
func TestVerifyNamesRowsThatAnotherProgramMoved(t *testing.T) {
	t.Parallel()
	p := filledLog(t)
	both := func(where string) []string {
		return []string{"DELETE FROM activity WHERE seq = " + where, "DELETE FROM entry WHERE seq = " + where}
	}
	const newest = "(SELECT max(seq) FROM entry)"
	for _, c := range []struct {
		name  string
		sql   []string
		named string
	}{
		{"the newest deleted", both(newest), "missing entry.seq"},
		{"the oldest deleted", both("0"), "missing entry.seq #1:"},
		{"one in the middle deleted", both("7"), "missing entry.seq #8:"},
		{"only its content deleted", []string{"DELETE FROM activity WHERE seq = 7"}, "missing activity.seq #8:"},
		{"called erased", []string{"DELETE FROM activity WHERE seq = 7", "INSERT INTO erasure VALUES (7, 7, -1)"}, "erasure erasure:"},
		{"one inserted", []string{
			"INSERT INTO activity SELECT key + 1, " + newest + " + 1, actor, type, site, source, object, ip, result, offset_min, batch, salt, body FROM activity WHERE seq = 7",
			"INSERT INTO entry SELECT max(seq) + 1, recorded_at, commitment FROM entry",
		}, "extra entry.seq"},
		{"two exchanged", []string{
			"CREATE TEMP TABLE two AS SELECT seq, salt, body FROM activity WHERE seq IN (7, 9)",
			"UPDATE activity SET (salt, body) = (SELECT salt, body FROM two WHERE two.seq = 16 - activity.seq) WHERE seq IN (7, 9)",
		}, "commitment activity.body, salt #8:"},
		{"numbered anew", []string{
			"UPDATE activity SET seq = -1 WHERE seq = 7", "UPDATE activity SET seq = 7 WHERE seq = 9", "UPDATE activity SET seq = 9 WHERE seq = -1",
		}, "commitment activity.body, salt #8:"},
	} {
		q := p.copied()
		q.alter(c.sql...)
		if v := q.run("", "verify"); v.status != 4 || !regexp.MustCompile("(?m)^"+regexp.QuoteMeta(c.named)).MatchString(v.out) {
			t.Errorf("%s: status %d, no %q in\n%s%s", c.name, v.status, c.named, v.out, v.errs)
		}
	}
}
