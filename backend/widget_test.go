package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/widget"
)

// A wall is a log with a super user, root, and ann, who may record.
type wall struct {
	*testing.T
	*App
	clock     *clock
	root, ann context.Context
	annID     string
}

func newWall(t *testing.T) *wall {
	app, c := openTest(t)
	return wallOf(t, app, c)
}

func wallOf(t *testing.T, app *App, c *clock) *wall {
	w := &wall{T: t, App: app, clock: c}
	if _, err := app.Accounts.SetUp(owner(t), account.SetUpIn{Login: "root", Email: "root@example.org", Password: password}); err != nil {
		t.Fatal(err)
	}
	w.annID = createUser(t, app, "ann", "write").ID
	w.root, w.ann = w.in("root"), w.in("ann")
	for range 3 {
		w.record(w.ann, `{"type":"GoalAdded","parameters":{"goal":{"id":"1","name":"Sign-up"}},"changes":[{"field":"secretfield","old":1,"new":2}],"ip":"203.0.113.9"}`)
		w.record(w.root, `{"type":"GoalDeleted","parameters":{"goal":{"id":"2","name":"Rootgoal"}}}`)
	}
	return w
}

func (w *wall) in(login string) context.Context {
	w.Helper()
	return w.with(signIn(w.T, w.App, login))
}

// with is the context of a call with a token that is good.
func (w *wall) with(token string) context.Context {
	w.Helper()
	ctx, err := w.try(token)
	if err != nil {
		w.Fatal(err)
	}
	return ctx
}

func (w *wall) try(token string) (context.Context, error) {
	ctx := access.With(context.Background(), access.Principal{Door: access.HTTP, IP: "127.0.0.1"})
	p, err := w.Accounts.Authenticate(ctx, token)
	return access.With(ctx, p), err
}

func (w *wall) record(ctx context.Context, draft string) {
	w.Helper()
	d, err := activity.ParseDraft([]byte(draft))
	if err == nil {
		_, err = w.Log.Record(ctx, d)
	}
	if err != nil {
		w.Fatal(err)
	}
}

func (w *wall) make(ctx context.Context, in widget.CreateIn) widget.Made {
	w.Helper()
	if in.Name == "" {
		in.Name = "Wall"
	}
	made, err := w.Widgets.CreateWidget(ctx, in)
	if err != nil {
		w.Fatal(err)
	}
	return made
}

// open opens a widget by a token, as a server does.
func (w *wall) open(id, secret string) (widget.View, error) {
	ctx, err := w.try(secret)
	if err != nil {
		return widget.View{}, err
	}
	return w.Widgets.Widget(ctx, widget.ViewIn{ID: id})
}

func (w *wall) code(what string, err error, want fault.Code) {
	w.Helper()
	if fault.CodeOf(err) != want {
		w.Errorf("%s: %v, want %s", what, err, want)
	}
}

// told is what was recorded of widgets and tokens, with what changed.
func (w *wall) told() []string {
	w.Helper()
	page, err := w.Log.List(w.root, activity.ListIn{Query: "object:widget", Order: "oldest", Limit: 500})
	if err != nil {
		w.Fatal(err)
	}
	tokens, err := w.Log.List(w.root, activity.ListIn{Query: "object:token", Order: "oldest", Limit: 500})
	if err != nil {
		w.Fatal(err)
	}
	all := slices.Concat(page.Items, tokens.Items)
	slices.SortStableFunc(all, func(a, b activity.Activity) int { return len(a.ID)*1000 - len(b.ID)*1000 + strings.Compare(a.ID, b.ID) })
	out := []string{}
	for _, a := range all {
		line := a.Type
		for _, c := range a.Changes {
			line += fmt.Sprintf(" %s %s→%s", c.Field, c.Old, c.New)
		}
		out = append(out, line)
	}
	return out
}

func TestWidget_ShowsItsQueryToItsToken(t *testing.T) {
	w := newWall(t)
	made := w.make(w.ann, widget.CreateIn{Name: "Goals", Query: "type:GoalAdded", Limit: 2, Ancestors: []string{"https://Intranet.example.org/"}, Theme: "dark"})
	view, err := w.open(made.Widget.ID, made.Secret)
	if err != nil || view.Name != "Goals" || view.Theme != "dark" || view.Language != "en" || len(view.Rows) != 2 {
		t.Fatalf("%+v, %v", view, err)
	}
	row := view.Rows[0]
	if row.Actor != "ann" || row.TypeLabel != "Goal added" || row.Result != "ok" || len(row.Sentence) == 0 {
		t.Errorf("%+v", row)
	}
	text, _ := json.Marshal(view)
	for _, secret := range []string{"203.0.113.9", "secretfield", "127.0.0.1"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the widget tells of %s: %s", secret, text)
		}
	}
	frames, err := w.Widgets.Frames(context.Background(), made.Widget.ID)
	if err != nil || !slices.Equal(frames, []string{"https://intranet.example.org"}) {
		t.Errorf("framed by %q, %v", frames, err)
	}
	for _, id := range []string{"", "x", "../x", strings.Repeat("A", 26), strings.ToLower(made.Widget.ID), made.Widget.ID + "\x00"} {
		if frames, err := w.Widgets.Frames(context.Background(), id); err != nil || len(frames) != 0 {
			t.Errorf("%q is framed by %q, %v", id, frames, err)
		}
	}
}

// The token of a widget opens that widget: no other one, no operation, no changes.
func TestWidget_TokenOpensNothingElse(t *testing.T) {
	w := newWall(t)
	one, other := w.make(w.ann, widget.CreateIn{}), w.make(w.ann, widget.CreateIn{})
	_, err := w.open(other.Widget.ID, one.Secret)
	w.code("another widget of its maker", err, fault.NotFound)
	_, absent := w.open(strings.Repeat("A", 26), one.Secret)
	if err == nil || absent == nil || err.Error() != absent.Error() {
		t.Errorf("another: %v, none: %v", err, absent)
	}
	program := w.with(one.Secret)
	for _, op := range w.Ops {
		if _, err := op.Call(program, nil); !op.Open() && op.Name != "Widget" && fault.CodeOf(err) != fault.Denied {
			t.Errorf("%s: %v", op.Name, err)
		}
	}
	scopes, yes := []string{"widget", "read:own"}, true
	_, err = w.Accounts.ChangeToken(w.ann, account.ChangeTokenIn{ID: one.Widget.Token.ID, Scopes: &scopes})
	w.code("more scopes", err, fault.Invalid)
	_, err = w.Accounts.ChangeToken(w.ann, account.ChangeTokenIn{ID: one.Widget.Token.ID, AllowGet: &yes})
	w.code("in an address", err, fault.Invalid)
	// A token for all widgets of its maker opens both, and none of another maker.
	all, err := w.Accounts.CreateToken(w.root, account.CreateTokenIn{Name: "screens", Scopes: []string{"widget"}})
	if err != nil {
		t.Fatal(err)
	}
	roots := w.make(w.root, widget.CreateIn{})
	if _, err = w.open(roots.Widget.ID, all.Secret); err != nil {
		t.Error(err)
	}
	_, err = w.open(one.Widget.ID, all.Secret)
	w.code("of another maker", err, fault.NotFound)
	reader, err := w.Accounts.CreateToken(w.ann, account.CreateTokenIn{Name: "reader", Scopes: []string{"read:own"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.open(one.Widget.ID, reader.Secret)
	w.code("a token that reads", err, fault.Denied)
}

// What ends a widget ends it with the next call, and says so.
func TestWidget_EndsAtOnce(t *testing.T) {
	no, yes := false, true
	for name, test := range map[string]struct {
		everybody bool
		end       func(w *wall, made widget.Made) error
		code      fault.Code
	}{
		"revoked": {false, func(w *wall, m widget.Made) error {
			_, err := w.Accounts.RevokeToken(w.root, account.RevokeTokenIn{ID: m.Widget.Token.ID})
			return err
		}, fault.Unauthenticated},
		"expired": {false, func(w *wall, _ widget.Made) error { w.clock.pass(2 * time.Hour); return nil }, fault.Unauthenticated},
		"renewed": {false, func(w *wall, m widget.Made) error {
			_, err := w.Widgets.RenewWidget(w.root, widget.RenewIn{ID: m.Widget.ID})
			return err
		}, fault.Unauthenticated},
		"removed": {false, func(w *wall, m widget.Made) error {
			_, err := w.Widgets.RemoveWidget(w.root, widget.RemoveIn{ID: m.Widget.ID})
			return err
		}, fault.Unauthenticated},
		"maker disabled": {false, func(w *wall, _ widget.Made) error {
			_, err := w.Accounts.ChangeUser(w.root, account.ChangeUserIn{ID: w.annID, Disabled: &yes})
			return err
		}, fault.Unauthenticated},
		"maker removed": {false, func(w *wall, _ widget.Made) error {
			_, err := w.Accounts.RemoveUser(w.root, account.RemoveUserIn{ID: w.annID})
			return err
		}, fault.Unauthenticated},
		"maker may do nothing": {false, func(w *wall, _ widget.Made) error {
			_, err := w.Accounts.SetAccess(w.root, account.SetAccessIn{ID: w.annID, Site: "1", Level: "none"})
			return err
		}, fault.Unauthenticated},
		"maker demoted": {true, func(w *wall, _ widget.Made) error {
			_, err := w.Accounts.GrantSuper(w.root, account.GrantSuperIn{ID: w.annID, Super: no})
			return err
		}, fault.Denied},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWall(t)
			if test.everybody {
				if _, err := w.Accounts.GrantSuper(w.root, account.GrantSuperIn{ID: w.annID, Super: true}); err != nil {
					t.Fatal(err)
				}
				w.ann = w.in("ann")
			}
			end := w.clock.now().Add(time.Hour).UnixMilli()
			made := w.make(w.ann, widget.CreateIn{Everybody: test.everybody, ExpiresAt: &end})
			if _, err := w.open(made.Widget.ID, made.Secret); err != nil {
				t.Fatal(err)
			}
			if err := test.end(w, made); err != nil {
				t.Fatal(err)
			}
			_, err := w.open(made.Widget.ID, made.Secret)
			w.code("opened", err, test.code)
		})
	}
}

// A widget shows its maker's own activity, or everybody's if a super user said so.
// Whoever opens it sees the same.
func TestWidget_KeepsItsMakersScope(t *testing.T) {
	w := newWall(t)
	tells := func(made widget.Made, ctx context.Context) bool {
		t.Helper()
		view, err := w.Widgets.Widget(ctx, widget.ViewIn{ID: made.Widget.ID})
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(view)
		return strings.Contains(string(text), "Rootgoal")
	}
	for _, query := range []string{"", "user:root", "actor:root", "-user:me", "type:GoalDeleted", "Root*", "last:7d"} {
		own := w.make(w.ann, widget.CreateIn{Query: query, Limit: 100})
		if tells(own, w.with(own.Secret)) || tells(own, w.root) || tells(own, w.ann) {
			t.Errorf("ann's widget of %q tells of root", query)
		}
	}
	all := w.make(w.root, widget.CreateIn{Everybody: true, Query: "type:GoalDeleted"})
	if !tells(all, w.with(all.Secret)) {
		t.Error("not even a super user's widget tells of root: this test proves nothing")
	}
	_, err := w.Widgets.Widget(w.ann, widget.ViewIn{ID: all.Widget.ID})
	w.code("a person who did not make it", err, fault.NotFound)
	_, err = w.Widgets.CreateWidget(w.ann, widget.CreateIn{Name: "all", Everybody: true})
	w.code("everybody's by ann", err, fault.Denied)
	yes := true
	anns := w.make(w.ann, widget.CreateIn{})
	_, err = w.Widgets.ChangeWidget(w.ann, widget.ChangeIn{ID: anns.Widget.ID, Everybody: &yes})
	w.code("changed to everybody's by ann", err, fault.Denied)
	_, err = w.Widgets.ChangeWidget(w.root, widget.ChangeIn{ID: anns.Widget.ID, Everybody: &yes})
	w.code("changed to everybody's by root, for ann", err, fault.Denied)
	_, err = w.Widgets.ChangeWidget(w.ann, widget.ChangeIn{ID: all.Widget.ID})
	w.code("another's", err, fault.NotFound)
	_, err = w.Widgets.RemoveWidget(w.ann, widget.RemoveIn{ID: all.Widget.ID})
	w.code("removing another's", err, fault.NotFound)
	_, err = w.Widgets.RenewWidget(w.ann, widget.RenewIn{ID: all.Widget.ID})
	w.code("renewing another's", err, fault.NotFound)
	list, err := w.Widgets.Widgets(w.ann, widget.ListIn{})
	if err != nil || len(list.Widgets) != 8 {
		t.Errorf("ann sees %d, %v", len(list.Widgets), err)
	}
	if list, err = w.Widgets.Widgets(w.root, widget.ListIn{}); err != nil || len(list.Widgets) != 9 {
		t.Errorf("root sees %d, %v", len(list.Widgets), err)
	}
}

func TestWidget_RecordsWhatBecomesOfIt(t *testing.T) {
	w := newWall(t)
	made := w.make(w.root, widget.CreateIn{Query: "last:7d"})
	name, query, theme, limit, everybody, origins := "Wall 2", "type:GoalAdded", "light", 7, true, []string{"https://a.example"}
	change := widget.ChangeIn{ID: made.Widget.ID, Name: &name, Query: &query, Theme: &theme, Limit: &limit, Everybody: &everybody, Ancestors: &origins}
	for range 2 { // the second changes nothing and records nothing
		if _, err := w.Widgets.ChangeWidget(w.root, change); err != nil {
			t.Fatal(err)
		}
	}
	renewed, err := w.Widgets.RenewWidget(w.root, widget.RenewIn{ID: made.Widget.ID})
	if err != nil || renewed.Secret == made.Secret {
		t.Fatal(err)
	}
	if view, err := w.open(made.Widget.ID, renewed.Secret); err != nil || view.Name != name {
		t.Errorf("by its new token: %+v, %v", view, err)
	}
	if _, err := w.Widgets.RemoveWidget(w.root, widget.RemoveIn{ID: made.Widget.ID}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`WidgetCreated query null→"last:7d" ancestors null→[] theme null→"auto" limit null→20 everybody null→false`,
		`TokenCreated scopes null→["widget"] allowGet null→false`,
		`WidgetChanged name "Wall"→"Wall 2" query "last:7d"→"type:GoalAdded" ancestors []→["https://a.example"] theme "auto"→"light" limit 20→7 everybody false→true`,
		`TokenRevoked`, `TokenCreated scopes null→["widget"] allowGet null→false`, `TokenRevoked`, `WidgetRemoved`,
	}
	if got := w.told(); !reflect.DeepEqual(got, want) {
		t.Errorf("recorded:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWidget_RefusesWhatItCannotBe(t *testing.T) {
	w := newWall(t)
	past := w.clock.now().UnixMilli()
	for field, in := range map[string]widget.CreateIn{
		"name":      {Name: "  "},
		"query":     {Name: "a", Query: `type:"`},
		"ancestors": {Name: "a", Ancestors: []string{"https://a.example/x"}},
		"theme":     {Name: "a", Theme: "pink"},
		"limit":     {Name: "a", Limit: 101},
		"expiresAt": {Name: "a", ExpiresAt: &past},
	} {
		_, err := w.Widgets.CreateWidget(w.ann, in)
		if f := fault.Public(err); f == nil || f.Code != fault.Invalid || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if got := w.told(); len(got) != 0 {
		t.Errorf("recorded: %q", got)
	}
	if list, err := w.Widgets.Widgets(w.root, widget.ListIn{}); err != nil || len(list.Widgets) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}
