package backend

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/avatar"
	"activitylog/backend/catalog"
	"activitylog/backend/erasure"
	"activitylog/backend/export"
	"activitylog/backend/fault"
	"activitylog/backend/feed"
	"activitylog/backend/ingest"
	"activitylog/backend/job"
	"activitylog/backend/ledger"
	"activitylog/backend/matomo"
	"activitylog/backend/ops"
	"activitylog/backend/plugin"
	"activitylog/backend/remote"
	"activitylog/backend/retention"
	"activitylog/backend/settings"
	"activitylog/backend/site"
	"activitylog/backend/source"
	"activitylog/backend/sqlite"
	"activitylog/backend/view"
	"activitylog/backend/widget"
)

// An App is the running program without its fronts: every service over one database.
type App struct {
	Log       *activity.Service
	Ingest    *ingest.Service
	Accounts  *account.Service
	Sites     *site.Service
	Settings  *settings.Service
	Avatars   *avatar.Service
	Plugins   *plugin.Service
	Sources   *source.Service
	Exports   *export.Service
	Jobs      *job.Registry
	Integrity *Integrity
	Matomo    *matomo.API
	Feeds     *feed.Service
	Widgets   *widget.Service
	Erasure   *erasure.Service
	Retention *retention.Service
	Views     *view.Service
	Ops       []ops.Op

	db     *sqlite.DB
	log    *slog.Logger
	stop   context.CancelFunc
	tended sync.WaitGroup
}

// Open opens the data directory and makes the services. Errors: not_found (there is
// no log and Create is off), unavailable (with what to do), internal.
func Open(ctx context.Context, c Config) (*App, error) {
	return open(ctx, c, access.Strong(), time.Now)
}

func open(ctx context.Context, c Config, cost access.Params, now func() time.Time) (*App, error) {
	if err := c.Located(); err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	cat, err := catalog.Load()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The catalogue of types is damaged. Install the program again.")
	}
	if c.Create {
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "The data directory %s cannot be made. Check its permissions.", c.Data)
		}
	}
	db, err := sqlite.Open(ctx, sqlite.Options{
		Path: c.Database(), StateDir: c.State, Create: c.Create, Now: now,
		Mask: func(b activity.Body) activity.Body { return activity.MaskBody(b, cat) },
	})
	if err != nil {
		return nil, err
	}
	app, err := assemble(c, db, cat, cost, now)
	if err == nil {
		err = app.usePlugins(ctx, c.Version)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return app, nil
}

// VerifyClosed is Verify for a log that cannot be opened any more, since too much of
// it was changed; ok is false where the file is no log of this program. It changes and
// records nothing. For the owner of the files. Cost: as Verify.
// Errors: not_found, unavailable.
func VerifyClosed(ctx context.Context, c Config, in ledger.VerifyIn) (report ledger.Report, ok bool, err error) {
	if err := c.Located(); err != nil {
		return report, false, err
	}
	o := sqlite.Options{Path: c.Database(), StateDir: c.State, Now: time.Now}
	report, err = sqlite.VerifyFile(ctx, o, sqlite.VerifyOptions{Words: in.Words})
	return report, err == nil && report.Key != "", err
}

// assemble wires the services. Each gets what it needs and nothing more.
func assemble(c Config, db *sqlite.DB, cat *catalog.Catalog, cost access.Params, now func() time.Time) (*App, error) {
	issuer, err := issuerOf(c, db, now)
	if err != nil {
		return nil, err
	}
	accounts := sqlite.NewAccounts(db)
	secret, err := accounts.Secret()
	if err != nil {
		secret = nil // the log stays readable without it; unknown logins are then hashed with a key of this process
	}
	a := &App{db: db, log: c.Log, Jobs: job.NewRegistry(now, c.Log), Integrity: &Integrity{db: db, now: now}}
	a.Accounts = account.New(account.Options{
		Store: accounts, Issuer: issuer, Passwords: access.NewPasswords(cost),
		Secret: secret, Version: c.Version, Now: now,
	})
	a.Sites = site.New(sqlite.NewSites(db), a.Accounts, now)
	a.Settings = settings.New(sqlite.NewSettings(db), now)
	a.Avatars, err = avatar.New(avatar.Options{
		People: accounts, Settings: a.Settings, Dir: filepath.Join(c.Data, "avatars"),
		Base: c.GravatarBase, CAFile: c.GravatarCA, Now: now,
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "%s or %s cannot be used: %s.", EnvGravatarBase, EnvGravatarCA, err)
	}
	asking, err := remote.New(c.MatomoCA)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "%s cannot be used: %s.", EnvMatomoCA, err)
	}
	quota := ingest.NewQuota(a.quota, now)
	a.Log = activity.NewService(db, cat, activity.Options{
		Now: now, Language: a.language, Ledger: a.Integrity.State, Ready: a.Accounts.Ready,
		Version: c.Version, Caller: account.Actor, Admit: quota.Admit,
		Fresh: func(ctx context.Context) error { return a.Plugins.Load(ctx) },
	})
	a.Ingest = ingest.New(a.Log, quota)
	a.Sources = source.New(db, source.Options{
		Now: now, Catalog: cat, Jobs: a.Jobs, Remote: asking, Uploads: filepath.Join(c.Data, "uploads"), Tokens: filepath.Join(c.Data, "keys"), View: a.Log.ViewBody, Standing: a.Accounts.Standing,
		Holds: func(ctx context.Context) (activity.Holds, error) { return a.Views.Holds(ctx) },
	})
	a.Plugins = plugin.New(db, plugin.Options{Now: now, Catalog: cat, Path: a.Sources.Path, Language: a.language, Log: c.Log})
	a.Exports = export.New(export.Options{
		Log: a.Log, Store: db, Jobs: a.Jobs, Now: now, Still: a.Accounts.Still, Ledger: a.Integrity.State, Version: c.Version,
		Base: newBase, Dir: filepath.Join(c.Data, "exports"),
	})
	a.Matomo = matomo.New(matomo.Options{Log: a.Log, Accounts: a.Accounts, Sites: a.Sites, Now: now})
	a.Feeds = feed.New(a.Log, db.LogID().String())
	a.Widgets = widget.New(sqlite.NewWidgets(db), a.Accounts, a.Log, now)
	a.Views = view.New(sqlite.NewViews(db), a.Log, now)
	a.Erasure = erasure.New(erasure.Options{
		Store: db, Accounts: a.Accounts, Log: a.Log, Jobs: a.Jobs, Now: now, Own: cat.OwnTypes, Holds: a.Views.Holds,
		Pictures: a.Avatars.Forget, Tokens: a.Sources.DropTokens,
	})
	a.Retention = retention.New(sqlite.NewRetention(db), retention.Options{
		Now: now, Jobs: a.Jobs, Categories: cat.TypesOf, Standing: a.Accounts.Standing, Holds: a.Views.Holds, View: a.Views.Fixed,
	})
	a.Ops = ops.Table(ops.Services{
		Log: a.Log, Ingest: a.Ingest, Accounts: a.Accounts, Sites: a.Sites, Settings: a.Settings, Avatars: a.Avatars,
		Sources: a.Sources, Exports: a.Exports, Jobs: a.Jobs, Widgets: a.Widgets, Plugins: a.Plugins, Erasure: a.Erasure, Views: a.Views, Retention: a.Retention,
		Verify: a.Integrity.Verify, Health: a.Integrity.Health,
	})
	return a, nil
}

// issuerOf makes and checks the tokens of sessions, with the key in the data directory.
func issuerOf(c Config, db *sqlite.DB, now func() time.Time) (*access.Issuer, error) {
	sessionKey := filepath.Join(c.Data, "keys", "session.key")
	key, err := access.KeyFile(sessionKey)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable,
			"%s cannot be used. It must be a plain file that only its owner may read (mode 0600). If it is removed, a new one is made and everybody signs in again.", sessionKey)
	}
	return access.NewIssuer(db.LogID().String(), now, key)
}

// usePlugins has the catalogue be that of the plugins that are installed, now and after
// each commit that changed them, by whichever process; and notes the program's version.
func (a *App) usePlugins(ctx context.Context, version string) error {
	if err := a.Plugins.Load(ctx); err != nil {
		return err
	}
	a.db.Watch(func() {
		if err := a.Plugins.Load(context.Background()); err != nil {
			a.log.Warn("the plugins could not be read", slog.String("cause", err.Error()))
		}
	})
	if err := a.Plugins.Started(ctx, version); err != nil {
		a.log.Warn("the program's version could not be noted", slog.String("cause", err.Error()))
	}
	return nil
}

func newBase(ctx context.Context, path string, columns [][2]string, indexes [][]string) (export.Base, error) {
	return sqlite.NewBase(ctx, path, columns, indexes)
}

// language is the log's own language; English where it cannot be read.
func (a *App) language(ctx context.Context) string {
	s, err := a.Settings.Current(ctx)
	if err != nil {
		return "en"
	}
	return s.Language
}

// quota is what each token, or person, may send in a minute now.
func (a *App) quota(ctx context.Context) (ingest.Limits, error) {
	s, err := a.Settings.Current(ctx)
	return ingest.Limits{Requests: s.IngestRequests, Records: s.IngestRecords}, err
}

// Watch calls fn after each commit, of this process or another. It returns a
// function that ends that.
func (a *App) Watch(fn func()) (stop func()) { return a.db.Watch(fn) }

// Close ends running jobs between two slices, then the database.
func (a *App) Close() error {
	if a.stop != nil {
		a.stop()
	}
	a.tended.Wait()
	a.Jobs.Close()
	told := a.Accounts.ReportFailures(context.Background())
	if code := fault.CodeOf(told); code == fault.Unavailable {
		told = nil // the log cannot be written at the moment; that has been said before
	}
	return errors.Join(told, a.db.Close())
}
