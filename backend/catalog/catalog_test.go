package catalog

import (
	"os"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/fault"
)

func load(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// promised reads the kinds of activity that the original is said to report, one a line,
// and the type that stands for each here. What records them is shown in docs/activities.md.
func promised(t *testing.T) [][2]string {
	t.Helper()
	text, err := os.ReadFile("testdata/promised.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var all [][2]string
	for line := range strings.Lines(string(text)) {
		bullet, id, _ := strings.Cut(strings.TrimSpace(line), "\t")
		all = append(all, [2]string{bullet, id})
	}
	return all
}

// Types that came later, those of git and those this program records of itself.
var further = strings.Fields(`
	ContainerAdded ContainerUpdated ContainerDeleted TagAdded TagUpdated TagDeleted TagPaused TagResume
	TriggerAdded TriggerUpdated TriggerDeleted VariableAdded VariableUpdated VariableDeleted
	VersionPublished VersionImported VersionDeleted TwoFactorEnabled TwoFactorDisabled ReportsInvalidated
	CreateClient UpdateClient DeleteClient SetClientActive DeleteClientWithOwner RotateSecret AuthorizeClient
	FunnelCreated FunnelUpdated FunnelDeleted CommitCreated FileCreated FileChanged FileDeleted
	TokenCreated TokenChanged TokenRevoked WidgetCreated WidgetChanged WidgetRemoved CommandRun
	ActorLinked LogErased LogPurged LogRestored LogSealed KeyRotated LogExported LogImported LogVerified LogBackedUp ImportMappingSaved ImportMappingRemoved ImportScheduleSaved ImportScheduleRemoved LegalHoldSet LegalHoldLifted
	RetentionStopped OldReportsDeleted`)

func TestEveryPromisedActivityHasItsType(t *testing.T) {
	c := load(t)
	table := promised(t)
	if len(table) != 70 {
		t.Fatalf("the table has %d lines, want 70", len(table))
	}
	used := map[string]bool{}
	for _, p := range table {
		bullet, id := p[0], p[1]
		if typ, ok := c.Type(id); !ok || !typ.Known {
			t.Errorf("%s: there is no type %s", bullet, id)
		}
		if used[id] && id != "ExperimentStatusChanged" { // one type, three statuses
			t.Errorf("%s stands for two bullets", id)
		}
		used[id] = true
	}
	for _, id := range further {
		if _, ok := c.Type(id); !ok {
			t.Errorf("there is no type %s", id)
		}
		used[id] = true
	}
	for _, typ := range c.Types() {
		if !used[typ.ID] {
			t.Errorf("%s is in the catalogue but in no table of this test", typ.ID)
		}
	}
	if _, ok := c.Type("GoalForgotten"); ok {
		t.Error("a type nobody defined is said to be known")
	}
}

func TestSelfTypes(t *testing.T) {
	c := load(t)
	for _, id := range []string{"UserLoggedIn", "UserFailedToLogIn", "UserCreated", "SuperUserAccessChanged", "SystemSettingsUpdated", "LogErased", "KeyRotated", "LogExported", "ActorLinked"} {
		if typ, _ := c.Type(id); !typ.Self {
			t.Errorf("%s may be recorded by hand", id)
		}
	}
	for _, id := range []string{"GoalAdded", "CommitCreated", "AnnotationAdded"} {
		if typ, _ := c.Type(id); typ.Self {
			t.Errorf("%s may not be recorded by hand", id)
		}
	}
}

func TestCategories(t *testing.T) {
	c := load(t)
	for _, name := range []string{"goals", "Goals", "GOALS", "Ziele"} {
		ids, ok := c.CategoryTypes(name)
		if want := []string{"GoalAdded", "GoalChanged", "GoalDeleted"}; !ok || !slices.Equal(ids, want) {
			t.Errorf("CategoryTypes(%q) = %v, %v; want %v", name, ids, ok, want)
		}
	}
	if ids, ok := c.CategoryTypes("nonsense"); ok {
		t.Errorf("CategoryTypes(nonsense) = %v", ids)
	}
	for _, k := range c.Categories("de") {
		if ids, ok := c.CategoryTypes(k.Label); !ok || len(ids) == 0 {
			t.Errorf("the category %s (%s) has no types", k.ID, k.Label)
		}
	}
	if got := c.CategoryLabel("goals", "de-AT"); got != "Ziele" {
		t.Errorf("label of goals in de-AT = %q", got)
	}
}

func TestUnknownTypesHaveAName(t *testing.T) {
	c := load(t)
	tests := []struct{ id, label, tone string }{
		{"ec2:RunInstances", "Run instances (ec2)", "create"},
		{"iam:ListMFADevices", "List MFA devices (iam)", "access"},
		{"Shop/OrderPaid", "Order paid (Shop)", "system"},
		{"order_deleted", "Order deleted", "delete"},
		{"été", "Été", "system"},
		{"***", "***", "system"},
		{"a:", "A", "system"},
	}
	for _, tt := range tests {
		typ, known := c.Type(tt.id)
		if known || typ.Known || typ.Label("en") != tt.label || typ.Tone != tt.tone || typ.Icon == "" {
			t.Errorf("Type(%q) = %q, %q, known %v; want %q, %q, unknown", tt.id, typ.Label("en"), typ.Tone, known, tt.label, tt.tone)
		}
	}
}

func TestCheckParameters(t *testing.T) {
	c := load(t)
	tests := []struct{ typ, parameters, field string }{
		{"GoalAdded", `{"goal": {"id": 7, "name": "Sign-up"}, "revenue": 1.5, "else": [1]}`, ""},
		{"GoalAdded", `{"goal": "Sign-up", "revenue": "1.5"}`, ""},
		{"GoalAdded", ``, ""},
		{"GoalAdded", `null`, ""},
		{"GoalAdded", `{"goal": null}`, ""},
		{"GoalAdded", `{"goal": {"id": 7}}`, "parameters.goal.name"},
		{"GoalAdded", `{"goal": {"id": [7], "name": "x"}}`, "parameters.goal.id"},
		{"GoalAdded", `{"goal": []}`, "parameters.goal"},
		{"GoalAdded", `{"goal": ""}`, "parameters.goal"},
		{"GoalAdded", `{"revenue": "much"}`, "parameters.revenue"},
		{"GoalAdded", `{"pattern": 5}`, "parameters.pattern"},
		{"GoalAdded", `[]`, "parameters"},
		{"AnnotationAdded", `{"date": "2026-11-23", "starred": true}`, ""},
		{"AnnotationAdded", `{"date": "2026-11-23T09:15:00+01:00", "starred": "0"}`, ""},
		{"AnnotationAdded", `{"date": "yesterday"}`, "parameters.date"},
		{"AnnotationAdded", `{"starred": 2}`, "parameters.starred"},
		{"CustomAlertAdded", `{"sites": {"a": 1}}`, "parameters.sites"},
		{"CustomAlertAdded", `{"sites": ["a"], "recipients": "ann"}`, ""},
		{"ExperimentStatusChanged", `{"status": "started"}`, ""},
		{"ExperimentStatusChanged", `{}`, "parameters.status"},
		{"ExperimentStatusChanged", ``, "parameters.status"},
		{"Shop/OrderPaid", `{"anything": [{}]}`, ""},
	}
	for _, tt := range tests {
		err := c.CheckParameters(tt.typ, []byte(tt.parameters))
		field := ""
		if err != nil {
			field = fault.Public(err).Field
		}
		if field != tt.field || err != nil && fault.CodeOf(err) != fault.Invalid {
			t.Errorf("CheckParameters(%s, %s) = %v, blames %q; want %q", tt.typ, tt.parameters, err, field, tt.field)
		}
	}
}

func TestSecretsAndObjects(t *testing.T) {
	c := load(t)
	if got := c.Secrets("RotateSecret"); !slices.Equal(got, []string{"clientSecret"}) {
		t.Errorf("secrets of RotateSecret = %v", got)
	}
	if got := c.Secrets("GoalAdded"); len(got) != 0 {
		t.Errorf("secrets of GoalAdded = %v", got)
	}
	got, ok := c.ObjectOf("GoalAdded", []byte(`{"goal": {"id": 9007199254740993, "name": "Sign-up"}}`))
	if want := (Object{"goal", "9007199254740993", "Sign-up"}); !ok || got != want {
		t.Errorf("ObjectOf = %v, %v; want %v", got, ok, want)
	}
	if got, ok := c.ObjectOf("UserLoggedIn", []byte(`{"user": "ann"}`)); ok {
		t.Errorf("ObjectOf a type without object = %v", got)
	}
	if got, ok := c.ObjectOf("GoalAdded", nil); ok {
		t.Errorf("ObjectOf no parameters = %v", got)
	}
}
