package account_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/fault"
)

func TestSignIn(t *testing.T) {
	b := open(t)
	boss := b.set()
	ann := b.add(boss, "Ann@Example.org", "write")
	n := len(b.bodies())
	for _, login := range []string{"Ann@Example.org", " ann@example.ORG ", "ａｎｎ@example.org"} {
		s := b.in(login)
		if s.Me.User.ID != ann.ID || s.Me.Role != "write" || s.ExpiresAt != b.clock.now().Add(access.TokenLife).UnixMilli() ||
			s.EndsAt != b.clock.now().Add(account.SessionLife).UnixMilli() || s.Me.Host != "http" {
			t.Errorf("%q: %+v", login, s)
		}
	}
	for _, body := range b.since(n) {
		if body.Type != "UserLoggedIn" || *body.Actor.Name != "Ann@Example.org" || *body.IP != "127.0.0.1" || *body.UserAgent != "Test/1" {
			t.Errorf("recorded %+v", body)
		}
	}
}

func TestRefusedSignInsAreAlike(t *testing.T) {
	b := open(t)
	boss := b.set()
	ann, off := b.add(boss, "ann", "view"), b.add(boss, "off", "view")
	yes := true
	must[account.User](t)(b.ChangeUser(boss, account.ChangeUserIn{ID: off.ID, Disabled: &yes}))
	for _, c := range []struct{ name, login, password, actor string }{
		{"wrong password", "ann", "wrong", "ann"},
		{"empty password", "ann", "", "ann"},
		{"too long a password", "ann", strings.Repeat("x", 5000), "ann"},
		{"disabled", "off", password, "off"},
		{"unknown", "nobody", password, "unknown"},
		{"empty", "", "", "unknown"},
		{"a password as login", "hunter2 secret!", "", "unknown"},
		{"NUL", "ann\x00", password, "unknown"},
		{"not UTF-8", "ann\xff", password, "unknown"},
		{"huge", strings.Repeat("ann", 100_000), password, "unknown"},
	} {
		n, work := len(b.bodies()), b.passwords.Computed()
		_, err := b.SignIn(at(access.HTTP, "203.0.113.9"), account.SignInIn{Login: c.login, Password: c.password})
		b.clock.pass(25 * time.Hour) // the throttle has its own test
		e := fault.Public(err)
		if e == nil || e.Code != fault.Unauthenticated || e.Message != "The login or the password is wrong. Check both and try again." || e.Field != "" {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := b.passwords.Computed() - work; got != 1 {
			t.Errorf("%s: %d hashes computed, want 1 as for the others", c.name, got)
		}
		got := b.since(n)
		if len(got) != 1 || got[0].Type != "UserFailedToLogIn" || got[0].Result != "failed" || *got[0].Actor.Name != c.actor {
			t.Fatalf("%s: recorded %+v", c.name, got)
		}
		encoded, _ := got[0].Encode()
		if c.actor == "unknown" {
			if hash, _ := parameters(t, got[0])["login_hash"].(string); len(hash) != 32 || got[0].Actor.User != nil || got[0].Actor.Kind != "anonymous" {
				t.Errorf("%s: recorded %s", c.name, encoded)
			}
			if len(c.login) > 3 && strings.Contains(string(encoded), c.login[:4]) {
				t.Errorf("%s: stored as typed: %s", c.name, encoded)
			}
		} else if parameters(t, got[0])["login"] != c.actor {
			t.Errorf("%s: recorded %s", c.name, encoded)
		}
		if c.password != "" && strings.Contains(string(encoded), c.password) {
			t.Errorf("%s: the password is stored: %s", c.name, encoded)
		}
	}
	before := b.passwords.Computed()
	b.in(ann.Login)
	if got := b.passwords.Computed() - before; got != 1 {
		t.Errorf("a sign-in that works computes %d hashes, a refused one 1", got)
	}
}

func TestUnknownLoginsHashAlike(t *testing.T) {
	b := open(t)
	b.set()
	hash := func(b *bench, login string) string {
		_, err := b.SignIn(at(access.HTTP, "203.0.113.9"), account.SignInIn{Login: login})
		code(t, login, err, fault.Unauthenticated)
		all := b.bodies("UserFailedToLogIn")
		return parameters(t, all[len(all)-1])["login_hash"].(string)
	}
	first := hash(b, "Eve")
	if hash(b, "eve") != first {
		t.Error("the same login has two hashes")
	}
	if hash(b, "eva") == first {
		t.Error("two logins have one hash")
	}
	other := open(t)
	other.set()
	if hash(other, "eve") == first {
		t.Error("two logs give the same hash: it is not keyed")
	}
}

func TestPasswordsAreHashedAnewWhenParametersChange(t *testing.T) {
	b := open(t)
	b.set()
	phc := func() string {
		r, _, err := b.store.UserByKey(t.Context(), "boss")
		if err != nil {
			t.Fatal(err)
		}
		return r.Password
	}
	old := phc()
	b.in("boss")
	if phc() != old {
		t.Error("hashed anew without need")
	}
	b.reopen(access.Params{Memory: 128, Time: 1, Threads: 1})
	n := len(b.bodies())
	b.in("boss")
	if !strings.Contains(phc(), "$m=128,") || phc() == old {
		t.Errorf("still %q", phc())
	}
	if len(b.since(n)) != 1 {
		t.Error("hashing anew is recorded as a change")
	}
	b.in("boss")
}

func TestSignInWhileTheUserChanges(t *testing.T) {
	b := open(t)
	boss := b.set()
	ann := b.add(boss, "ann", "view")
	// The password is right when it is looked at, but the user is disabled before
	// the session begins: many rounds let both orders happen.
	for range 20 {
		done := make(chan account.Session, 1)
		go func() {
			s, _ := b.SignIn(at(access.HTTP, "203.0.113.9"), account.SignInIn{Login: "ann", Password: password})
			done <- s
		}()
		yes, no := true, false
		must[account.User](t)(b.ChangeUser(boss, account.ChangeUserIn{ID: ann.ID, Disabled: &yes}))
		if s := <-done; s.Token != "" {
			_, err := b.Authenticate(window(), s.Token)
			code(t, "a disabled user", err, fault.Unauthenticated)
		}
		must[account.User](t)(b.ChangeUser(boss, account.ChangeUserIn{ID: ann.ID, Disabled: &no}))
		b.clock.pass(25 * time.Hour)
		boss = b.with(b.in("boss").Token)
	}
}

// A meddled store runs something before the next transaction: what another caller
// may do between a check and the change that stands on it.
type meddled struct {
	account.Store
	before func()
}

func (m *meddled) Update(ctx context.Context, change func(account.Tx) error) error {
	if do := m.before; do != nil {
		m.before = nil
		do()
	}
	return m.Store.Update(ctx, change)
}

func TestARightPasswordIsNotEnoughIfTheUserChangedMeanwhile(t *testing.T) {
	yes, other := true, "another good password"
	for _, c := range []struct {
		name string
		do   func(b *bench, boss context.Context, id string)
		want fault.Code
	}{
		{"nothing", func(*bench, context.Context, string) {}, ""},
		{"disabled", func(b *bench, boss context.Context, id string) {
			must[account.User](t)(b.ChangeUser(boss, account.ChangeUserIn{ID: id, Disabled: &yes}))
		}, fault.Unauthenticated},
		{"another password", func(b *bench, boss context.Context, id string) {
			must[account.User](t)(b.ChangeUser(boss, account.ChangeUserIn{ID: id, Password: &other}))
		}, fault.Unauthenticated},
		{"removed", func(b *bench, boss context.Context, id string) {
			must[account.Done](t)(b.RemoveUser(boss, account.RemoveUserIn{ID: id}))
		}, fault.Unauthenticated},
	} {
		b := open(t)
		boss := b.set()
		ann := b.add(boss, "ann", "view")
		m := &meddled{Store: b.store}
		issuer, err := access.NewIssuer("log-1", b.clock.now, []byte("0123456789abcdef0123456789abcdef"))
		if err != nil {
			t.Fatal(err)
		}
		s := account.New(account.Options{Store: m, Issuer: issuer, Passwords: b.passwords, Now: b.clock.now})
		m.before = func() { c.do(b, boss, ann.ID) } // after the user was read, before the try is counted
		_, err = s.SignIn(at(access.HTTP, "203.0.113.9"), account.SignInIn{Login: "ann", Password: password})
		code(t, c.name, err, c.want)
	}
}

func TestADisabledUserIsOutWhoeverDisabledIt(t *testing.T) {
	b := open(t)
	b.set()
	s := b.in("boss")
	b.with(s.Token)
	err := b.store.Update(t.Context(), func(tx account.Tx) error {
		r, _, err := tx.UserByKey(t.Context(), "boss")
		if err != nil {
			return err
		}
		r.Disabled = true // the session and the version stay
		return tx.SaveUser(t.Context(), r)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Authenticate(window(), s.Token)
	code(t, "disabled in the database", err, fault.Unauthenticated)
}
