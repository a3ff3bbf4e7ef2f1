package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// A real file system that is full: the WAL, the file and the mark cannot grow.
func TestFullFileSystem(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=6m"); err != nil {
		t.Skipf("a small file system needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	filler := filepath.Join(dir, "filler")
	write(t, filler, strings.Repeat("x", 3<<20))
	o := testOptions(dir)
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	refused := 0
	add := func(n int) {
		b := bodyAt(n, start)
		b.Parameters = []byte(`{"long":"` + strings.Repeat("long text ", 900) + `"}`)
		got, err := db.Append(t.Context(), []activity.Body{b})
		switch {
		case err == nil && got[0].Err == nil:
			ids = append(ids, *b.ExternalID)
		case fault.CodeOf(err) == fault.Unavailable:
			refused++
		default:
			t.Fatalf("append: %+v, %v", got, err)
		}
	}
	n := 0
	for ; refused < 10; n++ {
		add(n)
	}
	if err := db.raiseMark(); err != nil && db.State().MarkErr == nil {
		t.Error("the mark failed and nobody is told")
	}
	if int64(len(ids)) != checkLedger(t, db) {
		t.Errorf("%d acknowledged", len(ids))
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		n++
		add(n)
	}
	if refused != 10 {
		t.Errorf("with room again %d more were refused", refused-10)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if count(t, db, "SELECT count(*) FROM activity WHERE json_extract(CAST(body AS TEXT), '$.externalId') = ?", id) != 1 {
			t.Errorf("%s was acknowledged and is not there", id)
		}
	}
	if n := checkLedger(t, db); n != int64(len(ids)) {
		t.Errorf("%d entries, %d acknowledged", n, len(ids))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
