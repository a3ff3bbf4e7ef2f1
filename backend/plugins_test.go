package backend

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/plugin"
)

// write makes a plugin in a folder of its own, with each replacement done in all its files.
func writePlugin(t *testing.T, name string, replace ...string) string {
	t.Helper()
	root, err := plugin.Begin(t.TempDir(), name)
	if err != nil {
		t.Fatal(err)
	}
	edit := strings.NewReplacer(replace...)
	err = filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(at)
		if err == nil {
			err = os.WriteFile(at, []byte(edit.Replace(string(data))), 0o600)
		}
		if next := edit.Replace(at); err == nil && next != at {
			err = os.Rename(at, next)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func handleOf(t *testing.T, app *App, ctx context.Context, path string) string {
	t.Helper()
	handles, err := app.Sources.Offer(ctx, []string{path})
	if err != nil {
		t.Fatal(err)
	}
	return handles[0].ID
}

// newest is how the newest activity reads, with its type and changes.
func newest(t *testing.T, app *App) (activity.Activity, string) {
	t.Helper()
	page, err := app.Log.List(owner(t), activity.ListIn{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("no activity: %v", err)
	}
	return page.Items[0], sentenceOf(page.Items[0])
}

func sentenceOf(a activity.Activity) string {
	var b strings.Builder
	for _, p := range a.Sentence {
		b.WriteString(p.Text)
	}
	return b.String()
}

func TestAPluginsLife(t *testing.T) {
	app, _ := openTest(t)
	ctx := owner(t)
	size := func() int64 { return app.Integrity.State(ctx).Size }
	told := func(typ, reads string, changes ...string) {
		t.Helper()
		a, got := newest(t, app)
		var changed []string
		for _, c := range a.Changes {
			if c.Field == "sha256" && strings.HasPrefix(typ, "Plugin") == (string(c.Old) == "null") && len(c.New) == 66 && string(c.Old) != string(c.New) {
				continue // TestAVersionHasOneContent
			}
			changed = append(changed, c.Field+" "+string(c.Old)+" "+string(c.New))
		}
		if a.Type != typ || got != reads || strings.Join(changed, ", ") != strings.Join(changes, ", ") {
			t.Errorf("the newest is %s, %q, changes %v", a.Type, got, changed)
		}
	}
	record := func(id, item string) error {
		_, err := app.Log.Record(ctx, activity.Draft{Type: id, Parameters: []byte(`{"item": "` + item + `"}`)})
		return err
	}
	code := func(want fault.Code, field string, err error) {
		t.Helper()
		if got := fault.Public(err); err == nil || got.Code != want || got.Field != field {
			t.Errorf("error %v (%s), want %s at %s", err, got.Field, want, field)
		}
	}

	first := writePlugin(t, "Shop")
	p, err := app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handleOf(t, app, ctx, first)})
	if err != nil || !p.Active || p.Bundled || p.Version != "1.0.0" || len(p.Types) != 1 || p.Types[0].ID != "Shop/ItemAdded" {
		t.Fatalf("installed %+v, %v", p, err)
	}
	told("PluginInstalled", `installed the plugin "Shop" in version 1.0.0`, `version null "1.0.0"`)
	_, err = app.Log.Record(ctx, activity.Draft{Type: "Shop/ItemAdded"})
	code(fault.Invalid, "parameters.item", err)
	if err := record("Shop/ItemAdded", "Tea"); err != nil {
		t.Fatal(err)
	}
	told("Shop/ItemAdded", `added the item "Tea"`)
	_, err = app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handleOf(t, app, ctx, first)})
	code(fault.Conflict, "plugin", err)

	if _, err := app.Plugins.DeactivatePlugin(ctx, plugin.NameIn{Name: "Shop"}); err != nil {
		t.Fatal(err)
	}
	told("PluginDeactivated", `deactivated the plugin "Shop"`, `state "active" "inactive"`)
	before := size()
	code(fault.Invalid, "type", record("Shop/ItemAdded", "Milk"))
	if _, err := app.Plugins.DeactivatePlugin(ctx, plugin.NameIn{Name: "Shop"}); err != nil || size() != before {
		t.Errorf("deactivated twice: %v, %d entries more", err, size()-before)
	}
	if _, err := app.Plugins.ActivatePlugin(ctx, plugin.NameIn{Name: "Shop"}); err != nil {
		t.Fatal(err)
	}
	told("PluginActivated", `activated the plugin "Shop"`, `state "inactive" "active"`)

	_, err = app.Plugins.UpdatePlugin(ctx, plugin.UpdateIn{Handle: handleOf(t, app, ctx, first)})
	code(fault.Conflict, "version", err)
	second := writePlugin(t, "Shop", "1.0.0", "1.10.0", "ItemAdded", "ItemStored", "Item added", "Item stored", "added [", "stored [")
	if _, err = app.Plugins.UpdatePlugin(ctx, plugin.UpdateIn{Handle: handleOf(t, app, ctx, second)}); err != nil {
		t.Fatal(err)
	}
	told("ComponentUpdated", `updated the plugin "Shop" to version 1.10.0`, `version "1.0.0" "1.10.0"`, `types ["Shop/ItemAdded"] ["Shop/ItemStored"]`)
	if err := record("Shop/ItemStored", "Salt"); err != nil {
		t.Fatal(err)
	}
	_, err = app.Plugins.UpdatePlugin(ctx, plugin.UpdateIn{Handle: handleOf(t, app, ctx, writePlugin(t, "Shop", "1.0.0", "1.9.0"))})
	code(fault.Conflict, "version", err)
	if _, err = app.Plugins.UpdatePlugin(ctx, plugin.UpdateIn{Handle: handleOf(t, app, ctx, first), Downgrade: true}); err != nil {
		t.Fatal(err)
	}
	told("ComponentUpdated", `updated the plugin "Shop" to version 1.0.0`, `version "1.10.0" "1.0.0"`, `types ["Shop/ItemStored"] ["Shop/ItemAdded"]`)

	if _, err := app.Plugins.RemovePlugin(ctx, plugin.NameIn{Name: "Shop"}); err != nil {
		t.Fatal(err)
	}
	told("PluginUninstalled", `uninstalled the plugin "Shop"`, `version "1.0.0" null`)
	for query, want := range map[string]string{
		"type:Shop/ItemAdded": `added the item "Tea"`, "type:Shop/ItemStored": `stored the item "Salt"`, "category:shop": `stored the item "Salt"`,
	} {
		page, err := app.Log.List(ctx, activity.ListIn{Query: query})
		if err != nil || len(page.Items) == 0 || sentenceOf(page.Items[0]) != want {
			t.Errorf("%s after it was removed: %+v, %v", query, page.Items, err)
		}
	}
	_, err = app.Plugins.RemovePlugin(ctx, plugin.NameIn{Name: "Shop"})
	code(fault.NotFound, "name", err)
	_, err = app.Plugins.UpdatePlugin(ctx, plugin.UpdateIn{Handle: handleOf(t, app, ctx, second)})
	code(fault.NotFound, "plugin", err)
	if _, err := app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handleOf(t, app, ctx, second)}); err != nil {
		t.Errorf("installed again: %v", err)
	}
}

// The files of a version are told by their checksum, as sha256sum says, and no others take
// its place, not even after it was removed.
func TestAVersionHasOneContent(t *testing.T) {
	app, _ := openTest(t)
	ctx := owner(t)
	folder := writePlugin(t, "Shop")
	if _, err := app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handleOf(t, app, ctx, folder)}); err != nil {
		t.Fatal(err)
	}
	var list string
	for _, name := range []string{"Activity/ItemAdded.json", "plugin.json"} {
		data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		list += fmt.Sprintf("%x  %s\n", sha256.Sum256(data), name)
	}
	want := fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256([]byte(list))))
	if a, _ := newest(t, app); len(a.Changes) != 2 || a.Changes[1].Field != "sha256" || string(a.Changes[1].New) != want {
		t.Errorf("recorded %+v, want %s", a.Changes, want)
	}
	other := writePlugin(t, "Shop", "added [", "took away [")
	_, err := app.Plugins.UpdatePlugin(ctx, plugin.UpdateIn{Handle: handleOf(t, app, ctx, other), Downgrade: true})
	if fault.CodeOf(err) != fault.Conflict || fault.Public(err).Field != "version" {
		t.Errorf("the same version with other sentences: %v", err)
	}
	if _, err := app.Plugins.RemovePlugin(ctx, plugin.NameIn{Name: "Shop"}); err != nil {
		t.Fatal(err)
	}
	_, err = app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handleOf(t, app, ctx, other)})
	if fault.CodeOf(err) != fault.Conflict || fault.Public(err).Field != "version" {
		t.Errorf("installed again with other sentences: %v", err)
	}
	if _, err := app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handleOf(t, app, ctx, folder)}); err != nil {
		t.Errorf("installed again: %v", err)
	}
}

func TestBundledPluginsStay(t *testing.T) {
	app, _ := openTest(t)
	ctx := owner(t)
	for name, want := range map[string]fault.Code{"Goals": fault.Conflict, "Login": fault.Conflict, "Nobody": fault.NotFound} {
		if _, err := app.Plugins.RemovePlugin(ctx, plugin.NameIn{Name: name}); fault.CodeOf(err) != want {
			t.Errorf("remove %s: %v", name, err)
		}
	}
	for name, want := range map[string]fault.Code{"Login": fault.Conflict, "ActivityLog": fault.Conflict, "Nobody": fault.NotFound} {
		if _, err := app.Plugins.DeactivatePlugin(ctx, plugin.NameIn{Name: name}); fault.CodeOf(err) != want {
			t.Errorf("deactivate %s: %v", name, err)
		}
	}
	if p, err := app.Plugins.DeactivatePlugin(ctx, plugin.NameIn{Name: "Goals"}); err != nil || p.Active {
		t.Fatalf("deactivate Goals: %+v, %v", p, err)
	}
	if _, err := app.Log.Record(ctx, activity.Draft{Type: "GoalAdded"}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("recorded while deactivated: %v", err)
	}
	if _, err := app.Plugins.ActivatePlugin(ctx, plugin.NameIn{Name: "Goals"}); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Log.Record(ctx, activity.Draft{Type: "GoalAdded"}); err != nil {
		t.Errorf("activated again: %v", err)
	}
}

// A plugin with something wrong changes nothing, and all of it is said.
func TestABrokenPluginChangesNothing(t *testing.T) {
	app, _ := openTest(t)
	ctx := owner(t)
	if _, err := app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handleOf(t, app, ctx, writePlugin(t, "Store"))}); err != nil {
		t.Fatal(err)
	}
	before, size := app.Plugins, app.Integrity.State(ctx).Size
	broken := writePlugin(t, "Shop", "{item.name}", "{thing.name}", `"id": "shop"`, `"id": "store"`)
	_, err := app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handleOf(t, app, ctx, broken)})
	want := `Activity/ItemAdded.json: sentence: en: names the parameter "thing", which the type does not have`
	if got := fault.Public(err); got.Code != fault.Invalid || got.Field != "sentence" || got.Message != want {
		t.Errorf("refused with %+v", got)
	}
	found, err := app.Plugins.CheckPlugin(ctx, plugin.CheckIn{Handle: handleOf(t, app, ctx, broken)})
	if err != nil || len(found.Problems) != 2 || found.Problems[1].Field != "categories[0].id" || found.Plugin.Name != "Shop" || found.Installed != nil {
		t.Errorf("the check says %+v, %v", found, err)
	}
	clash := writePlugin(t, "Shop", `"id": "shop"`, `"id": "store"`, `"category": "shop"`, `"category": "store"`)
	if _, err := app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handleOf(t, app, ctx, clash)}); !strings.Contains(fault.Public(err).Message, "another plugin (Store) has this category") {
		t.Errorf("another's category: %v", err)
	}
	if got := app.Integrity.State(ctx).Size; got != size {
		t.Errorf("%d entries more", got-size)
	}
	if list, err := before.Plugins(ctx, plugin.ListIn{}); err != nil || strings.Contains(names(list), "Shop") || !strings.Contains(names(list), "Store") {
		t.Errorf("plugins: %s, %v", names(list), err)
	}
}

func names(list plugin.List) string {
	var all []string
	for _, p := range list.Plugins {
		all = append(all, p.Name)
	}
	return strings.Join(all, " ")
}

// What one process installs, the others know: those that run, and those that start.
func TestOtherProcessesLearnOfPlugins(t *testing.T) {
	dir, ctx := filepath.Join(t.TempDir(), "data"), owner(t)
	begin := func() *App {
		one, err := open(t.Context(), Config{Data: dir, Create: true, Version: "test"}, cheap, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = one.Close() })
		return one
	}
	app, other := begin(), begin()
	news := make(chan struct{}, 100)
	defer other.Watch(func() { news <- struct{}{} })()
	if _, err := app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handleOf(t, app, ctx, writePlugin(t, "Shop"))}); err != nil {
		t.Fatal(err)
	}
	<-news // who listens is told when the plugin is there
	if _, err := other.Log.Record(ctx, activity.Draft{Type: "Shop/ItemAdded"}); fault.Public(err).Field != "parameters.item" {
		t.Errorf("the other process records without its parameter: %v", err)
	}
	if err := catalogKnows(begin(), "Shop/ItemAdded"); err != nil {
		t.Errorf("a process that starts: %v", err)
	}
	// Both want to update it at the same time: one is first, the other one not newer.
	next := writePlugin(t, "Shop", "1.0.0", "1.1.0")
	var done sync.WaitGroup
	errs := make([]error, 2)
	for i, one := range []*App{app, other} {
		handle := handleOf(t, one, ctx, next)
		done.Go(func() { _, errs[i] = one.Plugins.UpdatePlugin(ctx, plugin.UpdateIn{Handle: handle}) })
	}
	done.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || fault.CodeOf(errors.Join(errs...)) != fault.Conflict {
		t.Errorf("updated at the same time: %v, %v", errs[0], errs[1])
	}
}

func TestTheProgramsOwnVersion(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	start := func(version string) *App {
		t.Helper()
		app, err := open(t.Context(), Config{Data: dir, Create: true, Version: version}, cheap, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = app.Close() })
		return app
	}
	recorded := func(app *App, want int64) activity.Activity {
		t.Helper()
		page, err := app.Log.List(owner(t), activity.ListIn{Query: "type:ComponentUpdated"})
		if err != nil || int64(len(page.Items)) != want {
			t.Fatalf("%d updates are recorded, want %d (%v)", len(page.Items), want, err)
		}
		if want == 0 {
			return activity.Activity{}
		}
		return page.Items[0]
	}
	recorded(start("1.0.0"), 0)
	recorded(start("1.0.0"), 0)
	recorded(start("dev"), 0)
	recorded(start(""), 0)
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			if app, err := open(context.Background(), Config{Data: dir, Version: "1.1.0"}, cheap, time.Now); err == nil {
				_ = app.Close()
			} else {
				t.Error(err)
			}
		})
	}
	done.Wait()
	a := recorded(start("1.1.0"), 1)
	if got := sentenceOf(a); got != "updated Activity Log to version 1.1.0" || a.Actor.Kind != activity.KindSystem || a.Actor.Name != "activitylog" {
		t.Errorf("it reads %q, by %+v", got, a.Actor)
	}
	if c := a.Changes; len(c) != 1 || string(c[0].Old) != `"1.0.0"` || string(c[0].New) != `"1.1.0"` {
		t.Errorf("changes %+v", c)
	}
}

// No handle is another's.
func TestAPluginIsTheChoosersOwn(t *testing.T) {
	app, c := openTest(t)
	cast(t, app, c)
	handle := handleOf(t, app, owner(t), writePlugin(t, "Shop"))
	root := caller{token: signIn(t, app, "root")}.context(t, app)
	if _, err := app.Plugins.InstallPlugin(root, plugin.InstallIn{Handle: handle}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another's handle: %v", err)
	}
	if _, err := app.Sources.Path(access.With(root, access.Principal{}), handle); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("nobody's path: %v", err)
	}
	if err := catalogKnows(app, "Shop/ItemAdded"); err == nil {
		t.Error("it was installed all the same")
	}
}

func catalogKnows(app *App, id string) error {
	types, err := app.Log.Types(access.With(context.Background(), access.Principal{Owner: true, Role: access.Super}), activity.TypesIn{})
	for _, typ := range types.Types {
		if typ.ID == id && typ.Known {
			return err
		}
	}
	return errors.Join(err, fault.New(fault.NotFound, "no %s", id))
}
