// Every operation with its input and output, as listed in backend/ops. The
// shapes come from Go (see tygo.yaml); this table only pairs them.
import type * as account from './gen/account';
import type * as activity from './gen/activity';
import type * as avatar from './gen/avatar';
import type * as erasure from './gen/erasure';
import type * as exports from './gen/export';
import type * as job from './gen/job';
import type * as ledger from './gen/ledger';
import type * as plugin from './gen/plugin';
import type * as retention from './gen/retention';
import type * as settings from './gen/settings';
import type * as site from './gen/site';
import type * as source from './gen/source';
import type * as view from './gen/view';
import type * as widget from './gen/widget';

export type { Access, APIToken, Identity, Me, Preferences, PreferIn, Session, SetUpIn, User } from './gen/account';
export type {
  Activity,
  Actor,
  ActorInfo,
  Change,
  Count,
  Detail,
  Histogram,
  ListIn,
  Page,
  ParamInfo,
  Part,
  Receipt,
  Status,
  TypeInfo,
} from './gen/activity';
export type { Name as ErasedName, Plan, Trace } from './gen/erasure';
export type { Job, Report, Rejected } from './gen/job';
export type { Report as Verification, Problem } from './gen/ledger';
export type { Check as PluginCheck, Plugin, Problem as PluginProblem } from './gen/plugin';
export type { Config as RetentionConfig, DryRun, Rule, Run as RetentionRun, State as Retention } from './gen/retention';
export type { Settings } from './gen/settings';
export type { Site, List as SiteList, Settings as SiteSettings, Removed as RemovedSite } from './gen/site';
export type {
  Column,
  Handle,
  ImportIn,
  Mapping,
  PastImport,
  Preview,
  Sample,
  SavedMapping,
  Schedule,
  Server,
} from './gen/source';
export type { Manifest, Out as Ticket } from './gen/export';
export type { SaveIn as SaveView, View } from './gen/view';
export type { Made as MadeWidget, Row as WidgetRow, View as WidgetView, Widget } from './gen/widget';
export type Thing = activity.Object;

/** What is sent to record: everything but the type may be left out. */
export type Draft = { type: string } & Partial<Omit<activity.Draft, 'type' | 'actor' | 'parameters'>> & {
    actor?: string | { kind: string; name: string } | null;
    parameters?: Record<string, unknown> | null;
  };

export interface Api {
  setUp: { in: account.SetUpIn; out: account.Session };
  signIn: { in: account.SignInIn; out: account.Session };
  renew: { in: account.RenewIn; out: account.Session };
  signOut: { in: account.SignOutIn; out: account.Done };
  me: { in: account.MeIn; out: account.Me };
  changePassword: { in: account.ChangePasswordIn; out: account.Session };

  record: { in: Draft; out: activity.Receipt };
  list: { in: activity.ListIn; out: activity.Page };
  count: { in: activity.CountIn; out: activity.Count };
  histogram: { in: activity.HistogramIn; out: activity.Histogram };
  get: { in: activity.GetIn; out: activity.Detail };
  types: { in: activity.TypesIn; out: activity.TypeList };
  actors: { in: activity.ActorsIn; out: activity.ActorList };
  sites: { in: site.SitesIn; out: site.List };

  settings: { in: settings.GetIn; out: settings.Settings };
  configure: { in: settings.ConfigureIn; out: settings.Settings };
  preferences: { in: account.PreferencesIn; out: account.Preferences };
  prefer: { in: account.PreferIn; out: account.Preferences };
  avatar: { in: avatar.In; out: avatar.Out };

  users: { in: account.UsersIn; out: account.UserList };
  createUser: { in: account.CreateUserIn; out: account.User };
  changeUser: { in: account.ChangeUserIn; out: account.User };
  removeUser: { in: account.RemoveUserIn; out: account.Done };
  grantSuper: { in: account.GrantSuperIn; out: account.User };
  setAccess: { in: account.SetAccessIn; out: account.User };
  linkActor: { in: account.LinkActorIn; out: account.Done };
  tokens: { in: account.TokensIn; out: account.TokenList };
  createToken: { in: account.CreateTokenIn; out: account.NewToken };
  changeToken: { in: account.ChangeTokenIn; out: account.APIToken };
  revokeToken: { in: account.RevokeTokenIn; out: account.APIToken };
  widgets: { in: widget.ListIn; out: widget.List };
  createWidget: { in: widget.CreateIn; out: widget.Made };
  changeWidget: { in: widget.ChangeIn; out: widget.Widget };
  removeWidget: { in: widget.RemoveIn; out: widget.Removed };
  renewWidget: { in: widget.RenewIn; out: widget.Made };
  widget: { in: widget.ViewIn; out: widget.View };
  views: { in: view.ListIn; out: view.List };
  saveView: { in: Pick<view.SaveIn, 'id'> & Partial<view.SaveIn>; out: view.View };
  removeView: { in: view.RemoveIn; out: view.Removed };
  holdView: { in: view.HoldIn; out: view.View };
  pinView: { in: view.PinIn; out: view.View };
  seeView: { in: view.SeeIn; out: view.Seen };
  exportViews: { in: view.FileIn; out: view.File };
  importViews: { in: view.ImportIn; out: view.Imported };
  createSite: { in: site.CreateIn; out: site.Site };
  changeSite: { in: site.ChangeIn; out: site.Site };
  configureSite: { in: site.ConfigureIn; out: site.Site };
  removeSite: { in: site.RemoveIn; out: site.Removed };

  plugins: { in: plugin.ListIn; out: plugin.List };
  checkPlugin: { in: plugin.CheckIn; out: plugin.Check };
  installPlugin: { in: plugin.InstallIn; out: plugin.Plugin };
  updatePlugin: { in: plugin.UpdateIn; out: plugin.Plugin };
  removePlugin: { in: plugin.NameIn; out: plugin.Plugin };
  activatePlugin: { in: plugin.NameIn; out: plugin.Plugin };
  deactivatePlugin: { in: plugin.NameIn; out: plugin.Plugin };

  importPreview: { in: source.PreviewIn; out: source.Preview };
  import: { in: source.ImportIn; out: job.Job };
  imports: { in: source.ImportsIn; out: source.Imports };
  undoImport: { in: source.UndoImportIn; out: job.Job };
  mappings: { in: source.MappingsIn; out: source.Mappings };
  saveMapping: { in: source.SaveMappingIn; out: source.SavedMapping };
  removeMapping: { in: source.RemoveMappingIn; out: source.SavedMapping };
  schedules: { in: source.SchedulesIn; out: source.Schedules };
  saveSchedule: { in: source.SaveScheduleIn; out: source.Schedule };
  runSchedule: { in: source.RunScheduleIn; out: job.Job };
  removeSchedule: { in: source.RemoveScheduleIn; out: source.Schedule };
  retention: { in: retention.GetIn; out: retention.State };
  configureRetention: { in: retention.ConfigureIn; out: retention.State };
  retentionDryRun: { in: retention.DryRunIn; out: retention.DryRun };
  runRetention: { in: retention.RunIn; out: job.Job };
  stopRetention: { in: retention.StopIn; out: retention.State };
  retentionRuns: { in: retention.RunsIn; out: retention.Runs };
  jobs: { in: job.ListIn; out: job.List };
  cancelJob: { in: job.CancelIn; out: job.Job };
  export: { in: exports.In; out: exports.Out };

  erasePlan: { in: erasure.PlanIn; out: erasure.Plan };
  erase: { in: erasure.In; out: job.Job };
  health: { in: ledger.HealthIn; out: ledger.Health };
  verify: { in: ledger.VerifyIn; out: ledger.Report };
  status: { in: activity.StatusIn; out: activity.Status };
}

/** The name of an operation. */
export type Op = keyof Api;
