package sqlite

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// explain returns SQLite's plan of a query, without what repeats for each row shown.
func explain(t *testing.T, db bun.IDB, q *bun.SelectQuery) []string {
	t.Helper()
	var plan []struct{ Detail string }
	if err := db.NewRaw("EXPLAIN QUERY PLAN ?", q).Scan(t.Context(), &plan); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, step := range plan {
		out = append(out, step.Detail)
	}
	return out
}

// Each kind of query starts where docs/benchmarks.md needs it to, and sorts nothing
// but what one address brings.
func TestPlans(t *testing.T) {
	w := newWorld(t, 120, 19)
	usual := bounds
	t.Cleanup(func() { bounds = usual })
	anywhere := func() { bounds = usual; bounds.anchorRows, bounds.ipRows, bounds.ipWordsRows = -1, -1, -1 }
	match := []string{"SCAN w VIRTUAL TABLE INDEX order:M2", "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"}
	for _, test := range []struct {
		text   string
		bounds func()
		scope  activity.Scope
		plan   []string
	}{
		{"", anywhere, activity.Scope{All: true}, []string{"SCAN a"}},
		{"on:2026-03-01", anywhere, activity.Scope{All: true}, []string{"SEARCH a USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"}},
		{"", anywhere, activity.Scope{User: 1}, match},
		{"actor:ann type:GoalAdded alpha -beta", anywhere, activity.Scope{User: 1}, match},
		{"-type:GoalAdded", anywhere, activity.Scope{All: true}, match},
		{"site:1 on:2026-03-01", anywhere, activity.Scope{All: true}, []string{"SCAN w VIRTUAL TABLE INDEX order:M2><", match[1]}},
		{"ip:203.0.113.0/24 alpha", anywhere, activity.Scope{All: true}, match},
		{"ip:203.0.113.0/24", anywhere, activity.Scope{All: true}, []string{"SCAN a"}},
		{"ip:2001:db8::1", func() { bounds = usual }, activity.Scope{All: true}, []string{"SEARCH a USING COVERING INDEX activity_ip (ip=?)"}},
		{"ip:2001:db8::1 result:ok", func() { bounds = usual }, activity.Scope{All: true}, []string{"SEARCH a USING INDEX activity_ip (ip=?)"}},
		{"ip:203.0.113.0/24", func() { bounds = usual }, activity.Scope{All: true}, []string{
			"SEARCH a USING COVERING INDEX activity_ip (ip=?)", "USE TEMP B-TREE FOR ORDER BY",
		}},
		{"ip:203.0.113.0/24", func() { bounds = usual }, activity.Scope{User: 1}, match},
		{"object:goal", func() { anywhere(); bounds.facets = 1 }, activity.Scope{All: true}, []string{
			"SCAN a", "SEARCH d EXISTS USING INTEGER PRIMARY KEY (rowid=?)",
		}},
	} {
		test.bounds()
		q := w.parse(t, test.text)
		m, err := compile(t.Context(), w.db.Read(), activity.Selection{Scope: test.scope, Query: q})
		if err != nil || m.empty {
			t.Fatalf("%q: %v, empty %v", test.text, err, m.empty)
		}
		for _, newest := range []bool{true, false} {
			// The bits with which the words index is told to give its rows in order.
			order := map[bool]string{true: "INDEX 192:", false: "INDEX 64:"}[newest]
			want := slices.Clone(test.plan)
			for i := range want {
				want[i] = strings.Replace(want[i], "INDEX order:", order, 1)
			}
			got := explain(t, w.db.Read(), m.keys(w.db.Read(), m.from, m.to, newest, 50))
			if !slices.Equal(got, want) {
				t.Errorf("%q (newest %v) is answered by\n%s\nwant\n%s", test.text, newest, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// The dictionaries are searched by index, except the small ones that ignore case.
func TestPlansOfDictionaries(t *testing.T) {
	w := newWorld(t, 120, 21)
	for text, want := range map[string]string{"actor:ann": "SCAN d", "actor:arn:aws": "SCAN d", "object:goal:7": "SCAN d", "object:src": "SCAN d", "ip:203.0.0.0/16": "SCAN d"} {
		for _, c := range conditionsOf(activity.Selection{Query: w.parse(t, text)}) {
			cond := c.cond
			if c.kinds != nil {
				var err error
				if cond, err = objectCondition(t.Context(), w.db.Read(), c.kinds); err != nil {
					t.Fatal(err)
				}
			}
			q := w.db.Read().NewSelect().ColumnExpr("d.id").TableExpr("? AS d", bun.Ident(c.table)).Where(cond.text, cond.args...)
			if plan := explain(t, w.db.Read(), q); slices.Contains(plan, want) {
				t.Errorf("%q walks over its dictionary:\n%s", text, strings.Join(plan, "\n"))
			}
		}
	}
}

func TestSlotRange(t *testing.T) {
	const slot = SlotMillis
	for _, test := range []struct {
		after, before int64
		first, end    int64
		edges         int
		ok            bool
	}{
		{0, slot, 0, 1, 0, true},
		{1, slot, 1, 1, 1, true},
		{1, slot - 1, 1, 0, 2, false},
		{1, 3*slot + 1, 1, 3, 2, true},
		{-1, 1, 0, 0, 2, true},
		{-slot, slot, -1, 1, 0, true},
		{-slot - 1, 0, -1, 0, 1, true},
	} {
		first, end, edges, ok := slotRange(keyAt(test.after), keyAt(test.before))
		if first != test.first || end != test.end || ok != test.ok || ok && len(edges) != test.edges {
			t.Errorf("slotRange(%d, %d) = %d, %d, %d edges, %v, want %+v", test.after, test.before, first, end, len(edges), ok, test)
		}
	}
}

func TestBarWidth(t *testing.T) {
	for _, test := range []struct{ oldest, newest, buckets, width int64 }{
		{0, 0, 1, 1},
		{0, 511, 512, 1},
		{0, 512, 512, 2},
		{3, 4, 1, 8},
		{-10, 10, 2, 12},
		{0, 10 * 365 * 96, 512, 7 * 96 * 2},
		{0, 10 * 365 * 96, 1, 7 * 96 * 522},
	} {
		width := barWidth(test.oldest, test.newest, test.buckets)
		if bars := floorDiv(test.newest, width) - floorDiv(test.oldest, width) + 1; bars > test.buckets {
			t.Errorf("barWidth(%d, %d, %d) = %d gives %d bars", test.oldest, test.newest, test.buckets, width, bars)
		}
		if width != test.width {
			t.Errorf("barWidth(%d, %d, %d) = %d, want %d", test.oldest, test.newest, test.buckets, width, test.width)
		}
	}
}

// What is next to the place asked for has little of a rare value: its list is short.
func TestRareValuesAreNotLookedForNearby(t *testing.T) {
	w := newWorld(t, 120, 29)
	usual := bounds
	t.Cleanup(func() { bounds = usual })
	for _, test := range []struct {
		text        string
		user        int64
		rows, slots int
		near        bool
	}{
		{"", 2, usual.nearRows, usual.slots, false},
		{"", 2, -1, usual.slots, true},
		{"", 2, usual.nearRows, 0, true}, // too many kept counts to tell
		{"type:GoalAdded", 0, usual.nearRows, usual.slots, false},
		{"type:GoalAdded", 0, -1, usual.slots, true},
		{"-type:GoalAdded", 0, usual.nearRows, usual.slots, true},
		{"result:failed", 0, usual.nearRows, usual.slots, true},
	} {
		bounds.nearRows, bounds.slots = test.rows, test.slots
		sel := activity.Selection{Scope: activity.Scope{All: test.user == 0, User: test.user}, Query: w.parse(t, test.text)}
		m, err := compile(t.Context(), w.db.Read(), sel)
		if err != nil {
			t.Fatal(err)
		}
		keys, near, err := m.nearby(t.Context(), w.db.Read(), m.from, keyAt(start.UnixMilli()), true, 5)
		if err != nil || near != test.near {
			t.Errorf("%+v: %v, %v", test, keys, err)
		}
	}
}
