// Package httpapi is the table of operations over HTTP, and the page that calls it.
//
// It is a front: it says who calls (a Bearer token becomes a principal), passes the
// input on and shapes the answer. Before anything is routed it refuses requests that
// name another host or come from another site, so that a web page somewhere else can
// neither read nor call it; guard_test.go and fetch_test.go are the proof.
//
// There are no cookies and no CORS headers.
package httpapi

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/feed"
	"activitylog/backend/ingest"
	"activitylog/backend/ledger"
	"activitylog/backend/matomo"
	"activitylog/backend/ops"
	"activitylog/backend/source"
)

// Limits of the server.
const (
	MaxHeader  = 16 << 10
	MaxBody    = 1 << 20   // of an operation's input
	MaxUpload  = 512 << 20 // of an uploaded file
	MaxClients = 256       // connections at once; further ones wait

	headerTimeout = 5 * time.Second
	bodyTimeout   = 30 * time.Second // for a whole input, and between two pieces of an upload
	idleTimeout   = 60 * time.Second
)

// Options are what the server stands on.
type Options struct {
	// Hosts are the spellings of Host that are answered, see [LoopbackHosts].
	Hosts []string
	Ops   []ops.Op
	// Authenticate returns who a token stands for now, seen through the door, address
	// and agent of the context's principal. Errors: unauthenticated.
	Authenticate func(ctx context.Context, token string) (access.Principal, error)
	// Upload keeps a file's bytes for an import. The caller is in the context.
	Upload func(ctx context.Context, name string, content io.Reader) (source.Handle, error)
	// Download redeems a ticket, once. Errors: not_found.
	Download func(ctx context.Context, ticket string) (Download, error)
	// Ingest takes in what programs report; nil: it is not served.
	Ingest *ingest.Service
	// Follow is what live streams ask; nil: there are none.
	Follow Follower
	// Matomo answers Matomo's reporting API; nil: it is not served.
	Matomo *matomo.API
	// Feeds answers feed readers; nil: there are none.
	Feeds *feed.Service
	// Health says whether the log works, to whoever may read; nil: nobody is told.
	Health func(ctx context.Context, in ledger.HealthIn) (ledger.Health, error)
	// Frames returns the origins that may frame a widget; nil: there are no widgets.
	Frames func(ctx context.Context, id string) ([]string, error)
	// Page holds index.html, widget.html and what they load.
	Page fs.FS
	Now  func() time.Time
	Log  *slog.Logger

	ending <-chan struct{} // closed once the server is to end
}

// A Download is a file made while it is sent.
type Download struct {
	Name        string
	ContentType string
	Write       func(ctx context.Context, w io.Writer) error
}

// LoopbackHosts lists what a browser on this machine sends as Host for a port.
func LoopbackHosts(port string) []string {
	hosts := []string{"127.0.0.1:" + port, "[::1]:" + port, "localhost:" + port}
	if port == "80" {
		hosts = append(hosts, "127.0.0.1", "[::1]", "localhost")
	}
	return hosts
}

// Handler returns the whole front: guards first, then operations, files, the page.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	for _, op := range o.Ops {
		if op.Doors&ops.HTTP != 0 && op.Path() != "ingest" {
			mux.Handle("/api/v1/"+op.Path(), o.operation(op))
		}
	}
	if o.Ingest != nil {
		mux.Handle("/api/v1/ingest", o.ingest())
	}
	if o.Follow != nil {
		mux.Handle("/api/v1/live", o.live())
	}
	if o.Health != nil {
		mux.Handle("/healthz", o.health())
	}
	mux.Handle("/api/v1/upload", o.upload())
	mux.Handle("/api/v1/download/{ticket}", o.download())
	o.described(mux)
	mux.Handle("/api/", http.HandlerFunc(o.unknown))
	if o.Feeds != nil {
		mux.Handle("/feed.atom", o.subscribed(feed.Atom))
		mux.Handle("/feed.json", o.subscribed(feed.JSON))
	}
	if o.Frames != nil {
		mux.Handle("/widget/{id}", o.widget())
	}
	if o.Matomo != nil {
		mux.Handle("/{$}", o.reporting(page(o.Page)))
		mux.Handle("/index.php", o.reporting(toPage()))
	}
	mux.Handle("/", page(o.Page))
	return o.steady(o.recovered(Secure(o.guarded(mux))))
}

// grace is how long running requests may take to finish once the server is to end.
const grace = 10 * time.Second

// Serve answers on the listener until the context ends, then lets running requests
// finish for up to ten seconds. What runs longer hears that it is over by its context
// and loses its connection. On return nothing runs any more.
func Serve(ctx context.Context, l net.Listener, o Options) error { return serve(ctx, l, o, grace) }

func serve(ctx context.Context, l net.Listener, o Options, grace time.Duration) error {
	var running sync.WaitGroup
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	o.ending = ctx.Done()
	server := &http.Server{
		Handler:           counted(&running, Handler(o)),
		BaseContext:       func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		// Go adds 4 KiB of slack to this figure.
		MaxHeaderBytes: MaxHeader - 4<<10,
		ErrorLog:       slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		err := server.Shutdown(closing)
		if errors.Is(err, context.DeadlineExceeded) {
			cut()
			err = server.Close()
		}
		running.Wait()
		stopped <- err
	}()
	if err := server.Serve(limit(l, MaxClients)); err != nil && ctx.Err() == nil {
		return err
	}
	return <-stopped
}

// counted keeps count of the requests that run.
func counted(running *sync.WaitGroup, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Done()
		next.ServeHTTP(w, r)
	})
}
