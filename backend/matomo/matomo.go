// Package matomo answers Matomo's reporting API: the methods that programs written
// for Matomo's Activity Log call, its formats, limits, errors and tokens, so that such
// a program works unchanged.
//
// It is pure: parameters in, bytes out. What a caller may see is the services' to say.
// The sources are Matomo's public documents and the GPL core (the forms are those of
// core 5.2); what is an entry's of the Activity Log plugin is our own, see entry.go and
// docs/matomo.md.
package matomo

import (
	"bufio"
	"context"
	"errors"
	"io"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/site"
)

// Options are what the API stands on.
type Options struct {
	Log      *activity.Service
	Accounts *account.Service
	Sites    *site.Service
	Now      func() time.Time
}

// An API answers requests. It is safe for concurrent use.
type API struct{ options Options }

// New returns an API.
func New(o Options) *API { return &API{options: o} }

// An Answer is what goes back.
type Answer struct {
	Status      int
	ContentType string
	Disposition string // a file's name for browsers, or ""
	// Write writes the body. If it fails the body is not complete.
	Write func(ctx context.Context, w io.Writer) error
	// Cause is what went wrong inside, to be logged; nil if nothing did.
	Cause error
}

// Answer answers a request. The principal of ctx says by which door and from where it
// came; who calls is in the request. Memory does not grow with the rows answered.
func (a *API) Answer(ctx context.Context, r Request) Answer {
	c := &call{api: a, request: r, params: r.all(), peer: access.From(ctx), known: map[credential]access.Principal{}, causes: new([]error)}
	name := lower(c.params.text("format", "xml"))
	newRenderer, ok := formats[name]
	if !ok {
		return failed(console{}, unknownFormat(name))
	}
	out := newRenderer(c.params)
	if name == "json" && (c.params.has("callback") || c.params.has("jsoncallback")) {
		return failed(out, errJSONP)
	}
	var err error
	if c.credential, err = r.credential(); err != nil {
		return failed(out, err)
	}
	c.table = out.table()
	value, err := c.run(ctx)
	if err == nil {
		err = out.check(value)
	}
	if err != nil {
		return failed(out, err)
	}
	contentType, disposition := out.header()
	return Answer{
		Status: statusOK, ContentType: contentType, Disposition: disposition, Cause: errors.Join(*c.causes...),
		Write: func(ctx context.Context, w io.Writer) error { return write(ctx, out, w, value) },
	}
}

// write sends a value, through a buffer so that rows go out many at a time.
func write(ctx context.Context, out renderer, w io.Writer, value any) error {
	buffer := bufio.NewWriterSize(w, 64<<10)
	return errors.Join(out.write(ctx, buffer, value), buffer.Flush())
}

func failed(out renderer, err error) Answer {
	f := failureOf(err)
	contentType, body := out.failure(f.message)
	return Answer{Status: f.status, ContentType: contentType, Cause: f.cause, Write: func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, body)
		return err
	}}
}
