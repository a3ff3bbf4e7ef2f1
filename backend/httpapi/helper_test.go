package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/ops"
	"activitylog/backend/source"
)

// A harness is a running server with operations of its own, so that the transport is
// tested apart from what the program does. scenario_test.go has the real ones.
type harness struct {
	addr string
	log  *safeBuffer
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

const goodToken = "good-token"

// caller is what the operation "who" answers.
type caller struct {
	Login string `json:"login"`
	Door  string `json:"door"`
	IP    string `json:"ip"`
	Agent string `json:"agent"`
}

func testOptions(log io.Writer) Options {
	call := func(name string, fn func(context.Context, []byte) (any, error)) ops.Op {
		return ops.Op{Name: name, Doors: ops.HTTP, Call: fn}
	}
	who := func(ctx context.Context, _ []byte) (any, error) {
		p := access.From(ctx)
		return caller{p.Login, string(p.Door), p.IP, p.Agent}, nil
	}
	return Options{
		Ops: []ops.Op{
			call("Echo", func(_ context.Context, in []byte) (any, error) { return json.RawMessage(in), nil }),
			call("Who", who), call("SignIn", who), call("SetUp", who),
			call("Fail", func(_ context.Context, in []byte) (any, error) {
				return nil, fault.Wrap(errors.New("the cause, with a secret"), fault.Code(strings.Trim(string(in), `"`)), "What to do.")
			}),
			call("Break", func(context.Context, []byte) (any, error) { return nil, errors.New("bare cause, with a secret") }),
			call("Panic", func(context.Context, []byte) (any, error) { panic("a bug, with a secret") }),
			{Name: "Hidden", Doors: ops.Window | ops.CLI, Call: who},
		},
		Authenticate: func(ctx context.Context, token string) (access.Principal, error) {
			if token != goodToken {
				return access.Principal{}, fault.New(fault.Unauthenticated, "Sign in again.")
			}
			p := access.From(ctx)
			p.UserID, p.Login, p.Role = 7, "ann", access.Super
			return p, nil
		},
		Upload: func(ctx context.Context, name string, content io.Reader) (source.Handle, error) {
			if _, err := access.Require(ctx, access.Super); err != nil {
				return source.Handle{}, err
			}
			n, err := io.Copy(io.Discard, content)
			return source.Handle{ID: "h1", Name: name, Size: n}, err
		},
		Download: downloadOnce(),
		Page: fstest.MapFS{
			"index.html":          {Data: []byte("<!doctype html><title>Activity Log</title>")},
			"theme.js":            {Data: []byte("// theme")},
			"assets/index-1a2.js": {Data: []byte("// hashed")},
		},
		Now: time.Now,
		Log: slog.New(slog.NewTextHandler(log, nil)),
	}
}

func downloadOnce() func(context.Context, string) (Download, error) {
	var mu sync.Mutex
	used := false
	return func(_ context.Context, ticket string) (Download, error) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case ticket == "broken":
			return Download{Name: "a.csv", ContentType: "text/csv", Write: func(_ context.Context, w io.Writer) error {
				_, _ = io.WriteString(w, strings.Repeat("x", 64<<10))
				return errors.New("disk gone")
			}}, nil
		case ticket != "once" || used:
			return Download{}, fault.New(fault.NotFound, "This download is over. Export again.")
		}
		used = true
		return Download{Name: "activity „log“.csv", ContentType: "text/csv; charset=utf-8", Write: func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, "a,b\r\n")
			return err
		}}, nil
	}
}

// start serves on a free loopback port until the test ends.
func start(t *testing.T, change ...func(*Options)) *harness {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return startOn(t, l, change...)
}

// startOn serves on a listener.
func startOn(t *testing.T, l net.Listener, change ...func(*Options)) *harness {
	t.Helper()
	h := &harness{addr: l.Addr().String(), log: &safeBuffer{}}
	_, port, _ := net.SplitHostPort(h.addr)
	o := testOptions(h.log)
	o.Hosts = LoopbackHosts(port)
	for _, c := range change {
		c(&o)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, o) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return h
}

func (h *harness) port() string {
	_, port, _ := net.SplitHostPort(h.addr)
	return port
}

// raw sends bytes as they are and returns the answer, or nil if there was none.
func (h *harness) raw(t *testing.T, request string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		return nil
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil
	}
	body, _ := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response
}

// do sends a request with headers given in pairs.
func (h *harness) do(t *testing.T, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+h.addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(answer)
}

func (h *harness) post(t *testing.T, op, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	return h.do(t, http.MethodPost, "/api/v1/"+op, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

func faultIn(t *testing.T, body string) fault.Error {
	t.Helper()
	var f fault.Error
	dec := json.NewDecoder(strings.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		t.Fatalf("not an error body: %q: %v", body, err)
	}
	return f
}
