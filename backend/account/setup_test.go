package account_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/fault"
)

func setUpIn(login string) account.SetUpIn {
	return account.SetUpIn{Login: login, Email: login + "@example.org", Password: password, Language: "de", Zone: "Europe/Berlin"}
}

func TestSetUpAtTheWindow(t *testing.T) {
	b := open(t)
	me := must[account.Me](t)(b.Me(window(), account.MeIn{}))
	if me.Ready || me.User != nil || me.Role != "none" {
		t.Errorf("before: %+v", me)
	}
	s := must[account.Session](t)(b.SetUp(window(), setUpIn("Boss")))
	if s.Token == "" || s.Me.User == nil || !s.Me.User.Super || s.Me.Role != "super" || !s.Me.Ready || s.Me.Preferences.Language != "de" {
		t.Errorf("session: %+v", s)
	}
	p := must[access.Principal](t)(b.Authenticate(window(), s.Token))
	if p.Role != access.Super || p.Zone != "Europe/Berlin" || p.Language != "de" || p.Door != access.Window {
		t.Errorf("principal: %+v", p)
	}
	var types []string
	for _, body := range b.bodies() {
		types = append(types, body.Type)
		a := body.Actor
		if a.Kind != "user" || a.Source != "self" || *a.Name != "Boss" || *a.User != s.Me.User.ID || body.Source != "self" {
			t.Errorf("%s: actor %+v, source %s", body.Type, a, body.Source)
		}
	}
	want := []string{"UserCreated", "SuperUserAccessChanged", "UserSettingsUpdated", "UserLoggedIn"}
	if !slices.Equal(types, want) {
		t.Errorf("recorded %v, want %v", types, want)
	}
	_, err := b.SetUp(window(), setUpIn("second"))
	code(t, "a second time", err, fault.Conflict)
	_, err = b.SetUp(owner(), setUpIn("second"))
	code(t, "a second time at the command line", err, fault.Conflict)
}

func TestSetUpAtTheCommandLine(t *testing.T) {
	b := open(t)
	s := must[account.Session](t)(b.SetUp(owner(), setUpIn("boss")))
	if s.Token != "" || s.Me.User != nil {
		t.Errorf("the command line is signed in: %+v", s)
	}
	for _, body := range b.bodies("UserCreated", "SuperUserAccessChanged") {
		if a := body.Actor; a.Kind != "os" || a.Source != "cli" || *a.Name != "root" || body.Source != "cli" {
			t.Errorf("%s: actor %+v, source %s", body.Type, a, body.Source)
		}
	}
	if n := len(b.bodies("UserLoggedIn")); n != 0 {
		t.Errorf("%d sign-ins recorded", n)
	}
	b.in("boss")
}

func TestSetUpOverHTTPNeedsTheToken(t *testing.T) {
	b := open(t)
	over := at(access.HTTP, "127.0.0.1")
	try := func(token string) error {
		in := setUpIn("boss")
		in.Token = token
		_, err := b.SetUp(over, in)
		return err
	}
	code(t, "no token was made, none given", try(""), fault.Denied)
	first := must[string](t)(b.SetUpToken(t.Context()))
	token := must[string](t)(b.SetUpToken(t.Context()))
	code(t, "none given", try(""), fault.Denied)
	code(t, "an older one", try(first), fault.Denied)
	code(t, "another one", try(token+"x"), fault.Denied)
	b.clock.pass(30 * time.Minute)
	code(t, "after half an hour", try(token), fault.Denied)
	token = must[string](t)(b.SetUpToken(t.Context()))
	b.clock.pass(29 * time.Minute)
	code(t, "the right one", try(token), "")
	code(t, "again", try(token), fault.Conflict)
	_, err := b.SetUpToken(t.Context())
	code(t, "a token afterwards", err, fault.Conflict)
}

func TestSetUpChecksItsInput(t *testing.T) {
	b := open(t)
	for _, c := range []struct {
		field string
		edit  func(*account.SetUpIn)
	}{
		{"login", func(in *account.SetUpIn) { in.Login = " " }},
		{"email", func(in *account.SetUpIn) { in.Email = "nobody" }},
		{"name", func(in *account.SetUpIn) { in.Name = "a\nb" }},
		{"password", func(in *account.SetUpIn) { in.Password = "short" }},
		{"language", func(in *account.SetUpIn) { in.Language = "xx" }},
		{"zone", func(in *account.SetUpIn) { in.Zone = "Mars/Olympus" }},
	} {
		in := setUpIn("boss")
		c.edit(&in)
		_, err := b.SetUp(window(), in)
		if fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != c.field {
			t.Errorf("%s: %v", c.field, err)
		}
	}
	if n := len(b.bodies()); n != 0 {
		t.Errorf("%d activities of refused set-ups", n)
	}
}

func TestOfRacingFirstRunsOneWins(t *testing.T) {
	b := open(t)
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			_, err := b.SetUp(window(), setUpIn("boss"+string(rune('a'+n))))
			switch fault.CodeOf(err) {
			case "":
				won.Add(1)
			case fault.Conflict:
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || lost.Load() != 15 {
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
	if n := len(b.bodies("UserCreated")); n != 1 {
		t.Errorf("%d users recorded", n)
	}
}
