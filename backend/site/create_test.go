package site_test

import (
	"context"
	"slices"
	"strconv"
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

// told is what the activities recorded since n say: type, site and changes.
func told(t *testing.T, db *sqlite.DB, n int) string {
	t.Helper()
	var lines []string
	for _, b := range recorded(t, db)[n:] {
		line := b.Type + " " + *b.Site.ID + " " + b.Site.Name
		if b.Object.Kind != "measurable" || b.Object.Name != b.Site.Name {
			line += " " + b.Object.Name
		}
		for _, c := range b.Changes {
			line += " " + c.Field + " " + string(c.Old) + " " + string(c.New)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestCreateSite(t *testing.T) {
	db, s, people := open(t)
	for _, c := range []struct {
		what  string
		by    access.Role
		in    site.CreateIn
		want  fault.Code
		field string
		log   string
	}{
		{
			"all", access.Super,
			site.CreateIn{Name: " Mall ", Kind: "server", Zone: "Europe/Berlin", Addresses: []string{"Mall.example/", " ", "https://mall.example", "http://mall.example:8080/a?b#c"}},
			"", "",
			`MeasurableCreated 3 Mall name null "Mall" type null "server" timezone null "Europe/Berlin" urls null ["https://mall.example","http://mall.example:8080/a?b"]`,
		},
		{"a name", access.Super, site.CreateIn{Name: "<b>&amp;</b>"}, "", "", `MeasurableCreated 4 <b>&amp;</b> name null "\u003cb\u003e\u0026amp;\u003c/b\u003e" type null "website" timezone null "UTC"`},
		{"admin", access.Admin, site.CreateIn{Name: "Mine"}, fault.Denied, "", ""},
		{"none", access.None, site.CreateIn{Name: "Mine"}, fault.Denied, "", ""},
		{"taken", access.Super, site.CreateIn{Name: "Mall"}, fault.Conflict, "name", ""},
		{"taken but for case and spaces", access.Super, site.CreateIn{Name: "\u00a0mALL"}, fault.Conflict, "name", ""},
		{"taken but for spaces within", access.Super, site.CreateIn{Name: "this  log"}, fault.Conflict, "name", ""},
		{"taken but for its form", access.Super, site.CreateIn{Name: "Ｍall"}, fault.Conflict, "name", ""},
		{"another's address", access.Super, site.CreateIn{Name: "Stall", Addresses: []string{"http://mall.example"}}, fault.Conflict, "addresses", ""},
		{"another's name as an address", access.Super, site.CreateIn{Name: "Stall", Addresses: []string{"https://Shop.example"}}, fault.Conflict, "addresses", ""},
		{"another's address as a name", access.Super, site.CreateIn{Name: "Mall.example"}, fault.Conflict, "name", ""},
		{"no name", access.Super, site.CreateIn{Name: "\u3000"}, fault.Invalid, "name", ""},
		{"a number", access.Super, site.CreateIn{Name: "4"}, fault.Invalid, "name", ""},
		{"a number that is no id", access.Super, site.CreateIn{Name: "123456789012"}, "", "", `MeasurableCreated 5 123456789012 name null "123456789012" type null "website" timezone null "UTC"`},
		{"no kind", access.Super, site.CreateIn{Name: "x", Kind: "blog"}, fault.Invalid, "kind", ""},
		{"no zone", access.Super, site.CreateIn{Name: "x", Zone: "Local"}, fault.Invalid, "zone", ""},
		{"a script", access.Super, site.CreateIn{Name: "x", Addresses: []string{"javascript:alert(1)"}}, fault.Invalid, "addresses", ""},
		{"a script with slashes", access.Super, site.CreateIn{Name: "x", Addresses: []string{"javascript://x.example/%0aalert(1)"}}, fault.Invalid, "addresses", ""},
		{"a password", access.Super, site.CreateIn{Name: "x", Addresses: []string{"https://me:secret@x.example"}}, fault.Invalid, "addresses", ""},
		{"no host", access.Super, site.CreateIn{Name: "x", Addresses: []string{"https:///path"}}, fault.Invalid, "addresses", ""},
		{"markup for a host", access.Super, site.CreateIn{Name: "x", Addresses: []string{"https://<b>.example"}}, fault.Invalid, "addresses", ""},
		{"a space", access.Super, site.CreateIn{Name: "x", Addresses: []string{"https://x.example/a b"}}, fault.Invalid, "addresses", ""},
		{"too many", access.Super, site.CreateIn{Name: "x", Addresses: many(21)}, fault.Invalid, "addresses", ""},
	} {
		before := len(recorded(t, db))
		made, err := s.CreateSite(as(people[c.by]), c.in)
		if fault.CodeOf(err) != c.want || err != nil && fault.Public(err).Field != c.field {
			t.Errorf("%s: %+v, %v", c.what, made, err)
		}
		if got := told(t, db, before); got != c.log {
			t.Errorf("%s: recorded\n%s, want\n%s", c.what, got, c.log)
		}
	}
}

func many(n int) (list []string) {
	for i := range n {
		list = append(list, "https://"+strconv.Itoa(i)+".example")
	}
	return list
}

func TestConfigureSite(t *testing.T) {
	db, s, people := open(t)
	for _, c := range []struct {
		what  string
		by    access.Role
		in    site.ConfigureIn
		want  fault.Code
		field string
		log   string
	}{
		{
			"admin", access.Admin,
			site.ConfigureIn{ID: "1", Description: new(" Who did\r\nwhat "), Offered: new(false)},
			"", "",
			`SiteSettingsUpdated 1 This log description "" "Who did\nwhat" offered true false`,
		},
		{"the same again", access.Admin, site.ConfigureIn{ID: "1", Description: new("Who did\nwhat"), Offered: new(false)}, "", "", ""},
		{"a link", access.Super, site.ConfigureIn{ID: "1", ObjectLink: new("https://x.example/{kind}?q={id}#{name}")}, "", "", `SiteSettingsUpdated 1 This log objectLink "" "https://x.example/{kind}?q={id}#{name}"`},
		{"write", access.Write, site.ConfigureIn{ID: "1", Offered: new(true)}, fault.Denied, "", ""},
		{"admin elsewhere", "admin of site 2", site.ConfigureIn{ID: "1", Offered: new(true)}, fault.Denied, "", ""},
		{"admin of another site", access.Admin, site.ConfigureIn{ID: "2", Offered: new(false)}, fault.NotFound, "", ""},
		{"no such site", access.Super, site.ConfigureIn{ID: "01", Offered: new(false)}, fault.NotFound, "", ""},
		{"long", access.Super, site.ConfigureIn{ID: "1", Description: new(strings.Repeat("é", 1001))}, fault.Invalid, "description", ""},
		{"control", access.Super, site.ConfigureIn{ID: "1", Description: new("a\x07b")}, fault.Invalid, "description", ""},
		{"a script", access.Super, site.ConfigureIn{ID: "1", ObjectLink: new("javascript://x.example/{id}")}, fault.Invalid, "objectLink", ""},
		{"the object's own host", access.Super, site.ConfigureIn{ID: "1", ObjectLink: new("https://{name}/{id}")}, fault.Invalid, "objectLink", ""},
		{"within the host", access.Super, site.ConfigureIn{ID: "1", ObjectLink: new("https://x.{name}.example/{id}")}, fault.Invalid, "objectLink", ""},
		{"no object", access.Super, site.ConfigureIn{ID: "1", ObjectLink: new("https://x.example/{kind}")}, fault.Invalid, "objectLink", ""},
		{"unknown braces", access.Super, site.ConfigureIn{ID: "1", ObjectLink: new("https://x.example/{id}/{secret}")}, fault.Invalid, "objectLink", ""},
		{"a password", access.Super, site.ConfigureIn{ID: "1", ObjectLink: new("https://a:b@x.example/{id}")}, fault.Invalid, "objectLink", ""},
	} {
		before := len(recorded(t, db))
		now, err := s.ConfigureSite(as(people[c.by]), c.in)
		if fault.CodeOf(err) != c.want || err != nil && fault.Public(err).Field != c.field {
			t.Errorf("%s: %+v, %v", c.what, now, err)
		}
		if got := told(t, db, before); got != c.log {
			t.Errorf("%s: recorded\n%s, want\n%s", c.what, got, c.log)
		}
	}
	list, err := s.Sites(as(people[access.View]), site.SitesIn{})
	want := site.Settings{Description: "Who did\nwhat", ObjectLink: "https://x.example/{kind}?q={id}#{name}"}
	if err != nil || list.Sites[0].Settings != want || list.Sites[0].People != nil {
		t.Errorf("%+v, %v", list, err)
	}
}

// What goes with a site: the access to it and the sessions of those whose role falls,
// not the others'; and all of it is said before.
func TestRemoveSite(t *testing.T) {
	db, s, people := open(t)
	accounts := sqlite.NewAccounts(db)
	err := accounts.Update(t.Context(), func(tx account.Tx) error {
		for role, level := range map[access.Role]string{access.Admin: "view", access.View: "admin", access.None: "write"} {
			p := people[role]
			if err := tx.SetGrant(t.Context(), account.Grant{User: p.UserID, Site: 2, Level: level}); err != nil {
				return err
			}
			if err := tx.AddSession(t.Context(), account.Running{ID: p.Login, User: p.UserID, ExpiresAt: 1 << 50, Door: "http"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	super := as(people[access.Super])
	for what, c := range map[string]struct {
		by   access.Role
		id   string
		want fault.Code
	}{
		"admin":        {access.Admin, "1", fault.Denied},
		"this log":     {access.Super, "1", fault.Conflict},
		"no such site": {access.Super, "3", fault.NotFound},
		"no id":        {access.Super, "", fault.NotFound},
	} {
		if _, err := s.RemoveSite(as(people[c.by]), site.RemoveIn{ID: c.id}); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v", what, err)
		}
	}
	want := []site.Lost{
		{User: id(people[access.Admin]), Login: "admin", Level: "view", Role: "admin"},
		{User: id(people[access.None]), Login: "none", Level: "write", Role: "none", Ends: true},
		{User: id(people[access.View]), Login: "view", Level: "admin", Role: "view", Ends: true},
	}
	if _, err := s.ConfigureSite(super, site.ConfigureIn{ID: "2", Offered: new(false)}); err != nil {
		t.Fatal(err)
	}
	before := len(recorded(t, db))
	for _, try := range []bool{true, false} {
		gone, err := s.RemoveSite(super, site.RemoveIn{ID: "2", Try: try})
		if err != nil || gone.ID != "2" || gone.Name != "shop.example" || !slices.Equal(gone.Lost, want) {
			t.Errorf("try %t: %+v, %v", try, gone, err)
		}
		_, ok, err := accounts.Live(t.Context(), "view")
		if err != nil || ok != try {
			t.Errorf("try %t: the viewer's session %t, %v", try, ok, err)
		}
		if n := len(recorded(t, db)) - before; (n == 0) != try {
			t.Errorf("try %t: %d recorded", try, n)
		}
	}
	got := told(t, db, before)
	if got != `SiteAccessChanged 2 shop.example admin access "view" "none"
SiteAccessChanged 2 shop.example none access "write" "none"
SiteAccessChanged 2 shop.example view access "admin" "none"
MeasurableRemoved 2 shop.example name "shop.example" null type "website" null timezone "UTC" null offered false null` {
		t.Errorf("recorded\n%s", got)
	}
	if _, ok, err := accounts.Live(t.Context(), "admin"); !ok || err != nil {
		t.Errorf("the session of one whose role stays ended: %v", err)
	}
	if grants, err := accounts.Grants(t.Context(), 0); err != nil || slices.ContainsFunc(grants, func(g account.Grant) bool { return g.Site == 2 }) {
		t.Errorf("%v, %v", grants, err)
	}
	for _, err := range []error{
		second(s.ChangeSite(super, site.ChangeIn{ID: "2", Name: new("x")})), second(s.ConfigureSite(super, site.ConfigureIn{ID: "2"})),
		second(s.RemoveSite(super, site.RemoveIn{ID: "2"})),
	} {
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a removed site: %v", err)
		}
	}
}

// Asking what would go waits for nobody who writes, and keeps nobody from it.
func TestRemovingIsTriedBesideTheWriter(t *testing.T) {
	db, s, people := open(t)
	ctx, cancel := context.WithTimeout(as(people[access.Super]), time.Minute)
	defer cancel()
	err := db.Write(t.Context(), func(*sqlite.Tx) error {
		gone, err := s.RemoveSite(ctx, site.RemoveIn{ID: "2", Try: true})
		if err == nil && gone.Name != "shop.example" {
			t.Errorf("%+v", gone)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }

func id(p access.Principal) string { return strconv.FormatInt(p.UserID, 10) }

// A site of the same name as one that was removed is another one: it has another id,
// nobody has access to it, and what was the other's is not found as its own.
func TestASiteAgain(t *testing.T) {
	db, s, people := open(t)
	super := as(people[access.Super])
	record := func(called string) {
		t.Helper()
		b := account.Begin(people[access.Super], now(), "GoalAdded")
		b.Site, b.SiteCalled = &activity.SiteRef{Kind: "other", Name: called}, activity.SiteCall{Text: called, Scope: activity.Scope{All: true}}
		if _, err := db.Append(t.Context(), []activity.Body{b}); err != nil {
			t.Fatal(err)
		}
	}
	count := func(query string) int {
		t.Helper()
		q, err := activity.ParseQuery("type:GoalAdded "+query, activity.ParseOptions{Now: now()})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := db.Select(t.Context(), activity.Selection{Scope: activity.Scope{All: true}, Query: q}, activity.Seek{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		return len(rows)
	}
	check := func(when string, want map[string]int) {
		t.Helper()
		for query, n := range want {
			if got := count(query); got != n {
				t.Errorf("%s: %q finds %d, want %d", when, query, got, n)
			}
		}
	}
	record("Mall") // before it is a site
	made, err := s.CreateSite(super, site.CreateIn{Name: "Mall"})
	if err != nil || made.ID != "3" {
		t.Fatalf("%+v, %v", made, err)
	}
	record("mall")
	if _, err := s.ChangeSite(super, site.ChangeIn{ID: "3", Name: new("Store")}); err != nil {
		t.Fatal(err)
	}
	record("3")
	before := map[string]int{"site:Mall": 2, "site:Store": 2, "site:3": 2, "site:4": 0, "-site:Store": 1}
	check("before", before)
	if _, err := s.RemoveSite(super, site.RemoveIn{ID: "3"}); err != nil {
		t.Fatal(err)
	}
	check("removed", before)
	again, err := s.CreateSite(super, site.CreateIn{Name: "Store"})
	if err != nil || again.ID != "4" || *again.People != 0 {
		t.Fatalf("%+v, %v", again, err)
	}
	record("Store")
	record("3") // nobody's id
	check("again", map[string]int{"site:Mall": 2, "site:Store": 3, "site:3": 3, "site:4": 1, "-site:Store": 2})
	list, err := s.Sites(super, site.SitesIn{})
	if err != nil || !slices.Equal(list.Seen, []string{"3", "Mall"}) {
		t.Errorf("%+v, %v", list, err)
	}
	for i, want := range []string{"Mall", "Mall", "Store", "Store", "3"} {
		goals := slices.DeleteFunc(recorded(t, db), func(b activity.Body) bool { return b.Type != "GoalAdded" })
		if goals[i].Site.Name != want {
			t.Errorf("activity %d reads %q, want %q", i, goals[i].Site.Name, want)
		}
	}
}
