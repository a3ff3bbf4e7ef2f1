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

func (h *haunt) note(actor, site, note string) {
	h.Helper()
	h.record(owner(h.T), `{"type":"GoalAdded","actor":"`+actor+`","site":"`+site+`","parameters":{"note":"`+note+`"}}`)
}

func (h *haunt) link(name string, user *string) {
	h.Helper()
	_, err := h.Accounts.LinkActor(h.root, account.LinkActorIn{Actor: h.actor(name), User: user})
	h.ok(err)
}

// leaver makes an account of that login and returns its id.
func (h *haunt) leaver(login string) string {
	h.Helper()
	made, err := h.Accounts.CreateUser(h.root, account.CreateUserIn{Login: login, Email: "leaver@example.org", Password: password, Level: "write"})
	h.ok(err)
	return made.ID
}

// stays fails unless what a note says is under hold.
func (h *haunt) stays(note, when string) {
	h.Helper()
	if n := h.held(note); n != 1 {
		h.Errorf("%s: %d of %q are held", when, n, note)
	}
}

// Who is unlinked or removed stays held, and so does what came to them since.
func TestAHoldKeepsAPersonsName(t *testing.T) {
	h := &haunt{wall: newWall(t)}
	id := h.leaver("leaver")
	h.note("deploy", "", "firstlinked")
	h.link("deploy", &id)
	held := h.hold("Person", "actor:leaver type:GoalAdded")
	h.stays("firstlinked", "at once")
	h.link("deploy", nil)
	h.stays("firstlinked", "unlinked")
	h.note("later", "", "secondlinked")
	h.link("later", &id)
	h.stays("secondlinked", "linked later")
	h.note("leaver", "", "ofthatname")
	h.stays("ofthatname", "another of that name")
	_, err := h.Accounts.RemoveUser(h.root, account.RemoveUserIn{ID: id})
	h.ok(err)
	for _, note := range []string{"firstlinked", "secondlinked", "ofthatname"} {
		h.stays(note, "the account is removed")
	}
	_, err = h.Views.HoldView(h.root, view.HoldIn{ID: held})
	h.ok(err)
	if n := h.kept(); n != 0 || h.held("firstlinked") != 0 {
		t.Errorf("%d meanings are kept without a hold, %d held", n, h.held("firstlinked"))
	}
}

// Who has done nothing yet when a hold is set, and whose login is not spelt as in the
// hold, is held when they did and are gone.
func TestAHoldKeepsWhoHasDoneNothingYet(t *testing.T) {
	h := &haunt{wall: newWall(t)}
	id := h.leaver("Leaver")
	h.hold("Person", "actor:leaver type:GoalAdded")
	h.record(h.in("Leaver"), `{"type":"GoalAdded","parameters":{"note":"theirown"}}`)
	h.stays("theirown", "at once")
	_, err := h.Accounts.RemoveUser(h.root, account.RemoveUserIn{ID: id})
	h.ok(err)
	h.stays("theirown", "removed")
}

// A site that is renamed and removed stays held, also under another name, and each name of
// a query for itself.
func TestAHoldKeepsASitesName(t *testing.T) {
	h := &haunt{wall: newWall(t)}
	shop, err := h.Sites.CreateSite(h.root, site.CreateIn{Name: "Harbour"})
	h.ok(err)
	id := h.leaver("leaver")
	h.note("bystander", "Harbour", "atharbour")
	h.hold("Place", "site:Harbour type:GoalAdded")
	_, err = h.Sites.ChangeSite(h.root, site.ChangeIn{ID: shop.ID, Name: new("Pier")})
	h.ok(err)
	h.note("stroller", "Pier", "underanothername")
	h.stays("atharbour", "renamed")
	h.stays("underanothername", "renamed")
	_, err = h.Sites.RemoveSite(h.root, site.RemoveIn{ID: shop.ID})
	h.ok(err)
	h.stays("atharbour", "removed")
	h.stays("underanothername", "removed")

	quay, err := h.Sites.CreateSite(h.root, site.CreateIn{Name: "Quay"})
	h.ok(err)
	h.hold("Both", "actor:leaver site:Quay type:GoalAdded")
	h.note("newcomer", "Quay", "bothnames")
	h.link("newcomer", &id) // the one name later
	_, err = h.Sites.ChangeSite(h.root, site.ChangeIn{ID: quay.ID, Name: new("Dock")})
	h.ok(err) // and the other not any more
	h.stays("bothnames", "one came, one went")
}

// What a negated name comes to stand for later takes nothing from what is held.
func TestAHoldKeepsOthers(t *testing.T) {
	h := &haunt{wall: newWall(t)}
	id := h.leaver("leaver")
	dock, err := h.Sites.CreateSite(h.root, site.CreateIn{Name: "Dock"})
	h.ok(err)
	h.note("deploy", "", "theirs")
	h.link("deploy", &id)
	h.note("bystander", "Dock", "others")
	h.hold("Others", "-actor:leaver -site:Harbour type:GoalAdded")
	h.stays("others", "at once")
	if n := h.held("theirs"); n != 0 {
		t.Errorf("%d are held that are excluded", n)
	}
	h.link("bystander", &id)
	h.stays("others", "linked to who is excluded")
	_, err = h.Sites.ChangeSite(h.root, site.ChangeIn{ID: dock.ID, Name: new("Harbour")})
	h.ok(err)
	h.stays("others", "at a site that is called as one that is excluded")
	h.link("deploy", nil)
	h.stays("theirs", "not excluded any more")
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

// Only what changes what a name stands for has an erasing ask again.
func TestWhatChangesNames(t *testing.T) {
	h := &haunt{wall: newWall(t)}
	changes := func() (n int64) {
		t.Helper()
		h.ok(h.db.Read().NewRaw("SELECT n FROM name_change").Scan(t.Context(), &n))
		return n
	}
	last := changes()
	did := func(what string, counts bool) {
		t.Helper()
		now := changes()
		if now > last != counts {
			t.Errorf("%s: %d changes, then %d", what, last, now)
		}
		last = now
	}
	id := h.leaver("leaver")
	did("a new user", true)
	h.note("deploy", "", "something")
	did("an activity of somebody new", false)
	h.link("deploy", &id)
	did("a link", true)
	shop, err := h.Sites.CreateSite(h.root, site.CreateIn{Name: "Shop"})
	h.ok(err)
	did("a new site", true)
	_, err = h.Sites.ChangeSite(h.root, site.ChangeIn{ID: shop.ID, Addresses: &[]string{"https://shop.example"}})
	h.ok(err)
	did("another address of it", false)
	_, err = h.Sites.ChangeSite(h.root, site.ChangeIn{ID: shop.ID, Name: new("Store")})
	h.ok(err)
	did("another name of it", true)
	_, err = h.Sites.RemoveSite(h.root, site.RemoveIn{ID: shop.ID})
	h.ok(err)
	did("it is removed", true)
	h.link("deploy", nil)
	did("a link goes", true)
	_, err = h.Accounts.RemoveUser(h.root, account.RemoveUserIn{ID: id})
	h.ok(err)
	did("the user is removed", true)
}
