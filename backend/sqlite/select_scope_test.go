package sqlite

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// stranger returns the first activity a page shows that is not the user's.
func (w *world) stranger(rows []activity.Stored, user int64) (seq int64, found bool) {
	for _, row := range rows {
		i := slices.IndexFunc(w.model.rows, func(m modelRow) bool { return m.seq == row.Seq })
		if i < 0 || w.model.rows[i].user != user {
			return row.Seq, true
		}
	}
	return 0, false
}

// prying are queries by which somebody would look for the activity of others.
var prying = []string{
	"", "user:ann", "actor:ann", "actor:user:ann", "actor:bob", "-actor:bob", "actor:me", "ann", "bob", `"ann"`, "a*", "a1", "z", `"facets : z"`,
	`"x\" OR facets : z OR \"y"`, "source:import", "-source:cli", "type:GoalAdded", "object:goal:7", "ip:0.0.0.0/0", "ip:203.0.113.7", "result:denied",
	"site:1", "batch:1", "-z", `-"facets:a2"`, "category:goals", "-type:Plug",
}

func TestScopeHidesOthers(t *testing.T) {
	w := newWorld(t, 400, 7)
	for _, text := range prying {
		q := w.parse(t, text)
		for _, user := range []int64{0, 1, 2, 3, 99} {
			// Caller is who asks; it must not widen what the scope allows.
			for _, caller := range []int64{user, 1} {
				sel := activity.Selection{Scope: activity.Scope{User: user}, Caller: caller, Query: q}
				rows, err := w.db.Select(t.Context(), sel, activity.Seek{Limit: 500})
				if err != nil {
					t.Fatalf("%q: %v", text, err)
				}
				if seq, found := w.stranger(rows, user); found {
					t.Errorf("%q shows activity %d to user %d", text, seq, user)
				}
				if want := w.model.matches(sel); len(rows) != len(want) {
					t.Errorf("%q shows %d activities to user %d, want %d", text, len(rows), user, len(want))
				}
			}
		}
	}
	// The control: without the scope the same check does find others' activity.
	rows, err := w.db.Select(t.Context(), activity.Selection{Scope: activity.Scope{All: true}, Caller: 2}, activity.Seek{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	if _, found := w.stranger(rows, 2); !found {
		t.Error("the check does not see others' activity even where everything is shown")
	}
}

// A user created with the login of an imported identity sees nothing of it until
// it is linked.
func TestScopeIsByIdentityNotByName(t *testing.T) {
	w := newWorld(t, 200, 3)
	sel := activity.Selection{Scope: activity.Scope{User: 4}, Caller: 4}
	see := func() activity.Count {
		c, err := w.db.Count(t.Context(), sel, true)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	exec := func(query string) {
		err := w.db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Bun().NewRaw(query).Exec(t.Context())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO user (id, login, login_key, email, name, password, super, disabled, version, created_at)
		VALUES (4, 'root', 'root', '', '', '', 0, 0, 1, 0)`)
	if c := see(); c.N != 0 {
		t.Errorf("the new user root sees %d activities of an imported root", c.N)
	}
	before, err := w.db.Revision(t.Context(), sel.Scope)
	if err != nil {
		t.Fatal(err)
	}
	exec("UPDATE actor SET user_id = 4 WHERE name = 'root'")
	if c := see(); c.N == 0 {
		t.Error("the user root sees nothing of the identity that was linked")
	}
	if after, err := w.db.Revision(t.Context(), sel.Scope); err != nil || after == before {
		t.Errorf("linking does not change the revision: %q, %v", after, err)
	}
}

func TestFind(t *testing.T) {
	w := newWorld(t, 120, 5)
	for _, row := range w.model.rows {
		for _, scope := range []activity.Scope{{All: true}, {}, {User: 1}, {User: 2}, {User: 3}} {
			got, place, err := w.db.Find(t.Context(), scope, row.seq)
			if visible := scope.All || row.user != 0 && row.user == scope.User; !visible {
				if fault.CodeOf(err) != fault.NotFound {
					t.Fatalf("Find(%+v, %d): %v, want not_found", scope, row.seq, err)
				}
				continue
			}
			if err != nil || got.Seq != row.seq || got.Body.Type != row.body.Type || len(place.Commitment) != 64 || !place.Sealed {
				t.Fatalf("Find(%+v, %d) = %+v, %+v, %v", scope, row.seq, got, place, err)
			}
			if label := map[int64]string{1: "Ann Smith", 2: "bob"}[row.user]; got.ActorLabel != label {
				t.Fatalf("Find(%d): label %q, want %q", row.seq, got.ActorLabel, label)
			}
		}
	}
	for _, seq := range []int64{-1, int64(len(w.model.rows)), 1 << 62} {
		if _, _, err := w.db.Find(t.Context(), activity.Scope{All: true}, seq); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("Find(%d): %v, want not_found", seq, err)
		}
	}
}

func TestFindGivesTheLeafOfTheReceipt(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	for i, r := range appendAll(t, db, bodies(0, 5)) {
		_, place, err := db.Find(t.Context(), activity.Scope{All: true}, int64(i))
		if err != nil || place.Leaf != r.Receipt.Leaf || place.Size != "5" {
			t.Errorf("place %+v, %v, want the leaf %s", place, err, r.Receipt.Leaf)
		}
	}
}

func TestActors(t *testing.T) {
	w := newWorld(t, 400, 9)
	names := func(scope activity.Scope, search string, limit int) (out []string, sum int64) {
		list, err := w.db.Actors(t.Context(), scope, search, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			out = append(out, a.Actor.Kind+":"+a.Actor.Name)
			sum += a.N
		}
		return out, sum
	}
	all, sum := names(activity.Scope{All: true}, "", 500)
	if len(all) != len(worldActors) || sum != int64(len(w.model.rows)) {
		t.Errorf("%d identities with %d activities, want %d with %d", len(all), sum, len(worldActors), len(w.model.rows))
	}
	if got, _ := names(activity.Scope{All: true}, "", 3); !slices.Equal(got, all[:3]) {
		t.Errorf("the first three are %v, want %v", got, all[:3])
	}
	for search, want := range map[string][]string{
		"smith": {"user:ann", "user:annette"}, // by the shown name of the linked user
		"NETTE": {"user:annette"}, "%": nil, "_": nil, "iam::1": {"service:arn:aws:iam::1:role", "service:arn:aws:iam::1:role/x"},
	} {
		if got, _ := names(activity.Scope{All: true}, search, 500); !slices.Equal(got, want) {
			t.Errorf("Actors(%q) = %v, want %v", search, got, want)
		}
	}
	for scope, want := range map[activity.Scope][]string{
		{}: nil, {User: 3}: nil, {User: 2}: {"user:bob"}, {User: 1}: {"user:ann", "user:annette"},
	} {
		if got, _ := names(scope, "", 500); !slices.Equal(got, want) {
			t.Errorf("user %d sees the identities %v, want %v", scope.User, got, want)
		}
	}
	if got, _ := names(activity.Scope{User: 2}, "ann", 500); len(got) > 0 {
		t.Errorf("bob finds %v", got)
	}
	for _, bad := range []string{strings.Repeat("%", maxSearch+1), "a\x00", "\xff"} {
		if _, err := w.db.Actors(t.Context(), activity.Scope{All: true}, bad, 5); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("Actors(%q): %v, want invalid", bad, err)
		}
	}
}

func TestTypeNames(t *testing.T) {
	w := newWorld(t, 100, 11)
	for _, scope := range []activity.Scope{{All: true}, {}, {User: 1}, {User: 2}, {User: 3}} {
		want := []string{}
		for _, row := range w.model.matches(activity.Selection{Scope: scope}) {
			want = append(want, row.body.Type)
		}
		slices.Sort(want)
		want = slices.Compact(want)
		if got, err := w.db.TypeNames(t.Context(), scope); err != nil || !slices.Equal(got, want) {
			t.Errorf("TypeNames(%+v) = %v, %v, want %v", scope, got, err, want)
		}
	}
}

func TestResolveSite(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	for text, want := range map[string]bool{"1": true, "This log": true, "this LOG": true, "01": false, "2": false, "": false, "a\x00": false, "' OR 1": false} {
		ref, ok, err := db.ResolveSite(t.Context(), activity.Scope{All: true}, text)
		if err != nil || ok != want || ok && (*ref.ID != "1" || ref.Name != "This log") {
			t.Errorf("ResolveSite(%q) = %+v, %v, %v, want %v", text, ref, ok, err, want)
		}
	}
}

// A site that somebody has no access to is to them a word like any other: what they
// record with it does not tell that it exists, nor what its id is called.
func TestResolveSiteKeepsToTheScope(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Bun().ExecContext(t.Context(), `
			INSERT INTO measurable (id, kind, name, zone, created_at) VALUES (2, 'website', 'shop.example', 'UTC', 0);
			INSERT INTO user (id, login, login_key, email, name, password, super, disabled, version, created_at) VALUES (7, 'ann', 'ann', '', '', '', 0, 0, 1, 0);
			INSERT INTO access (user, site, level) VALUES (7, 1, 'write')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"1", "this log", "2", "shop.example", "SHOP.example"} {
		for scope, want := range map[activity.Scope]bool{
			{All: true}: true, {User: 7}: text == "1" || text == "this log", {User: 8}: false, {}: false,
		} {
			if ref, ok, err := db.ResolveSite(t.Context(), scope, text); err != nil || ok != want || !ok && ref != (activity.SiteRef{}) {
				t.Errorf("%q for %+v: %+v, %v, %v", text, scope, ref, ok, err)
			}
		}
	}
}

func TestRevision(t *testing.T) {
	w := newWorld(t, 100, 13)
	revision := func(scope activity.Scope) string {
		r, err := w.db.Revision(t.Context(), scope)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	all, ann, bob := revision(activity.Scope{All: true}), revision(activity.Scope{User: 1}), revision(activity.Scope{User: 2})
	if again := revision(activity.Scope{All: true}); again != all {
		t.Errorf("the revision changes without a change: %s, %s", all, again)
	}
	b := w.model.rows[0].body
	b.Actor = activity.BodyActor{Kind: "user", Source: "self", Name: new("bob"), User: new("2")}
	appendAll(t, w.db, []activity.Body{b})
	if revision(activity.Scope{All: true}) == all || revision(activity.Scope{User: 2}) == bob {
		t.Error("bob's activity does not change the revision of all and of bob")
	}
	if revision(activity.Scope{User: 1}) != ann {
		t.Error("bob's activity changes what ann can tell")
	}
}

func TestReadsStopWithTheContext(t *testing.T) {
	w := newWorld(t, 20, 15)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	all := activity.Scope{All: true}
	sel := activity.Selection{Scope: all, Query: w.parse(t, "ann")}
	for name, read := range map[string]func() error{
		"Select":      func() error { _, err := w.db.Select(ctx, sel, activity.Seek{Limit: 5}); return err },
		"Count":       func() error { _, err := w.db.Count(ctx, sel, true); return err },
		"Histogram":   func() error { _, err := w.db.Histogram(ctx, sel, 5); return err },
		"Find":        func() error { _, _, err := w.db.Find(ctx, all, 0); return err },
		"Actors":      func() error { _, err := w.db.Actors(ctx, all, "", 5); return err },
		"TypeNames":   func() error { _, err := w.db.TypeNames(ctx, all); return err },
		"ResolveSite": func() error { _, _, err := w.db.ResolveSite(ctx, all, "1"); return err },
		"Revision":    func() error { _, err := w.db.Revision(ctx, all); return err },
	} {
		if err := read(); fault.CodeOf(err) != fault.Unavailable || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want unavailable", name, err)
		}
	}
}

// Rows that come in while somebody reads neither repeat nor hide others.
func TestPagesWhileRowsComeIn(t *testing.T) {
	for _, oldest := range []bool{false, true} {
		w := newWorld(t, 200, 17)
		sel := activity.Selection{Scope: activity.Scope{All: true}, Query: w.parse(t, "-type:Plug")}
		before := modelSeqs(w.model.matches(sel), !oldest)
		var got []int64
		seek := activity.Seek{Oldest: oldest, Limit: 9}
		for {
			rows, err := w.db.Select(t.Context(), sel, seek)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			got = append(got, seqs(rows)...)
			seek.From = &rows[len(rows)-1].Key
			w.add(t, 3, 0)
		}
		if sorted := slices.Sorted(slices.Values(got)); len(slices.Compact(sorted)) != len(got) {
			t.Error("an activity was shown twice")
		}
		kept := slices.DeleteFunc(slices.Clone(got), func(seq int64) bool { return !slices.Contains(before, seq) })
		if !slices.Equal(kept, before) {
			t.Errorf("of those there were at first (oldest %v)\n%v were shown, want\n%v", oldest, kept, before)
		}
		// Back from the last row come the same and what came in between, in order.
		w.compare(t, sel)
	}
}

// Counting by words stops at 10,000 unless asked for all; facets are always exact.
func TestCountStops(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	const n = 10_050
	list := bodies(0, n)
	for i := range list {
		list[i].ExternalID, list[i].Object, list[i].Result = nil, nil, activity.Denied
	}
	appendAll(t, db, list)
	for _, test := range []struct {
		text  string
		exact bool
		want  activity.Count
	}{
		{"", false, activity.Count{N: n, Exact: true}},
		{"result:denied", false, activity.Count{N: n, Exact: true}},
		{"source:import:test", false, activity.Count{N: n, Exact: true}},
		{"contains", false, activity.Count{N: 10_000}},
		{"contains", true, activity.Count{N: n, Exact: true}},
		{"ip:203.0.113.0/24", false, activity.Count{N: 10_000}},
		{"ip:203.0.113.0/24", true, activity.Count{N: n, Exact: true}},
		{"person3", false, activity.Count{N: n/7 + 1, Exact: true}},
	} {
		q, err := activity.ParseQuery(test.text, activity.ParseOptions{Now: start})
		if err != nil {
			t.Fatal(err)
		}
		got, err := db.Count(t.Context(), activity.Selection{Scope: activity.Scope{All: true}, Query: q}, test.exact)
		if err != nil || got != test.want {
			t.Errorf("count %q (exact %v) = %+v, %v, want %+v", test.text, test.exact, got, err, test.want)
		}
	}
}

// What people type never becomes a part of the MATCH expression.
func TestExpressionQuotesWords(t *testing.T) {
	m := matcher{groups: []group{{dim: actorDim, ids: []int64{4, 9}}}, words: []word{
		{Word: activity.Word{Text: `a" OR facets : z`}},
		{Word: activity.Word{Text: "B-co", Prefix: true}, tokens: []string{"b", "co"}, ends: []string{"cold", "cot"}},
		{Word: activity.Word{Text: "D", Prefix: true}, tokens: []string{"d"}, wide: true},
		{Word: activity.Word{Text: "NOT", Negated: true}},
	}}
	want := `(facets : (a4 OR a9) AND text : "a"" OR facets : z" AND text : ("b cold" OR "b cot") AND text : "d" *) NOT (text : "NOT")`
	if got := m.expression(); got != want {
		t.Errorf("expression %s, want %s", got, want)
	}
	if strings.Contains(m.onlyText(), "a4") {
		t.Errorf("onlyText holds facets: %s", m.onlyText())
	}
}
