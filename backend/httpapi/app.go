package httpapi

import (
	"context"
	"io"

	"activitylog/backend"
	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/job"
)

// Over returns options that serve everything an App does. Hosts, Page, Now and Log
// stay as they are in o.
func Over(app *backend.App, o Options) Options {
	o.Ops, o.Authenticate, o.Upload = app.Ops, app.Accounts.Authenticate, app.Sources.Upload
	o.Ingest, o.Matomo, o.Follow = app.Ingest, app.Matomo, follower{app}
	o.Health = app.Integrity.Health
	o.Feeds, o.Frames = app.Feeds, app.Widgets.Frames
	o.Download = func(ctx context.Context, ticket string) (Download, error) {
		file, err := app.Exports.Redeem(ctx, ticket)
		return Download{Name: file.Name, ContentType: file.ContentType, Write: func(ctx context.Context, w io.Writer) error {
			_, err := file.Write(ctx, w)
			return err
		}}, err
	}
	return o
}

// A follower answers what live streams ask of an App.
type follower struct{ app *backend.App }

func (f follower) Watch(fn func()) (stop func()) { return f.app.Watch(fn) }

func (f follower) Still(ctx context.Context, p access.Principal) (access.Principal, error) {
	return f.app.Accounts.Still(ctx, p)
}

func (f follower) Status(ctx context.Context, in activity.StatusIn) (activity.Status, error) {
	return f.app.Log.Status(ctx, in)
}

func (f follower) Jobs(ctx context.Context, in job.ListIn) (job.List, error) {
	return f.app.Jobs.Jobs(ctx, in)
}
