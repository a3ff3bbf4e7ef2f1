package site_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/site"
	"activitylog/backend/sqlite"
)

func now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// open returns a log with a second site and a user for each level on site 1.
func open(t *testing.T) (*sqlite.DB, *site.Service, map[access.Role]access.Principal) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{
		Path: filepath.Join(t.TempDir(), "activity.db"), Create: true, Now: now, Tick: make(chan time.Time),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store := sqlite.NewAccounts(db)
	people := map[access.Role]access.Principal{access.Super: {UserID: 99, Login: "boss", Role: access.Super}}
	err = db.Write(t.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Bun().ExecContext(t.Context(), "INSERT INTO measurable (id, kind, name, zone, created_at) VALUES (2, 'website', 'shop.example', 'UTC', 0)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx account.Tx) error {
		for _, role := range []access.Role{access.None, access.View, access.Write, access.Admin} {
			id, err := tx.AddUser(t.Context(), account.Record{Login: string(role), Key: string(role), Version: 1})
			if err != nil {
				return err
			}
			people[role] = access.Principal{UserID: id, Login: string(role), Role: role}
			if role != access.None {
				if err := tx.SetGrant(t.Context(), account.Grant{User: id, Site: 1, Level: string(role)}); err != nil {
					return err
				}
			}
			if role == access.View { // but admin elsewhere
				elsewhere := access.Principal{UserID: id, Login: string(role), Role: access.Admin}
				people["admin of site 2"] = elsewhere
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return db, site.New(sqlite.NewSites(db), account.New(account.Options{Store: store, Now: now}), now), people
}

func as(p access.Principal) context.Context { return access.With(context.Background(), p) }

func TestSites(t *testing.T) {
	db, s, people := open(t)
	name, foreign := "somebody", "Account 123"
	_, err := db.Append(t.Context(), []activity.Body{{
		V: 1, OccurredAt: now().UnixMilli(), Type: "GoalAdded", Result: activity.OK,
		Actor: activity.BodyActor{Kind: "user", Source: "cli", Name: &name}, Source: "cli", Site: &activity.SiteRef{Kind: "other", Name: foreign},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for role, want := range map[access.Role]string{
		access.View: "1 view", access.Write: "1 write", access.Admin: "1 admin", access.Super: "1 super,2 super",
	} {
		list, err := s.Sites(as(people[role]), site.SitesIn{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range list.Sites {
			got = append(got, x.ID+" "+x.Level)
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s sees %v, want %s", role, got, want)
		}
		if (role == access.Super) != slices.Equal(list.Seen, []string{foreign}) || list.Seen == nil {
			t.Errorf("%s sees foreign sites %v", role, list.Seen)
		}
	}
	_, err = s.Sites(as(people[access.None]), site.SitesIn{})
	if fault.CodeOf(err) != fault.Denied {
		t.Errorf("none: %v", err)
	}
}

func TestChangeSite(t *testing.T) {
	db, s, people := open(t)
	text := func(v string) *string { return &v }
	for _, c := range []struct {
		what  string
		by    access.Role
		in    site.ChangeIn
		want  fault.Code
		field string
		log   string // the changes recorded
	}{
		{"admin renames", access.Admin, site.ChangeIn{ID: "1", Name: text(" Our log ")}, "", "", `name "This log" "Our log"`},
		{"the same again", access.Admin, site.ChangeIn{ID: "1", Name: text("Our log"), Zone: text("UTC")}, "", "", ""},
		{"nothing", access.Admin, site.ChangeIn{ID: "1"}, "", "", ""},
		{"super, both", access.Super, site.ChangeIn{ID: "1", Name: text("Log"), Zone: text("Europe/Berlin")}, "", "", `name "Our log" "Log",timezone "UTC" "Europe/Berlin"`},
		{"write", access.Write, site.ChangeIn{ID: "1", Name: text("Mine")}, fault.Denied, "", ""},
		{"admin, but only viewer of this one", "admin of site 2", site.ChangeIn{ID: "1", Name: text("Mine")}, fault.Denied, "", ""},
		{"none", access.None, site.ChangeIn{ID: "1", Name: text("Mine")}, fault.Denied, "", ""},
		{"admin of another site", access.Admin, site.ChangeIn{ID: "2", Name: text("Mine")}, fault.NotFound, "", ""},
		{"no such site", access.Admin, site.ChangeIn{ID: "3", Name: text("Mine")}, fault.NotFound, "", ""},
		{"no such site, super", access.Super, site.ChangeIn{ID: "3", Name: text("Mine")}, fault.NotFound, "", ""},
		{"no id", access.Super, site.ChangeIn{ID: "x", Name: text("Mine")}, fault.NotFound, "", ""},
		{"taken", access.Super, site.ChangeIn{ID: "1", Name: text("shop.example")}, fault.Conflict, "name", ""},
		{"taken, for who may not see by whom", access.Admin, site.ChangeIn{ID: "1", Name: text("SHOP.example")}, fault.Conflict, "name", ""},
		{"another's name as an address", access.Admin, site.ChangeIn{ID: "1", Addresses: &[]string{"https://SHOP.example/"}}, fault.Conflict, "addresses", ""},
		{"empty", access.Super, site.ChangeIn{ID: "1", Name: text(" ")}, fault.Invalid, "name", ""},
		{"control", access.Super, site.ChangeIn{ID: "1", Name: text("a\x00b")}, fault.Invalid, "name", ""},
		{"bidi", access.Super, site.ChangeIn{ID: "1", Name: text("a\u202eb")}, fault.Invalid, "name", ""},
		{"long", access.Super, site.ChangeIn{ID: "1", Name: text(strings.Repeat("x", 101))}, fault.Invalid, "name", ""},
		{"no zone", access.Super, site.ChangeIn{ID: "1", Zone: text("")}, fault.Invalid, "zone", ""},
		{"this machine's zone", access.Super, site.ChangeIn{ID: "1", Zone: text("Local")}, fault.Invalid, "zone", ""},
		{"a path", access.Super, site.ChangeIn{ID: "1", Zone: text("../../etc/passwd")}, fault.Invalid, "zone", ""},
	} {
		before := recorded(t, db)
		_, err := s.ChangeSite(as(people[c.by]), c.in)
		if fault.CodeOf(err) != c.want || err != nil && fault.Public(err).Field != c.field {
			t.Errorf("%s: %v", c.what, err)
		}
		if err != nil && c.by != access.Super && c.field == "name" && strings.Contains(err.Error(), "shop.example") {
			t.Errorf("%s: says how a site is called that they may not see: %v", c.what, err)
		}
		after := recorded(t, db)[len(before):]
		got := ""
		for _, b := range after {
			var parts []string
			for _, change := range b.Changes {
				parts = append(parts, change.Field+" "+string(change.Old)+" "+string(change.New))
			}
			got += strings.Join(parts, ",")
			if b.Type != "MeasurableChanged" || *b.Site.ID != "1" || b.Object.Name != b.Site.Name || b.Object.Kind != "measurable" {
				t.Errorf("%s: recorded %+v", c.what, b)
			}
		}
		if got != c.log {
			t.Errorf("%s: recorded %q, want %q", c.what, got, c.log)
		}
	}
}

func recorded(t *testing.T, db *sqlite.DB) []activity.Body {
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
