package sqlite

import (
	"slices"
	"testing"

	"activitylog/backend/activity"
)

// A login finds whom it is, linked or by name, and nobody whose name goes on from it.
func TestLoginAgreesWithTheModel(t *testing.T) {
	w := newWorld(t, 160, 3)
	for _, login := range []string{"ann", "ANN", "annette", "bob", "cyd", "root", "arn:aws:iam::1:role", "arn:aws:iam::1", "me", "nobody", "user:ann"} {
		for _, text := range []string{"", "category:goals", "after:2026-03-01", "-type:Plug"} {
			q := w.parse(t, text)
			q.Text = text + " login " + login
			q.Filters = append(q.Filters, activity.Filter{Field: activity.ByLogin, Value: login})
			for _, scope := range []activity.Scope{{All: true}, {User: 1}, {User: 3}} {
				w.compare(t, activity.Selection{Scope: scope, Query: q})
			}
		}
	}
}

// What a removed user did is found by the name it had.
func TestLoginOfARemovedUser(t *testing.T) {
	w := newWorld(t, 40, 4)
	by := func(login string) []int64 {
		q := activity.Query{Filters: []activity.Filter{{Field: activity.ByLogin, Value: login}}}
		rows, err := w.db.Select(t.Context(), activity.Selection{Scope: activity.Scope{All: true}, Query: q}, activity.Seek{Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if row.ActorLogin != "" && row.ActorLogin != "Ann" && row.ActorLogin != "bob" {
				t.Errorf("seq %d: login %q", row.Seq, row.ActorLogin)
			}
		}
		return seqs(rows)
	}
	before := by("annette")
	if len(before) > 0 {
		t.Errorf("linked to ann, and found by its own name: %v", before)
	}
	ann := by("ann")
	err := w.db.Write(t.Context(), func(tx *Tx) error { return accountTx{accountView{tx.Bun()}, tx}.DropUser(t.Context(), 1) })
	if err != nil {
		t.Fatal(err)
	}
	after, unlinked := by("ann"), by("annette")
	if len(unlinked) == 0 || len(after)+len(unlinked) < len(ann) {
		t.Errorf("%d as annette and %d as ann, before %d", len(unlinked), len(after), len(ann))
	}
	for _, seq := range unlinked {
		if !slices.Contains(ann, seq) {
			t.Errorf("%d was not linked to ann", seq)
		}
	}
}
