package sqlite

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/ledger"
)

// copyOf is an INSERT of the victim's row with some columns changed.
func copyOf(table string, columns string, changed string) string {
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s WHERE seq = %d", table, columns, changed, table, victim)
}

const activityRest = "actor, type, site, source, object, ip, result, offset_min, batch, salt, body"

// rowAttacks add, remove or exchange rows.
func rowAttacks() []attack {
	last := "(SELECT max(seq) FROM entry)"
	key := fmt.Sprintf("(SELECT key FROM activity WHERE seq = %d)", victim)
	return []attack{
		{name: "activity deleted", sql: []string{"DELETE FROM activity WHERE seq = 102"}, want: finding{"missing", "activity", "seq", 102}, off: "bodies"},
		{name: "entry deleted", sql: []string{"DELETE FROM entry WHERE seq = 102"}, want: finding{"missing", "entry", "seq", 102}},
		{name: "both deleted", sql: []string{"DELETE FROM activity WHERE seq = 102", "DELETE FROM entry WHERE seq = 102"}, want: finding{"missing", "entry", "seq", 102}},
		{name: "last deleted", sql: []string{"DELETE FROM activity WHERE seq = " + last, "DELETE FROM entry WHERE seq = " + last}, want: finding{"missing", "entry", "seq", -1}},
		{name: "many deleted", sql: []string{"DELETE FROM entry WHERE seq >= 50", "DELETE FROM activity WHERE seq >= 50"}, want: finding{"missing", "entry", "seq", 50}},
		{name: "all deleted", sql: []string{"DELETE FROM entry", "DELETE FROM activity"}, want: finding{"missing", "entry", "seq", 0}},
		{name: "everything deleted", sql: []string{"DELETE FROM entry", "DELETE FROM activity", "DELETE FROM head", "DELETE FROM log_key", "DELETE FROM log", "DELETE FROM node", "DELETE FROM checkpoint"}, want: finding{"log_key", "log_key", "", -1}},
		{name: "head without measure", sql: []string{"UPDATE head SET size = 1 << 60, note = 'x'"}, want: finding{"root", "head", "size", -1}},
		{name: "compaction without measure", sql: []string{"INSERT INTO purge VALUES (1 << 61, 1 << 60, 'x')"}, want: finding{"erasure", "purge", "", -1}},
		{name: "compaction of more than there are", sql: []string{"INSERT INTO purge VALUES (1 << 61, 9223372036854775807, 'x')"}, want: finding{"erasure", "purge", "upto", -1}},
		{name: "compaction of everything and more", sql: []string{"DELETE FROM entry", "INSERT INTO purge VALUES (1 << 61, 9223372036854775807, 'x')", "UPDATE head SET size = 9223372036854775807"}, want: finding{"erasure", "purge", "certificate", -1}},
		{name: "compaction of a log without measure", sql: []string{"UPDATE entry SET seq = 1 << 61 WHERE seq = " + last, "INSERT INTO purge VALUES (1 << 61, 1 << 61, 'x')", "UPDATE head SET size = (1 << 61) + 1"}, want: finding{"erasure", "purge", "upto", -1}},
		{name: "log without measure", sql: []string{"UPDATE entry SET seq = 1 << 60 WHERE seq = " + last, "UPDATE head SET size = (1 << 60) + 1"}, want: finding{"missing", "entry", "seq", -1}},
		{name: "dictionary without measure", sql: []string{"WITH RECURSIVE n(i, id) AS (SELECT 1, 65000 UNION ALL SELECT i + 1, 4 * id FROM n WHERE i < 20) INSERT INTO type SELECT id, 'Never' || i FROM n"}, want: finding{"unused", "type", "id", -1}},
		{name: "places without measure", sql: []string{"UPDATE activity SET seq = 1 << 60 WHERE seq = 102", "UPDATE seen SET seq = -(1 << 60) WHERE seq = 103", "INSERT INTO erasure VALUES (-5, 1 << 60, 7)"}, want: finding{"erasure", "erasure", "", -1}},
		{name: "times without measure", sql: []string{"UPDATE activity SET key = 9223372036854775807 WHERE seq = 102", "UPDATE activity SET key = -9223372036854775807 WHERE seq = 103"}, want: finding{"key_time", "activity", "key", 102}},
		{name: "head deleted", sql: []string{"DELETE FROM head"}, want: finding{"note", "head", "note", -1}},
		{name: "entry added", sql: []string{"INSERT INTO entry SELECT seq + 1, recorded_at, commitment FROM entry WHERE seq = " + last}, want: finding{"extra", "entry", "seq", -1}},
		{name: "activity added", sql: []string{copyOf("activity", "key, seq, "+activityRest, "key + 1, seq + 1000000, "+activityRest)}, want: finding{"extra", "activity", "seq", -1}},
		{name: "bodies swapped", sql: []string{
			"CREATE TEMP TABLE two AS SELECT seq, salt, body FROM activity WHERE seq IN (102, 110)",
			"UPDATE activity SET (salt, body) = (SELECT salt, body FROM two WHERE two.seq = 212 - activity.seq) WHERE seq IN (102, 110)",
		}, want: finding{"commitment", "activity", "body", 102}},
		{name: "entries swapped", sql: []string{
			"CREATE TEMP TABLE two AS SELECT seq, recorded_at, commitment FROM entry WHERE seq IN (102, 110)",
			"UPDATE entry SET (recorded_at, commitment) = (SELECT recorded_at, commitment FROM two WHERE two.seq = 212 - entry.seq) WHERE seq IN (102, 110)",
		}, want: finding{"commitment", "entry", "commitment", 110}},
		{name: "activities renumbered", sql: []string{
			"UPDATE activity SET seq = 1000000 WHERE seq = 102", "UPDATE activity SET seq = 102 WHERE seq = 110", "UPDATE activity SET seq = 110 WHERE seq = 1000000",
		}, want: finding{"commitment", "activity", "body", 110}},
		{name: "last entry dated anew", sql: []string{"UPDATE entry SET recorded_at = recorded_at + 1 WHERE seq = " + last}, want: finding{"leaf", "entry", "recorded_at", -1}},
		{name: "first entry dated anew", sql: []string{"UPDATE entry SET recorded_at = recorded_at + 1 WHERE seq = 0"}, want: finding{"leaf", "entry", "recorded_at", 0}},
		{name: "node deleted", sql: []string{"DELETE FROM node WHERE idx = 2"}, want: finding{"missing", "node", "idx", -1}},
		{name: "node added", sql: []string{"INSERT INTO node VALUES (0, randomblob(32))"}, want: finding{"extra", "node", "idx", -1}},
		{name: "node added at the end", sql: []string{"INSERT INTO node VALUES (1 << 40, randomblob(32))"}, want: finding{"extra", "node", "idx", -1}},
		{name: "nodes swapped", sql: []string{
			"CREATE TEMP TABLE two AS SELECT idx, hash FROM node WHERE idx IN (2, 5)",
			"UPDATE node SET hash = (SELECT hash FROM two WHERE two.idx = 7 - node.idx) WHERE idx IN (2, 5)",
		}, want: finding{"node", "node", "hash", -1}},
		{name: "first checkpoint deleted", sql: []string{"DELETE FROM checkpoint WHERE size = 0"}, want: finding{"column", "log", "created_at", -1}},
		{name: "checkpoint of the future", sql: []string{"INSERT INTO checkpoint SELECT size + 1000000, note, kind, created_at FROM checkpoint WHERE size = 0"}, want: finding{"checkpoint", "checkpoint", "size", -1}},
		{name: "key added", sql: []string{"INSERT INTO log_key SELECT 2, vkey, 10, note FROM log_key, head"}, want: finding{"log_key", "log_key", "", -1}},
		{name: "dictionary row added", sql: []string{"INSERT INTO type (name) VALUES ('Never')"}, want: finding{"unused", "type", "id", -1}, off: "dictionary"},
		{name: "dictionary row deleted", sql: []string{"DELETE FROM object WHERE id = (SELECT object FROM activity WHERE seq = 102)"}, want: finding{"missing", "object", "", -1}},
		{name: "dictionary rows swapped", sql: []string{
			"UPDATE type SET name = 'x' WHERE name = 'Type1'", "UPDATE type SET name = 'Type1' WHERE name = 'Type2'", "UPDATE type SET name = 'Type2' WHERE name = 'x'",
		}, want: finding{"dictionary", "type", "name", -1}},
		{name: "count deleted", sql: []string{"DELETE FROM slot_actor WHERE slot = (SELECT max(slot) FROM slot_actor)"}, want: finding{"missing", "slot_actor", "n", -1}},
		{name: "count added", sql: []string{"INSERT INTO slot_type VALUES (1, -1000000, 3)"}, want: finding{"extra", "slot_type", "n", -1}},
		{name: "count of nothing", sql: []string{"INSERT INTO slot_type VALUES (1, 5, 0)"}, want: finding{"extra", "slot_type", "n", -1}, off: "slot"},
		{name: "count at the end of time", sql: []string{"INSERT INTO slot_all VALUES (9223372036854775807, 1)", "INSERT INTO slot_site VALUES (7, -9223372036854775808, 1)"}, want: finding{"extra", "slot_all", "n", -1}, off: "slot"},
		{name: "counts emptied, and said to be left", sql: []string{
			"DELETE FROM slot_all", "DELETE FROM slot_actor", "DELETE FROM slot_type", "DELETE FROM slot_site", "DELETE FROM slot_actor_type", "UPDATE head SET counted = 0",
		}, want: finding{"slot", "head", "counted", -1}, off: "counted"},
		{name: "counts emptied", sql: []string{"DELETE FROM slot_all"}, want: finding{"missing", "slot_all", "n", -1}},
		{name: "external id forgotten", sql: []string{"DELETE FROM seen WHERE seq = 102"}, want: finding{"missing", "seen", "ext", 102}, off: "seen"},
		{name: "external id invented", sql: []string{"INSERT INTO seen VALUES (randomblob(16), 102)"}, want: finding{"seen", "seen", "ext", 102}, off: "seen"},
		{name: "erasure forged", sql: []string{"DELETE FROM activity WHERE seq = 102", "INSERT INTO erasure VALUES (102, 102, 103)"}, want: finding{"erasure", "erasure", "", -1}},
		{name: "erasure without one", sql: []string{"INSERT INTO erasure VALUES (102, 102, 103)"}, want: finding{"erasure", "erasure", "", 102}},
		{name: "compaction forged", sql: []string{"DELETE FROM entry WHERE seq < 64", "DELETE FROM activity WHERE seq < 64", "INSERT INTO purge SELECT 102, 64, note FROM head"}, want: finding{"erasure", "purge", "certificate", -1}},
		{name: "trigger dropped", sql: []string{"CREATE TRIGGER other AFTER INSERT ON setting BEGIN DELETE FROM setting; END"}, want: finding{"schema", "setting", "", -1}, off: "schema"},
		{name: "index dropped", sql: []string{"DROP INDEX actor_name"}, want: finding{"schema", "actor", "", -1}, off: "schema"},
		{name: "view changed", sql: []string{"DROP VIEW matomo_activity_log", "CREATE VIEW matomo_activity_log AS SELECT 1"}, want: finding{"schema", "matomo_activity_log", "", -1}},
		{name: "table dropped", sql: []string{"DROP TABLE slot_site"}, want: finding{"schema", "slot_site", "", -1}},
		{name: "table of the head dropped", sql: []string{"DROP TABLE head"}, want: finding{"schema", "head", "", -1}},
		{name: "table of checkpoints dropped", sql: []string{"DROP TABLE checkpoint"}, want: finding{"schema", "checkpoint", "", -1}},
		{name: "table with the hashes dropped", sql: []string{"DROP TABLE node"}, want: finding{"schema", "node", "", -1}},
		{name: "table of the index dropped", sql: []string{"DROP TABLE words_config", "DELETE FROM activity WHERE seq = 102"}, want: finding{"missing", "activity", "seq", 102}},
		{name: "marks changed", sql: []string{"PRAGMA application_id = 7"}, want: finding{"schema", "", "application_id", -1}},
		{name: "version changed", sql: []string{"PRAGMA user_version = 1"}, want: finding{"schema", "", "user_version", -1}},
		{name: "index without rows", sql: []string{
			"PRAGMA writable_schema = ON",
			"UPDATE sqlite_schema SET sql = 'CREATE INDEX activity_ip ON activity (ip) WHERE ip IS NULL' WHERE name = 'activity_ip'", "PRAGMA writable_schema = RESET", "REINDEX activity_ip",
			"PRAGMA writable_schema = ON",
			"UPDATE sqlite_schema SET sql = 'CREATE INDEX activity_ip ON activity (ip) WHERE ip IS NOT NULL' WHERE name = 'activity_ip'", "PRAGMA writable_schema = RESET",
		}, want: finding{"file", "activity", "", -1}, off: "file"},
		{name: "words deleted", sql: []string{"DELETE FROM words WHERE rowid = " + key}, want: finding{"missing", "words", "", victim}, off: "words"},
		{name: "words replaced", sql: []string{"INSERT OR REPLACE INTO words (rowid, text, facets) VALUES (" + key + ", 'nothing happened', 'z')"}, want: finding{"words", "words", "text", victim}, off: "words"},
		{name: "facets replaced", sql: []string{"INSERT OR REPLACE INTO words (rowid, text, facets) VALUES (" + key + ", 'nothing happened', 'z')"}, want: finding{"words", "words", "facets", victim}, off: "words"},
		{name: "words added", sql: []string{"INSERT INTO words (rowid, text, facets) VALUES (7, 'nothing happened', 'z')"}, want: finding{"extra", "words", "", -1}, off: "words"},
		{name: "words at the end of time", sql: []string{"INSERT INTO words (rowid, text, facets) VALUES (9223372036854775807, 'nothing happened', 'z')"}, want: finding{"extra", "words", "", -1}, off: "words"},
		{name: "words counted at length", sql: []string{"UPDATE words_docsize SET sz = CAST(x'80' || sz AS BLOB) WHERE id = " + key}, want: finding{"words", "words", "", victim}, off: "words"},
		{name: "words counted and more", sql: []string{"UPDATE words_docsize SET sz = CAST(sz || x'00' AS BLOB) WHERE id = " + key}, want: finding{"words", "words", "", victim}, off: "words"},
		{name: "words emptied", sql: []string{"INSERT INTO words (words) VALUES ('delete-all')"}, want: finding{"missing", "words", "", 0}, off: "words"},
		{name: "words of another", sql: []string{"INSERT OR REPLACE INTO words_docsize SELECT " + key + ", x'0101', origin FROM words_docsize LIMIT 1"}, want: finding{"words", "words", "", victim}, off: "words"},
		{name: "words_data damaged", sql: []string{"UPDATE words_data SET block = zeroblob(length(block)) WHERE id = (SELECT max(id) FROM words_data)"}, want: finding{"file", "", "", -1}},
		{name: "words_idx emptied", sql: []string{"DELETE FROM words_idx"}, want: finding{"", "words", "", -1}},
		{name: "words setting", sql: []string{"INSERT INTO words (words, rank) VALUES ('rank', 'bm25(9.0)')"}, want: finding{"schema", "words", "", -1}},
	}
}

func TestVerifyNamesRowsAddedRemovedOrExchanged(t *testing.T) {
	names(t, sampleOf(t).dir, tamper, 6, rowAttacks())
}

func TestLargeVerifyNamesAllRowsAddedRemovedOrExchanged(t *testing.T) {
	if testing.Short() {
		t.Skip("many attacks")
	}
	names(t, sampleOf(t).dir, byLibrary(t), 1, rowAttacks())
}

// A forger rebuilds the whole tree over changed entries; sign is what makes the head's
// and the checkpoints' notes, or nil to leave them.
func forge(t *testing.T, dir string, sign func(ledger.Checkpoint) string) {
	t.Helper()
	s := sampleOf(t)
	pool := plainPool(t, dir)
	defer pool.Close()
	ctx := context.Background()
	var salt, body []byte
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(pool.QueryRowContext(ctx, "SELECT salt, body FROM activity WHERE seq = ?", victim).Scan(&salt, &body))
	body = []byte(strings.Replace(string(body), "Sign-up", "Sign-in", 1))
	c := ledger.Commitment(salt, body)
	run := func(query string, args ...any) {
		t.Helper()
		_, err := pool.ExecContext(ctx, query, args...)
		must(err)
	}
	run("DROP TRIGGER entry_update")
	run("DROP TRIGGER activity_update")
	run("UPDATE activity SET body = ? WHERE seq = ?", body, victim)
	run("UPDATE entry SET commitment = ? WHERE seq = ?", c[:], victim)
	var tree ledger.Tree
	var leaves []tlog.Hash
	rows, err := pool.QueryContext(ctx, "SELECT seq, recorded_at, commitment FROM entry ORDER BY seq")
	must(err)
	for rows.Next() {
		var seq, at int64
		var raw []byte
		must(rows.Scan(&seq, &at, &raw))
		leaves = append(leaves, ledger.Leaf(s.id, seq, at, [32]byte(raw)))
	}
	must(rows.Err())
	rows.Close()
	for _, leaf := range leaves {
		tree.Append(leaf, func(index int64, h tlog.Hash) { run("UPDATE node SET hash = ? WHERE idx = ?", h[:], index) })
		if sign != nil {
			run("UPDATE checkpoint SET note = ? WHERE size = ?", sign(ledger.Checkpoint{Origin: ledger.Origin(s.id), Size: tree.Size(), Root: tree.Root()}), tree.Size())
		}
	}
	root := tree.Root()
	run("UPDATE head SET root = ?", root[:])
	if sign != nil {
		run("UPDATE head SET note = ?", sign(ledger.Checkpoint{Origin: ledger.Origin(s.id), Size: tree.Size(), Root: root}))
		var empty ledger.Tree
		run("UPDATE checkpoint SET note = ? WHERE size = 0", sign(ledger.Checkpoint{Origin: ledger.Origin(s.id), Root: empty.Root()}))
	}
	for _, kind := range []string{"entry", "activity"} {
		run(fmt.Sprintf("CREATE TRIGGER %s_update BEFORE UPDATE ON %s BEGIN SELECT RAISE(ABORT, '%s: is never changed'); END", kind, kind, kind))
	}
}

func TestVerifySeesThroughARebuiltTree(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	forge(t, dir, nil)
	r := verifyIn(t, dir)
	for _, f := range []finding{{"note", "head", "note", -1}, {"checkpoint", "checkpoint", "note", -1}, {"mark", "", "", -1}} {
		if r.State != ledger.Altered || !f.in(r) {
			t.Errorf("%s, want %+v:\n%s", r.State, f, listed(r))
		}
	}
	if r := verifyIn(t, dir, "root", "words"); r.State == ledger.Altered && (finding{"note", "head", "note", -1}).in(r) {
		t.Errorf("noticed without comparing roots:\n%s", listed(r))
	}
}

func TestVerifySeesThroughAForeignKey(t *testing.T) {
	s := sampleOf(t)
	skey, vkey, err := note.GenerateKey(rand.Reader, ledger.Origin(s.id))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(c ledger.Checkpoint) string {
		signed, err := note.Sign(&note.Note{Text: c.Text()}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return string(signed)
	}
	dir := copyLog(t, s.dir)
	forge(t, dir, sign)
	if r := verifyIn(t, dir); r.State != ledger.Altered || !(finding{"note", "head", "note", -1}).in(r) || !(finding{"checkpoint", "checkpoint", "note", -1}).in(r) {
		t.Errorf("signatures of a key that is not the log's: %s\n%s", r.State, listed(r))
	}
	tamper(t, dir, "UPDATE log_key SET vkey = '"+vkey+"'")
	if r := verifyIn(t, dir); r.State != ledger.Altered || !(finding{"log_key", "log_key", "vkey", -1}).in(r) || !(finding{"mark", "", "", -1}).in(r) {
		t.Errorf("with the key replaced: %s\n%s", r.State, listed(r))
	}
	keys, err := filepath.Glob(filepath.Join(dir, "keys", "*.key"))
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	if err := os.WriteFile(keys[0], []byte(skey+"\n"+vkey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir, "words"); r.State != ledger.RolledBack || r.ExitStatus() != 3 {
		t.Errorf("with the key file replaced too only the mark tells: %s\n%s", r.State, listed(r))
	}
}

func TestVerifySeesAnOlderCopyPutBack(t *testing.T) {
	s := sampleOf(t)
	dir := copyLog(t, s.dir)
	older, err := os.ReadFile(filepath.Join(s.half, "activity.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "activity.db"), older, 0o600); err != nil {
		t.Fatal(err)
	}
	r := verifyIn(t, dir)
	if r.State != ledger.RolledBack || r.ExitStatus() != 3 || len(r.Problems) != 1 || r.Problems[0].Kind != ledger.KindMark {
		t.Errorf("%s\n%s", r.State, listed(r))
	}
	if r := verifyIn(t, dir, "mark"); r.State != ledger.Verified {
		t.Errorf("without the mark nobody notices, but: %s\n%s", r.State, listed(r))
	}
	if err := os.Remove(filepath.Join(dir, "state", "head")); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.RolledBack {
		t.Errorf("with the mark taken away: %s\n%s", r.State, listed(r))
	}
}

// What was not yet folded into the file goes with the write-ahead log.
func TestVerifySeesThatTheWALIsGone(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	db := openTest(t, testOptions(dir))
	appendAll(t, db, verifyBodies(1000, 5, start))
	if err := db.raiseMark(); err != nil {
		t.Fatal(err)
	}
	killed := copyLog(t, dir) // as a killed process leaves it
	if r := verifyIn(t, copyLog(t, killed)); r.State != ledger.Verified {
		t.Errorf("the control, with the write-ahead log: %s\n%s", r.State, listed(r))
	}
	if err := os.Remove(filepath.Join(killed, "activity.db-wal")); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, killed); r.State != ledger.RolledBack || !(finding{"mark", "", "", -1}).in(r) {
		t.Errorf("%s\n%s", r.State, listed(r))
	}
}

func TestVerifySeesThatTheMarkIsGone(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	if err := os.Remove(filepath.Join(dir, "state", "head")); err != nil {
		t.Fatal(err)
	}
	db := openTest(t, testOptions(dir)) // makes a new mark
	r, err := db.Verify(t.Context(), VerifyOptions{})
	if err != nil || r.State != ledger.RolledBack || !(finding{"mark", "", "", -1}).in(r) {
		t.Errorf("%s %v\n%s", r.State, err, listed(r))
	}
	if err := os.WriteFile(filepath.Join(dir, "state", "head"), []byte("garbled"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.RolledBack {
		t.Errorf("%s\n%s", r.State, listed(r))
	}
}

func TestVerifyWithoutTheKey(t *testing.T) {
	for _, pattern := range []string{"*.key", "*.secret"} {
		dir := copyLog(t, sampleOf(t).dir)
		names, err := filepath.Glob(filepath.Join(dir, "keys", pattern))
		if err != nil || len(names) != 1 {
			t.Fatal(names, err)
		}
		if err := os.Remove(names[0]); err != nil {
			t.Fatal(err)
		}
		if r := verifyIn(t, dir); r.State != ledger.KeyMissing || r.ExitStatus() != 5 || len(r.Problems) != 0 {
			t.Errorf("without %s: %s\n%s", pattern, r.State, listed(r))
		}
	}
}
