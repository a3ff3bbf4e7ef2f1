package httpapi

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"activitylog/backend/ops"
)

// A timed listener's connections remember until when they may be read.
type timed struct {
	net.Listener
	until *atomic.Int64 // Unix nanoseconds; 0: for ever
}

type timedConn struct {
	net.Conn
	until *atomic.Int64
}

func (l timed) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return timedConn{conn, l.until}, err
}

func (c timedConn) SetReadDeadline(t time.Time) error {
	c.until.Store(0)
	if !t.IsZero() {
		c.until.Store(t.UnixNano())
	}
	return c.Conn.SetReadDeadline(t)
}

// The time for sending an input is not the time for what is done with it: while an
// operation runs the server reads on, to hear of a caller that leaves, and a deadline
// would look like one.
func TestALongOperationIsNotCutOff(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var until, during atomic.Int64
	h := startOn(t, timed{l, &until}, func(o *Options) {
		o.Ops = append(o.Ops, ops.Op{Name: "Long", Doors: ops.HTTP, Call: func(context.Context, []byte) (any, error) {
			during.Store(until.Load())
			return struct{}{}, nil
		}})
	})
	for _, body := range []string{"", "{}"} {
		during.Store(-1)
		if response, answer := h.post(t, "long", body); response.StatusCode != http.StatusOK || during.Load() != 0 {
			t.Errorf("input %q: %d %s, to be read until %v", body, response.StatusCode, answer, time.Unix(0, during.Load()))
		}
	}
}
