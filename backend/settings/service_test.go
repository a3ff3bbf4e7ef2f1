package settings_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/settings"
	"activitylog/backend/sqlite"
)

func now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func open(t *testing.T, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: path, Create: true, Now: now, Tick: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func bodies(t *testing.T, db *sqlite.DB) []activity.Body {
	t.Helper()
	rows, err := db.Select(t.Context(), activity.Selection{Scope: activity.Scope{All: true}}, activity.Seek{Oldest: true, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var out []activity.Body
	for _, row := range rows {
		out = append(out, row.Body)
	}
	return out
}

func by(role access.Role) context.Context {
	return access.With(context.Background(), access.Principal{UserID: 1, Login: "boss", Role: role, Door: access.Window})
}

func TestConfigure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "activity.db")
	db := open(t, path)
	s := settings.New(sqlite.NewSettings(db), now)
	if got, err := s.Current(t.Context()); err != nil || got != settings.Defaults() {
		t.Fatalf("defaults: %+v, %v", got, err)
	}
	on, off, de, en, xx := true, false, "de", "en", "xx"
	port, none, large, two, four := 9000, 0, 65536, 2, 4
	few, no := int64(12), int64(0)
	for _, step := range []struct {
		in   settings.ConfigureIn
		want string // the changes recorded
	}{
		{settings.ConfigureIn{}, ""},
		{settings.ConfigureIn{Gravatar: &off, Language: &en}, ""},
		{settings.ConfigureIn{Gravatar: &on}, `gravatar false true;`},
		{settings.ConfigureIn{Gravatar: &on, Language: &de}, `language "en" "de";`},
		{settings.ConfigureIn{Gravatar: &off, Language: &en}, `gravatar true false;language "de" "en";`},
		{settings.ConfigureIn{Gravatar: &on}, `gravatar false true;`},
		{settings.ConfigureIn{Serve: &on, Port: &port}, `serve false true;port 8765 9000;`},
		{settings.ConfigureIn{IngestRequests: &few}, `ingestRequests 6000 12;`},
		{settings.ConfigureIn{IngestRequests: &few}, ""},
		{settings.ConfigureIn{IPMask: &two, DoNotTrack: &on}, `PrivacyAnonymizeIpSet {"enabled":true,"maskLength":2} ipMask 0 2;PrivacyDntEnabled {} doNotTrack false true;`},
		{settings.ConfigureIn{IPMask: &none, DoNotTrack: &off, Port: &port}, `PrivacyAnonymizeIpSet {"enabled":false,"maskLength":0} ipMask 2 0;PrivacyDntDisabled {} doNotTrack true false;`},
		{settings.ConfigureIn{IPMask: &two, DoNotTrack: &on}, `PrivacyAnonymizeIpSet {"enabled":true,"maskLength":2} ipMask 0 2;PrivacyDntEnabled {} doNotTrack false true;`},
	} {
		n := len(bodies(t, db))
		if _, err := s.Configure(by(access.Super), step.in); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, b := range bodies(t, db)[n:] {
			if *b.Actor.Name != "boss" || b.Source != "self" {
				t.Errorf("recorded %+v", b)
			}
			if b.Type != "SystemSettingsUpdated" {
				got += b.Type + " " + string(b.Parameters) + " "
			}
			for _, c := range b.Changes {
				got += c.Field + " " + string(c.Old) + " " + string(c.New) + ";"
			}
		}
		if got != step.want {
			t.Errorf("recorded %q, want %q", got, step.want)
		}
	}
	_, err := s.Configure(by(access.Super), settings.ConfigureIn{Language: &xx, Gravatar: &off})
	if fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "language" {
		t.Errorf("another language: %v", err)
	}
	for _, p := range []*int{&none, &large} {
		if _, err := s.Configure(by(access.Super), settings.ConfigureIn{Serve: &off, Port: p}); fault.Public(err) == nil || fault.Public(err).Field != "port" {
			t.Errorf("port %d: %v", *p, err)
		}
	}
	for field, in := range map[string]settings.ConfigureIn{"ipMask": {IPMask: &four, Gravatar: &off}, "ingestRequests": {IngestRequests: &no}, "ingestRecords": {IngestRecords: &no}} {
		if _, err := s.Configure(by(access.Super), in); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s = settings.New(sqlite.NewSettings(open(t, path)), now)
	if got, err := s.Settings(by(access.View), settings.GetIn{}); err != nil || got != (settings.Settings{Gravatar: true, Language: "en", Serve: true, Port: 9000, IPMask: 2, DoNotTrack: true, IngestRequests: 12, IngestRecords: 100_000}) {
		t.Errorf("after a restart: %+v, %v", got, err)
	}
}

func TestRoles(t *testing.T) {
	s := settings.New(sqlite.NewSettings(open(t, filepath.Join(t.TempDir(), "activity.db"))), now)
	for _, role := range access.Roles() {
		_, err := s.Settings(by(role), settings.GetIn{})
		if (err == nil) != role.AtLeast(access.View) {
			t.Errorf("%s reads: %v", role, err)
		}
		_, err = s.Configure(by(role), settings.ConfigureIn{})
		if (err == nil) != (role == access.Super) {
			t.Errorf("%s configures: %v", role, err)
		}
	}
	if _, err := s.Settings(t.Context(), settings.GetIn{}); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("nobody reads: %v", err)
	}
}

// A change whose activity cannot be stored does not happen.
func TestAChangeNeedsItsActivity(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "activity.db"))
	broken := func() time.Time { return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) } // refused by the log
	on := true
	if _, err := settings.New(sqlite.NewSettings(db), broken).Configure(by(access.Super), settings.ConfigureIn{Gravatar: &on}); err == nil {
		t.Fatal("an activity of the year 2200 is stored")
	}
	s := settings.New(sqlite.NewSettings(db), now)
	if got, err := s.Current(t.Context()); err != nil || got.Gravatar {
		t.Errorf("changed without an activity: %+v, %v", got, err)
	}
	if _, err := s.Configure(by(access.Super), settings.ConfigureIn{Gravatar: &on}); err != nil {
		t.Errorf("with a right clock: %v", err)
	}
}
