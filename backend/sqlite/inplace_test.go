package sqlite

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// What goes into a file that was taken away, or replaced, is not acknowledged, and the
// state says so. Put back, the file is the log again.
func TestAFileTakenAwayTakesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not give away a file that is open")
	}
	db := openTest(t, testOptions(t.TempDir()))
	path, away := db.options.Path, db.options.Path+".away"
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(when string, list []activity.Body) {
		t.Helper()
		_, err := db.Append(t.Context(), list)
		if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "removed or replaced") || db.State().Name != ledger.Altered {
			t.Errorf("%s: %v, %s", when, err, db.State().Name)
		}
	}
	appendAll(t, db, bodies(0, 2))
	move(path, away)
	db.read.SetMaxIdleConns(0) // so that who reads has to open it
	if _, err := db.Erasings(t.Context(), "any", 1); err == nil || !strings.Contains(err.Error(), "removed or replaced") {
		t.Errorf("read while it is away: %v", err)
	}
	refused("away", bodies(2, 1))
	write(t, path, "")
	refused("replaced", bodies(3, 1))
	move(away, path)
	appendAll(t, db, bodies(4, 2))
	if s := db.State().Name; s != ledger.Sealed {
		t.Errorf("put back: %s", s)
	}
	if n := checkLedger(t, db); n != 4 {
		t.Errorf("%d entries, want 4", n)
	}
	err := db.Write(t.Context(), func(tx *Tx) error { // between BEGIN and COMMIT
		defer move(path, away)
		_, err := tx.Record(t.Context(), bodies(6, 1)[0])
		return err
	})
	if fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("taken away while it was written: %v", err)
	}
	move(away, path)
	appendAll(t, db, bodies(7, 1))
	checkLedger(t, db)
}
