package sqlite

import (
	"testing"

	"activitylog/backend/activity"
)

// count returns the answer of a query for one number.
func count(t testing.TB, db *DB, query string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := db.read.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// appendAll appends bodies that must all go in as new ones.
func appendAll(t testing.TB, db *DB, list []activity.Body) []activity.Appended {
	t.Helper()
	got, err := db.Append(t.Context(), list)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	for i, r := range got {
		if r.Err != nil || r.Receipt.Duplicate || r.Conflict || r.Erased || r.Receipt.ID == "" {
			t.Fatalf("append %d: %+v", i, r)
		}
	}
	return got
}

func TestAppendAndReopen(t *testing.T) {
	o := testOptions(t.TempDir())
	db := openTest(t, o)
	appendAll(t, db, bodies(0, 1000))
	for i := range 10 {
		appendAll(t, db, bodies(1000+i, 1))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openTest(t, o)
	if s := db.State(); s.Name != "sealed" || s.Size != 1010 || s.Sealed != 1010 {
		t.Fatalf("state after reopening: %+v", s)
	}
	appendAll(t, db, bodies(1010, 1))
	for table, want := range map[string]int64{"entry": 1011, "activity": 1011, "words": 1011, "seen": 1011, "type": 5, "actor": 7} {
		if n := count(t, db, "SELECT count(*) FROM "+table); n != want {
			t.Errorf("%s has %d rows, want %d", table, n, want)
		}
	}
	if n := count(t, db, "SELECT (SELECT sum(n) FROM slot_all) + (SELECT count(*) FROM activity WHERE seq >= counted) FROM head"); n != 1011 {
		t.Errorf("slots count %d, want 1011", n)
	}
	if n := count(t, db, "SELECT count(*) FROM words WHERE words MATCH 'facets:z AND text:\"Goal 7\"'"); n != 21 {
		t.Errorf("words find %d, want 21", n)
	}
}
