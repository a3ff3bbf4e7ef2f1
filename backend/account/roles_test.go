package account_test

import (
	"context"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/avatar"
	"activitylog/backend/fault"
	"activitylog/backend/settings"
	"activitylog/backend/site"
	"activitylog/backend/sqlite"
)

type sqliteTx = sqlite.Tx

// An operation is called with inputs that change nothing, or are refused for
// another reason than the role.
type operation struct {
	name  string
	least access.Role // "" for anybody
	call  func(ctx context.Context) error
}

func run[In, Out any](fn func(context.Context, In) (Out, error), in In) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := fn(ctx, in)
		return err
	}
}

func operations(t *testing.T, b *bench) []operation {
	sets := settings.New(sqlite.NewSettings(b.db), b.clock.now)
	sites := site.New(sqlite.NewSites(b.db), b.Service, b.clock.now)
	pictures, err := avatar.New(avatar.Options{People: b.store, Settings: sets, Dir: t.TempDir(), Now: b.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	return []operation{
		{"SetUp", "", run(b.SetUp, account.SetUpIn{})},
		{"SignIn", "", run(b.SignIn, account.SignInIn{})},
		{"Me", "", run(b.Me, account.MeIn{})},
		{"Renew", access.None, run(b.Renew, account.RenewIn{})},
		{"SignOut", access.None, run(b.SignOut, account.SignOutIn{})},
		{"ChangePassword", access.None, run(b.ChangePassword, account.ChangePasswordIn{})},
		{"Preferences", access.None, run(b.Preferences, account.PreferencesIn{})},
		{"Prefer", access.None, run(b.Prefer, account.PreferIn{})},
		{"Sites", access.View, run(sites.Sites, site.SitesIn{})},
		{"Settings", access.View, run(sets.Settings, settings.GetIn{})},
		{"Avatar", access.View, run(pictures.Avatar, avatar.In{})},
		{"ChangeSite", access.Admin, run(sites.ChangeSite, site.ChangeIn{ID: "1"})},
		{"ConfigureSite", access.Admin, run(sites.ConfigureSite, site.ConfigureIn{ID: "1"})},
		{"CreateSite", access.Super, run(sites.CreateSite, site.CreateIn{})},
		{"RemoveSite", access.Super, run(sites.RemoveSite, site.RemoveIn{})},
		{"Configure", access.Super, run(sets.Configure, settings.ConfigureIn{})},
		{"Users", access.Super, run(b.Users, account.UsersIn{})},
		{"CreateUser", access.Super, run(b.CreateUser, account.CreateUserIn{})},
		{"ChangeUser", access.Super, run(b.ChangeUser, account.ChangeUserIn{})},
		{"RemoveUser", access.Super, run(b.RemoveUser, account.RemoveUserIn{})},
		{"GrantSuper", access.Super, run(b.GrantSuper, account.GrantSuperIn{})},
		{"SetAccess", access.Super, run(b.SetAccess, account.SetAccessIn{})},
		{"LinkActor", access.Super, run(b.LinkActor, account.LinkActorIn{})},
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	b := open(t)
	boss := b.set()
	ids := map[access.Role]string{}
	for _, role := range []access.Role{access.None, access.View, access.Write, access.Admin} {
		ids[role] = b.add(boss, "user-"+string(role), string(role)).ID
	}
	for _, op := range operations(t, b) {
		err := op.call(window())
		if refused := fault.CodeOf(err) == fault.Unauthenticated; refused != (op.least != "") && op.name != "SignIn" {
			t.Errorf("nobody, %s: %v", op.name, err)
		}
		for role := range ids {
			err := op.call(b.with(b.in("user-" + string(role)).Token))
			if denied := fault.CodeOf(err) == fault.Denied; denied == role.AtLeast(op.least) && op.name != "SetUp" {
				t.Errorf("%s, %s: %v, least is %q", role, op.name, err, op.least)
			}
		}
		err = op.call(boss)
		if c := fault.CodeOf(err); c == fault.Denied || c == fault.Unauthenticated && op.least != "" {
			t.Errorf("super, %s: %v", op.name, err)
		}
		boss = b.with(b.in("boss").Token) // it may have signed out
	}
}

// Each denial becomes an allowance when the caller gets the role.
func TestADenialBecomesAnAllowance(t *testing.T) {
	b := open(t)
	boss := b.set()
	ann := b.add(boss, "ann", "none")
	for _, op := range operations(t, b) {
		if !op.least.AtLeast(access.View) {
			continue
		}
		must[account.User](t)(b.SetAccess(boss, account.SetAccessIn{ID: ann.ID, Site: "1", Level: "none"}))
		code(t, op.name+" before", op.call(b.with(b.in("ann").Token)), fault.Denied)
		if op.least == access.Super {
			must[account.User](t)(b.GrantSuper(boss, account.GrantSuperIn{ID: ann.ID, Super: true}))
		} else {
			must[account.User](t)(b.SetAccess(boss, account.SetAccessIn{ID: ann.ID, Site: "1", Level: string(op.least)}))
		}
		if err := op.call(b.with(b.in("ann").Token)); fault.CodeOf(err) == fault.Denied {
			t.Errorf("%s still denied: %v", op.name, err)
		}
		must[account.User](t)(b.GrantSuper(boss, account.GrantSuperIn{ID: ann.ID, Super: false}))
	}
}
