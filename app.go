package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"activitylog/backend"
	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/avatar"
	"activitylog/backend/cli"
	"activitylog/backend/export"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/ledger"
	"activitylog/backend/settings"
	"activitylog/backend/source"
)

// App is what the page in the window may call: every operation with the window's
// door, one line each, and the few things only a desktop can do (desktop.go). The
// page never sees the session: its token is kept here and renews itself.
type App struct {
	config  backend.Config
	page    fs.FS
	desktop desktop
	log     *slog.Logger
	now     func() time.Time
	zone    string // of this machine, for whoever chose none

	ctx        context.Context // Wails', from startup to shutdown
	stop       context.CancelFunc
	background sync.WaitGroup
	ready      chan struct{} // closed once up may be used
	up         *backend.App
	failed     atomic.Bool     // it could not start, and has said so
	dark       atomic.Bool     // how the page looks
	painted    atomic.Bool     // it is there
	asked      atomic.Bool     // whether to close, of the person
	ending     context.Context // ends when the system asks the program to end
	dirty      atomic.Bool     // something was written that the page has not heard of

	keeper account.Keeper
	server server
}

// NewApp returns an App that opens the log when the window starts.
func NewApp(config backend.Config, page fs.FS, d desktop, log *slog.Logger) *App {
	config.Log = log
	return &App{
		config: config, page: page, desktop: d, log: log, now: time.Now, zone: cli.LocalZone().String(),
		ready: make(chan struct{}), ending: context.Background(),
	}
}

// open waits until the log is open. If it cannot be opened the program is ending,
// and a page that still asks gets no answer.
func (a *App) open() *backend.App {
	<-a.ready
	return a.up
}

// call is every bound method: it says who calls and passes the input on. A panic is
// an internal error like any other.
func call[In, Out any](a *App, operation func(context.Context, In) (Out, error), in In) (out Out, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), fault.Internal,
				"Something went wrong inside the program. Its log says what.")
		}
		a.logged(err)
	}()
	return operation(a.caller(), in)
}

// caller returns a context with whoever is signed in at the window, or nobody.
func (a *App) caller() context.Context {
	ctx := access.With(a.ctx, access.Principal{Door: access.Window})
	p := a.keeper.Principal(ctx, a.up.Accounts)
	if p.Zone == "" {
		p.Zone = a.zone
	}
	return access.With(ctx, p)
}

// keep takes the token out of what the page gets to see.
func (a *App) keep(session account.Session, err error) (account.Session, error) {
	if err != nil {
		return account.Session{}, err
	}
	return a.keeper.Keep(a.up.Accounts, session), nil
}

// left forgets the session once it has ended.
func (a *App) left(done account.Done, err error) (account.Done, error) {
	if err == nil {
		a.keeper.Forget()
	}
	return done, err
}

// logged writes the cause of an internal error where the program was started from.
func (a *App) logged(err error) {
	if err != nil && fault.CodeOf(err) == fault.Internal {
		a.log.Error("call failed", slog.String("cause", err.Error()))
	}
}

// SetUp makes the first super user and signs it in.
func (a *App) SetUp(in account.SetUpIn) (account.Session, error) {
	return a.keep(call(a, a.open().Accounts.SetUp, in))
}

// SignIn signs a user in.
func (a *App) SignIn(in account.SignInIn) (account.Session, error) {
	return a.keep(call(a, a.open().Accounts.SignIn, in))
}

// Renew renews the session; the App does so by itself too.
func (a *App) Renew(in account.RenewIn) (account.Session, error) {
	return a.keep(call(a, a.open().Accounts.Renew, in))
}

// SignOut ends the session.
func (a *App) SignOut(in account.SignOutIn) (account.Done, error) {
	return a.left(call(a, a.open().Accounts.SignOut, in))
}

// Me says who is signed in.
func (a *App) Me(in account.MeIn) (account.Me, error) { return call(a, a.open().Accounts.Me, in) }

// ChangePassword changes the caller's own password.
func (a *App) ChangePassword(in account.ChangePasswordIn) (account.Session, error) {
	return a.keep(call(a, a.open().Accounts.ChangePassword, in))
}

// Record stores one activity.
func (a *App) Record(in activity.Draft) (activity.Receipt, error) {
	return call(a, a.open().Log.Record, in)
}

// List returns a page.
func (a *App) List(in activity.ListIn) (activity.Page, error) { return call(a, a.open().Log.List, in) }

// Count counts.
func (a *App) Count(in activity.CountIn) (activity.Count, error) {
	return call(a, a.open().Log.Count, in)
}

// Histogram spreads what matches over time.
func (a *App) Histogram(in activity.HistogramIn) (activity.Histogram, error) {
	return call(a, a.open().Log.Histogram, in)
}

// Get returns one activity with all that is known of it.
func (a *App) Get(in activity.GetIn) (activity.Detail, error) { return call(a, a.open().Log.Get, in) }

// Types lists the types of activity.
func (a *App) Types(in activity.TypesIn) (activity.TypeList, error) {
	return call(a, a.open().Log.Types, in)
}

// Actors lists identities.
func (a *App) Actors(in activity.ActorsIn) (activity.ActorList, error) {
	return call(a, a.open().Log.Actors, in)
}

// Status tells the state of the log.
func (a *App) Status(in activity.StatusIn) (activity.Status, error) {
	return call(a, a.open().Log.Status, in)
}

// Settings returns the system settings.
func (a *App) Settings(in settings.GetIn) (settings.Settings, error) {
	return call(a, a.open().Settings.Settings, in)
}

// Configure changes the system settings.
func (a *App) Configure(in settings.ConfigureIn) (settings.Settings, error) {
	return call(a, a.open().Settings.Configure, in)
}

// Preferences returns the caller's preferences.
func (a *App) Preferences(in account.PreferencesIn) (account.Preferences, error) {
	return call(a, a.open().Accounts.Preferences, in)
}

// Prefer changes the caller's preferences.
func (a *App) Prefer(in account.PreferIn) (account.Preferences, error) {
	return call(a, a.open().Accounts.Prefer, in)
}

// Avatar returns an actor's picture.
func (a *App) Avatar(in avatar.In) (avatar.Out, error) { return call(a, a.open().Avatars.Avatar, in) }

// Users lists the users.
func (a *App) Users(in account.UsersIn) (account.UserList, error) {
	return call(a, a.open().Accounts.Users, in)
}

// CreateUser makes a user.
func (a *App) CreateUser(in account.CreateUserIn) (account.User, error) {
	return call(a, a.open().Accounts.CreateUser, in)
}

// ChangeUser changes a user.
func (a *App) ChangeUser(in account.ChangeUserIn) (account.User, error) {
	return call(a, a.open().Accounts.ChangeUser, in)
}

// RemoveUser removes a user.
func (a *App) RemoveUser(in account.RemoveUserIn) (account.Done, error) {
	return call(a, a.open().Accounts.RemoveUser, in)
}

// GrantSuper grants or revokes super user access.
func (a *App) GrantSuper(in account.GrantSuperIn) (account.User, error) {
	return call(a, a.open().Accounts.GrantSuper, in)
}

// SetAccess sets a user's access to a site.
func (a *App) SetAccess(in account.SetAccessIn) (account.User, error) {
	return call(a, a.open().Accounts.SetAccess, in)
}

// LinkActor links an identity to a user.
func (a *App) LinkActor(in account.LinkActorIn) (account.Done, error) {
	return call(a, a.open().Accounts.LinkActor, in)
}

// ImportPreview shows how the first records would map.
func (a *App) ImportPreview(in source.PreviewIn) (source.Preview, error) {
	return call(a, a.open().Sources.ImportPreview, in)
}

// Import starts an import.
func (a *App) Import(in source.ImportIn) (job.Job, error) {
	return call(a, a.open().Sources.Import, in)
}

// Jobs lists the jobs of this run of the program.
func (a *App) Jobs(in job.ListIn) (job.List, error) { return call(a, a.open().Jobs.Jobs, in) }

// CancelJob stops a job.
func (a *App) CancelJob(in job.CancelIn) (job.Job, error) {
	return call(a, a.open().Jobs.CancelJob, in)
}

// Export makes a ticket for what the query shows; SaveExport redeems it.
func (a *App) Export(in export.In) (export.Out, error) { return call(a, a.open().Exports.Export, in) }

// Verify recomputes the ledger.
func (a *App) Verify(in ledger.VerifyIn) (ledger.Report, error) {
	return call(a, a.open().Integrity.Verify, in)
}
