package httpapi

import (
	"context"
	"io"

	"activitylog/backend"
)

// Over returns options that serve everything an App does. Hosts, Page, Now and Log
// stay as they are in o.
func Over(app *backend.App, o Options) Options {
	o.Ops, o.Authenticate, o.Upload = app.Ops, app.Accounts.Authenticate, app.Sources.Upload
	o.Ingest, o.Matomo = app.Ingest, app.Matomo
	o.Download = func(ctx context.Context, ticket string) (Download, error) {
		file, err := app.Exports.Redeem(ctx, ticket)
		return Download{Name: file.Name, ContentType: file.ContentType, Write: func(ctx context.Context, w io.Writer) error {
			_, err := file.Write(ctx, w)
			return err
		}}, err
	}
	return o
}
