package sqlite

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// A linkedLog is a log with an identity that is linked and unlinked.
type linkedLog struct {
	*testing.T
	dir   string
	db    *DB
	actor int64
	id    int64 // of the erasing
}

func newLinkedLog(t *testing.T) *linkedLog {
	l := &linkedLog{T: t, dir: t.TempDir()}
	l.db = openTest(t, testOptions(l.dir))
	appendAll(t, l.db, secretBodies(0, 1))
	l.actor = count(t, l.db, "SELECT id FROM actor WHERE name = 'kanarie0'")
	l.id = beginErasing(t, l.db)
	return l
}

func (l *linkedLog) write(b activity.Body, change string, args ...any) {
	l.Helper()
	err := l.db.Write(l.Context(), func(tx *Tx) error {
		if _, err := tx.Record(l.Context(), b); err != nil {
			return err
		}
		_, err := tx.Bun().ExecContext(l.Context(), change, args...)
		return err
	})
	if err != nil {
		l.Fatal(err)
	}
}

// link links the identity to a user, or with 0 to nobody.
func (l *linkedLog) link(user int64) {
	l.Helper()
	b := account.Begin(access.Principal{Login: "owner", Owner: true}, start, "ActorLinked")
	b.Parameters = []byte(fmt.Sprintf(`{"actor":{"id":"%d","kind":"user","source":"import:test/main","name":"kanarie0"},"user":{"id":"%d","name":"ann"},"linked":%v}`,
		l.actor, max(user, 7), user != 0))
	var to any
	if user != 0 {
		to = user
	}
	l.write(b, "UPDATE actor SET user_id = ? WHERE id = ?", to, l.actor)
}

func (l *linkedLog) removeUser(user int64) {
	l.Helper()
	b := account.Begin(access.Principal{Login: "owner", Owner: true}, start, "UserRemoved")
	b.Object = &activity.Object{Kind: "user", ID: decimalOf(user), Name: "ann"}
	err := NewAccounts(l.db).Update(l.Context(), func(tx account.Tx) error {
		if _, err := tx.Record(l.Context(), b); err != nil {
			return err
		}
		return tx.DropUser(l.Context(), user)
	})
	if err != nil {
		l.Fatal(err)
	}
}

func (l *linkedLog) erase(seq int64) {
	l.Helper()
	n, _, err := l.db.EraseRuns(l.Context(), l.id, "", [][2]int64{{seq, seq}}, sayErased)
	if err != nil || n != 1 {
		l.Fatalf("entry %d: %d erased, %v", seq, n, err)
	}
}

func (l *linkedLog) verify(when string) {
	l.Helper()
	found, err := l.db.Verify(context.Background(), VerifyOptions{Words: true})
	if err != nil || found.State != ledger.Verified {
		l.Fatalf("%s: %s, %v", when, listed(found), err)
	}
}

// Whatever is erased of what was said about links, and in whatever order, the log is
// sound at every moment, and goes on being.
func TestErasingWhatLinksSay(t *testing.T) {
	stories := map[string]func(*linkedLog){
		"linked":                  func(l *linkedLog) { l.link(7) },
		"linked, unlinked":        func(l *linkedLog) { l.link(7); l.link(0) },
		"linked to another":       func(l *linkedLog) { l.link(7); l.link(8) },
		"linked, user removed":    func(l *linkedLog) { l.link(7); l.removeUser(7) },
		"another, first removed":  func(l *linkedLog) { l.link(7); l.link(8); l.removeUser(7) },
		"another, second removed": func(l *linkedLog) { l.link(7); l.link(8); l.removeUser(8) },
	}
	for name, tell := range stories {
		t.Run(name, func(t *testing.T) {
			for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
				l := newLinkedLog(t)
				tell(l)
				size := int(count(t, l.db, "SELECT size FROM head"))
				l.verify("before")
				for _, i := range order {
					if seq := 1 + i; seq < size {
						l.erase(int64(seq))
						l.verify(fmt.Sprintf("erased %d of %v", i, order))
					}
				}
				l.erase(0)
				l.verify("with the identity's own")
				l.link(7)
				l.verify("linked again")
				l.removeUser(7)
				l.verify("and its user removed")
			}
		})
	}
}

// An identity that stayed only because it was linked goes with its user; one that has
// activities stays.
func TestALinkedIdentityWithoutActivities(t *testing.T) {
	l := newLinkedLog(t)
	l.link(7)
	l.erase(1)
	l.erase(0)
	l.verify("linked, without activities")
	l.removeUser(7)
	l.verify("and its user removed")
	if n := count(t, l.db, "SELECT count(*) FROM actor WHERE name = 'kanarie0'"); n != 0 {
		t.Errorf("%d of it are left", n)
	}
	l = newLinkedLog(t)
	l.link(7)
	l.removeUser(7)
	l.verify("with its activity")
	if n := count(t, l.db, "SELECT count(*) FROM actor WHERE name = 'kanarie0'"); n != 1 {
		t.Errorf("%d of it are left", n)
	}
}

// What somebody wrote into the table does not get into the log by erasing what it
// contradicts.
func TestNoForgedLinkGetsIntoTheLog(t *testing.T) {
	for _, change := range []string{"UPDATE actor SET user_id = 9 WHERE id = ?", "UPDATE actor SET user_id = NULL WHERE id = ?"} {
		l := newLinkedLog(t)
		l.link(7)
		err := l.db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Bun().ExecContext(t.Context(), change, l.actor)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, _, err := l.db.EraseRuns(t.Context(), l.id, "", [][2]int64{{1, 1}}, sayErased); fault.CodeOf(err) != fault.Conflict || n != 0 {
			t.Errorf("%s: %d erased, %v", change, n, err)
		}
		r, err := l.db.Verify(context.Background(), VerifyOptions{})
		if err != nil || !slices.ContainsFunc(r.Problems, func(p ledger.Problem) bool { return p.Kind == ledger.KindIdentity }) {
			t.Errorf("%s: %s, %v", change, listed(r), err)
		}
	}
}

// One commit erases no more words about links than its LogErased can tell again.
func TestManyLinksTakeSeveralCommits(t *testing.T) {
	l := newLinkedLog(t)
	const n = 2500
	list := bodies(10, n)
	for i := range list {
		list[i].Actor.Name = new(fmt.Sprintf("linked%d", i))
	}
	appendAll(t, l.db, list)
	first := count(t, l.db, "SELECT size FROM head")
	err := l.db.Write(t.Context(), func(tx *Tx) error {
		if _, err := tx.Bun().ExecContext(t.Context(), "UPDATE actor SET user_id = 1000000 WHERE name GLOB 'linked*'"); err != nil {
			return err
		}
		for i := range n {
			var id int64
			if _, err := tx.w.find(t.Context(), "SELECT id FROM actor WHERE name = ?", []any{fmt.Sprintf("linked%d", i)}, &id); err != nil {
				return err
			}
			b := account.Begin(access.Principal{Login: "owner", Owner: true}, start, "ActorLinked")
			b.Parameters = []byte(fmt.Sprintf(`{"actor":{"id":"%d","kind":"user","source":"import:test/main","name":"linked%d"},"user":{"id":"1000000","name":"ann"},"linked":true}`, id, i))
			if _, err := tx.Record(t.Context(), b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for left := int64(n); left > 0; {
		erased, kept, err := l.db.EraseRuns(t.Context(), l.id, "", [][2]int64{{first, first + n - 1}}, sayErased)
		if err != nil || erased == 0 || erased+kept != left {
			t.Fatalf("%d erased, %d kept of %d, %v", erased, kept, left, err)
		}
		left -= erased
	}
	l.verify("after")
}

// The control: what LogErased says of a link is held against the table.
func TestALinkWhoseWordWasErasedIsStillProven(t *testing.T) {
	for _, change := range []string{"UPDATE actor SET user_id = 9 WHERE id = ?", "UPDATE actor SET user_id = NULL WHERE id = ?"} {
		l := newLinkedLog(t)
		l.link(7)
		l.erase(1)
		l.verify("before")
		err := l.db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Bun().ExecContext(t.Context(), change, l.actor)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := l.db.Verify(context.Background(), VerifyOptions{})
		if err != nil || !slices.ContainsFunc(r.Problems, func(p ledger.Problem) bool { return p.Kind == ledger.KindIdentity }) {
			t.Errorf("%s: %s, %v", change, listed(r), err)
		}
	}
}
