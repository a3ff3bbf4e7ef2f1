package backend

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"activitylog/backend/activity"
)

// A mark that cannot be raised would let an older copy of the log go unnoticed: whoever
// runs the program is told, once for each thing that is wrong.
func TestFailingHousekeepingIsTold(t *testing.T) {
	app, _ := openTest(t)
	var log bytes.Buffer
	app.log = slog.New(slog.NewTextHandler(&log, nil))
	if told := app.tellHousekeeping("something else"); told != "" || log.Len() > 0 {
		t.Errorf("while all is well: %q, %s", told, &log)
	}
	state := filepath.Join(filepath.Dir(app.Integrity.KeyFiles()[0]), "..", "state")
	if err := os.WriteFile(filepath.Join(state, "head"), []byte("not a mark"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Log.Record(owner(t), activity.Draft{Type: "Backup"}); err != nil {
		t.Fatal(err)
	}
	for app.db.State().MarkErr == nil {
		select {
		case <-t.Context().Done():
			t.Fatal("the mark is raised over something that is none")
		case <-time.After(10 * time.Millisecond):
		}
	}
	told := app.tellHousekeeping(app.tellHousekeeping(""))
	if n := strings.Count(log.String(), "head"); told == "" || n != 1 {
		t.Errorf("told %d times: %s", n, &log)
	}
	if err := os.Remove(filepath.Join(state, "head")); err != nil { // so that closing raises it
		t.Fatal(err)
	}
}
