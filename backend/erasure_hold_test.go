package backend

import (
	"slices"
	"testing"

	"activitylog/backend/account"
	"activitylog/backend/erasure"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/view"
)

// hold puts a new shared view under legal hold and returns its id.
func (h *haunt) hold(name, query string) string {
	h.Helper()
	v, err := h.Views.SaveView(h.root, view.SaveIn{Name: &name, Query: &query, Shared: new(true)})
	h.ok(err)
	_, err = h.Views.HoldView(h.root, view.HoldIn{ID: v.ID, Hold: true})
	h.ok(err)
	return v.ID
}

// whole fails unless the person has their account and what they did.
func (h *haunt) whole() {
	h.Helper()
	users, err := h.Accounts.Users(h.root, struct{}{})
	h.ok(err)
	if found := tracesIn(h.T, h.data, []string{"Zwinger's phone"}); len(found) == 0 {
		h.Error("what the person did is gone")
	}
	for _, u := range users.Users {
		if u.ID == h.id {
			return
		}
	}
	h.Error("the account is gone")
}

// A hold that is set after the list was agreed to, whenever that is, keeps the person
// whole while they are; and so it says.
func TestAHoldKeepsAPersonWhole(t *testing.T) {
	h := newHaunt(t)
	h.hold("Unrelated", "type:GoalDeleted")
	searches := 0
	h.trouble().searched = func() {
		if searches++; searches == 2 { // of the list, and then before anything goes
			h.hold("Evidence", "actor:zwolle")
		}
	}
	if ended := h.ended(erasure.PlanIn{User: h.id}); ended.State == job.StateDone || h.states() != "stopped" {
		t.Errorf("%s, %s", ended.State, h.states())
	}
	h.whole()
	plan, err := h.Erasure.ErasePlan(h.root, erasure.PlanIn{User: h.id})
	h.ok(err)
	if plan.Held == 0 {
		t.Error("nothing is said to be held")
	}
	_, err = h.Erasure.Erase(h.root, erasure.PlanIn{User: h.id}.Agreed(nil))
	h.code("of somebody who is held", err, fault.Conflict)
	h.whole()
	h.verified("after")
}

// A hold that is set or lifted between the search and a step, and has nothing to do with
// the person, stops nothing.
func TestAnErasingHeedsHolds(t *testing.T) {
	h := newHaunt(t)
	lifted := h.hold("Unrelated", "type:GoalDeleted")
	s := h.trouble()
	s.erasing = func() error {
		s.erasing = nil
		h.hold("Another", "actor:ann")
		_, err := h.Views.HoldView(h.root, view.HoldIn{ID: lifted})
		return err
	}
	h.goes()
}

// What comes under hold between the search and a step since its name means more stops the
// step, too.
func TestALinkStopsTheNextStep(t *testing.T) {
	h := newHaunt(t)
	made, err := h.Accounts.CreateUser(h.root, account.CreateUserIn{Login: "watched", Email: "watched@example.org", Password: password, Level: "view"})
	h.ok(err)
	h.hold("Evidence", "actor:watched")
	s := h.trouble()
	s.erasing = func() error {
		s.erasing = nil
		h.link("bystander", &made.ID)
		return nil
	}
	if ended := h.ended(erasure.PlanIn{User: h.id}); ended.State == job.StateDone || h.states() != "stopped" {
		t.Errorf("%s, %s", ended.State, h.states())
	}
	if found := tracesIn(t, h.data, []string{"asked by ZWOLLE"}); len(found) == 0 {
		t.Error("what is held is gone")
	}
}

// A hold that is set between the search and a step stops the step.
func TestAHoldStopsTheNextStep(t *testing.T) {
	h := newHaunt(t)
	s := h.trouble()
	s.erasing = func() error {
		s.erasing = nil
		h.hold("Evidence", "zwinger")
		return nil
	}
	if ended := h.ended(erasure.PlanIn{User: h.id}); ended.State == job.StateDone || h.states() != "stopped" {
		t.Errorf("%s, %s", ended.State, h.states())
	}
	if found := tracesIn(t, h.data, []string{"Zwinger's phone"}); len(found) == 0 {
		t.Error("what is held is gone")
	}
}

// A held view that names the person stays, and is said to.
func TestAHeldViewIsLeft(t *testing.T) {
	h := newHaunt(t)
	id := h.hold("Case zwolle", "type:GoalDeleted")
	plan, err := h.Erasure.ErasePlan(h.root, erasure.PlanIn{User: h.id})
	h.ok(err)
	if !slices.ContainsFunc(plan.Left, func(tr erasure.Trace) bool { return tr.Kind == "view" && tr.Name == "Case zwolle" }) {
		t.Errorf("left: %+v", plan.Left)
	}
	if ended := h.ended(erasure.PlanIn{User: h.id}); ended.State != job.StateDone {
		t.Fatalf("%s, %+v", ended.State, ended.Error)
	}
	views, err := h.Views.Views(h.root, view.ListIn{})
	h.ok(err)
	if !slices.ContainsFunc(views.Views, func(v view.View) bool { return v.ID == id && v.Hold }) {
		t.Errorf("the held view is gone: %+v", views.Views)
	}
}
