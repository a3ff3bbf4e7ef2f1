//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// A traced is the served program with every connection it opens written down by the
// system, not by the program.
type traced struct {
	t     *testing.T
	url   string
	setup string
	trace string
	token string
}

func serveTraced(t *testing.T, env ...string) *traced {
	t.Helper()
	s := &traced{t: t, trace: filepath.Join(t.TempDir(), "trace")}
	// -D keeps the program our child, so that ending it ends both.
	c := exec.Command("strace", "-D", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", s.trace, "activitylog", "serve", "--listen", "127.0.0.1:0")
	c.Env = append(os.Environ(), append(env, "ACTIVITYLOG_DATA="+filepath.Join(t.TempDir(), "data"))...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	c.Stderr = &errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("serve says nothing: %s", errs.String())
	}
	s.url, s.setup, _ = strings.Cut(strings.TrimSpace(line), "#setup=")
	return s
}

// call posts an operation that has to succeed.
func (s *traced) call(op, in string, out any) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"api/v1/"+op, strings.NewReader(in))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %d %s %v", op, response.StatusCode, body, err)
	}
	if err := json.Unmarshal(body, out); err != nil {
		s.t.Fatal(err)
	}
}

// opened lists what the program tried to reach over a network.
func (s *traced) opened() []string {
	s.t.Helper()
	data, err := os.ReadFile(s.trace)
	if err != nil {
		s.t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, "sin_port") || strings.Contains(line, "sin6_port") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// By default no connection leaves the program, whatever is done in it. With Gravatar
// on there is one per address, and then the cache.
func TestNothingIsSentUntilSaidSo(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program many times")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("strace is missing")
		}
		t.Skip("needs strace")
	}
	var asked atomic.Int64
	pictures := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "image/png")
		icon, err := os.ReadFile("build/appicon.png")
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(icon)
	}))
	defer pictures.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pictures.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveTraced(t, "ACTIVITYLOG_GRAVATAR_BASE="+pictures.URL, "ACTIVITYLOG_GRAVATAR_CA="+ca)

	var session struct{ Token string }
	s.call("setUp", `{"token":"`+s.setup+`","login":"ann","email":"ann@example.org","password":"`+password+`"}`, &session)
	s.token = session.Token
	var none struct{}
	s.call("createUser", `{"login":"ben","email":"ben@example.org","password":"`+password+`","level":"write"}`, &none)
	s.call("record", `{"type":"GoalAdded","parameters":{"link":"https://example.org/"}}`, &none)
	ben := *s
	ben.token = ""
	ben.call("signIn", `{"login":"ben","password":"`+password+`"}`, &session)
	for _, op := range []string{"list", "count", "types", "users", "settings", "status", "verify", "sites"} {
		s.call(op, `{}`, &none)
	}
	var list struct {
		Actors []struct{ Actor struct{ ID string } }
	}
	s.call("actors", `{}`, &list)
	if len(list.Actors) < 2 {
		t.Fatalf("%d actors", len(list.Actors))
	}
	pictured := func() (n int) {
		for _, a := range list.Actors {
			var out struct{ Data string }
			s.call("avatar", `{"actor":"`+a.Actor.ID+`"}`, &out)
			if strings.HasPrefix(out.Data, "data:image/png") {
				n++
			}
		}
		return n
	}
	if n := pictured(); n != 0 || asked.Load() != 0 {
		t.Errorf("off: %d pictures, %d requests", n, asked.Load())
	}
	if opened := s.opened(); len(opened) > 0 {
		t.Errorf("off, and yet the program reached out:\n%s", strings.Join(opened, "\n"))
	}
	s.call("configure", `{"gravatar":true}`, &none)
	for range 3 {
		if n := pictured(); n != 2 {
			t.Errorf("on: %d pictures", n)
		}
	}
	if asked.Load() != 2 {
		t.Errorf("two addresses were asked for %d times", asked.Load())
	}
	// The trace can see: the stand-in's connections are in it.
	if len(s.opened()) == 0 {
		t.Error("the trace shows nothing even with Gravatar on")
	}
}
