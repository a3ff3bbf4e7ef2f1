package backend

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/erasure"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/source"
	"activitylog/backend/sqlite"
)

// A troubled store has something happen at some points of an erasing.
type troubled struct {
	*sqlite.DB
	searched  func()       // before each search
	forgot    func() error // after each commit in which a person is forgotten
	erasing   func() error // before each commit that erases activities
	scrubbing func() error // before the file is cleaned
}

func (s *troubled) Erasable(ctx context.Context, want erasure.Wanted) (erasure.Found, error) {
	if s.searched != nil {
		s.searched()
	}
	return s.DB.Erasable(ctx, want)
}

func (s *troubled) Forgetting(ctx context.Context, change func(erasure.Tx) error) error {
	err := s.DB.Forgetting(ctx, change)
	if err == nil && s.forgot != nil {
		return s.forgot()
	}
	return err
}

func (s *troubled) EraseRuns(ctx context.Context, id int64, holds string, runs [][2]int64, say activity.Said) (erased, kept int64, err error) {
	if s.erasing != nil {
		if err := s.erasing(); err != nil {
			return 0, 0, err
		}
	}
	return s.DB.EraseRuns(ctx, id, holds, runs, say)
}

func (s *troubled) Scrub(ctx context.Context) error {
	if s.scrubbing != nil {
		if err := s.scrubbing(); err != nil {
			return err
		}
	}
	return s.DB.Scrub(ctx)
}

// trouble has the haunt erase over a troubled store.
func (h *haunt) trouble() *troubled {
	h.Helper()
	s := &troubled{DB: h.db}
	cat, err := catalog.Load()
	h.ok(err)
	h.Erasure = erasure.New(erasure.Options{
		Store: s, Accounts: h.Accounts, Log: h.Log, Jobs: h.Jobs, Now: h.clock.now, Own: cat.OwnTypes, Holds: h.Views.Holds,
		Pictures: h.Avatars.Forget, Tokens: h.Sources.DropTokens,
	})
	return s
}

// ended erases, waits, and returns how it ended.
func (h *haunt) ended(in erasure.PlanIn) job.Job {
	h.Helper()
	started, err := h.Erasure.Erase(h.root, in.Agreed(nil))
	h.ok(err)
	ended, err := h.Jobs.Follow(h.root, started.ID, nil)
	h.ok(err)
	return ended
}

// states are those of the erasings of persons, newest first.
func (h *haunt) states() string {
	h.Helper()
	list, err := h.db.Erasings(h.Context(), erasure.KindPerson, 10)
	h.ok(err)
	states := make([]string, len(list))
	for i, e := range list {
		states[i] = e.State
	}
	return strings.Join(states, " ")
}

// goes erases the person and fails unless nothing of them is left in a log that verifies.
func (h *haunt) goes() {
	h.Helper()
	if ended := h.ended(erasure.PlanIn{User: h.id}); ended.State != job.StateDone || h.states() != "done" {
		h.Errorf("%s, %+v, %s", ended.State, ended.Error, h.states())
	}
	if found := tracesIn(h.T, h.data, traces); len(found) != 0 {
		h.Errorf("still there: %v", found)
	}
	h.verified("after")
}

// A computer that sleeps, or a search that takes long, costs an erasing nothing.
func TestASlowErasingIsNotLost(t *testing.T) {
	h := newHaunt(t)
	h.trouble().searched = func() { h.clock.pass(time.Hour) }
	h.goes()
}

// Of several processes one erases; what it left half done when it was killed another
// finishes, at once.
func TestOneProcessErases(t *testing.T) {
	h := newHaunt(t)
	release, held, err := h.db.Alone("erase-" + erasure.KindPerson)
	if err != nil || !held {
		t.Fatal(held, err)
	}
	_, err = h.Erasure.Erase(h.root, erasure.PlanIn{User: h.id}.Agreed(nil))
	h.code("beside another process", err, fault.Conflict)
	h.ok(release())
	s := h.trouble()
	s.erasing = func() error { return fault.New(fault.Unavailable, "the disk is away") }
	if ended := h.ended(erasure.PlanIn{User: h.id}); ended.State != job.StateFailed || h.states() != "running" {
		t.Fatalf("%s, %s", ended.State, h.states())
	}
	s.erasing = nil
	if release, held, err = h.db.Alone("erase-" + erasure.KindPerson); err != nil || !held {
		t.Fatal(held, err)
	}
	h.ok(h.Erasure.GoOn(t.Context()))
	if h.states() != "running" {
		t.Errorf("gone on beside another process: %s", h.states())
	}
	_, err = h.Erasure.ContinueErasing(h.root, erasure.ContinueIn{})
	h.code("continued beside another process", err, fault.Conflict)
	h.ok(release())
	if n, err := h.Erasure.ContinueErasing(h.root, erasure.ContinueIn{}); err != nil || n.Erasings != 1 || h.states() != "done" {
		t.Errorf("%+v, %v, %s", n, err, h.states())
	}
	if found := tracesIn(t, h.data, traces); len(found) != 0 {
		t.Errorf("still there: %v", found)
	}
	h.verified("after")
}

// imported is an import with an activity that names the person.
func (h *haunt) imported() (batch int64) {
	h.Helper()
	const from = "import:test/main"
	batch, err := h.db.BeginBatch(h.Context(), from, 0, h.clock.now())
	h.ok(err)
	_, err = h.db.AppendBatch(h.Context(), batch, []activity.Body{{
		V: activity.BodyVersion, OccurredAt: h.clock.now().UnixMilli(), Type: "GoalAdded", Source: from, Result: activity.OK,
		Actor:   activity.BodyActor{Kind: activity.KindUser, Source: from, Name: new("carrier")},
		Changes: []activity.Change{}, Parameters: json.RawMessage(`{"by":"zwolle"}`),
	}})
	h.ok(err)
	return batch
}

// What an undo is about to free is left to it, so that nobody is told "erased" while some
// of it is there.
func TestAnUndoIsFinishedFirst(t *testing.T) {
	h := newHaunt(t)
	batch := h.imported()
	in := erasure.PlanIn{User: h.id}
	_, err := h.Erasure.ErasePlan(h.root, in)
	h.ok(err)
	s, searches := h.trouble(), 0
	s.searched = func() {
		if searches++; searches == 2 { // the first is the plan's
			_, err := h.db.BeginUndo(t.Context(), batch)
			h.ok(err)
		}
	}
	ended := h.ended(in)
	if ended.State != job.StateFailed || ended.Error == nil || !strings.Contains(ended.Error.Message, "Finish the undo first") || h.states() != "stopped" {
		t.Errorf("%s, %+v, %s", ended.State, ended.Error, h.states())
	}
	page, err := h.Log.List(h.root, activity.ListIn{Query: "actor:carrier", Limit: 1})
	h.ok(err)
	for _, in := range []erasure.PlanIn{{Actor: h.actor("zwickel"), Also: []string{"zwolle"}}, {Activities: []string{page.Items[0].ID}}} {
		_, err := h.Erasure.ErasePlan(h.root, in)
		h.refused("a plan", err, fault.Conflict, "", "Finish the undo first")
		_, err = h.Erasure.Erase(h.root, in.Agreed(nil))
		h.refused("erasing", err, fault.Conflict, "", "Finish the undo first")
	}
	h.verified("after")
}

// tokenFiles are the files with tokens of servers.
func (h *haunt) tokenFiles() []string {
	h.Helper()
	found, err := filepath.Glob(filepath.Join(h.data, "keys", "matomo-*"))
	h.ok(err)
	return found
}

// follow has a server followed whose name is the person's.
func (h *haunt) follow() {
	h.Helper()
	_, err := h.Sources.SaveSchedule(h.root, source.SaveScheduleIn{Name: "zwolle", Address: "https://matomo.example", Token: strings.Repeat("0", 32), Minutes: 60})
	h.ok(err)
}

// What is made while a person is erased goes too, and a program that was killed between
// a commit and the removal of a file removes it later.
func TestWhatComesMeanwhileGoesToo(t *testing.T) {
	h := newHaunt(t)
	h.follow()
	if len(h.tokenFiles()) != 1 {
		t.Fatalf("the files with tokens: %v", h.tokenFiles())
	}
	s := h.trouble()
	s.forgot = func() error { return fault.New(fault.Unavailable, "killed") }
	if ended := h.ended(erasure.PlanIn{User: h.id}); ended.State != job.StateFailed || h.states() != "running" {
		t.Fatalf("%s, %s", ended.State, h.states())
	}
	s.forgot, s.erasing = nil, func() error {
		s.erasing = nil
		_, err := h.Sources.SaveMapping(h.root, source.SaveMappingIn{Name: "Zwinger's other files", Mapping: source.Mapping{Type: "GoalAdded", Columns: []source.MappedColumn{{Name: "a", Field: "actor"}}}})
		return err
	}
	if n, err := h.Erasure.ContinueErasing(h.root, erasure.ContinueIn{}); err != nil || n.Erasings != 1 || h.states() != "done" {
		t.Errorf("%+v, %v, %s", n, err, h.states())
	}
	if left := h.tokenFiles(); len(left) != 0 {
		t.Errorf("the files with tokens: %v", left)
	}
	if found := tracesIn(t, h.data, traces); len(found) != 0 {
		t.Errorf("still there: %v", found)
	}
	h.verified("after")
}
