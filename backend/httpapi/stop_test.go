package httpapi

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"activitylog/backend/ops"
)

// A request that does not finish in time is ended, and that is no failure of the
// server's: what it stands on may be closed afterwards.
func TestStoppingEndsWhatRunsTooLong(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	began, ended := make(chan struct{}), atomic.Bool{}
	o := testOptions(io.Discard)
	o.Hosts = []string{l.Addr().String()}
	o.Ops = append(o.Ops, ops.Op{Name: "Long", Doors: ops.HTTP, Call: func(ctx context.Context, _ []byte) (any, error) {
		close(began)
		<-ctx.Done()
		ended.Store(true)
		return nil, ctx.Err()
	}})
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- serve(ctx, l, o, time.Millisecond) }()
	go func() {
		response, err := http.Post("http://"+l.Addr().String()+"/api/v1/long", "application/json", strings.NewReader("{}"))
		if err == nil {
			response.Body.Close()
		}
	}()
	<-began
	stop()
	if err := <-served; err != nil || !ended.Load() {
		t.Errorf("%v, ended %v", err, ended.Load())
	}
}
