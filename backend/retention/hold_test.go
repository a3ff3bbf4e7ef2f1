package retention_test

import (
	"strings"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/retention"
	"activitylog/backend/view"
)

// shared saves a shared view and returns its id.
func (w *world) shared(name, query string) string {
	w.t.Helper()
	v, err := w.views.SaveView(w.ctx, view.SaveIn{Name: &name, Query: &query, Shared: new(true)})
	if err != nil {
		w.t.Fatal(err)
	}
	return v.ID
}

func (w *world) hold(id string, hold bool) error {
	_, err := w.views.HoldView(w.ctx, view.HoldIn{ID: id, Hold: hold})
	return err
}

// What is under hold stays, is counted as held, and goes once the hold is lifted; a run
// that is under way when a hold is set or lifted heeds that from its next step on.
func TestHolds(t *testing.T) {
	w := newWorld(t)
	w.add(30, "GoalAdded", 400, "ordinary")
	w.add(20, "GoalDeleted", 400, "evidence")
	id := w.shared("Evidence", "evidence")
	if err := w.hold(id, true); err != nil {
		t.Fatal(err)
	}
	w.rules("old: all, 1 year")
	if dry := w.dry(); dry.Count != 30 || dry.Held != 20 {
		t.Fatalf("would go %d, held %d", dry.Count, dry.Held)
	}
	if ended := w.runs(); ended.State != job.StateDone {
		t.Fatalf("%+v", ended)
	}
	if n, held := w.count("ordinary"), w.count("evidence type:GoalDeleted"); n != 0 || held != 20 {
		t.Errorf("%d ordinary, %d held are left", n, held)
	}
	if err := w.hold(id, false); err != nil {
		t.Fatal(err)
	}
	w.add(30, "GoalAdded", 401, "ordinary")
	more := w.shared("More", "type:GoalDeleted")
	w.meddled(1, func() error { return w.hold(more, true) })
	if ended := w.runs(); ended.State != job.StateDone || ended.Done != 30 || w.count("evidence type:GoalDeleted") != 20 {
		t.Errorf("a hold set meanwhile: %+v, %d left", ended, w.count("evidence type:GoalDeleted"))
	}
	w.add(30, "GoalAdded", 402, "ordinary")
	w.meddled(1, func() error { return w.hold(more, false) })
	if ended := w.runs(); ended.State != job.StateDone || ended.Done != 50 || w.count("evidence type:GoalDeleted") != 0 {
		t.Errorf("a hold lifted meanwhile: %+v, %d left", ended, w.count("evidence type:GoalDeleted"))
	}
	w.sound()
}

// A view under hold asks for the same as long as it is held, and so does one that a rule
// is for.
func TestHeldViewsStay(t *testing.T) {
	w := newWorld(t)
	held, ruled := w.shared("Held", "evidence"), w.shared("Ruled", "chatter")
	if err := w.hold(held, true); err != nil {
		t.Fatal(err)
	}
	w.rules("talk: view:"+ruled+", 30 days", "rest: all, keep")
	for _, id := range []string{held, ruled} {
		for what, in := range map[string]view.SaveIn{"query": {ID: id, Query: new("else")}, "private": {ID: id, Shared: new(false)}} {
			if _, err := w.views.SaveView(w.ctx, in); fault.CodeOf(err) != fault.Conflict {
				t.Errorf("%s of %s: %v", what, id, err)
			}
		}
		if _, err := w.views.RemoveView(w.ctx, view.RemoveIn{ID: id}); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("removing %s: %v", id, err)
		}
		if _, err := w.views.SaveView(w.ctx, view.SaveIn{ID: id, Name: new("Name of " + id), Order: new("oldest")}); err != nil {
			t.Errorf("another name: %v", err)
		}
	}
	w.add(10, "GoalAdded", 40, "chatter")
	w.add(10, "GoalAdded", 40, "other")
	if dry := w.dry(); dry.Count != 10 || dry.Rules[0].Count != 10 {
		t.Errorf("%+v", dry)
	}
	if ended := w.runs(); ended.State != job.StateDone || w.count("chatter type:GoalAdded") != 0 || w.count("other") != 10 {
		t.Errorf("%+v", ended)
	}
	w.rules("rest: all, keep")
	if err := w.hold(held, false); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{held, ruled} {
		if _, err := w.views.RemoveView(w.ctx, view.RemoveIn{ID: id}); err != nil {
			t.Errorf("removing %s: %v", id, err)
		}
	}
	for _, typ := range []string{"LegalHoldSet", "LegalHoldLifted"} {
		if n := w.count("type:" + typ); n != 1 {
			t.Errorf("%s is recorded %d times", typ, n)
		}
	}
}

func TestWhatCannotBeHeld(t *testing.T) {
	w := newWorld(t)
	for _, query := range []string{"last:7d", "after:today", "on:yesterday x", "actor:me", "-user:me"} {
		id := w.shared("of "+query, query)
		if err := w.hold(id, true); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "query" {
			t.Errorf("%s: %v", query, err)
		}
		if _, err := w.ConfigureRetention(w.ctx, retention.ConfigureIn{Rules: &[]retention.Rule{{Name: "x", Scope: "view", Value: id, Age: 1, Unit: "days"}}}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("a rule for %s: %v", query, err)
		}
	}
	if err := w.hold(w.shared("by category", "category:goals"), true); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "query" {
		t.Errorf("category: %v", err)
	}
	own, err := w.views.SaveView(w.ctx, view.SaveIn{Name: new("own"), Query: new("x")})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.hold(own.ID, true); fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "Share") {
		t.Errorf("one of one's own: %v", err)
	}
	shared := w.shared("shared", "after:2026-01-01 x")
	_, err = w.views.HoldView(as(2, access.Admin), view.HoldIn{ID: shared, Hold: true})
	if fault.CodeOf(err) != fault.Denied {
		t.Errorf("by an admin: %v", err)
	}
	before := w.count("type:LegalHoldSet")
	for range 2 {
		if err := w.hold(shared, true); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.count("type:LegalHoldSet") - before; n != 1 {
		t.Errorf("held twice, recorded %d times", n)
	}
	var none activity.Holds
	if holds, err := w.views.Holds(w.ctx); err != nil || len(holds.Queries) != 1 || holds.Mark == none.Mark {
		t.Errorf("%+v, %v", holds, err)
	}
}
