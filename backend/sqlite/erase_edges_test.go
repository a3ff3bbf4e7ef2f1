package sqlite

import (
	"fmt"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// An identity that was linked before its activities were erased is no trace of a change,
// whether it is unlinked afterwards or its user is removed.
func TestUndoOfALinkedIdentity(t *testing.T) {
	for _, how := range []string{"stays linked", "unlinked", "user removed"} {
		t.Run(how, func(t *testing.T) {
			dir := t.TempDir()
			db := openTest(t, testOptions(dir))
			batch := batchOf(t, db, secretBodies(0, 3))
			actor := count(t, db, "SELECT id FROM actor WHERE name = 'kanarie0'")
			link := func(linked bool) {
				b := account.Begin(access.Principal{Login: "owner", Owner: true}, start, "ActorLinked")
				b.Parameters = []byte(fmt.Sprintf(`{"actor":{"id":"%d","kind":"user","source":"import:test/main","name":"kanarie0"},"user":{"id":"7","name":"ann"},"linked":%v}`, actor, linked))
				err := db.Write(t.Context(), func(tx *Tx) error {
					if _, err := tx.Record(t.Context(), b); err != nil {
						return err
					}
					var to any
					if linked {
						to = 7
					}
					_, err := tx.Bun().ExecContext(t.Context(), "UPDATE actor SET user_id = ? WHERE id = ?", to, actor)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			link(true)
			undo(t, db, batch, 1)
			switch how {
			case "unlinked":
				link(false)
			case "user removed":
				b := account.Begin(access.Principal{Login: "owner", Owner: true}, start, "UserRemoved")
				b.Object = &activity.Object{Kind: "user", ID: "7", Name: "ann"}
				err := db.Write(t.Context(), func(tx *Tx) error {
					if _, err := tx.Record(t.Context(), b); err != nil {
						return err
					}
					_, err := tx.Bun().ExecContext(t.Context(), "UPDATE actor SET user_id = NULL WHERE user_id = 7")
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if r := verifyIn(t, dir); r.State != ledger.Verified {
				t.Error(listed(r))
			}
		})
	}
}

// An import may hold what one of our own users did, under a name that nothing else has.
func TestUndoOfAnOwnIdentity(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, testOptions(dir))
	list := secretBodies(0, 3)
	for i := range list {
		list[i].Actor = activity.BodyActor{Kind: "user", Source: "self", Name: new("kanarie"), User: new("7")}
	}
	batch := batchOf(t, db, list)
	undo(t, db, batch, 1)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified {
		t.Error(listed(r))
	}
}

// Two processes undo what both of them imported: before 1970, in one millisecond, at the
// edges of slots, some of it recorded again in between, and an import of nothing.
func TestUndoAtTheEdges(t *testing.T) {
	dir := t.TempDir()
	db, other := openTest(t, testOptions(dir)), openTest(t, testOptions(dir))
	appendAll(t, db, bodies(900, 200))
	list := secretBodies(0, 40)
	for i := range list {
		list[i].OccurredAt = []int64{-1, 0, -900000, -899999, -900001, earliest, latest - 1, 900000, 1, start.UnixMilli()}[i%10]
	}
	batch := batchOf(t, db, list[:20])
	if _, err := other.AppendBatch(t.Context(), batch, list[20:]); err != nil {
		t.Fatal(err)
	}
	keep := secretBodies(100, 10)
	for i := range keep {
		keep[i].OccurredAt = list[i].OccurredAt
	}
	kept := batchOf(t, other, keep)
	undo(t, db, batch, 1)
	again := secretBodies(0, 10)
	for i := range again {
		again[i].OccurredAt = list[i].OccurredAt
	}
	batchOf(t, other, again)
	undo(t, other, kept, 1)
	if err := other.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	empty, err := db.BeginBatch(t.Context(), "import:x/y", 0, start)
	if err != nil {
		t.Fatal(err)
	}
	undo(t, db, empty, 1)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified {
		t.Error(listed(r))
	}
}

// What a report quotes of refused records goes too, also that of an import which ends
// after it was undone.
func TestUndoTakesQuotesOutOfTheReport(t *testing.T) {
	const report = `{"new":3,"rejected":1,"rejections":[{"file":"a","line":1,"reason":"\"kanarie\" is not an IP address."}],"conflicts":[{"reason":"kanarie"}]}`
	for _, late := range []bool{false, true} {
		dir := t.TempDir()
		db := openTest(t, testOptions(dir))
		batch := batchOf(t, db, secretBodies(0, 3))
		end := func() {
			said := account.Begin(access.Principal{Login: "owner", Owner: true}, start, "LogImported")
			if err := db.EndBatch(t.Context(), batch, "done", start, []byte(report), said); err != nil {
				t.Fatal(err)
			}
		}
		if !late {
			end()
		}
		if in := holds(t, dir, "not an ip address"); len(in) > 0 == late {
			t.Errorf("the control: before, it is in %v", in)
		}
		undo(t, db, batch, 1)
		if err := db.Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := db.EndUndo(t.Context(), batch, nil); err != nil {
			t.Fatal(err)
		}
		if late {
			end()
		}
		if in := holds(t, dir, "kanarie"); len(in) > 0 {
			t.Errorf("late %v: the text is still in %v", late, in)
		}
		list, err := db.Batches(t.Context(), 1)
		if err != nil || list[0].State != activity.BatchUndone || string(list[0].Report) != `{"new":3,"rejected":1,"rejections":[],"conflicts":[]}` {
			t.Errorf("late %v: %+v, %s, %v", late, list, list[0].Report, err)
		}
	}
}
