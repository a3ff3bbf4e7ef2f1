package backend

import (
	"testing"

	"activitylog/backend/account"
	"activitylog/backend/erasure"
	"activitylog/backend/site"
	"activitylog/backend/view"
)

// held counts what of the goals that match a query is under hold.
func (h *haunt) held(query string) int64 {
	h.Helper()
	in := erasure.PlanIn{Activities: []string{}}
	for _, a := range h.last("type:GoalAdded " + query) {
		in.Activities = append(in.Activities, a.ID)
	}
	plan, err := h.Erasure.ErasePlan(h.root, in)
	h.ok(err)
	return plan.Held
}

// kept counts what is kept of the meaning of names.
func (h *haunt) kept() (n int) {
	h.Helper()
	h.ok(h.db.Read().NewRaw("SELECT count(*) FROM hold_meaning").Scan(h.Context(), &n))
	return n
}

// Who is unlinked or removed, and a site that is renamed or removed, stay held as they were
// when the hold was set; what the names have got since is held as well.
func TestAHoldKeepsWhatItsNamesMeant(t *testing.T) {
	h := &haunt{wall: newWall(t)}
	made, err := h.Accounts.CreateUser(h.root, account.CreateUserIn{Login: "leaver", Email: "leaver@example.org", Password: password, Level: "write"})
	h.ok(err)
	shop, err := h.Sites.CreateSite(h.root, site.CreateIn{Name: "Harbour"})
	h.ok(err)
	link := func(name string, user *string) {
		t.Helper()
		_, err := h.Accounts.LinkActor(h.root, account.LinkActorIn{Actor: h.actor(name), User: user})
		h.ok(err)
	}
	note := func(actor, site, note string) {
		t.Helper()
		h.record(owner(t), `{"type":"GoalAdded","actor":"`+actor+`","site":"`+site+`","parameters":{"note":"`+note+`"}}`)
	}
	note("deploy", "", "firstlinked")
	link("deploy", &made.ID)
	note("bystander", "Harbour", "atharbour")
	note("bystander", "", "elsewhere")

	person := h.hold("Person", "actor:leaver type:GoalAdded")
	place := h.hold("Place", "site:Harbour")
	others := h.hold("Others", "-actor:leaver elsewhere type:GoalAdded")
	for query, want := range map[string]int64{"firstlinked": 1, "atharbour": 1, "elsewhere": 1} {
		if got := h.held(query); got != want {
			t.Fatalf("%s: %d held, want %d", query, got, want)
		}
	}

	link("deploy", nil)
	if h.held("firstlinked") != 1 {
		t.Error("an identity that was unlinked is not held any more")
	}
	note("later", "", "secondlinked")
	link("later", &made.ID)
	if h.held("secondlinked") != 1 {
		t.Error("what came to the person later is not held")
	}
	link("bystander", &made.ID)
	if h.held("elsewhere") != 1 {
		t.Error("what was held as somebody else's is not any more")
	}
	_, err = h.Accounts.RemoveUser(h.root, account.RemoveUserIn{ID: made.ID})
	h.ok(err)
	if h.held("firstlinked") != 1 || h.held("secondlinked") != 1 {
		t.Error("the account was removed: what it did is not held any more")
	}
	_, err = h.Sites.ChangeSite(h.root, site.ChangeIn{ID: shop.ID, Name: new("Pier")})
	h.ok(err)
	_, err = h.Sites.ConfigureSite(h.root, site.ConfigureIn{ID: shop.ID})
	h.ok(err)
	note("stroller", "Pier", "underanothername")
	_, err = h.Sites.RemoveSite(h.root, site.RemoveIn{ID: shop.ID})
	h.ok(err)
	if h.held("atharbour") != 1 || h.held("underanothername") != 1 {
		t.Error("the site was renamed and removed: what it recorded is not held any more")
	}

	for _, id := range []string{person, place, others} {
		_, err := h.Views.HoldView(h.root, view.HoldIn{ID: id})
		h.ok(err)
	}
	if n := h.kept(); n != 0 {
		t.Errorf("%d meanings are kept without a hold", n)
	}
	if h.held("firstlinked")+h.held("atharbour")+h.held("elsewhere") != 0 {
		t.Error("held without a hold")
	}
}

// What a name stood for is forgotten with the last activity that had it: its number is
// given to somebody else.
func TestAHoldForgetsWhatIsGone(t *testing.T) {
	h := &haunt{wall: newWall(t)}
	h.record(owner(t), `{"type":"GoalAdded","actor":"shortlived","site":"Kiosk","parameters":{"note":"once"}}`)
	h.hold("Held", "actor:shortlived site:Kiosk held")
	if n := h.kept(); n != 2 {
		t.Fatalf("%d are kept", n)
	}
	if ended := h.erase(h.root, erasure.PlanIn{Activities: []string{h.last("type:GoalAdded once")[0].ID}}.Agreed(nil)); ended.Error != nil {
		t.Fatal(ended.Error)
	}
	if n := h.kept(); n != 0 {
		t.Errorf("%d are kept", n)
	}
}
