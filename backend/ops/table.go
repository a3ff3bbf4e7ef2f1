package ops

import (
	"context"
	"reflect"
	"slices"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/avatar"
	"activitylog/backend/erasure"
	"activitylog/backend/export"
	"activitylog/backend/ingest"
	"activitylog/backend/job"
	"activitylog/backend/ledger"
	"activitylog/backend/plugin"
	"activitylog/backend/retention"
	"activitylog/backend/settings"
	"activitylog/backend/site"
	"activitylog/backend/source"
	"activitylog/backend/view"
	"activitylog/backend/widget"
)

// Services are what the operations call.
type Services struct {
	Log      *activity.Service
	Ingest   *ingest.Service
	Accounts *account.Service
	Sites    *site.Service
	Settings *settings.Service
	Avatars  *avatar.Service
	Sources  *source.Service
	Exports  *export.Service
	Jobs     *job.Registry
	Widgets  *widget.Service
	Plugins  *plugin.Service
	Erasure  *erasure.Service

	Retention *retention.Service
	Views     *view.Service

	Verify func(context.Context, ledger.VerifyIn) (ledger.Report, error)
	Health func(context.Context, ledger.HealthIn) (ledger.Health, error)
}

// Table lists every operation once, in the order of the documents.
func Table(s Services) []Op {
	const page = Window | HTTP
	reading := []access.Scope{access.ReadOwn, access.ReadAll}
	return slices.Concat([]Op{
		op("SetUp", Everywhere, "", s.Accounts.SetUp, "UserCreated", "SuperUserAccessChanged", "UserSettingsUpdated", "UserLoggedIn"),
		op("SignIn", page, "", s.Accounts.SignIn, "UserLoggedIn", "UserFailedToLogIn"),
		op("Renew", page, access.None, s.Accounts.Renew),
		op("SignOut", page, access.None, s.Accounts.SignOut, "UserLoggedOut"),
		op("Me", page, "", s.Accounts.Me),
		op("ChangePassword", page, access.None, s.Accounts.ChangePassword, "UserChanged", "UserFailedToLogIn"),

		op("Record", Everywhere, access.Write, s.Log.Record, "the draft's").by(access.Ingest),
		take(s.Ingest).by(access.Ingest),
		op("List", Everywhere, access.View, s.Log.List).by(reading...),
		op("Count", Everywhere, access.View, s.Log.Count).by(reading...),
		op("Histogram", page, access.View, s.Log.Histogram).by(reading...),
		op("Get", page, access.View, s.Log.Get).by(reading...),
		op("Types", Everywhere, access.View, s.Log.Types).by(reading...),
		op("Actors", page, access.View, s.Log.Actors).by(reading...),
		op("Sites", Everywhere, access.View, s.Sites.Sites).by(reading...),

		op("Settings", Everywhere, access.View, s.Settings.Settings).by(reading...),
		op("Configure", Everywhere, access.Super, s.Settings.Configure, "SystemSettingsUpdated", "PrivacyAnonymizeIpSet", "PrivacyDntEnabled", "PrivacyDntDisabled"),
		op("Preferences", page, access.None, s.Accounts.Preferences),
		op("Prefer", page, access.None, s.Accounts.Prefer, "UserSettingsUpdated", "UserPreferenceSet"),
		op("Avatar", page, access.View, s.Avatars.Avatar).by(reading...),

		op("Users", Everywhere, access.Super, s.Accounts.Users),
		op("CreateUser", Everywhere, access.Super, s.Accounts.CreateUser, "UserCreated", "SiteAccessChanged"),
		op("ChangeUser", Everywhere, access.Super, s.Accounts.ChangeUser, "UserChanged"),
		op("RemoveUser", Everywhere, access.Super, s.Accounts.RemoveUser, "UserRemoved"),
		op("GrantSuper", Everywhere, access.Super, s.Accounts.GrantSuper, "SuperUserAccessChanged"),
		op("SetAccess", Everywhere, access.Super, s.Accounts.SetAccess, "SiteAccessChanged"),
		op("LinkActor", Everywhere, access.Super, s.Accounts.LinkActor, "ActorLinked"),
		op("Tokens", Everywhere, access.View, s.Accounts.Tokens),
		op("CreateToken", Everywhere, access.View, s.Accounts.CreateToken, "TokenCreated"),
		op("ChangeToken", page, access.View, s.Accounts.ChangeToken, "TokenChanged"),
		op("RevokeToken", Everywhere, access.View, s.Accounts.RevokeToken, "TokenRevoked"),
		op("Widgets", page, access.View, s.Widgets.Widgets),
		op("CreateWidget", page, access.View, s.Widgets.CreateWidget, "WidgetCreated", "TokenCreated"),
		op("ChangeWidget", page, access.View, s.Widgets.ChangeWidget, "WidgetChanged"),
		op("RemoveWidget", page, access.View, s.Widgets.RemoveWidget, "WidgetRemoved", "TokenRevoked"),
		op("RenewWidget", page, access.View, s.Widgets.RenewWidget, "TokenRevoked", "TokenCreated"),
		op("Widget", page, access.View, s.Widgets.Widget).by(access.Widget),
	}, measurables(s), saved(s), extension(s), intake(s), keeping(s), []Op{
		op("Jobs", page, access.View, s.Jobs.Jobs),
		op("CancelJob", page, access.View, s.Jobs.CancelJob, "RetentionStopped"),
		op("Export", Everywhere, access.View, s.Exports.Export, "LogExported").by(reading...),

		op("ErasePlan", Everywhere, access.Super, s.Erasure.ErasePlan),
		op("Erase", Everywhere, access.Super, s.Erasure.Erase, "LogErased", "UserRemoved"),
		op("ContinueErasing", CLI, access.Super, s.Erasure.ContinueErasing, "LogErased", "UserRemoved"),

		op("Verify", Everywhere, access.Super, s.Verify, "LogVerified"),
		op("Status", page, "", s.Log.Status),
		op("Health", HTTP, access.View, s.Health).by(reading...),
	})
}

// saved lists the operations on saved queries.
func saved(s Services) []Op {
	return []Op{
		op("Views", Everywhere, access.View, s.Views.Views).by(access.ReadOwn, access.ReadAll),
		op("SaveView", Everywhere, access.View, s.Views.SaveView, "SegmentCreated", "SegmentUpdated", "UserPreferenceSet"),
		op("RemoveView", Everywhere, access.View, s.Views.RemoveView, "SegmentDeleted"),
		op("HoldView", Everywhere, access.Super, s.Views.HoldView, "LegalHoldSet", "LegalHoldLifted"),
		op("PinView", Window|HTTP, access.View, s.Views.PinView, "UserPreferenceSet"),
		op("SeeView", Window|HTTP, access.View, s.Views.SeeView),
		op("ExportViews", Everywhere, access.View, s.Views.ExportViews).by(access.ReadOwn, access.ReadAll),
		op("ImportViews", Everywhere, access.View, s.Views.ImportViews, "SegmentCreated", "SegmentUpdated"),
	}
}

// extension lists the operations on plugins.
func extension(s Services) []Op {
	return []Op{
		op("Plugins", Everywhere, access.Super, s.Plugins.Plugins),
		op("CheckPlugin", Everywhere, access.Super, s.Plugins.CheckPlugin),
		op("InstallPlugin", Everywhere, access.Super, s.Plugins.InstallPlugin, "PluginInstalled"),
		op("UpdatePlugin", Everywhere, access.Super, s.Plugins.UpdatePlugin, "ComponentUpdated"),
		op("RemovePlugin", Everywhere, access.Super, s.Plugins.RemovePlugin, "PluginUninstalled"),
		op("ActivatePlugin", Everywhere, access.Super, s.Plugins.ActivatePlugin, "PluginActivated"),
		op("DeactivatePlugin", Everywhere, access.Super, s.Plugins.DeactivatePlugin, "PluginDeactivated"),
	}
}

// measurables lists the operations that change sites.
func measurables(s Services) []Op {
	return []Op{
		op("CreateSite", Everywhere, access.Super, s.Sites.CreateSite, "MeasurableCreated"),
		op("ChangeSite", Everywhere, access.Admin, s.Sites.ChangeSite, "MeasurableChanged"),
		op("ConfigureSite", Everywhere, access.Admin, s.Sites.ConfigureSite, "SiteSettingsUpdated"),
		op("RemoveSite", Everywhere, access.Super, s.Sites.RemoveSite, "MeasurableRemoved", "SiteAccessChanged"),
	}
}

// intake lists the operations that bring activity in from elsewhere.
func intake(s Services) []Op {
	const page = Window | HTTP
	return []Op{
		op("ImportPreview", Everywhere, access.Super, s.Sources.ImportPreview),
		op("Import", Everywhere, access.Super, s.Sources.Import, "LogImported"),
		op("Imports", Everywhere, access.Super, s.Sources.Imports),
		op("UndoImport", Everywhere, access.Super, s.Sources.UndoImport, "LogErased"),
		op("Mappings", Everywhere, access.Super, s.Sources.Mappings),
		op("SaveMapping", page, access.Super, s.Sources.SaveMapping, "ImportMappingSaved"),
		op("RemoveMapping", page, access.Super, s.Sources.RemoveMapping, "ImportMappingRemoved"),
		op("Schedules", page, access.Super, s.Sources.Schedules),
		op("SaveSchedule", page, access.Super, s.Sources.SaveSchedule, "ImportScheduleSaved"),
		op("RunSchedule", page, access.Super, s.Sources.RunSchedule, "LogImported"),
		op("RemoveSchedule", page, access.Super, s.Sources.RemoveSchedule, "ImportScheduleRemoved"),
	}
}

// keeping lists the operations that say how long what is kept.
func keeping(s Services) []Op {
	return []Op{
		op("Retention", Everywhere, access.Super, s.Retention.Retention),
		op("ConfigureRetention", Everywhere, access.Super, s.Retention.ConfigureRetention,
			"PrivacyDeleteLogsSet", "PrivacyScheduleDeletionSet", "PrivacyDeleteReportsSet"),
		op("RetentionDryRun", Everywhere, access.Super, s.Retention.RetentionDryRun),
		op("RunRetention", Everywhere, access.Super, s.Retention.RunRetention, "LogErased", "OldReportsDeleted"),
		op("StopRetention", Everywhere, access.Super, s.Retention.StopRetention, "RetentionStopped"),
		op("RetentionRuns", Everywhere, access.Super, s.Retention.RetentionRuns),
	}
}

// take is the row of Ingest, whose input is not one JSON object: over HTTP it comes in
// any of [ingest.MediaTypes], otherwise as JSON.
func take(s *ingest.Service) Op {
	return Op{
		Name: "Ingest", Doors: HTTP, Least: access.Write, Records: []string{"the drafts'"},
		In: reflect.TypeFor[ingest.Drafts](), Out: reflect.TypeFor[ingest.Report](),
		Call: func(ctx context.Context, in []byte) (any, error) { return s.Ingest(ctx, ingest.JSON, in) },
	}
}
