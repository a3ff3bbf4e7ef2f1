package httpapi

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// A reader that stands still loses its connection; one that reads gets everything.
func TestAReaderThatStandsStillIsLeft(t *testing.T) {
	block := make([]byte, 64<<10)
	ended := make(chan error, 1)
	// A clock that is nearly as far behind as a reader may be makes the time short.
	var behind atomic.Int64
	behind.Store(int64(bodyTimeout - 100*time.Millisecond))
	h := start(t, func(o *Options) {
		o.Now = func() time.Time { return time.Now().Add(-time.Duration(behind.Load())) }
		o.Download = func(_ context.Context, ticket string) (Download, error) {
			return Download{Name: "a", ContentType: "text/csv", Write: func(ctx context.Context, w io.Writer) (err error) {
				for n := 0; err == nil && ctx.Err() == nil && (ticket == "endless" || n < 64); n++ {
					_, err = w.Write(block)
				}
				if ticket == "endless" {
					ended <- err
				}
				return err
			}}, nil
		}
	})
	conn, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /api/v1/download/endless HTTP/1.1\r\nHost: "+h.addr+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the answer ended with %v", err)
	}
	behind.Store(0) // a busy machine takes longer than that for a reader that does read
	if response, body := h.do(t, "GET", "/api/v1/download/short", ""); response.StatusCode != 200 || len(body) != 64*len(block) {
		t.Errorf("a reader gets %d bytes", len(body))
	}
}
