package account_test

import (
	"context"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/fault"
)

func TestSessionsEnd(t *testing.T) {
	b := open(t)
	b.set()
	s := b.in("boss")
	token := func() string { return s.Token }
	alive := func(what string, want fault.Code) {
		t.Helper()
		_, err := b.Authenticate(window(), token())
		code(t, what, err, want)
	}
	alive("at once", "")
	b.clock.pass(15*time.Minute + 29*time.Second)
	alive("while the token lives", "")
	b.clock.pass(2 * time.Second)
	alive("after the token", fault.Unauthenticated)

	s = b.in("boss")
	for range 12 * 6 { // a call every ten minutes keeps it up to twelve hours
		ctx := b.with(s.Token)
		b.clock.pass(10*time.Minute - time.Second/2)
		s = must[account.Session](t)(b.Renew(ctx, account.RenewIn{}))
	}
	if left := s.ExpiresAt - b.clock.now().UnixMilli(); left > 60_000 {
		t.Errorf("a token outlives its session by far: %d ms left", left)
	}
	ctx := b.with(s.Token)
	b.clock.pass(time.Minute)
	_, err := b.Renew(ctx, account.RenewIn{})
	code(t, "after twelve hours", err, fault.Unauthenticated)

	s = b.in("boss")
	ctx = b.with(s.Token)
	b.clock.pass(30*time.Minute - time.Second)
	_, err = b.Renew(ctx, account.RenewIn{})
	code(t, "after 29 minutes and a bit without a call", err, "")
	b.clock.pass(time.Second)
	_, err = b.Renew(ctx, account.RenewIn{})
	code(t, "after 30 minutes without one", err, fault.Unauthenticated)
}

func TestSeenIsWrittenOnceAMinuteAndNotRecorded(t *testing.T) {
	b := open(t)
	b.set()
	s := b.in("boss")
	seen := func() int64 {
		live, ok, err := b.store.Live(t.Context(), sid(t, b, s))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		return live.Session.SeenAt
	}
	n, first := len(b.bodies()), seen()
	b.clock.pass(59 * time.Second)
	b.with(s.Token)
	if seen() != first {
		t.Error("written before a minute is over")
	}
	b.clock.pass(time.Second)
	b.with(s.Token)
	if want := b.clock.now().UnixMilli(); seen() != want {
		t.Errorf("seen at %d, want %d", seen(), want)
	}
	if len(b.bodies()) != n {
		t.Error("being seen is recorded as an activity")
	}
}

func sid(t *testing.T, b *bench, s account.Session) string {
	t.Helper()
	return must[access.Principal](t)(b.Authenticate(window(), s.Token)).Session
}

// Everything that takes rights away does so for the next call, for every session.
func TestRevocationIsImmediate(t *testing.T) {
	yes, other := true, "another good password"
	for _, c := range []struct {
		name string
		do   func(b *bench, boss, self context.Context, id string) error
	}{
		{"nothing", func(*bench, context.Context, context.Context, string) error { return nil }},
		{"disabled", func(b *bench, boss, _ context.Context, id string) error {
			_, err := b.ChangeUser(boss, account.ChangeUserIn{ID: id, Disabled: &yes})
			return err
		}},
		{"password set", func(b *bench, boss, _ context.Context, id string) error {
			_, err := b.ChangeUser(boss, account.ChangeUserIn{ID: id, Password: &other})
			return err
		}},
		{"password set by the owner", func(b *bench, _, _ context.Context, _ string) error {
			_, err := b.SetPassword(owner(), account.SetPasswordIn{Login: "ann", Password: other})
			return err
		}},
		{"own password", func(b *bench, _, self context.Context, _ string) error {
			_, err := b.ChangePassword(self, account.ChangePasswordIn{Current: password, New: other})
			return err
		}},
		{"role raised", func(b *bench, boss, _ context.Context, id string) error {
			_, err := b.SetAccess(boss, account.SetAccessIn{ID: id, Site: "1", Level: "admin"})
			return err
		}},
		{"role taken", func(b *bench, boss, _ context.Context, id string) error {
			_, err := b.SetAccess(boss, account.SetAccessIn{ID: id, Site: "1", Level: "none"})
			return err
		}},
		{"made a super user", func(b *bench, boss, _ context.Context, id string) error {
			_, err := b.GrantSuper(boss, account.GrantSuperIn{ID: id, Super: true})
			return err
		}},
		{"removed", func(b *bench, boss, _ context.Context, id string) error {
			_, err := b.RemoveUser(boss, account.RemoveUserIn{ID: id})
			return err
		}},
		{"signed out everywhere", func(b *bench, _, self context.Context, _ string) error {
			_, err := b.SignOut(self, account.SignOutIn{Everywhere: true})
			return err
		}},
	} {
		b := open(t)
		boss := b.set()
		ann := b.add(boss, "ann", "view")
		first, second := b.in("ann"), b.in("ann")
		if err := c.do(b, boss, b.with(first.Token), ann.ID); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for _, s := range []account.Session{first, second} {
			_, err := b.Authenticate(window(), s.Token)
			if (err == nil) != (c.name == "nothing") {
				t.Errorf("%s: the next call gets %v", c.name, err)
			}
		}
	}
}

func TestSignOutEndsThisSessionOnly(t *testing.T) {
	b := open(t)
	b.set()
	first, second := b.in("boss"), b.in("boss")
	n := len(b.bodies())
	must[account.Done](t)(b.SignOut(b.with(first.Token), account.SignOutIn{}))
	_, err := b.Authenticate(window(), first.Token)
	code(t, "this one", err, fault.Unauthenticated)
	b.with(second.Token)
	if got := b.since(n); len(got) != 1 || got[0].Type != "UserLoggedOut" {
		t.Errorf("recorded %+v", got)
	}
}

func TestOwnPassword(t *testing.T) {
	b := open(t)
	b.set()
	first, second := b.in("boss"), b.in("boss")
	self := b.with(first.Token)
	for _, c := range []struct {
		in    account.ChangePasswordIn
		field string
	}{
		{account.ChangePasswordIn{Current: "wrong", New: "another good password"}, "current"},
		{account.ChangePasswordIn{Current: password, New: "short"}, "new"},
		{account.ChangePasswordIn{Current: password, New: "boss@example.org"}, "new"},
	} {
		_, err := b.ChangePassword(self, c.in)
		if fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != c.field {
			t.Errorf("%+v: %v", c.in, err)
		}
	}
	n := len(b.bodies())
	fresh := must[account.Session](t)(b.ChangePassword(self, account.ChangePasswordIn{Current: password, New: "another good password"}))
	b.with(fresh.Token)
	_, err := b.Authenticate(window(), second.Token)
	code(t, "the other session", err, fault.Unauthenticated)
	code(t, "the old password", b.try("203.0.113.9", "boss", password), fault.Unauthenticated)
	code(t, "the new password", b.try("203.0.113.9", "boss", "another good password"), "")
	got := b.since(n)[0]
	if got.Type != "UserChanged" || changes(got)[0] != `password null "changed"` || parameters(t, got)["passwordChanged"] != true {
		t.Errorf("recorded %s %v %s", got.Type, changes(got), got.Parameters)
	}
	for range 5 {
		_, _ = b.ChangePassword(b.with(fresh.Token), account.ChangePasswordIn{Current: "wrong", New: "yet another one 77"})
	}
	_, err = b.ChangePassword(b.with(fresh.Token), account.ChangePasswordIn{Current: "another good password", New: "yet another one 77"})
	code(t, "guessing the present password", err, fault.Unavailable)
	_, err = b.ChangePassword(owner(), account.ChangePasswordIn{})
	code(t, "the owner", err, fault.Denied)
}

func TestLostPassword(t *testing.T) {
	b := open(t)
	boss := b.set()
	for range 6 {
		_ = b.try("203.0.113.9", "boss", "x")
	}
	n := len(b.bodies())
	in := account.SetPasswordIn{Login: "BOSS", Password: "another good password"}
	for _, ctx := range []context.Context{window(), boss} {
		_, err := b.SetPassword(ctx, in)
		code(t, "not the owner", err, fault.Denied)
	}
	_, err := b.SetPassword(owner(), account.SetPasswordIn{Login: "nobody", Password: in.Password})
	code(t, "unknown", err, fault.NotFound)
	must[account.Done](t)(b.SetPassword(owner(), in))
	code(t, "at once from another source", b.try("203.0.113.10", "boss", in.Password), "")
	got := b.since(n)[0]
	if got.Type != "UserChanged" || got.Source != "cli" || got.Actor.Kind != "os" || *got.Actor.Name != "root" || got.Object.Name != "boss" {
		t.Errorf("recorded %+v", got)
	}
}

func TestKeeper(t *testing.T) {
	b := open(t)
	b.set()
	var k account.Keeper
	if p := k.Principal(window(), b.Service); p.Known() || p.Door != access.Window {
		t.Errorf("before: %+v", p)
	}
	s := must[account.Session](t)(b.SignIn(window(), account.SignInIn{Login: "boss", Password: password}))
	if shown := k.Keep(b.Service, s); shown.Token != "" || shown.Me.User == nil {
		t.Errorf("the page sees %+v", shown)
	}
	for range 30 { // longer than a token lives
		if p := k.Principal(window(), b.Service); p.Role != access.Super {
			t.Fatalf("lost: %+v", p)
		}
		b.clock.pass(10 * time.Minute)
	}
	b.clock.pass(15 * time.Minute) // the computer slept longer than a token lives
	p := k.Principal(window(), b.Service)
	if p.Role != access.Super {
		t.Fatalf("lost after a sleep: %+v", p)
	}
	must[account.Done](t)(b.SignOut(as(p), account.SignOutIn{}))
	if p := k.Principal(window(), b.Service); p.Known() {
		t.Errorf("after signing out: %+v", p)
	}
	k.Keep(b.Service, must[account.Session](t)(b.SignIn(window(), account.SignInIn{Login: "boss", Password: password})))
	b.clock.pass(31 * time.Minute)
	if p := k.Principal(window(), b.Service); p.Known() {
		t.Errorf("after half an hour without a call: %+v", p)
	}
	k.Keep(b.Service, must[account.Session](t)(b.SignIn(window(), account.SignInIn{Login: "boss", Password: password})))
	k.Forget()
	if p := k.Principal(window(), b.Service); p.Known() {
		t.Errorf("after forgetting: %+v", p)
	}
}

// interrupted is a store in which something happens while a session is read.
type interrupted struct {
	account.Store
	meanwhile func()
}

func (i *interrupted) Live(ctx context.Context, session string) (account.Live, bool, error) {
	live, ok, err := i.Store.Live(ctx, session)
	if now := i.meanwhile; now != nil {
		i.meanwhile = nil
		now()
	}
	return live, ok, err
}

// The window asks on its own while a person signs out and in. A renewal that comes to
// its end only then brings nobody back.
func TestAKeeperRenewsOnlyWhatItStillKeeps(t *testing.T) {
	b := open(t)
	b.set()
	store := &interrupted{Store: b.store}
	issuer, err := access.NewIssuer("log-1", b.clock.now, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	s := account.New(account.Options{Store: store, Issuer: issuer, Passwords: b.passwords, Now: b.clock.now})
	signIn := func() account.Session {
		return must[account.Session](t)(s.SignIn(window(), account.SignInIn{Login: "boss", Password: password}))
	}
	var k account.Keeper
	k.Keep(s, signIn())
	b.clock.pass(10 * time.Minute)
	second := signIn()
	store.meanwhile = func() { k.Forget(); k.Keep(s, second) }
	k.Principal(window(), s)
	if got, want := k.Principal(window(), s).Session, access.From(b.with(second.Token)).Session; got != want {
		t.Errorf("the session %s came back in place of %s", got, want)
	}
	b.clock.pass(10 * time.Minute)
	store.meanwhile = k.Forget
	k.Principal(window(), s)
	if p := k.Principal(window(), s); p.Known() {
		t.Errorf("somebody who signed out came back: %+v", p)
	}
}

func TestTokensOfAnotherRoleOrVersionAreRefused(t *testing.T) {
	b := open(t)
	b.set()
	s := b.in("boss")
	p := must[access.Principal](t)(b.Authenticate(window(), s.Token))
	issuer, err := access.NewIssuer("log-1", b.clock.now, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	good := access.Claims{UserID: p.UserID, Session: p.Session, Version: 1, Role: access.Super}
	for name, edit := range map[string]func(*access.Claims){
		"good":            func(*access.Claims) {},
		"another role":    func(c *access.Claims) { c.Role = access.Admin },
		"another version": func(c *access.Claims) { c.Version = 2 },
		"another user":    func(c *access.Claims) { c.UserID++ },
		"another session": func(c *access.Claims) { c.Session = "x" },
	} {
		c := good
		edit(&c)
		token, _, err := issuer.Issue(c, b.clock.now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Authenticate(window(), token); (err == nil) != (name == "good") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
