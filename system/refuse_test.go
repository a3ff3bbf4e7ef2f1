package system_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // as another program
)

// marker is in every draft that must leave no trace.
const marker = "zzghostzz"

// found lists the files of the data directory that hold a text.
func (p *place) found(what string) []string {
	p.t.Helper()
	var where []string
	err := filepath.WalkDir(p.data, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(what)) {
			where = append(where, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return where
}

// query runs SQL as another program.
func query(t *testing.T, path, statement string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var value sql.NullString
	if err := db.QueryRowContext(t.Context(), statement).Scan(&value); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return value.String
}

// A line that is refused, for whichever reason and wherever it is noticed, is named
// by its number; those around it are stored; of itself nothing is left anywhere.
func TestARefusedDraftLeavesNoTrace(t *testing.T) {
	t.Parallel()
	ghost := func(more map[string]any) string {
		draft := map[string]any{
			"type": marker, "actor": marker, "site": marker, "ip": "203.0.113.9", "parameters": map[string]any{marker: marker},
			"object": map[string]string{"kind": marker, "id": marker, "name": marker},
		}
		for k, v := range more {
			draft[k] = v
		}
		return text(draft)
	}
	const taken = `{"type":"GoalAdded","actor":"before","externalId":"taken"}`
	for _, c := range []struct{ name, line, says string }{
		{"unknown field", ghost(map[string]any{"tpye": "x"}), `no field "tpye"`},
		{"time too early", ghost(map[string]any{"occurredAt": "1066-10-14T09:00:00Z"}), "1900"},
		{"too large", ghost(map[string]any{"parameters": map[string]string{marker: strings.Repeat("x", 9<<10)}}), "parameters"},
		{"taken external id", ghost(map[string]any{"externalId": "taken"}), "external id"},
		{"raw", ghost(map[string]any{"raw": marker}), "raw"},
		{"invalid UTF-8", strings.Replace(ghost(nil), `"203.0.113.9"`, "\"\xff\"", 1), "not valid UTF-8"},
		{"not JSON", `{"type": "` + marker, "JSON"},
		{"control: a good one", ghost(nil), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newLog(t)
			p.mustRead(taken+"\n", "record", "-")
			in := strings.Join([]string{`{"type":"GoalAdded","actor":"before"}`, c.line, `{"type":"GoalAdded","actor":"after"}`}, "\n") + "\n"
			r := p.run(in, "record", "-")
			receipts := strings.Count(r.out, `"leaf"`)
			if c.says == "" {
				if r.status != 0 || receipts != 3 || len(p.found(marker)) == 0 {
					t.Fatalf("the control is refused or not found: %+v", r)
				}
				return
			}
			if r.status == 0 || receipts != 2 || !strings.Contains(r.errs, "line 2: ") || !strings.Contains(r.errs, c.says) {
				t.Errorf("status %d, %d receipts, %s", r.status, receipts, r.errs)
			}
			if p.count("actor:before") != 2 || p.count("actor:after") != 1 {
				t.Error("those around it are not all there")
			}
			p.sound("afterwards")
			if where := p.found(marker); len(where) > 0 {
				t.Errorf("it left a trace in %v", where)
			}
			for _, table := range []string{"actor", "type", "object", "site"} {
				if n := query(t, filepath.Join(p.data, "activity.db"), "SELECT count(*) FROM "+table+" WHERE name = '"+marker+"'"); n != "0" {
					t.Errorf("%s rows in %s", n, table)
				}
			}
		})
	}
}

// U+0000 is a character like others: it comes back as it went in, by every way.
func TestNULIsKept(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	const draft = `{"type":"GoalAdded","actor":"nul","externalId":"a\u0000b","object":{"kind":"goal","id":"1","name":"x\u0000y"},"parameters":{"note":"one\u0000two","k\u0000":"v"}}`
	p.mustRead(draft+"\n", "record", "-")
	file := filepath.Join(t.TempDir(), "in.ndjson")
	if err := os.WriteFile(file, []byte(draft+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.must("import", file)
	for _, args := range [][]string{{"list", "--json", "actor:nul"}, {"export", "--format", "json", "actor:nul"}} {
		got := p.must(args...)
		for _, part := range []string{`"note":"one\u0000two"`, `"k\u0000":"v"`, `"name":"x\u0000y"`, `"externalId":"a\u0000b"`} {
			if n := strings.Count(got, part); n != 2 {
				t.Errorf("%v: %s stands there %d times, want 2:\n%s", args, part, n, got)
			}
		}
	}
	if again := p.mustRead(draft+"\n", "record", "-"); !strings.Contains(again, `"duplicate":true`) {
		t.Errorf("again: %s", again)
	}
	p.sound("with NUL")
	if r := p.run("", "count", "a\x01b"); r.status == 1 {
		t.Errorf("a control character in the query: %+v", r)
	}
}

// A bad line in the middle of a file is reported with its place; the rest goes in.
func TestBadLinesOfAFile(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	file := filepath.Join(t.TempDir(), "in.ndjson")
	good := func(i int) map[string]any {
		return map[string]any{"type": "GoalAdded", "actor": "good", "externalId": text(i)}
	}
	lines := slices.Concat(strings.SplitAfter(drafts(3, good), "\n")[:3],
		[]string{`{"type": "` + marker + "\n", "{\"type\":\"" + marker + "\xff\"}\n", "\xff\xfe\n", `{"type":"` + marker + `","occurredAt":"soon"}` + "\n"},
		[]string{text(good(7)) + "\n", text(good(8))}) // without a line end
	if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	r := p.run("", "import", file)
	if r.status != 2 || !strings.Contains(r.out, " 9 read, 5 new, 0 duplicate, 0 erased, 0 conflicting, 0 cut, 4 rejected") {
		t.Errorf("%+v", r)
	}
	for _, n := range []string{"4", "5", "6", "7"} {
		if !strings.Contains(r.errs, "in.ndjson, record "+n+": ") {
			t.Errorf("record %s is not reported: %s", n, r.errs)
		}
	}
	if p.count("actor:good") != 5 || len(p.found(marker)) > 0 {
		t.Errorf("%d went in; traces in %v", p.count("actor:good"), p.found(marker))
	}
	p.sound("afterwards")
}

// Over a database that is not ours to use, every command says what is wrong on the
// error output, fails, and changes nothing.
func TestUnusableDatabases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		spoil  func(t *testing.T, path string)
		status int
		says   string
	}{
		{"newer version", func(t *testing.T, path string) { alter(t, path, "PRAGMA user_version = 99") }, 6, "newer version"},
		{"foreign database", func(t *testing.T, path string) {
			remove(t, path)
			alter(t, path, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
		}, 6, "another program's database"},
		{"text file", func(t *testing.T, path string) {
			remove(t, path)
			put(t, path, strings.Repeat("This is a letter. ", 200))
		}, 6, "not a database"},
		{"cut in the middle", func(t *testing.T, path string) {
			remove(t, path+"-wal")
			if err := os.Truncate(path, 5000); err != nil {
				t.Fatal(err)
			}
		}, 6, "damaged"},
		{"symbolic link", func(t *testing.T, path string) {
			if err := os.Rename(path, path+".real"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(path+".real", path); err != nil {
				t.Skip(err)
			}
		}, 6, "not a plain file"},
		{"second name", func(t *testing.T, path string) {
			if err := os.Link(path, path+".other"); err != nil {
				t.Skip(err)
			}
		}, 6, "hard links"},
		{"no directory", func(t *testing.T, path string) {
			if err := os.RemoveAll(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}, 4, "activitylog init"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newLog(t)
			path := filepath.Join(p.data, "activity.db")
			c.spoil(t, path)
			before, _ := os.ReadFile(path)
			commands := [][]string{
				{"list"},
				{"count"},
				{"record", "GoalAdded"},
				{"record", "-"},
				{"verify"},
				{"backup", filepath.Join(t.TempDir(), "copy.db")},
				{"import", os.Args[0]},
				{"export"},
				{"user", "list"},
				{"settings", "get"},
			}
			if c.status != 4 { // these two would make a log
				commands = append(commands, []string{"serve", "--listen", "127.0.0.1:0"}, []string{"init", "--login", "x", "--email", "x@example.org"})
			}
			for _, args := range commands {
				want := c.status
				if args[0] == "verify" && want == 4 { // which says altered there
					want = 6
				}
				r := p.run("", args...)
				if r.status != want || !strings.Contains(r.errs, c.says) || r.out != "" {
					t.Errorf("%v: %+v, want status %d and %q", args, r, want, c.says)
				}
			}
			var wire struct{ Code, Message string }
			if r := p.run("", "list", "--json"); json.Unmarshal([]byte(r.errs), &wire) != nil || wire.Code == "" || !strings.Contains(wire.Message, c.says) {
				t.Errorf("as JSON: %+v", r)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, before) {
				t.Error("the file was changed")
			}
		})
	}
}

func alter(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err == nil {
		_, err = db.ExecContext(t.Context(), statement)
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Wrong passwords and wrong queries are refused in words, the same way for an account
// that is there and for one that is not; the right ones still work.
func TestWrongPasswordAndQuery(t *testing.T) {
	t.Parallel()
	s := newLog(t).serve()
	type fault struct{ Code, Message, Field string }
	say := func(token, op, in string, want int) fault {
		t.Helper()
		status, body := s.call(token, op, in)
		var f fault
		if err := json.Unmarshal([]byte(body), &f); err != nil || status != want || f.Message == "" {
			t.Errorf("%s %s: %d %s", op, in, status, body)
		}
		return f
	}
	there := say("", "signIn", `{"login":"ann","password":"four calm otters sleeping"}`, http.StatusUnauthorized)
	absent := say("", "signIn", `{"login":"nobody","password":"four calm otters sleeping"}`, http.StatusUnauthorized)
	if there != absent || there.Code != "unauthenticated" {
		t.Errorf("%+v and %+v", there, absent)
	}
	token := s.signIn(super)
	if f := say(token, "list", `{"query":"result:ok colour:red"}`, http.StatusBadRequest); f.Field != "query" || !strings.Contains(f.Message, "colour") {
		t.Errorf("%+v", f)
	}
	r := s.run("", "list", "result:ok colour:red")
	if r.status != 2 || r.out != "" || !strings.Contains(r.errs, "colour") {
		t.Errorf("%+v", r)
	}
	if n := s.count("type:UserFailedToLogIn"); n != 2 {
		t.Errorf("%d failed sign-ins are recorded, want 2", n)
	}
	s.sound("while served")
}
