package backend

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"testing"

	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/erasure"
)

// About a person is what this log says of their account, and not what somebody wrote with
// an object of that kind; what is to stay stays also there.
func TestWhatIsAboutAPerson(t *testing.T) {
	h := newHaunt(t)
	plan := func(in erasure.PlanIn) erasure.Plan {
		t.Helper()
		found, err := h.Erasure.ErasePlan(h.root, in)
		h.ok(err)
		return found
	}
	before := plan(erasure.PlanIn{User: h.id})
	if before.About == 0 {
		t.Fatal("nothing is about them: this test would prove nothing")
	}
	h.record(owner(t), `{"type":"GoalAdded","actor":"bystander","object":{"kind":"user","id":"`+h.id+`","name":"bob"}}`)
	if now := plan(erasure.PlanIn{User: h.id}); now.About != before.About || now.Total != before.Total {
		t.Errorf("about %d of %d, before %d of %d", now.About, now.Total, before.About, before.Total)
	}
	h.record(owner(t), `{"type":"UserChanged","object":{"kind":"user","id":"0","name":"bob"}}`)
	if now := plan(erasure.PlanIn{Actor: h.actor("bystander")}); now.About != 0 {
		t.Errorf("%d are about an identity without an account", now.About)
	}
	page, err := h.Log.List(h.root, activity.ListIn{Query: "type:UserChanged object:user:" + h.id, Limit: 1})
	h.ok(err)
	in := erasure.PlanIn{User: h.id, Keep: []string{page.Items[0].ID}}
	if now := plan(in); now.About != before.About-1 {
		t.Errorf("about %d, want one less than %d", now.About, before.About)
	}
	h.erase(h.root, in.Agreed(nil))
	if n := h.count("type:UserChanged object:user:" + h.id); n != 1 {
		t.Errorf("%d of what was to stay", n)
	}
	h.verified("after")
}

// A picture goes also where the address is a login, or a further name.
func TestPicturesGoByEveryAddress(t *testing.T) {
	h := newHaunt(t)
	made, err := h.Accounts.CreateUser(h.root, account.CreateUserIn{Login: "bea@example.org", Email: "bea@example.org", Password: password, Level: "write"})
	h.ok(err)
	for _, address := range []string{"bea@example.org", "bea@example.net", "other@example.org"} {
		sum := sha256.Sum256([]byte(address))
		h.picture(hex.EncodeToString(sum[:]))
	}
	before, err := filepath.Glob(filepath.Join(h.data, "avatars", "*"))
	h.ok(err)
	h.erase(h.root, erasure.PlanIn{User: made.ID, Also: []string{"bea@example.net"}}.Agreed(nil))
	after, err := filepath.Glob(filepath.Join(h.data, "avatars", "*"))
	if err != nil || len(after) != len(before)-2 {
		t.Errorf("%d pictures of %d, %v", len(after), len(before), err)
	}
}

// What is kept of runs of retention that ended forgets a rule that names the person.
func TestNoOldRunNamesThePerson(t *testing.T) {
	h := newHaunt(t)
	id, err := h.db.BeginErasing(t.Context(), activity.Erasing{Kind: "retention", Plan: []byte(`{"at":1,"rules":[{"name":"Zwinger's rule"}],"scheduled":true}`)})
	h.ok(err)
	h.ok(h.db.EndErasing(t.Context(), activity.Erasing{ID: id, State: activity.ErasingDone, FinishedAt: new(int64(1))}, nil))
	if found := tracesIn(t, h.data, []string{"Zwinger's rule"}); len(found) == 0 {
		t.Fatal("the rule is nowhere before: this test would prove nothing")
	}
	h.erase(h.root, erasure.PlanIn{User: h.id}.Agreed(nil))
	if found := tracesIn(t, h.data, traces); len(found) != 0 {
		t.Errorf("still there: %v", found)
	}
	list, err := h.db.Erasings(t.Context(), "retention", 1)
	if err != nil || len(list) != 1 || string(list[0].Plan) != `{"at":1,"scheduled":true}` {
		t.Errorf("kept: %+v, %v", list, err)
	}
}
