package remote

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"activitylog/backend/fault"
)

const token = "f1a5e0b1c2d3e4f5a6b7c8d9e0f1a2b3"

func newTestClient(t *testing.T, ca string) *Client {
	t.Helper()
	c, err := New(ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct{ in, want, says string }{
		{"https://stats.example.org", "https://stats.example.org/", ""},
		{" https://Stats.Example.org/matomo/index.php ", "https://stats.example.org/matomo/", ""},
		{"https://stats.example.org:8443/a", "https://stats.example.org:8443/a/", ""},
		{"http://localhost/matomo", "http://localhost/matomo/", ""},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080/", ""},
		{"http://[::1]:80/", "http://[::1]:80/", ""},
		{"", "", "Give the address"},
		{"stats.example.org", "", "not an address like"},
		{"https://", "", "not an address like"},
		{"https://:443/", "", "not an address like"},
		{"file:///etc/passwd", "", "not an address like"},
		{"https://a\x00b/", "", "not an address like"},
		{"https://" + strings.Repeat("a", 1100), "", "not an address like"},
		{"http://stats.example.org/", "", "without encryption"},
		{"http://192.168.1.7/", "", "without encryption"},
		{"http://localhost.example.org/", "", "without encryption"},
		{"https://ann:secret@stats.example.org/", "", "does not belong in the address"},
		{"https://stats.example.org/?token_auth=x", "", "what follows the ?"},
		{"https://stats.example.org/#x", "", "what follows the ?"},
	} {
		got, err := Address(tt.in)
		if got != tt.want || (err == nil) != (tt.says == "") {
			t.Errorf("%q: %q %v", tt.in, got, err)
		}
		if err != nil && (fault.Public(err).Field != "address" || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%q: %v", tt.in, err)
		}
	}
}

func TestTokens(t *testing.T) {
	if got, err := Token(" " + token + "\n"); got != token || err != nil {
		t.Errorf("%q %v", got, err)
	}
	for _, text := range []string{"", "  ", "two words", "für", "a\x00b", strings.Repeat("a", 300)} {
		if _, err := Token(text); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "token" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What leaves without TLS stays on this machine, whatever a name resolves to.
func TestOnlyLoopback(t *testing.T) {
	for address, ok := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "[::ffff:127.0.0.1]:80": true, "192.168.1.7:80": false, "203.0.113.1:80": false, "[2001:db8::1]:80": false} {
		if err := onlyLoopback("tcp", address, nil); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	c := newTestClient(t, "")
	_, err := c.Entries(t.Context(), Server{Address: "http://203.0.113.1/", Token: token}, 0, 1)
	if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "without encryption") {
		t.Errorf("%v", err)
	}
}

// A certificate that nobody vouches for ends the connection before the token is sent.
func TestCertificates(t *testing.T) {
	var asked atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Method != http.MethodPost || r.URL.RawQuery != "" || r.PostFormValue("token_auth") != token || r.Header.Get("User-Agent") != "activitylog" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		fmt.Fprint(w, `[{"id":1}]`)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // says that a handshake failed
	s.StartTLS()
	defer s.Close()
	server := Server{Address: s.URL + "/", Token: token}
	_, err := newTestClient(t, "").Entries(t.Context(), server, 0, 1)
	if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "certificate") || asked.Load() != 0 {
		t.Errorf("%v, asked %d times", err, asked.Load())
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err := newTestClient(t, ca).Entries(t.Context(), server, 0, 1); err != nil || len(list) != 1 || asked.Load() != 1 {
		t.Errorf("%v %s", err, list)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{filepath.Join(t.TempDir(), "none.pem"), empty} {
		if _, err := New(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// The environment's proxy is not asked.
func TestNoProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") }))
	defer proxy.Close()
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("ALL_PROXY", proxy.URL)
	c := newTestClient(t, "")
	if c.secure.Transport.(*http.Transport).Proxy != nil || c.plain.Transport.(*http.Transport).Proxy != nil {
		t.Error("there is a proxy")
	}
}

func TestAnswersThatDoNotCome(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/broken/index.php":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "[")
		default:
			_ = r.ParseForm()
			<-release
		}
	}))
	defer s.Close()
	defer close(release)
	c := newTestClient(t, "")
	c.plain.Timeout = 50 * time.Millisecond
	_, err := c.Entries(t.Context(), Server{Address: s.URL + "/", Token: token}, 0, 1)
	if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "does not answer in time") {
		t.Errorf("slow: %v", err)
	}
	c.plain.Timeout = time.Minute
	_, err = c.Entries(t.Context(), Server{Address: s.URL + "/broken/", Token: token}, 0, 1)
	if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "broke off") {
		t.Errorf("broken: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Entries(ctx, Server{Address: s.URL + "/", Token: token}, 0, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	if _, err := c.Entries(t.Context(), Server{Address: closed.URL + "/", Token: token}, 0, 1); fault.CodeOf(err) != fault.Unavailable || fault.Public(err).Field != "address" {
		t.Errorf("closed: %v", err)
	}
	if public := fault.Public(err).Message; strings.Contains(public, token) {
		t.Errorf("the token is shown: %s", public)
	}
}

// What a server says is shown short, on one line and without its escapes.
func TestMessages(t *testing.T) {
	for in, want := range map[string]string{
		"a &quot;b&quot;\n c\x00d": `a "b" c d`,
		"":                         "nothing.",
		"&#27;[31mred":             "[31mred",
		strings.Repeat("ü", 300):   strings.Repeat("ü", 200) + "…",
	} {
		if got := plainly(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
