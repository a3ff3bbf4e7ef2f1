package backend

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/fault"
	"activitylog/backend/plugin"
	"activitylog/backend/source"
)

var writeActivities = flag.Bool("activities", false, "write docs/activities.md anew")

const (
	activitiesPage = "../docs/activities.md"
	// originalPage is the description of the original, where it lies beside the project.
	originalPage = "../../shared/mission/activity-log-faq.txt"
)

const activitiesHead = `# What the original reports, and what stands for it here

Made by a test (backend/activities_test.go; ` + "`go test ./backend -run Promised -args -activities`" + ` writes it). For each line it recorded an activity with all its
parameters, was refused when what is named there was missing (or, where nothing has to be there, of the wrong kind), found it by ` + "`type:`" + `, read it in both languages, and read it again as it was after its plugin
had been deactivated (bundled plugins cannot be removed). It read Matomo's own log with each of them, too.

People record what is not this program's own in the window, programs by ` + "`activitylog record`" + ` and [ingest](ingest.md), and the
[import](matomo.md) brings it from a Matomo. What this program does, it records itself: the operation is named.

| the original's | type | recorded by | in English | in German | refused by name | without its plugin |
|---|---|---|---|---|---|---|
`

// A promise is a kind of activity that the original reports, and how it went here.
type promise struct {
	bullet, id string
	typ        catalog.Type
	draft      activity.Draft
	stored     string // its id
	refused    string
}

func promises(t *testing.T, cat *catalog.Catalog) []*promise {
	t.Helper()
	text, err := os.ReadFile("catalog/testdata/promised.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var all []*promise
	for line := range strings.Lines(string(text)) {
		bullet, id, _ := strings.Cut(strings.TrimSpace(line), "\t")
		p := &promise{bullet: bullet, id: id}
		var known bool
		if p.typ, known = cat.Type(id); !known {
			t.Fatalf("%s: there is no type %q", bullet, id)
		}
		p.draft = activity.Draft{Type: id, Site: new("Blog"), Parameters: account.JSON(p.parameters())}
		all = append(all, p)
	}
	return all
}

// parameters are all that the type has, each with a value of its kind.
func (p *promise) parameters() map[string]any {
	values := map[string]any{}
	for _, q := range p.typ.Parameters {
		switch q.Kind {
		case "number":
			values[q.Name] = 30
		case "flag":
			values[q.Name] = true
		case "date":
			values[q.Name] = "2026-11-23"
		case "list":
			values[q.Name] = []string{"Blog", "Shop"}
		case "entity":
			values[q.Name] = map[string]any{"id": "7", "name": "The " + strings.ToLower(q.Label("en"))}
		default:
			values[q.Name] = "a " + strings.ToLower(q.Label("en"))
		}
	}
	if _, status, ok := strings.Cut(p.bullet, "status changed ("); ok {
		values["status"] = strings.ToLower(strings.TrimSuffix(status, ")"))
	}
	return values
}

// without is the draft with the first thing left out that it cannot do without: a
// required parameter, or the name of an entity. False where there is none.
func (p *promise) without() (activity.Draft, string, bool) {
	d, values := p.draft, p.parameters()
	for _, q := range p.typ.Parameters {
		field := "parameters." + q.Name
		switch {
		case q.Required:
			delete(values, q.Name)
		case q.Kind == "entity":
			values[q.Name], field = map[string]any{"id": "7"}, field+".name"
		case q.Kind == "number", q.Kind == "flag", q.Kind == "date", q.Kind == "list":
			values[q.Name] = map[string]any{}
		default:
			continue
		}
		d.Parameters = account.JSON(values)
		return d, field, true
	}
	return d, "", false
}

// TestEveryPromisedActivity: no line without a proof.
func TestEveryPromisedActivity(t *testing.T) {
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	all := promises(t, cat)
	comparePromises(t, all)
	app, c := openTest(t)
	cast(t, app, c)
	for _, p := range all {
		p.record(t, app)
	}
	before := map[string]map[string]string{"en": readings(t, app, "en"), "de": readings(t, app, "de")}
	kept := deactivateAll(t, app)
	after := map[string]map[string]string{"en": readings(t, app, "en"), "de": readings(t, app, "de")}
	importPromises(t, app, all)

	page := strings.Builder{}
	page.WriteString(activitiesHead)
	for _, p := range all {
		for lang, was := range before {
			if was[p.stored] == "" || after[lang][p.stored] != was[p.stored] {
				t.Errorf("%s reads %q (%s), and without its plugin %q", p.bullet, was[p.stored], lang, after[lang][p.stored])
			}
		}
		found, err := app.Log.Count(owner(t), activity.CountIn{Query: "type:" + p.id + " source:import", Exact: true})
		if err != nil || found.N == 0 {
			t.Errorf("%s: Matomo's is not found: %+v, %v", p.bullet, found, err)
		}
		cells := []string{p.bullet, "`" + p.id + "`", recordedBy(app, p), before["en"][p.stored], before["de"][p.stored], p.refused, kept[p.typ.Plugin]}
		for i, cell := range cells {
			if cell == "" {
				t.Errorf("%s: cell %d of its line is empty", p.bullet, i+1)
			}
		}
		page.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	if *writeActivities {
		if err := os.WriteFile(activitiesPage, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if is, err := os.ReadFile(activitiesPage); err != nil || string(is) != page.String() {
		t.Errorf("%s is not what this test makes (%v): go test ./backend -run Promised -args -activities", activitiesPage, err)
	}
}

// record stores the activity with all its parameters, finds it, and has it refused
// without what it needs.
func (p *promise) record(t *testing.T, app *App) {
	t.Helper()
	ctx := owner(t)
	query := "type:" + p.id
	if activity.Reserved(p.id) { // the log's own word: done, not said
		p.perform(t, app)
	} else {
		receipt, err := app.Log.Record(ctx, p.draft)
		if err != nil {
			t.Fatalf("%s: %v", p.bullet, err)
		}
		p.stored = receipt.ID
		d, field, can := p.without()
		p.refused = "takes no values"
		if can {
			_, err = app.Log.Record(ctx, d)
			p.refused = "`" + field + "`"
			if got := fault.Public(err); err == nil || got.Code != fault.Invalid || got.Field != field {
				t.Errorf("%s without %s: %v", p.bullet, field, err)
			}
		}
	}
	page, err := app.Log.List(ctx, activity.ListIn{Query: query, Limit: 1})
	if err != nil || len(page.Items) != 1 || p.stored != "" && page.Items[0].ID != p.stored {
		t.Fatalf("%s is not found by %s: %v", p.bullet, query, err)
	}
	p.stored = page.Items[0].ID
	var stored map[string]any
	if err := json.Unmarshal(page.Items[0].Parameters, &stored); err != nil {
		t.Fatal(err)
	}
	for _, q := range p.typ.Parameters {
		if _, ok := stored[q.Name]; !ok {
			t.Errorf("%s was stored without %s", p.bullet, q.Name)
		}
	}
}

// perform does what only the program can say.
func (p *promise) perform(t *testing.T, app *App) {
	t.Helper()
	if p.id != "UserRemoved" {
		t.Fatalf("nobody knows how to do %s", p.id)
	}
	u := createUser(t, app, "leaver", "view")
	if _, err := app.Accounts.RemoveUser(owner(t), account.RemoveUserIn{}); fault.CodeOf(err) != fault.NotFound && fault.CodeOf(err) != fault.Invalid {
		t.Errorf("nobody is removed: %v", err)
	}
	if _, err := app.Accounts.RemoveUser(owner(t), account.RemoveUserIn{ID: u.ID}); err != nil {
		t.Fatal(err)
	}
	p.refused = "recorded by nobody else"
}

// readings are all activities as somebody reads them, by id.
func readings(t *testing.T, app *App, lang string) map[string]string {
	t.Helper()
	p := access.From(owner(t))
	p.Language = lang
	page, err := app.Log.List(access.With(t.Context(), p), activity.ListIn{Limit: activity.MaxLimit})
	if err != nil || page.Next != nil {
		t.Fatalf("not all fits on a page: %v", err)
	}
	read := map[string]string{}
	for _, a := range page.Items {
		read[a.ID] = strings.ReplaceAll(sentenceOf(a), "|", `\|`)
	}
	return read
}

// deactivateAll deactivates every plugin that can be. It says of each what became of it.
func deactivateAll(t *testing.T, app *App) map[string]string {
	t.Helper()
	list, err := app.Plugins.Plugins(owner(t), plugin.ListIn{})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, one := range list.Plugins {
		name := plugin.NameIn{Name: one.Name}
		if _, err := app.Plugins.RemovePlugin(owner(t), name); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("%s is removed: %v", one.Name, err)
		}
		_, err := app.Plugins.DeactivatePlugin(owner(t), name)
		said[one.Name] = "the same, deactivated"
		if one.Essential {
			said[one.Name] = "it stays: the program records by it"
		}
		if (fault.CodeOf(err) == fault.Conflict) != one.Essential || err != nil && !one.Essential {
			t.Errorf("deactivate %s: %v", one.Name, err)
		}
	}
	return said
}

// recordedBy names the operations that record a type.
func recordedBy(app *App, p *promise) string {
	var by []string
	for _, op := range app.Ops {
		if slices.Contains(op.Records, p.id) {
			by = append(by, op.Name)
		}
	}
	if p.id == "ComponentUpdated" {
		by = append(by, "the first start of a new version")
	}
	if !p.typ.Self {
		by = append(by, "people, programs")
	}
	return strings.Join(append(by, "import"), ", ")
}

// importPromises brings each in as Matomo has it.
func importPromises(t *testing.T, app *App, all []*promise) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "matomo_activity_log.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(file)
	_ = w.Write([]string{"id", "user_login", "type", "parameters", "ts_created", "country", "ip"})
	for i, p := range all {
		_ = w.Write([]string{strconv.Itoa(i + 1), "mia", p.id, string(account.JSON(p.parameters())), time.Date(2026, 11, 20, 9, 0, i, 0, time.UTC).Format(time.DateTime), "nz", "203.0.113.7"})
	}
	w.Flush()
	if err := errors.Join(w.Error(), file.Close()); err != nil {
		t.Fatal(err)
	}
	started, err := app.Sources.Import(owner(t), source.ImportIn{Handles: []string{handleOf(t, app, owner(t), path)}, Format: source.Matomo})
	if err != nil {
		t.Fatal(err)
	}
	ended, err := app.Jobs.Follow(owner(t), started.ID, nil)
	if err != nil || ended.Report == nil || ended.Report.New != int64(len(all)) {
		t.Errorf("the import: %+v, %v", ended.Report, err)
	}
}

// comparePromises holds the table against the description of the original.
func comparePromises(t *testing.T, all []*promise) {
	t.Helper()
	text, err := os.ReadFile(originalPage)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "__Which events / activities are being tracked?__")
	list, _, _ = strings.Cut(list, "\n__")
	var bullets []string
	group := ""
	for line := range strings.Lines(list) {
		line = strings.TrimRight(line, " \n")
		if name, ok := strings.CutPrefix(line, "* "); ok {
			group = ""
			if strings.Contains(list, line+"\n    -") {
				group = name + ": "
				continue
			}
			bullets = append(bullets, name)
		} else if name, ok := strings.CutPrefix(line, "    - "); ok {
			if before, statuses, several := strings.Cut(name, " (Started, Finished, Archived)"); several && statuses == "" {
				for _, status := range []string{"Started", "Finished", "Archived"} {
					bullets = append(bullets, fmt.Sprintf("%s%s (%s)", group, before, status))
				}
				continue
			}
			bullets = append(bullets, group+name)
		}
	}
	var here []string
	for _, p := range all {
		here = append(here, p.bullet)
	}
	if !slices.Equal(here, bullets) {
		t.Errorf("the original has %d:\n%s\nhere are %d:\n%s", len(bullets), strings.Join(bullets, "\n"), len(here), strings.Join(here, "\n"))
	}
}
