package source

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/sqlite"
	"activitylog/backend/view"
)

// undone undoes an import and waits for the end.
func (w *world) undone(id string) job.Job {
	w.t.Helper()
	started, err := w.UndoImport(w.ctx, UndoImportIn{ID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	ended, err := w.jobs.Follow(w.ctx, started.ID, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return ended
}

func (w *world) past() []string {
	w.t.Helper()
	list, err := w.Imports(w.ctx, ImportsIn{})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, p := range list.Imports {
		out = append(out, p.ID+" "+p.State+" "+p.Source)
	}
	return out
}

func TestUndoImport(t *testing.T) {
	w := newWorld(t)
	path := w.file("drafts.ndjson", drafts)
	w.imports(ImportIn{Handles: w.offer(path)})
	w.imports(ImportIn{Handles: w.offer(path), Name: "second"})
	ended := w.undone("1")
	if ended.State != job.StateDone || ended.Done != 4 || *ended.Total != 4 || ended.Title != "import:ndjson/main" || ended.Kind != job.KindUndo {
		t.Errorf("%+v, %+v", ended, ended.Error)
	}
	for query, n := range map[string]int64{"batch:1": 0, "source:import:ndjson/main": 0, "source:import:ndjson/second": 4, "type:LogImported": 2, "type:LogErased": 1} {
		if got := w.count(query); got != n {
			t.Errorf("count %s = %d, want %d", query, got, n)
		}
	}
	if got := w.past(); !slices.Equal(got, []string{"2 done import:ndjson/second", "1 undone import:ndjson/main"}) {
		t.Errorf("imports %q", got)
	}
	rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Query: "type:LogErased"})
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	b := rows[0].Body
	if b.Actor.Name != nil || *b.Actor.User != "1" || b.Source != "self" || !strings.HasPrefix(string(b.Parameters), `{"count":4,"runs":[[`) {
		t.Errorf("%+v, %s", b, b.Parameters)
	}
	again := w.imports(ImportIn{Handles: w.offer(path)})
	if got := sum(again.Report); got != "read 5 new 4 duplicate 0 erased 0 conflicting 0 cut 0 rejected 1" {
		t.Errorf("imported again: %s", got)
	}
}

func TestUndoImportRefuses(t *testing.T) {
	w := newWorld(t)
	w.imports(ImportIn{Handles: w.offer(w.file("drafts.ndjson", drafts))})
	token := access.Principal{UserID: 1, Login: "user1", Role: access.Super, Door: access.HTTP, Token: &access.Token{}}
	for _, c := range []struct {
		ctx  context.Context
		id   string
		code fault.Code
	}{
		{as(2, access.Admin), "1", fault.Denied},
		{access.With(context.Background(), token), "1", fault.Denied},
		{w.ctx, "", fault.Invalid},
		{w.ctx, "x", fault.Invalid},
		{w.ctx, "0", fault.Invalid},
		{w.ctx, "-1", fault.Invalid},
		{w.ctx, "2", fault.NotFound},
	} {
		if _, err := w.UndoImport(c.ctx, UndoImportIn{ID: c.id}); fault.CodeOf(err) != c.code {
			t.Errorf("%q: %v, want %s", c.id, err, c.code)
		}
	}
	if _, err := w.Imports(as(2, access.Admin), ImportsIn{}); fault.CodeOf(err) != fault.Denied {
		t.Errorf("imports: %v", err)
	}
	if got := w.count("batch:1"); got != 4 {
		t.Errorf("%d are left", got)
	}
	w.undone("1") // the control
	if _, err := w.UndoImport(w.ctx, UndoImportIn{ID: "1"}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("twice: %v", err)
	}
}

// Also an import that stored nothing is undone on record.
func TestUndoOfNothingIsRecorded(t *testing.T) {
	w := newWorld(t)
	path := w.file("drafts.ndjson", drafts)
	w.imports(ImportIn{Handles: w.offer(path)})
	w.imports(ImportIn{Handles: w.offer(path)}) // all duplicates
	if ended := w.undone("2"); ended.State != job.StateDone || ended.Done != 0 {
		t.Errorf("%+v", ended)
	}
	rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Query: "type:LogErased"})
	if err != nil || len(rows) != 1 || string(rows[0].Body.Parameters) != `{"count":0,"runs":[],"import":2}` {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if got := w.count("batch:1"); got != 4 {
		t.Errorf("%d of the other are left", got)
	}
}

// undoStep is how many activities one step erases.
const undoStep = 2500

// Who loses the role in the middle erases no more; another one can go on.
func TestUndoEndsWithTheRole(t *testing.T) {
	w := newWorld(t)
	var many strings.Builder
	for range 3 * undoStep {
		many.WriteString(`{"type": "GoalAdded", "actor": "ann"}` + "\n")
	}
	w.imports(ImportIn{Handles: w.offer(w.file("many.ndjson", many.String()))})
	left := 1
	w.options.Standing = func(context.Context, access.Principal) error {
		if left--; left < 0 {
			return errors.New("not any more")
		}
		return nil
	}
	if ended := w.undone("1"); ended.State != job.StateFailed || ended.Done != undoStep {
		t.Errorf("%+v", ended)
	}
	if got := w.past(); !slices.Equal(got, []string{"1 undoing import:ndjson/main"}) {
		t.Errorf("imports %q", got)
	}
	left = 1 << 30
	if ended := w.undone("1"); ended.State != job.StateDone || ended.Done != 2*undoStep {
		t.Errorf("then %+v", ended)
	}
	if got := w.count("type:LogErased"); got != 3 {
		t.Errorf("said %d times", got)
	}
}

// A hold that is set between two looks stops an undo that it concerns before its next
// step, and no other.
func TestUndoHeedsHolds(t *testing.T) {
	for query, want := range map[string]struct {
		state string
		left  int64
	}{
		"source:elsewhere":          {job.StateDone, 0},
		"source:import:ndjson/main": {job.StateFailed, 4},
	} {
		w := newWorld(t)
		w.imports(ImportIn{Handles: w.offer(w.file("drafts.ndjson", drafts))})
		views, looks := view.New(sqlite.NewViews(w.db), w.log, w.clock), 0
		w.holds = func(ctx context.Context) (activity.Holds, error) {
			holds, err := views.Holds(ctx)
			if looks++; err == nil && looks == 2 { // of the caller, and then of the job
				var v view.View
				if v, err = views.SaveView(w.ctx, view.SaveIn{Name: new("Evidence"), Query: &query, Shared: new(true)}); err == nil {
					_, err = views.HoldView(w.ctx, view.HoldIn{ID: v.ID, Hold: true})
				}
			}
			return holds, err
		}
		ended := w.undone("1")
		if n := w.count("batch:1"); ended.State != want.state || n != want.left {
			t.Errorf("%s is held: %+v, %+v, %d left", query, ended, ended.Error, n)
		}
	}
}
