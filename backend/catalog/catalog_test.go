package catalog

import (
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

// Each line is a kind of activity the original is said to report, and the type
// that stands for it here.
var promised = []struct{ bullet, id string }{
	{"Annotation added", "AnnotationAdded"},
	{"Annotation changed", "AnnotationChanged"},
	{"Annotation deleted", "AnnotationDeleted"},
	{"Component updated (Matomo / Plugin)", "ComponentUpdated"},
	{"Custom Alert added", "CustomAlertAdded"},
	{"Custom Alert changed", "CustomAlertChanged"},
	{"Custom Alert deleted", "CustomAlertDeleted"},
	{"Custom Dimension configured", "CustomDimensionConfigured"},
	{"Custom Dimension changed", "CustomDimensionChanged"},
	{"Geo location provider changed", "GeoLocationProviderChanged"},
	{"Goal added", "GoalAdded"},
	{"Goal changed", "GoalChanged"},
	{"Goal deleted", "GoalDeleted"},
	{"Measurable created", "MeasurableCreated"},
	{"Measurable changed", "MeasurableChanged"},
	{"Measurable removed", "MeasurableRemoved"},
	{"Plugin installed", "PluginInstalled"},
	{"Plugin uninstalled", "PluginUninstalled"},
	{"Plugin activated", "PluginActivated"},
	{"Plugin deactivated", "PluginDeactivated"},
	{"Privacy: Enable DNT support", "PrivacyDntEnabled"},
	{"Privacy: Disable DNT support", "PrivacyDntDisabled"},
	{"Privacy: Set IP Anonymise settings", "PrivacyAnonymizeIpSet"},
	{"Privacy: Set delete logs settings", "PrivacyDeleteLogsSet"},
	{"Privacy: Set delete reports settings", "PrivacyDeleteReportsSet"},
	{"Privacy: Set scheduled report deletion setting", "PrivacyScheduleDeletionSet"},
	{"Scheduled report created", "ScheduledReportCreated"},
	{"Scheduled report changed", "ScheduledReportChanged"},
	{"Scheduled report deleted", "ScheduledReportDeleted"},
	{"Scheduled report sent", "ScheduledReportSent"},
	{"Segment created", "SegmentCreated"},
	{"Segment updated", "SegmentUpdated"},
	{"Segment deleted", "SegmentDeleted"},
	{"Site access changed", "SiteAccessChanged"},
	{"Site settings updated", "SiteSettingsUpdated"},
	{"Super user access changed", "SuperUserAccessChanged"},
	{"System settings updated", "SystemSettingsUpdated"},
	{"User created", "UserCreated"},
	{"User removed", "UserRemoved"},
	{"User changed", "UserChanged"},
	{"User logged in", "UserLoggedIn"},
	{"User failed to log in", "UserFailedToLogIn"},
	{"User logged out", "UserLoggedOut"},
	{"User settings updated", "UserSettingsUpdated"},
	{"User sets preference", "UserPreferenceSet"},
	{"A/B testing: Experiment created", "ExperimentCreated"},
	{"A/B testing: Experiment settings updated", "ExperimentSettingsUpdated"},
	{"A/B testing: Experiment status changed (Started, Finished, Archived)", "ExperimentStatusChanged"},
	{"A/B testing: Experiment deleted", "ExperimentDeleted"},
	{"Custom Reports: Custom Report created", "CustomReportCreated"},
	{"Custom Reports: Custom Report updated", "CustomReportUpdated"},
	{"Custom Reports: Custom Report deleted", "CustomReportDeleted"},
	{"Form Analytics: Form created", "FormCreated"},
	{"Form Analytics: Form updated", "FormUpdated"},
	{"Form Analytics: Form deleted", "FormDeleted"},
	{"Form Analytics: Form archived", "FormArchived"},
	{"Heatmaps: Heatmap created", "HeatmapCreated"},
	{"Heatmaps: Heatmap updated", "HeatmapUpdated"},
	{"Heatmaps: Heatmap deleted", "HeatmapDeleted"},
	{"Heatmaps: Heatmap stopped", "HeatmapStopped"},
	{"Session Recording: Session Recording created", "SessionRecordingCreated"},
	{"Session Recording: Session Recording updated", "SessionRecordingUpdated"},
	{"Session Recording: Session Recording deleted", "SessionRecordingDeleted"},
	{"Session Recording: Session Recording stopped", "SessionRecordingStopped"},
	{"Referrers Manager: Search engine added", "SearchEngineAdded"},
	{"Referrers Manager: Search engine removed", "SearchEngineRemoved"},
	{"Referrers Manager: Social network added", "SocialAdded"},
	{"Referrers Manager: Social network removed", "SocialRemoved"},
}

// Types that came later, those of git and those this program records of itself.
var further = strings.Fields(`
	ContainerAdded ContainerUpdated ContainerDeleted TagAdded TagUpdated TagDeleted TagPaused TagResume
	TriggerAdded TriggerUpdated TriggerDeleted VariableAdded VariableUpdated VariableDeleted
	VersionPublished VersionImported VersionDeleted TwoFactorEnabled TwoFactorDisabled ReportsInvalidated
	CreateClient UpdateClient DeleteClient SetClientActive DeleteClientWithOwner RotateSecret AuthorizeClient
	FunnelCreated FunnelUpdated FunnelDeleted CommitCreated FileCreated FileChanged FileDeleted
	TokenCreated TokenChanged TokenRevoked WidgetCreated WidgetChanged WidgetRemoved CommandRun
	ActorLinked LogErased LogPurged LogRestored LogSealed KeyRotated LogExported LogImported LogVerified LogBackedUp ImportMappingSaved ImportMappingRemoved ImportScheduleSaved ImportScheduleRemoved`)

func TestEveryPromisedActivityHasItsType(t *testing.T) {
	c := load(t)
	if len(promised) != 68 {
		t.Fatalf("the table has %d lines, want 68", len(promised))
	}
	used := map[string]bool{}
	for _, p := range promised {
		typ, ok := c.Type(p.id)
		if !ok || !typ.Known {
			t.Errorf("%s: there is no type %s", p.bullet, p.id)
		}
		if used[p.id] {
			t.Errorf("%s stands for two bullets", p.id)
		}
		used[p.id] = true
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
	for _, id := range []string{"GoalAdded", "CommitCreated", "MeasurableCreated"} {
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
