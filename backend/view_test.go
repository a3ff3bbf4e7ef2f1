package backend

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/sqlite"
	"activitylog/backend/view"
)

// saved makes a view or changes one.
func (w *wall) saved(ctx context.Context, in view.SaveIn) view.View {
	w.Helper()
	v, err := w.Views.SaveView(ctx, in)
	if err != nil {
		w.Fatal(err)
	}
	return v
}

// named returns the view of a name as somebody sees it; nil if they do not have it.
func (w *wall) named(ctx context.Context, name string) *view.View {
	w.Helper()
	list, err := w.Views.Views(ctx, view.ListIn{})
	if err != nil {
		w.Fatal(err)
	}
	for _, v := range list.Views {
		if v.Name == name {
			return &v
		}
	}
	return nil
}

// refused wants an error of a code and field.
func (w *wall) refused(what string, err error, code fault.Code, field, says string) {
	w.Helper()
	public := fault.Public(err)
	if public == nil || public.Code != code || public.Field != field || !strings.Contains(public.Message, says) {
		w.Errorf("%s: %+v, want %s of %q that says %q", what, public, code, field, says)
	}
}

// last returns the newest activities of a query, as root sees them.
func (w *wall) last(query string) []activity.Activity {
	w.Helper()
	page, err := w.Log.List(w.root, activity.ListIn{Query: query})
	if err != nil {
		w.Fatal(err)
	}
	return page.Items
}

func changesOf(a activity.Activity) string {
	var b strings.Builder
	for _, c := range a.Changes {
		b.WriteString(c.Field + " " + string(c.Old) + " → " + string(c.New) + "\n")
	}
	return b.String()
}

func toldOf(a activity.Activity) string {
	var b strings.Builder
	for _, p := range a.Sentence {
		b.WriteString(p.Text)
	}
	return b.String()
}

func TestViewsAreSavedChangedAndRemoved(t *testing.T) {
	w := newWall(t)
	v := w.saved(w.ann, view.SaveIn{Name: new(" Sign-ups "), Query: new("type:GoalAdded"), Columns: &[]string{"id", "site", "id"}, Order: new("oldest"), Density: new("compact")})
	if v.Name != "Sign-ups" || !slices.Equal(v.Columns, []string{"site", "id"}) || v.Order != "oldest" || v.Density != "compact" || !v.Own || !v.Editable || v.Shared || v.By != "ann" {
		t.Errorf("%+v", v)
	}
	made := w.last("type:SegmentCreated")[0]
	if toldOf(made) != `created the view "Sign-ups"` || made.Object.Kind != "view" || made.Object.ID != v.ID || made.Actor.Name != "ann" ||
		changesOf(made) != "name null → \"Sign-ups\"\nquery null → \"type:GoalAdded\"\ncolumns null → [\"site\",\"id\"]\norder null → \"oldest\"\ndensity null → \"compact\"\nshared null → false\n" {
		t.Errorf("%s\n%s%+v", toldOf(made), changesOf(made), made.Object)
	}

	w.saved(w.ann, view.SaveIn{ID: v.ID, Name: new("Goals"), Query: new("category:goals"), Order: new("newest"), Columns: &[]string{}})
	changed := w.last("type:SegmentUpdated")[0]
	if toldOf(changed) != `updated the view "Goals"` ||
		changesOf(changed) != "name \"Sign-ups\" → \"Goals\"\nquery \"type:GoalAdded\" → \"category:goals\"\ncolumns [\"site\",\"id\"] → []\norder \"oldest\" → \"newest\"\n" {
		t.Errorf("%s\n%s", toldOf(changed), changesOf(changed))
	}
	w.saved(w.ann, view.SaveIn{ID: v.ID, Name: new("Goals")}) // nothing changes, and nothing is recorded
	if n := len(w.last("type:SegmentUpdated")); n != 1 {
		t.Errorf("%d changes are recorded", n)
	}

	if _, err := w.Views.RemoveView(w.ann, view.RemoveIn{ID: v.ID}); err != nil {
		t.Fatal(err)
	}
	gone := w.last("type:SegmentDeleted")[0]
	if toldOf(gone) != `deleted the view "Goals"` || !strings.Contains(changesOf(gone), "query \"category:goals\" → null\n") {
		t.Errorf("%s\n%s", toldOf(gone), changesOf(gone))
	}
	if w.named(w.ann, "Goals") != nil || toldOf(w.last("type:SegmentCreated")[0]) != toldOf(made) {
		t.Error("it is there, or its past reads otherwise")
	}
}

func TestViewsRefuseWhatIsWrong(t *testing.T) {
	w := newWall(t)
	v := w.saved(w.ann, view.SaveIn{Name: new("Mine"), Query: new("")})
	for _, tt := range []struct {
		what string
		in   view.SaveIn
		code fault.Code
		at   string
		says string
	}{
		{"no name", view.SaveIn{}, fault.Invalid, "name", "Give the view a name"},
		{"a name of blanks", view.SaveIn{Name: new(" ")}, fault.Invalid, "name", "Give the view a name"},
		{"a long name", view.SaveIn{Name: new(strings.Repeat("x", 101))}, fault.Invalid, "name", "100"},
		{"a name of two lines", view.SaveIn{Name: new("a\nb")}, fault.Invalid, "name", "U+000A"},
		{"a name that is taken", view.SaveIn{Name: new("MINE")}, fault.Conflict, "name", `"Mine"`},
		{"a wrong query", view.SaveIn{Name: new("x"), Query: new("ok nofield:1")}, fault.Invalid, "query", "Column 4"},
		{"a wrong query for an old one", view.SaveIn{ID: v.ID, Query: new("after:never")}, fault.Invalid, "query", "Column"},
		{"a long query", view.SaveIn{Name: new("x"), Query: new(strings.Repeat("x", 2001))}, fault.Invalid, "query", "2000"},
		{"a column", view.SaveIn{Name: new("x"), Columns: &[]string{"ip", "shoe"}}, fault.Invalid, "columns", `"shoe"`},
		{"an order", view.SaveIn{Name: new("x"), Order: new("")}, fault.Invalid, "order", "newest or oldest"},
		{"a density", view.SaveIn{Name: new("x"), Density: new("thin")}, fault.Invalid, "density", "compact"},
		{"sharing", view.SaveIn{Name: new("x"), Shared: new(true)}, fault.Denied, "shared", "super user"},
		{"sharing an old one", view.SaveIn{ID: v.ID, Shared: new(true)}, fault.Denied, "shared", "super user"},
		{"an absent one", view.SaveIn{ID: "99"}, fault.NotFound, "", "no such view"},
		{"no id", view.SaveIn{ID: "1 OR 1"}, fault.NotFound, "", "no such view"},
	} {
		_, err := w.Views.SaveView(w.ann, tt.in)
		w.refused(tt.what, err, tt.code, tt.at, tt.says)
	}
	if n := len(w.last("type:SegmentCreated")) + len(w.last("type:SegmentUpdated")); n != 1 {
		t.Errorf("%d activities of what was refused", n-1)
	}
}

// A view that is somebody else's own answers as one that does not exist, to super users
// and the command line too; nothing says that it is there.
func TestViewsOfOthersAreAbsent(t *testing.T) {
	w := newWall(t)
	v := w.saved(w.ann, view.SaveIn{Name: new("Secret plan"), Query: new("canary")})
	for name, ctx := range map[string]context.Context{"root": w.root, "owner": owner(t)} {
		if w.named(ctx, "Secret plan") != nil {
			t.Errorf("%s has ann's view", name)
		}
		ask := func(id string) []string {
			_, saved := w.Views.SaveView(ctx, view.SaveIn{ID: id, Name: new("x")})
			_, removed := w.Views.RemoveView(ctx, view.RemoveIn{ID: id})
			_, pinned := w.Views.PinView(ctx, view.PinIn{ID: id, Pinned: true})
			_, seen := w.Views.SeeView(ctx, view.SeeIn{ID: id})
			_, exported := w.Views.ExportViews(ctx, view.FileIn{IDs: []string{id}})
			out := []string{}
			for _, err := range []error{saved, removed, pinned, seen, exported} {
				text, _ := json.Marshal(fault.Public(err))
				out = append(out, string(text))
			}
			return out
		}
		if foreign, absent := ask(v.ID), ask("99"); !slices.Equal(foreign, absent) || !strings.Contains(foreign[0], "not_found") {
			t.Errorf("%s:\n%v\n%v", name, foreign, absent)
		}
		if file, err := w.Views.ExportViews(ctx, view.FileIn{}); err != nil || strings.Contains(file.Content, "canary") {
			t.Errorf("%s exports %v, %s", name, err, file.Content)
		}
	}
	if w.named(w.ann, "Secret plan") == nil {
		t.Error("ann does not have her own view")
	}
}

// A shared view is everybody's, only super users change it, and what it counts is what
// its reader may see.
func TestSharedViewsKeepToTheReadersScope(t *testing.T) {
	w := newWall(t)
	v := w.saved(w.root, view.SaveIn{Name: new("Goals"), Query: new("category:goals"), Shared: new(true), Pinned: new(true)})
	shown := w.named(w.ann, "Goals")
	if shown == nil || shown.Own || shown.Editable || shown.Pinned || shown.New != nil || shown.By != "root" {
		t.Fatalf("ann sees %+v", shown)
	}
	if _, err := w.Views.PinView(w.ann, view.PinIn{ID: v.ID, Pinned: true}); err != nil {
		t.Fatal(err)
	}
	w.record(w.ann, `{"type":"GoalAdded","parameters":{"goal":{"id":"3","name":"Mine"}}}`)
	for range 2 {
		w.record(w.root, `{"type":"GoalAdded","parameters":{"goal":{"id":"4","name":"Not hers"}},"occurredAt":"2020-01-01T00:00:00Z"}`)
	}
	expect := func(who string, ctx context.Context, n int64) {
		t.Helper()
		if got := w.named(ctx, "Goals").New; got == nil || *got != (activity.Count{N: n, Exact: true}) {
			t.Errorf("%s has %+v new, want %d", who, got, n)
		}
	}
	expect("ann", w.ann, 1)
	expect("root", w.root, 3)
	if _, err := w.Views.SeeView(w.root, view.SeeIn{ID: v.ID}); err != nil {
		t.Fatal(err)
	}
	expect("root", w.root, 0)
	expect("ann", w.ann, 1) // a mark is one person's

	_, saved := w.Views.SaveView(w.ann, view.SaveIn{ID: v.ID, Name: new("x")})
	w.refused("change", saved, fault.Denied, "", "Only a super user")
	_, removed := w.Views.RemoveView(w.ann, view.RemoveIn{ID: v.ID})
	w.refused("remove", removed, fault.Denied, "", "Only a super user")
	createUser(t, w.App, "boss", "admin")
	w.saved(w.ann, view.SaveIn{Name: new("Goals"), Query: new("")}) // one's own may be called as a shared one is
	w.saved(w.root, view.SaveIn{ID: v.ID, Shared: new(false)})
	if got := w.named(w.ann, "Goals"); got == nil || !got.Own {
		t.Errorf("ann has %+v", got)
	}
}

// Who changes a view that somebody else follows tells them: their revision moves.
func TestSharingMovesTheRevision(t *testing.T) {
	w := newWall(t)
	revision := func() string {
		status, err := w.Log.Status(w.ann, activity.StatusIn{})
		if err != nil {
			t.Fatal(err)
		}
		return status.Revision
	}
	first := revision()
	own := w.saved(w.root, view.SaveIn{Name: new("Root's"), Query: new("x")})
	if revision() != first {
		t.Error("what is not hers moved ann's revision")
	}
	w.saved(w.root, view.SaveIn{ID: own.ID, Shared: new(true)})
	second := revision()
	w.saved(w.root, view.SaveIn{ID: own.ID, Query: new("y")})
	if third := revision(); second == first || third == second {
		t.Error("a shared view changed without telling")
	}
	one := w.saved(w.root, view.SaveIn{Name: new("One"), Query: new("x"), Shared: new(true)})
	fourth := revision()
	if _, err := w.Views.RemoveView(w.root, view.RemoveIn{ID: one.ID}); err != nil {
		t.Fatal(err)
	}
	w.saved(w.root, view.SaveIn{Name: new("Another"), Query: new("x"), Shared: new(true)})
	if revision() == fourth {
		t.Error("another view came in the place of one without telling")
	}
}

func TestPinsAreRecordedAndMarksAreNot(t *testing.T) {
	w := newWall(t)
	v := w.saved(w.ann, view.SaveIn{Name: new("Mine"), Query: new(""), Pinned: new(true)})
	if v.New != nil || !v.Pinned {
		t.Errorf("%+v", v)
	}
	if n := w.named(w.ann, "Mine").New; n == nil || n.N != 0 {
		t.Errorf("making it counts as new: %+v", n)
	}
	w.record(w.ann, `{"type":"GoalAdded","occurredAt":"1999-01-01T00:00:00Z"}`)
	if n := w.named(w.ann, "Mine").New; n == nil || n.N != 1 {
		t.Errorf("old activity recorded later: %+v", n)
	}
	size := len(w.last(""))
	for range 2 {
		if _, err := w.Views.SeeView(w.ann, view.SeeIn{ID: v.ID}); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.named(w.ann, "Mine").New; n == nil || n.N != 0 || len(w.last("")) != size {
		t.Errorf("seen: %+v", n)
	}
	for _, pinned := range []bool{false, false, true} {
		if got, err := w.Views.PinView(w.ann, view.PinIn{ID: v.ID, Pinned: pinned}); err != nil || got.Pinned != pinned {
			t.Errorf("%+v, %v", got, err)
		}
	}
	pins := w.last("type:UserPreferenceSet")
	if len(pins) != 3 || changesOf(pins[1]) != "pinned true → false\n" || toldOf(pins[1]) != `set the preference "pinned: Mine" to "false"` {
		t.Errorf("%d pins, %s %s", len(pins), changesOf(pins[1]), toldOf(pins[1]))
	}
	_, err := w.Views.PinView(owner(t), view.PinIn{ID: w.saved(owner(t), view.SaveIn{Name: new("Owner's"), Query: new("")}).ID, Pinned: true})
	w.refused("the command line pins", err, fault.Denied, "pinned", "no side bar")
}

// A removed user's own views go as their sessions do, shared ones stay; unshared, they are
// whose hands did that.
func TestViewsOfARemovedUser(t *testing.T) {
	w := newWall(t)
	boss := createUser(t, w.App, "boss", "admin")
	if _, err := w.Accounts.GrantSuper(owner(t), account.GrantSuperIn{ID: boss.ID, Super: true}); err != nil {
		t.Fatal(err)
	}
	as := w.in("boss")
	w.saved(as, view.SaveIn{Name: new("Own"), Query: new("")})
	shared := w.saved(as, view.SaveIn{Name: new("Shared"), Query: new(""), Shared: new(true)})
	if _, err := w.Views.PinView(w.ann, view.PinIn{ID: shared.ID, Pinned: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Accounts.RemoveUser(w.root, account.RemoveUserIn{ID: boss.ID}); err != nil {
		t.Fatal(err)
	}
	var own int
	if err := w.db.Read().NewRaw("SELECT count(*) FROM view WHERE shared = 0").Scan(t.Context(), &own); err != nil || own != 0 {
		t.Errorf("%d of their own are left, %v", own, err)
	}
	if got := changesOf(w.last("type:UserRemoved")[0]); !strings.HasSuffix(got, "views 1 → null\n") {
		t.Errorf("recorded %q", got)
	}
	if got := w.named(w.ann, "Shared"); got == nil || got.By != "" || !got.Pinned {
		t.Errorf("ann has %+v", got)
	}
	if got := w.saved(w.root, view.SaveIn{ID: shared.ID, Shared: new(false)}); !got.Own || got.By != "root" {
		t.Errorf("root has %+v", got)
	}
	if got, want := changesOf(w.last("type:SegmentUpdated")[0]), "owner \""+boss.ID+"\" → "; !strings.Contains(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
	if w.named(w.ann, "Shared") != nil {
		t.Error("ann still has it")
	}
}

// Who was a super user keeps nothing of that over what they shared.
func TestSharedViewsOfADemotedUser(t *testing.T) {
	w := newWall(t)
	boss := createUser(t, w.App, "boss", "view")
	grant := func(super bool) context.Context {
		t.Helper()
		if _, err := w.Accounts.GrantSuper(owner(t), account.GrantSuperIn{ID: boss.ID, Super: super}); err != nil {
			t.Fatal(err)
		}
		return w.in("boss")
	}
	v := w.saved(grant(true), view.SaveIn{Name: new("Shared"), Query: new(""), Shared: new(true)})
	as := grant(false)
	for _, in := range []view.SaveIn{{ID: v.ID, Query: new("x")}, {ID: v.ID, Shared: new(false)}} {
		_, err := w.Views.SaveView(as, in)
		w.refused("change", err, fault.Denied, "", "Only a super user")
	}
	if got := w.named(as, "Shared"); got == nil || got.Editable || !got.Own {
		t.Errorf("%+v", got)
	}
}

// A query that meant something once opens with what is wrong said, and goes.
func TestViewWhoseQueryMeansNothing(t *testing.T) {
	w := newWall(t)
	v := w.saved(w.ann, view.SaveIn{Name: new("Old"), Query: new("category:goals"), Pinned: new(true)})
	w.spoil(v.ID, "category:gone")
	got := w.named(w.ann, "Old")
	if got == nil || !strings.Contains(got.Fault, `"gone"`) || got.New != nil || got.Query != "category:gone" {
		t.Fatalf("%+v", got)
	}
	if renamed := w.saved(w.ann, view.SaveIn{ID: v.ID, Name: new("Older")}); renamed.Fault == "" {
		t.Errorf("%+v", renamed)
	}
	if _, err := w.Views.RemoveView(w.ann, view.RemoveIn{ID: v.ID}); err != nil {
		t.Error(err)
	}
}

// spoil gives a view a query that nobody could save.
func (w *wall) spoil(id, query string) {
	w.Helper()
	err := w.db.Write(w.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Bun().NewRaw("UPDATE view SET query = ? WHERE id = ?", query, id).Exec(w.Context())
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}

func TestViewsGoThroughAFile(t *testing.T) {
	w := newWall(t)
	for _, in := range []view.SaveIn{
		{Name: new("<Ä>"), Query: new(`"a & b" -type:GoalAdded`), Columns: &[]string{}, Order: new("oldest"), Density: new("airy")},
		{Name: new("Shared"), Query: new(""), Shared: new(true)},
	} {
		w.saved(w.root, in)
	}
	file, err := w.Views.ExportViews(w.root, view.FileIn{})
	if err != nil || file.Name != "views.json" || !strings.Contains(file.Content, "<Ä>") {
		t.Fatalf("%v %+v", err, file)
	}
	one, err := w.Views.ExportViews(w.root, view.FileIn{IDs: []string{w.named(w.root, "<Ä>").ID}})
	if err != nil || strings.Contains(one.Content, "Shared") || !strings.HasPrefix(one.Name, "view-") {
		t.Errorf("%v %+v", err, one)
	}
	take := func(ctx context.Context, content string, replace bool, want view.Imported) {
		t.Helper()
		if got, err := w.Views.ImportViews(ctx, view.ImportIn{Content: content, Replace: replace}); err != nil || got != want {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
	take(w.root, file.Content, false, view.Imported{Same: 2})
	take(w.ann, file.Content, false, view.Imported{Created: 2})
	if got := w.named(w.ann, "<Ä>"); got == nil || got.Order != "oldest" || got.Density != "airy" || len(got.Columns) != 0 || got.Query != `"a & b" -type:GoalAdded` {
		t.Errorf("%+v", got)
	}
	other := strings.Replace(file.Content, "oldest", "newest", 1)
	_, err = w.Views.ImportViews(w.ann, view.ImportIn{Content: other})
	w.refused("another one of that name", err, fault.Conflict, "replace", "View 1")
	take(w.ann, other, true, view.Imported{Changed: 1, Same: 1})

	for what, content := range map[string]string{
		"nothing": "", "no JSON": "x", "a list": "[]", "no kind": "{}", "another kind": `{"kind":"x","version":1,"views":[]}`,
		"a newer version":  `{"kind":"activitylog-views","version":2,"views":[]}`,
		"an unknown field": `{"kind":"activitylog-views","version":1,"views":[],"more":1}`,
		"something after":  `{"kind":"activitylog-views","version":1,"views":[]} x`,
		"not UTF-8":        "{\"kind\":\"activitylog-views\",\"version\":1,\"views\":[{\"name\":\"\xff\"}]}",
		"a large one":      `{"kind":"activitylog-views","version":1,"views":[]}` + strings.Repeat(" ", 1<<20),
		"a wrong query":    `{"kind":"activitylog-views","version":1,"views":[{"name":"good","query":""},{"name":"bad","query":"nofield:x"}]}`,
		"a wrong order":    `{"kind":"activitylog-views","version":1,"views":[{"name":"good","query":""},{"name":"bad","order":"up"}]}`,
		"no name":          `{"kind":"activitylog-views","version":1,"views":[{"name":"good","query":""},{"query":""}]}`,
	} {
		_, err := w.Views.ImportViews(w.ann, view.ImportIn{Content: content})
		w.refused(what, err, fault.Invalid, "content", "")
	}
	if w.named(w.ann, "good") != nil {
		t.Error("half a file was taken in")
	}
}

// A token reads its maker's views, and changes none.
func TestTokensReadViews(t *testing.T) {
	w := newWall(t)
	v := w.saved(w.ann, view.SaveIn{Name: new("Mine"), Query: new("")})
	made, err := w.Accounts.CreateToken(w.ann, account.CreateTokenIn{Name: "reader", Scopes: []string{string(access.ReadOwn)}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := w.with(made.Secret)
	if got := w.named(ctx, "Mine"); got == nil || got.Editable {
		t.Errorf("%+v", got)
	}
	_, saved := w.Views.SaveView(ctx, view.SaveIn{ID: v.ID, Name: new("x")})
	_, removed := w.Views.RemoveView(ctx, view.RemoveIn{ID: v.ID})
	_, seen := w.Views.SeeView(ctx, view.SeeIn{ID: v.ID})
	for _, err := range []error{saved, removed, seen} {
		w.refused("by a token", err, fault.Denied, "", "reader")
	}
}
