package account_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

func TestUserChangesAreRecorded(t *testing.T) {
	b := open(t)
	boss := b.set()
	var ann account.User
	email, name, pass, yes := "ann@new.example", "Ann Lee", "another good password", true
	for _, step := range []struct {
		name    string
		do      func() error
		typ     string // "" if nothing is recorded
		changes []string
	}{
		{"create", func() error {
			ann = b.add(boss, "ann", "none")
			return nil
		}, "UserCreated", []string{`login null "ann"`, `email null "ann@example.org"`}},
		{"change", func() (err error) {
			_, err = b.ChangeUser(boss, account.ChangeUserIn{ID: ann.ID, Email: &email, Name: &name, Password: &pass, Disabled: &yes})
			return err
		}, "UserChanged", []string{`email "ann@example.org" "ann@new.example"`, `name "" "Ann Lee"`, `disabled false true`, `password null "changed"`}},
		{"change to the same", func() (err error) {
			_, err = b.ChangeUser(boss, account.ChangeUserIn{ID: ann.ID, Email: &email, Name: &name, Disabled: &yes})
			return err
		}, "", nil},
		{"change nothing", func() (err error) {
			_, err = b.ChangeUser(boss, account.ChangeUserIn{ID: ann.ID})
			return err
		}, "", nil},
		{"access", func() (err error) {
			_, err = b.SetAccess(boss, account.SetAccessIn{ID: ann.ID, Site: "1", Level: "write"})
			return err
		}, "SiteAccessChanged", []string{`access "none" "write"`}},
		{"the same access", func() (err error) {
			_, err = b.SetAccess(boss, account.SetAccessIn{ID: ann.ID, Site: "1", Level: "write"})
			return err
		}, "", nil},
		{"no access", func() (err error) {
			_, err = b.SetAccess(boss, account.SetAccessIn{ID: ann.ID, Site: "1", Level: "none"})
			return err
		}, "SiteAccessChanged", []string{`access "write" "none"`}},
		{"super", func() (err error) {
			_, err = b.GrantSuper(boss, account.GrantSuperIn{ID: ann.ID, Super: true})
			return err
		}, "SuperUserAccessChanged", []string{`super false true`}},
		{"super again", func() (err error) {
			_, err = b.GrantSuper(boss, account.GrantSuperIn{ID: ann.ID, Super: true})
			return err
		}, "", nil},
		{"remove", func() (err error) {
			_, err = b.RemoveUser(boss, account.RemoveUserIn{ID: ann.ID})
			return err
		}, "UserRemoved", []string{`login "ann" null`, `email "ann@new.example" null`, `name "Ann Lee" null`}},
	} {
		n := len(b.bodies())
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got := b.since(n)
		if step.typ == "" {
			if len(got) != 0 {
				t.Errorf("%s: recorded %s", step.name, got[0].Type)
			}
			continue
		}
		if len(got) != 1 || got[0].Type != step.typ || !slices.Equal(changes(got[0]), step.changes) {
			t.Fatalf("%s: recorded %d, %s %v", step.name, len(got), got[0].Type, changes(got[0]))
		}
		about(t, got[0], ann)
	}
}

// about checks what all activities that boss does to a user have in common.
func about(t *testing.T, body activity.Body, u account.User) {
	t.Helper()
	user, _ := parameters(t, body)["user"].(map[string]any)
	if o := body.Object; o == nil || o.Kind != "user" || o.ID != u.ID || o.Name != u.Login || user["id"] != u.ID || user["name"] != u.Login {
		t.Errorf("%s: object %+v, parameters %s", body.Type, o, body.Parameters)
	}
	if a := body.Actor; *a.Name != "boss" || a.Source != "self" || body.Source != "self" || *body.IP != "127.0.0.1" {
		t.Errorf("%s: actor %+v, source %s", body.Type, a, body.Source)
	}
	if (body.Site != nil) != (body.Type == "SiteAccessChanged") || body.Site != nil && (*body.Site.ID != "1" || body.Site.Name != "This log") {
		t.Errorf("%s: site %+v", body.Type, body.Site)
	}
}

func TestSecretsAreNowhereInTheLog(t *testing.T) {
	b := open(t)
	boss := b.set()
	ann := b.add(boss, "ann", "write")
	canary := "canary canary sings 99"
	must[account.User](t)(b.ChangeUser(boss, account.ChangeUserIn{ID: ann.ID, Password: &canary}))
	s := must[account.Session](t)(b.SignIn(window(), account.SignInIn{Login: "ann", Password: canary}))
	for _, body := range b.bodies() {
		data, err := body.Encode()
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{canary, password, "argon2", s.Token, sid(t, b, s)} {
			if strings.Contains(string(data), secret) {
				t.Errorf("%q is in %s", secret, data)
			}
		}
	}
}

func TestLoginsAreUnique(t *testing.T) {
	b := open(t)
	boss := b.set()
	b.add(boss, "Straße", "view")
	for _, c := range []struct {
		login string
		want  fault.Code
	}{
		{"straße", fault.Conflict},
		{"STRASSE", fault.Conflict},
		{" Straße ", fault.Conflict},
		{"Ｓtraße", fault.Conflict},
		{"BOSS", fault.Conflict},
		{"ﬁsh", ""},
		{"fish", fault.Conflict},
		{"a@b.example", ""},
		{"ann lee", ""},
		{"李", ""},
		{strings.Repeat("x", 100), ""},
		{"", fault.Invalid},
		{"   ", fault.Invalid},
		{strings.Repeat("x", 101), fault.Invalid},
		{"a\x00b", fault.Invalid},
		{"a\nb", fault.Invalid},
		{"a\u202eb", fault.Invalid},
		{"a\u2066b", fault.Invalid},
		{"a\u200bb", fault.Invalid},
		{"a\u200db", fault.Invalid},
		{"a\ufeffb", fault.Invalid},
		{"a\u061cb", fault.Invalid},
		{"a\u00adb", fault.Invalid},
		{"a\xffb", fault.Invalid},
		{"a\x1b[31mb", fault.Invalid},
		{"bоss", fault.Invalid}, // with a Cyrillic о
		{"Аnn", fault.Invalid},  // with a Cyrillic А
		{"αnn", fault.Invalid},  // with a Greek α
		{"борис", ""},
		{"Ελένη 7", ""},
		{"李lee", ""},
		{"me", fault.Invalid},
		{"Unknown", fault.Invalid},
	} {
		_, err := b.CreateUser(boss, account.CreateUserIn{Login: c.login, Password: password})
		if fault.CodeOf(err) != c.want || err != nil && fault.Public(err).Field != "login" {
			t.Errorf("%q: %v, want %q", c.login, err, c.want)
		}
	}
}

func TestARecreatedLoginInheritsNothing(t *testing.T) {
	b := open(t)
	boss := b.set()
	seen := map[string]bool{}
	for range 3 {
		ann := b.add(boss, "ann", "admin")
		if seen[ann.ID] {
			t.Fatalf("id %s is used again", ann.ID)
		}
		seen[ann.ID] = true
		self := b.with(b.in("ann").Token)
		dark := "dark"
		must[account.Preferences](t)(b.Prefer(self, account.PreferIn{Theme: &dark}))
		actor := b.foreign("import:git/main", fmt.Sprint("ann", len(seen)))
		must[account.Done](t)(b.LinkActor(boss, account.LinkActorIn{Actor: actor, User: &ann.ID}))
		must[account.Done](t)(b.RemoveUser(boss, account.RemoveUserIn{ID: ann.ID}))
		_, err := b.Authenticate(window(), "")
		code(t, "its token", err, fault.Unauthenticated)
	}
	ann := b.add(boss, "ann", "view")
	if len(ann.Identities) != 0 || ann.Role != "view" || ann.SeenAt != nil {
		t.Errorf("inherited: %+v", ann)
	}
	s := b.in("ann")
	if s.Me.Preferences.Theme != "auto" {
		t.Error("preferences are inherited")
	}
	rows, err := b.db.Select(t.Context(), activity.Selection{Scope: activity.Scope{User: must[int64](t)(number(ann.ID))}}, activity.Seek{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if *row.Body.Actor.User != ann.ID {
			t.Errorf("sees %s of user %s", row.Body.Type, *row.Body.Actor.User)
		}
	}
	if len(rows) == 0 {
		t.Error("does not see its own sign-in")
	}
}

func number(text string) (n int64, err error) {
	_, err = fmt.Sscan(text, &n)
	return n, err
}

func TestUnknownUsers(t *testing.T) {
	b := open(t)
	boss := b.set()
	for _, id := range []string{"", "0", "-1", "99", "01", "x", "1 ", "9223372036854775808"} {
		_, err := b.ChangeUser(boss, account.ChangeUserIn{ID: id})
		code(t, "ChangeUser "+id, err, fault.NotFound)
		_, err = b.RemoveUser(boss, account.RemoveUserIn{ID: id})
		code(t, "RemoveUser "+id, err, fault.NotFound)
		_, err = b.GrantSuper(boss, account.GrantSuperIn{ID: id})
		code(t, "GrantSuper "+id, err, fault.NotFound)
		_, err = b.SetAccess(boss, account.SetAccessIn{ID: id, Site: "1", Level: "view"})
		code(t, "SetAccess "+id, err, fault.NotFound)
		_, err = b.LinkActor(boss, account.LinkActorIn{Actor: id})
		if id != "" {
			code(t, "LinkActor "+id, err, fault.NotFound)
		}
	}
	ann := b.add(boss, "ann", "")
	if ann.Role != "view" {
		t.Errorf("without a level a user gets %q", ann.Role)
	}
	for field, in := range map[string]account.SetAccessIn{"site": {ID: ann.ID, Site: "2", Level: "view"}, "level": {ID: ann.ID, Site: "1", Level: "super"}} {
		_, err := b.SetAccess(boss, in)
		if fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != field {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

func TestTheLastSuperUserStays(t *testing.T) {
	b := open(t)
	boss := b.set()
	id := must[account.Me](t)(b.Me(boss, account.MeIn{})).User.ID
	ann := b.add(boss, "ann", "view")
	yes := true
	for name, lose := range losses(b, boss, yes) {
		code(t, name+" the only one", lose(id), fault.Conflict)
	}
	must[account.User](t)(b.GrantSuper(boss, account.GrantSuperIn{ID: ann.ID, Super: true}))
	must[account.User](t)(b.ChangeUser(boss, account.ChangeUserIn{ID: ann.ID, Disabled: &yes}))
	for name, lose := range losses(b, boss, yes) {
		code(t, name+" the only enabled one", lose(id), fault.Conflict)
	}
	for name, lose := range losses(b, boss, yes) {
		bob := b.add(boss, "bob-"+name, "view")
		must[account.User](t)(b.GrantSuper(boss, account.GrantSuperIn{ID: bob.ID, Super: true}))
		code(t, name+" one of two", lose(bob.ID), "")
	}
}

// losses are the ways to lose a super user.
func losses(b *bench, ctx context.Context, yes bool) map[string]func(id string) error {
	return map[string]func(id string) error{
		"revoke": func(id string) error {
			_, err := b.GrantSuper(ctx, account.GrantSuperIn{ID: id})
			return err
		},
		"disable": func(id string) error {
			_, err := b.ChangeUser(ctx, account.ChangeUserIn{ID: id, Disabled: &yes})
			return err
		},
		"remove": func(id string) error {
			_, err := b.RemoveUser(ctx, account.RemoveUserIn{ID: id})
			return err
		},
	}
}

func TestRacesCannotLoseTheLastSuperUser(t *testing.T) {
	b := open(t)
	boss := b.set()
	first := must[account.Me](t)(b.Me(boss, account.MeIn{})).User.ID
	for round := range 50 {
		ids := []string{first}
		for n := range 2 {
			u := b.add(boss, fmt.Sprintf("s%d-%d", round, n), "view")
			must[account.User](t)(b.GrantSuper(boss, account.GrantSuperIn{ID: u.ID, Super: true}))
			ids = append(ids, u.ID)
		}
		ways := losses(b, boss, true)
		var wg sync.WaitGroup
		for n, id := range ids {
			wg.Go(func() {
				if err := ways[[]string{"revoke", "disable", "remove"}[(n+round)%3]](id); err != nil && fault.CodeOf(err) != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		left := ""
		users := must[account.UserList](t)(b.Users(boss, account.UsersIn{})).Users
		for _, u := range users {
			if u.Super && !u.Disabled {
				if left != "" {
					t.Fatalf("round %d: more than one is left", round)
				}
				left = u.ID
			}
		}
		if left == "" {
			t.Fatalf("round %d: no super user is left", round)
		}
		for _, u := range users {
			if u.ID != left {
				must[account.Done](t)(b.RemoveUser(boss, account.RemoveUserIn{ID: u.ID}))
			}
		}
		first = left
	}
}
