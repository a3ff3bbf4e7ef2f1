package view_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/sqlite"
	"activitylog/backend/view"
)

// anyQuery is a log in which each query means something.
type anyQuery struct{}

func (anyQuery) CheckQuery(context.Context, string) error { return nil }

func (anyQuery) CountSince(context.Context, activity.CountIn, int64) (activity.Count, error) {
	return activity.Count{}, nil
}

func (anyQuery) Fixed(string, string) (activity.Query, error) { return activity.Query{}, nil }

type stored = sqlite.Views

// A counter counts how often all views of somebody are read in a transaction.
type counter struct {
	*stored
	reads int
}

type countedTx struct {
	view.Tx
	reads *int
}

func (c *counter) Update(ctx context.Context, change func(view.Tx) error) error {
	return c.stored.Update(ctx, func(tx view.Tx) error { return change(countedTx{tx, &c.reads}) })
}

func (t countedTx) Views(ctx context.Context, user int64) ([]view.Record, error) {
	*t.reads++
	return t.Tx.Views(ctx, user)
}

func open(t *testing.T) (*view.Service, *counter, context.Context) {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "activity.db"), Create: true, Now: now, Tick: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	err = sqlite.NewAccounts(db).Update(t.Context(), func(tx account.Tx) error {
		id, err := tx.AddUser(t.Context(), account.Record{Login: "root", Key: "root", Super: true, Version: 1})
		if id != 1 {
			t.Errorf("root is user %d", id)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	store := &counter{stored: sqlite.NewViews(db)}
	ctx := access.With(t.Context(), access.Principal{UserID: 1, Login: "root", Role: access.Super, Door: access.HTTP})
	return view.New(store, anyQuery{}, now), store, ctx
}

func fileOf(names []string, query string) string {
	type one struct {
		Name   string `json:"name"`
		Query  string `json:"query"`
		Shared bool   `json:"shared"`
	}
	list := make([]one, len(names))
	for i, name := range names {
		list[i] = one{name, query, i%2 == 0}
	}
	text, _ := json.Marshal(map[string]any{"kind": "activitylog-views", "version": 1, "views": list})
	return string(text)
}

// A file of many views keeps others from writing no longer than it must: what is there is
// read once, and yet each view is compared with those before it.
func TestAFileIsTakenInWithOneRead(t *testing.T) {
	s, store, ctx := open(t)
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprint("view ", i))
	}
	for _, c := range []struct {
		query string
		want  view.Imported
	}{
		{"a", view.Imported{Created: 100}}, {"a", view.Imported{Same: 100}}, {"b", view.Imported{Changed: 100}}, {"b", view.Imported{Same: 100}},
	} {
		store.reads = 0
		got, err := s.ImportViews(ctx, view.ImportIn{Content: fileOf(names, c.query), Replace: true})
		if err != nil || got != c.want {
			t.Errorf("%+v, %v; want %+v", got, err, c.want)
		}
		if store.reads != 1 {
			t.Errorf("%d reads for %+v", store.reads, c.want)
		}
	}
	if _, err := s.ImportViews(ctx, view.ImportIn{Content: fileOf([]string{"twice", "x", "twice"}, "a")}); err != nil {
		t.Errorf("one name twice, the same: %v", err)
	}
	twice := strings.Replace(fileOf([]string{"two", "x", "two"}, "a"), `"query":"a"`, `"query":"c"`, 1)
	if _, err := s.ImportViews(ctx, view.ImportIn{Content: twice}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("one name twice, with two queries: %v", err)
	}
}

// What somebody asks for has an end.
func TestViewsHaveLimits(t *testing.T) {
	s, _, ctx := open(t)
	var ids []string
	for i := range 22 {
		v, err := s.SaveView(ctx, view.SaveIn{Name: new(fmt.Sprint("view ", i)), Query: new("x"), Pinned: new(i < 19)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, v.ID)
	}
	pin := func(id string, pinned bool) error {
		_, err := s.PinView(ctx, view.PinIn{ID: id, Pinned: pinned})
		return err
	}
	if err := pin(ids[20], true); err != nil {
		t.Fatal(err)
	}
	if err := pin(ids[21], true); fault.CodeOf(err) != fault.Conflict || fault.Public(err).Field != "pinned" {
		t.Errorf("the 21st: %v", err)
	}
	if err := pin(ids[20], true); err != nil {
		t.Errorf("one that is pinned: %v", err)
	}
	if _, err := s.RemoveView(ctx, view.RemoveIn{ID: ids[0]}); err != nil {
		t.Fatal(err)
	}
	if err := pin(ids[21], true); err != nil {
		t.Errorf("after one was removed: %v", err)
	}
	if got, err := s.ExportViews(ctx, view.FileIn{IDs: []string{ids[21]}}); err != nil || got.Name != "view-"+ids[21]+".json" || strings.Count(got.Content, `"name"`) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.ExportViews(ctx, view.FileIn{IDs: []string{ids[21], ids[0]}}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("one that was removed: %v", err)
	}
	many := make([]string, 401)
	for i := range many {
		many[i] = ids[21]
	}
	if _, err := s.ExportViews(ctx, view.FileIn{IDs: many}); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "ids" {
		t.Errorf("401 ids: %v", err)
	}
}
