package sqlite

import (
	"context"
	"database/sql"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// otherProgram opens the file as any program with SQLite would, without our settings.
func otherProgram(t *testing.T, path string) *sql.Conn {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); pool.Close() })
	return conn
}

// Each statement is refused, and goes through once its trigger is gone.
func TestTriggersGuard(t *testing.T) {
	for _, c := range []struct{ statement, trigger, says string }{
		{"UPDATE entry SET recorded_at = 1 WHERE seq = 1", "entry_update", "never changed"},
		{"DELETE FROM entry WHERE seq = 9", "entry_delete", "never deleted"},
		{"REPLACE INTO entry VALUES (9, 1, zeroblob(32))", "entry_insert", "exists"},
		{"INSERT INTO entry VALUES (12, 1, zeroblob(32))", "entry_insert", "next one"},
		{"INSERT INTO entry VALUES (-1, 1, zeroblob(32))", "entry_insert", "next one"},
		{"INSERT INTO entry VALUES (NULL, 1, zeroblob(32))", "entry_insert", "next one"},
		{"UPDATE activity SET actor = 1", "activity_update", "never changed"},
		{"DELETE FROM activity WHERE seq = 1", "activity_delete", "only by an erasure"},
		{"REPLACE INTO activity SELECT * FROM activity WHERE seq = 1", "activity_insert", "key exists"},
		{"REPLACE INTO activity SELECT key + 1, seq, actor, type, site, source, object, ip, result, offset_min, batch, salt, body FROM activity WHERE seq = 1", "activity_insert", "seq exists"},
	} {
		t.Run(c.statement, func(t *testing.T) {
			db := openTest(t, testOptions(t.TempDir()))
			appendAll(t, db, bodies(0, 10))
			other := otherProgram(t, db.options.Path)
			for _, conn := range []interface {
				ExecContext(context.Context, string, ...any) (sql.Result, error)
			}{other, db.maintenance} {
				if _, err := conn.ExecContext(t.Context(), c.statement); err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("not refused: %v", err)
				}
			}
			if checkLedger(t, db) != 10 {
				t.Error("something went")
			}
			if _, err := other.ExecContext(t.Context(), "DROP TRIGGER "+c.trigger); err != nil {
				t.Fatal(err)
			}
			if c.says == "next one" && strings.Contains(c.statement, "NULL") {
				return // SQLite picks the next one by itself then
			}
			r, err := other.ExecContext(t.Context(), c.statement)
			if err != nil {
				t.Fatalf("without %s: %v", c.trigger, err)
			}
			if n, err := r.RowsAffected(); err != nil || n == 0 {
				t.Errorf("without %s nothing changed: %v", c.trigger, err)
			}
		})
	}
}

func TestErasureMayDeleteWhatItCovers(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	appendAll(t, db, bodies(0, 10))
	ctx := t.Context()
	err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Bun().ExecContext(ctx, "INSERT INTO erasure VALUES (3, 4, 9)"); err != nil {
			return err
		}
		_, err := tx.Bun().ExecContext(ctx, "DELETE FROM activity WHERE seq IN (3, 4)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Bun().ExecContext(ctx, "DELETE FROM activity WHERE seq = 5")
		return err
	})
	if err == nil {
		t.Error("what no erasure covers was deleted")
	}
	got, err := db.Append(ctx, bodies(3, 1))
	if err != nil || !got[0].Erased || !got[0].Receipt.Duplicate || got[0].Receipt.ID != "4" {
		t.Errorf("what was erased came back: %+v, %v", got, err)
	}
}

func TestReadPoolRefusesToWrite(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	if _, err := db.Read().ExecContext(t.Context(), "INSERT INTO lease VALUES ('j', 'o', 1)"); err == nil {
		t.Error("the pool for reads wrote")
	}
	if _, err := db.maintenance.ExecContext(t.Context(), "INSERT INTO lease VALUES ('j', 'o', 1)"); err != nil {
		t.Errorf("the same elsewhere: %v", err) // the control
	}
}

// The schema as SQLite has it. A change of it needs a migration, which is seen here.
func TestSchemaGolden(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	rows, err := db.read.QueryContext(t.Context(), "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'words_%' ORDER BY type, name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		var ddl string
		if err := rows.Scan(&ddl); err != nil {
			t.Fatal(err)
		}
		out.WriteString(ddl + ";\n\n")
	}
	const golden = "testdata/schema.golden"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the schema is another one than %s; go test -run Golden -update writes it anew:\n%s", golden, out.String())
	}
}
