package account_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// foreign records something of an identity of another source and returns its id.
func (b *bench) foreign(source, name string) string {
	b.t.Helper()
	body := activity.Body{
		V: 1, OccurredAt: b.clock.now().UnixMilli(), Type: "GoalAdded", Source: source, Result: activity.OK,
		Actor: activity.BodyActor{Kind: "user", Source: source, Name: &name},
	}
	err := b.db.Write(context.Background(), func(tx *sqliteTx) error {
		_, err := tx.Record(context.Background(), body)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.actor("user", source, name)
}

func (b *bench) actor(kind, source, name string) string {
	b.t.Helper()
	var id string
	err := b.db.Read().NewSelect().TableExpr("actor").ColumnExpr("CAST(id AS TEXT)").
		Where("kind = ? AND source = ? AND name = ?", kind, source, name).Scan(context.Background(), &id)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// sees returns how many activities a user sees.
func (b *bench) sees(id string) int {
	b.t.Helper()
	n := must[int64](b.t)(number(id))
	rows, err := b.db.Select(context.Background(), activity.Selection{Scope: activity.Scope{User: n}}, activity.Seek{Limit: 500})
	if err != nil {
		b.t.Fatal(err)
	}
	return len(rows)
}

func TestLinkActor(t *testing.T) {
	b := open(t)
	boss := b.set()
	actor := b.foreign("import:git/main", "ann")
	ann, bob := b.add(boss, "ann", "view"), b.add(boss, "bob", "view")
	if n := b.sees(ann.ID); n != 0 {
		t.Fatalf("sees %d activities of a namesake before being linked", n)
	}
	for _, step := range []struct {
		name     string
		user     *string
		recorded string // the change; "" for nothing
		linked   bool
		about    string
		ann, bob int
	}{
		{"to nobody, as it is", nil, "", false, "", 0, 0},
		{"to ann", &ann.ID, `user null "ann"`, true, "ann", 1, 0},
		{"to ann again", &ann.ID, "", false, "", 1, 0},
		{"to bob", &bob.ID, `user "ann" "bob"`, true, "bob", 0, 1},
		{"to nobody", nil, `user "bob" null`, false, "bob", 0, 0},
	} {
		n := len(b.bodies())
		must[account.Done](t)(b.LinkActor(boss, account.LinkActorIn{Actor: actor, User: step.user}))
		if b.sees(ann.ID) != step.ann || b.sees(bob.ID) != step.bob {
			t.Errorf("%s: ann sees %d, bob %d", step.name, b.sees(ann.ID), b.sees(bob.ID))
		}
		got := b.since(n)
		if step.recorded == "" {
			if len(got) != 0 {
				t.Errorf("%s: recorded %v", step.name, changes(got[0]))
			}
			continue
		}
		if len(got) != 1 || got[0].Type != "ActorLinked" || changes(got[0])[0] != step.recorded {
			t.Fatalf("%s: recorded %+v", step.name, got)
		}
		p := parameters(t, got[0])
		identity, user := p["actor"].(map[string]any), p["user"].(map[string]any)
		if identity["id"] != actor || identity["kind"] != "user" || identity["source"] != "import:git/main" || identity["name"] != "ann" ||
			user["name"] != step.about || p["linked"] != step.linked || got[0].Object.ID != actor {
			t.Errorf("%s: parameters %s", step.name, got[0].Parameters)
		}
	}
	none := "99"
	for name, in := range map[string]account.LinkActorIn{
		"user":  {Actor: actor, User: &none},
		"actor": {Actor: b.actor("user", "self", "boss"), User: &ann.ID},
	} {
		_, err := b.LinkActor(boss, in)
		if fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRemovingAUserUnlinksItsIdentities(t *testing.T) {
	b := open(t)
	boss := b.set()
	actor := b.foreign("cli", "ann")
	ann := b.add(boss, "ann", "view")
	b.in("ann")
	must[account.Done](t)(b.LinkActor(boss, account.LinkActorIn{Actor: actor, User: &ann.ID}))
	users := must[account.UserList](t)(b.Users(boss, account.UsersIn{})).Users
	if len(users) != 2 || len(users[0].Identities) != 1 || users[0].Identities[0].Source != "cli" || len(users[1].Identities) != 0 {
		t.Errorf("users: %+v", users)
	}
	must[account.Done](t)(b.RemoveUser(boss, account.RemoveUserIn{ID: ann.ID}))
	link, _, err := b.store.Actor(t.Context(), must[int64](t)(number(actor)))
	if err != nil || link.User != nil {
		t.Errorf("still linked: %+v, %v", link, err)
	}
	own, _, err := b.store.Actor(t.Context(), must[int64](t)(number(b.actor("user", "self", "ann"))))
	if err != nil || own.User == nil {
		t.Errorf("its own identity lost its user: %+v, %v", own, err)
	}
}

func TestPreferences(t *testing.T) {
	b := open(t)
	boss := b.set()
	b.add(boss, "ann", "none")
	ann := b.with(b.in("ann").Token)
	if p := must[account.Preferences](t)(b.Preferences(ann, account.PreferencesIn{})); p.Theme != "auto" || p.Density != "comfortable" || !p.SingleKeys {
		t.Errorf("defaults: %+v", p)
	}
	s := func(text string) *string { return &text }
	yes := true
	for _, step := range []struct {
		in   account.PreferIn
		want string // type and changes of what is recorded
	}{
		{account.PreferIn{}, ""},
		{account.PreferIn{Theme: s("auto"), Density: s("comfortable"), SingleKeys: &yes}, ""},
		{
			account.PreferIn{Language: s("de"), Zone: s("Europe/Berlin"), Theme: s("dark"), Density: s("airy")},
			`UserSettingsUpdated language "" "de",zone "" "Europe/Berlin",theme "auto" "dark",density "comfortable" "airy"`,
		},
		{account.PreferIn{Theme: s("dark"), TimeForm: s("relative")}, `UserPreferenceSet timeForm "absolute" "relative"`},
		{
			account.PreferIn{Theme: s("light"), HideOwn: &yes, StartView: s("mine")},
			`UserSettingsUpdated theme "dark" "light";UserPreferenceSet startView "timeline" "mine";UserPreferenceSet hideOwn false true`,
		},
		{account.PreferIn{Columns: &[]string{"ip", "source", "ip"}}, ""},
		{account.PreferIn{Columns: &[]string{"id", "site"}}, `UserPreferenceSet columns ["source","ip"] ["site","id"]`},
		{account.PreferIn{Zone: s("")}, `UserSettingsUpdated zone "Europe/Berlin" ""`},
	} {
		n := len(b.bodies())
		must[account.Preferences](t)(b.Prefer(ann, step.in))
		var got []string
		for _, body := range b.since(n) {
			got = append(got, body.Type+" "+strings.Join(changes(body), ","))
			if *body.Actor.Name != "ann" {
				t.Errorf("%s by %s", body.Type, *body.Actor.Name)
			}
		}
		if strings.Join(got, ";") != step.want {
			t.Errorf("recorded %q, want %q", strings.Join(got, ";"), step.want)
		}
	}
	b.reopen(weak)
	p := must[account.Preferences](t)(b.Preferences(b.with(b.in("ann").Token), account.PreferencesIn{}))
	want := account.Preferences{Language: "de", Theme: "light", Density: "airy", StartView: "mine", HideOwn: true, SingleKeys: true, TimeForm: "relative", Columns: []string{"site", "id"}}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("after a restart: %+v", p)
	}
	for field, in := range map[string]account.PreferIn{
		"language": {Language: s("fr")}, "zone": {Zone: s("../etc/passwd")}, "theme": {Theme: s("")}, "density": {Density: s("wide")},
		"startView": {StartView: s("x")}, "timeForm": {TimeForm: s("x")}, "columns": {Columns: &[]string{"shoe"}},
	} {
		_, err := b.Prefer(ann, in)
		if fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err := b.Prefer(owner(), account.PreferIn{})
	code(t, "the local owner", err, fault.Denied)
}
