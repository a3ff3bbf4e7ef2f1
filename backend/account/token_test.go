package account_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/fault"
)

// token makes one as somebody.
func (b *bench) token(ctx context.Context, scopes ...string) account.NewToken {
	b.t.Helper()
	return must[account.NewToken](b.t)(b.CreateToken(ctx, account.CreateTokenIn{Name: "nightly job", Scopes: scopes}))
}

// exposed is a call whose credential stood in its address.
func exposed() context.Context {
	return as(access.Principal{Door: access.HTTP, IP: "127.0.0.1", Exposed: true})
}

func TestToken_StandsForItsMaker(t *testing.T) {
	b := open(t)
	boss := b.set()
	made := b.token(boss, "read:all", "read:own", "ingest", "ingest")
	if got := strings.Join(made.Token.Scopes, " "); got != "read:own read:all ingest" {
		t.Errorf("scopes are %q", got)
	}
	p := access.From(b.with(made.Secret))
	if p.Login != "boss" || p.Role != access.View || !p.SeesAll() || !p.MayNameOthers() || p.Token.Name != "nightly job" || p.Session != "" {
		t.Errorf("the token stands for %+v", p)
	}
	if got := b.bodies("TokenCreated"); len(got) != 1 || got[0].Object.Name != "nightly job" ||
		!slices.Equal(changes(got[0]), []string{`scopes null ["read:own","read:all","ingest"]`, "allowGet null false"}) {
		t.Errorf("recorded: %+v", got)
	}
	list := must[account.TokenList](t)(b.Tokens(boss, account.TokensIn{}))
	if len(list.Tokens) != 1 || list.Tokens[0].State != "active" || list.Tokens[0].SeenAt == nil || list.Tokens[0].Maker != "boss" {
		t.Errorf("listed: %+v", list)
	}
}

// Who made a token, their address and their other identities are not in its scopes.
func TestToken_TellsNothingOfItsMaker(t *testing.T) {
	b := open(t)
	boss := b.set()
	for _, scopes := range [][]string{{"ingest"}, {"widget"}, {"read:own"}, {"read:all"}} {
		me := must[account.Me](t)(b.Me(b.with(b.token(boss, scopes...).Secret), account.MeIn{}))
		if me.User != nil || strings.Contains(fmt.Sprintf("%+v", me), "boss") {
			t.Errorf("%v: %+v", scopes, me)
		}
	}
	if me := must[account.Me](t)(b.Me(boss, account.MeIn{})); me.User == nil || me.User.Email != "boss@example.org" {
		t.Errorf("the person: %+v", me)
	}
}

// The secret is in the answer and nowhere else: not in the database, its WAL, nor in
// any activity.
func TestToken_OnlyItsHashIsKept(t *testing.T) {
	b := open(t)
	made := b.token(b.set(), "read:own")
	b.with(made.Secret)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(b.path), "*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	found := false
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // a folder
		}
		if bytes.Contains(data, []byte(made.Secret)) || bytes.Contains(data, []byte(made.Secret[3:20])) {
			t.Errorf("%s holds the secret", file)
		}
		hash := access.HashAPIToken(made.Secret)
		found = found || bytes.Contains(data, hash[:])
	}
	if !found {
		t.Error("no file holds the hash either: this test proves nothing")
	}
	listed, err := json.Marshal(must[account.TokenList](t)(b.Tokens(b.with(b.in("boss").Token), account.TokensIn{})))
	if err != nil || strings.Contains(string(listed), made.Secret) {
		t.Errorf("the list holds the secret: %s, %v", listed, err)
	}
}

// What ends a token ends it with the next call.
func TestToken_EndsAtOnce(t *testing.T) {
	type scene struct {
		*bench
		boss  context.Context
		ann   account.User
		token account.NewToken
	}
	yes := true
	for name, end := range map[string]func(s scene) error{
		"revoked by its maker": func(s scene) error {
			_, err := s.RevokeToken(s.with(s.in("ann").Token), account.RevokeTokenIn{ID: s.token.Token.ID})
			return err
		},
		"revoked by a super user": func(s scene) error {
			_, err := s.RevokeToken(s.boss, account.RevokeTokenIn{ID: s.token.Token.ID})
			return err
		},
		"expired": func(s scene) error {
			end := s.clock.now().Add(time.Hour).UnixMilli()
			_, err := s.ChangeToken(s.boss, account.ChangeTokenIn{ID: s.token.Token.ID, ExpiresAt: &end})
			s.clock.pass(time.Hour)
			return err
		},
		"maker disabled": func(s scene) error {
			_, err := s.ChangeUser(s.boss, account.ChangeUserIn{ID: s.ann.ID, Disabled: &yes})
			return err
		},
		"maker removed": func(s scene) error {
			_, err := s.RemoveUser(s.boss, account.RemoveUserIn{ID: s.ann.ID})
			return err
		},
		"maker may do nothing": func(s scene) error {
			_, err := s.SetAccess(s.boss, account.SetAccessIn{ID: s.ann.ID, Site: "1", Level: "none"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{bench: open(t)}
			s.boss = s.set()
			s.ann = s.add(s.boss, "ann", "write")
			s.token = s.bench.token(s.with(s.in("ann").Token), "read:own", "ingest")
			p := access.From(s.with(s.token.Secret))
			if err := end(s); err != nil {
				t.Fatal(err)
			}
			_, err := s.Authenticate(at(access.HTTP, "127.0.0.1"), s.token.Secret)
			code(t, "the next call", err, fault.Unauthenticated)
			_, err = s.Still(context.Background(), p)
			code(t, "a download that runs", err, fault.Unauthenticated)
		})
	}
}

// A token does what its scopes and its maker's role now allow, not what they allowed.
func TestToken_FollowsItsMakersRole(t *testing.T) {
	b := open(t)
	boss := b.set()
	ann := b.add(boss, "ann", "view")
	must[account.User](t)(b.GrantSuper(boss, account.GrantSuperIn{ID: ann.ID, Super: true}))
	made := b.token(b.with(b.in("ann").Token), "read:own", "read:all", "ingest")
	before := access.From(b.with(made.Secret))
	if !before.SeesAll() || !before.MayNameOthers() {
		t.Fatalf("a super user's token: %+v", before)
	}
	must[account.User](t)(b.GrantSuper(boss, account.GrantSuperIn{ID: ann.ID}))
	if after := access.From(b.with(made.Secret)); after.SeesAll() || after.MayRecord() || after.Role != access.View {
		t.Errorf("the token of somebody who was demoted: %+v", after)
	}
	_, err := b.Still(context.Background(), before)
	code(t, "an export of everything that runs", err, fault.Unauthenticated)
}

func TestToken_InAnAddress(t *testing.T) {
	b := open(t)
	boss := b.set()
	made := b.token(boss, "read:own")
	_, err := b.Authenticate(exposed(), made.Secret)
	code(t, "a token for POST only", err, fault.Unauthenticated)
	yes := true
	must[account.APIToken](t)(b.ChangeToken(boss, account.ChangeTokenIn{ID: made.Token.ID, AllowGet: &yes}))
	must[access.Principal](t)(b.Authenticate(exposed(), made.Secret))
	_, err = b.Authenticate(exposed(), b.in("boss").Token)
	code(t, "a session's token", err, fault.Unauthenticated)
}

func TestToken_NobodyGivesAwayWhatTheyHaveNot(t *testing.T) {
	b := open(t)
	boss := b.set()
	b.add(boss, "vera", "view")
	b.add(boss, "nora", "none")
	vera, nora := b.with(b.in("vera").Token), b.with(b.in("nora").Token)
	past := b.clock.now().UnixMilli()
	for name, test := range map[string]struct {
		ctx  context.Context
		in   account.CreateTokenIn
		code fault.Code
	}{
		"nobody":                 {window(), account.CreateTokenIn{Name: "a", Scopes: []string{"read:own"}}, fault.Unauthenticated},
		"role none":              {nora, account.CreateTokenIn{Name: "a", Scopes: []string{"read:own"}}, fault.Denied},
		"all without super":      {vera, account.CreateTokenIn{Name: "a", Scopes: []string{"read:all"}}, fault.Denied},
		"ingest without write":   {vera, account.CreateTokenIn{Name: "a", Scopes: []string{"ingest"}}, fault.Denied},
		"own of the local owner": {owner(), account.CreateTokenIn{Name: "a", Scopes: []string{"read:own"}}, fault.Invalid},
		"no scope":               {boss, account.CreateTokenIn{Name: "a"}, fault.Invalid},
		"unknown scope":          {boss, account.CreateTokenIn{Name: "a", Scopes: []string{"read:own", "write"}}, fault.Invalid},
		"no name":                {boss, account.CreateTokenIn{Name: "  ", Scopes: []string{"read:own"}}, fault.Invalid},
		"control in the name":    {boss, account.CreateTokenIn{Name: "a\u202Eb", Scopes: []string{"read:own"}}, fault.Invalid},
		"ended already":          {boss, account.CreateTokenIn{Name: "a", Scopes: []string{"read:own"}, ExpiresAt: &past}, fault.Invalid},
	} {
		before := len(b.bodies())
		_, err := b.CreateToken(test.ctx, test.in)
		code(t, name, err, test.code)
		if n := len(b.since(before)); n != 0 {
			t.Errorf("%s: %d activities were recorded", name, n)
		}
	}
	must[account.NewToken](t)(b.CreateToken(vera, account.CreateTokenIn{Name: "a", Scopes: []string{"read:own"}}))
	must[account.NewToken](t)(b.CreateToken(owner(), account.CreateTokenIn{Name: "a", Scopes: []string{"read:all", "ingest"}}))
}

// Somebody else's token is as absent, and no token makes, changes or lists tokens.
func TestToken_OthersAreNotThere(t *testing.T) {
	b := open(t)
	boss := b.set()
	b.add(boss, "ann", "view")
	ann := b.with(b.in("ann").Token)
	bosses, anns := b.token(boss, "read:all", "ingest"), b.token(ann, "read:own")
	name := "mine now"
	_, err := b.ChangeToken(ann, account.ChangeTokenIn{ID: bosses.Token.ID, Name: &name})
	_, absent := b.ChangeToken(ann, account.ChangeTokenIn{ID: "999", Name: &name})
	if err == nil || absent == nil || err.Error() != absent.Error() {
		t.Errorf("another's: %v; absent: %v", err, absent)
	}
	_, err = b.RevokeToken(ann, account.RevokeTokenIn{ID: bosses.Token.ID})
	code(t, "revoking another's", err, fault.NotFound)
	if list := must[account.TokenList](t)(b.Tokens(ann, account.TokensIn{})); len(list.Tokens) != 1 || list.Tokens[0].ID != anns.Token.ID {
		t.Errorf("ann sees %+v", list)
	}
	if list := must[account.TokenList](t)(b.Tokens(boss, account.TokensIn{})); len(list.Tokens) != 2 {
		t.Errorf("boss sees %+v", list)
	}
	program := b.with(bosses.Secret)
	_, err = b.Tokens(program, account.TokensIn{})
	code(t, "a token that lists tokens", err, fault.Denied)
	_, err = b.CreateToken(program, account.CreateTokenIn{Name: "child", Scopes: []string{"read:all"}})
	code(t, "a token that makes tokens", err, fault.Denied)
	_, err = b.Prefer(program, account.PreferIn{})
	code(t, "a token that prefers", err, fault.Denied)
	_, err = b.ChangePassword(program, account.ChangePasswordIn{Current: password, New: "purple whale sings low"})
	code(t, "a token that changes the password", err, fault.Denied)
	_, err = b.SignOut(program, account.SignOutIn{Everywhere: true})
	code(t, "a token that signs out", err, fault.Denied)
}

func TestToken_ChangesAreRecordedOldToNew(t *testing.T) {
	b := open(t)
	boss := b.set()
	made := b.token(boss, "read:all")
	n := len(b.bodies())
	name, yes, never := "hourly job", true, int64(0)
	end := b.clock.now().Add(24 * time.Hour).UnixMilli()
	scopes := []string{"ingest"}
	changed := must[account.APIToken](t)(b.ChangeToken(boss, account.ChangeTokenIn{ID: made.Token.ID, Name: &name, AllowGet: &yes, ExpiresAt: &end, Scopes: &scopes}))
	if changed.Name != name || !changed.AllowGet || *changed.ExpiresAt != end || !slices.Equal(changed.Scopes, scopes) {
		t.Errorf("changed to %+v", changed)
	}
	must[account.APIToken](t)(b.ChangeToken(boss, account.ChangeTokenIn{ID: made.Token.ID, Name: &name, AllowGet: &yes, ExpiresAt: &end, Scopes: &scopes}))
	if changed = must[account.APIToken](t)(b.ChangeToken(boss, account.ChangeTokenIn{ID: made.Token.ID, ExpiresAt: &never})); changed.ExpiresAt != nil {
		t.Errorf("ends %d, want never", *changed.ExpiresAt)
	}
	must[account.APIToken](t)(b.RevokeToken(boss, account.RevokeTokenIn{ID: made.Token.ID}))
	_, err := b.RevokeToken(boss, account.RevokeTokenIn{ID: made.Token.ID})
	code(t, "revoked twice", err, fault.Conflict)
	_, err = b.ChangeToken(boss, account.ChangeTokenIn{ID: made.Token.ID, ExpiresAt: &never})
	code(t, "changed after it was revoked", err, fault.Conflict)
	got := []string{}
	for _, body := range b.since(n) {
		got = append(got, body.Type+" "+strings.Join(changes(body), "; "))
	}
	ms := string(account.JSON(end))
	want := []string{
		`TokenChanged name "nightly job" "hourly job"; scopes ["read:all"] ["ingest"]; allowGet false true; expiresAt null ` + ms,
		"TokenChanged expiresAt " + ms + " null",
		"TokenRevoked ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("recorded:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
