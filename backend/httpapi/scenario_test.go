package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"activitylog/backend"
	"activitylog/backend/cli"
	"activitylog/backend/fault"
	"activitylog/backend/httpapi"
	"activitylog/backend/ops"
)

// A served is the program as it is served: real services over a real database.
type served struct {
	t      *testing.T
	app    *backend.App
	config backend.Config
	addr   string
}

func serve(t *testing.T) *served {
	t.Helper()
	config := backend.Config{Data: filepath.Join(t.TempDir(), "data"), Create: true, Version: "test"}
	app, err := backend.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- httpapi.Serve(ctx, l, httpapi.Over(app, httpapi.Options{
			Hosts: httpapi.LoopbackHosts(port),
			Page:  fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "widget.html": {Data: []byte("<!doctype html>")}},
			Now:   time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		}))
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := app.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return &served{t: t, app: app, config: config, addr: l.Addr().String()}
}

// call posts an operation and returns status and body.
func (s *served) call(token, op, in string) (int, string) {
	s.t.Helper()
	status, body := s.send(http.MethodPost, "/api/v1/"+op, token, in, "Content-Type", "application/json")
	s.described(op, in, status, body)
	return status, body
}

func (s *served) send(method, path, token, body string, headers ...string) (int, string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.addr+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// must is call where nothing may go wrong; it decodes the answer.
func (s *served) must(token, op, in string, out any) {
	s.t.Helper()
	status, body := s.call(token, op, in)
	if status != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s", op, in, status, body)
	}
	if err := json.Unmarshal([]byte(body), out); err != nil {
		s.t.Fatalf("%s: %v in %s", op, err, body)
	}
}

const password = "four calm otters rowing"

type session struct {
	Token string `json:"token"`
}

// setUp makes the first super user and returns its token.
func (s *served) setUp() string {
	s.t.Helper()
	token, err := s.app.Accounts.SetUpToken(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var made session
	s.must("", "setUp", `{"token":"`+token+`","login":"ann","email":"ann@example.org","password":"`+password+`"}`, &made)
	return made.Token
}

func code(t *testing.T, body string) fault.Code {
	t.Helper()
	var f fault.Error
	if err := json.Unmarshal([]byte(body), &f); err != nil {
		t.Fatalf("no fault: %s", body)
	}
	return f.Code
}

// Until there is a super user, nothing answers but what leads to one.
func TestBeforeTheFirstSuperUser(t *testing.T) {
	s := serve(t)
	open := map[string]bool{"Me": true, "Status": true, "SetUp": true, "SignIn": true}
	walked := 0
	for _, op := range s.app.Ops {
		if op.Doors&ops.HTTP == 0 || open[op.Name] {
			continue
		}
		walked++
		in := "{}"
		if op.Name == "Record" {
			in = `{"type":"GoalAdded"}`
		}
		if status, body := s.call("", op.Path(), in); status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", op.Name, status, body)
		}
	}
	if walked < 20 {
		t.Fatalf("only %d operations", walked)
	}
	for _, op := range []string{"me", "status"} {
		if status, body := s.call("", op, "{}"); status != http.StatusOK || !strings.Contains(body, `"ready":false`) {
			t.Errorf("%s: %d %s", op, status, body)
		}
	}
	if status, body := s.call("", "signIn", `{"login":"ann","password":"`+password+`"}`); status == http.StatusOK {
		t.Errorf("signIn: %s", body)
	}
	const first = `"login":"ann","email":"ann@example.org","password":"` + password + `"}`
	for _, token := range []string{"", "guessed"} {
		if status, body := s.call("", "setUp", `{"token":"`+token+`",`+first); status != http.StatusForbidden {
			t.Errorf("token %q: %d %s", token, status, body)
		}
	}
	printed, err := s.app.Accounts.SetUpToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status, body := s.call("", "setUp", `{"token":"`+printed+`",`+first); status != http.StatusOK {
		t.Errorf("the printed token: %d %s", status, body)
	}
	if status, body := s.call("", "setUp", `{"token":"`+printed+`",`+first); status != http.StatusConflict {
		t.Errorf("the printed token again: %d %s", status, body)
	}
}

func TestUnknownFieldsAreNamed(t *testing.T) {
	s := serve(t)
	token := s.setUp()
	for _, c := range []struct{ op, in, field string }{
		{"list", `{"query":"","where":"1=1"}`, "where"},
		{"record", `{"type":"GoalAdded","source":"self"}`, "source"},
		{"record", `{"type":"GoalAdded","raw":{}}`, "raw"},
		{"createUser", `{"login":"x","super":true}`, "super"},
		{"configure", `{"retention":1}`, "retention"},
		{"list", `{"limit":"many"}`, "limit"},
		{"list", `{"query":"nosuch:x"}`, "query"},
	} {
		status, body := s.call(token, c.op, c.in)
		var f fault.Error
		if err := json.Unmarshal([]byte(body), &f); err != nil || status != http.StatusBadRequest || f.Code != fault.Invalid || f.Field != c.field {
			t.Errorf("%s %s: %d %s", c.op, c.in, status, body)
		}
	}
	for _, in := range []string{"[]", "null x", `{"query":""} {}`, `{`, `"x"`} {
		if status, body := s.call(token, "list", in); status != http.StatusBadRequest || code(t, body) != fault.Invalid {
			t.Errorf("list %s: %d %s", in, status, body)
		}
	}
	if status, _ := s.call(token, "list", ""); status != http.StatusOK {
		t.Errorf("no input at all: %d", status)
	}
}

// A token is worth nothing from the moment its session or its user is gone.
func TestRevokedAtOnce(t *testing.T) {
	s := serve(t)
	ann := s.setUp()
	var ben struct {
		ID string `json:"id"`
	}
	s.must(ann, "createUser", `{"login":"ben","email":"ben@example.org","password":"`+password+`","level":"write"}`, &ben)
	signIn := func() string {
		var in session
		s.must("", "signIn", `{"login":"ben","password":"`+password+`"}`, &in)
		return in.Token
	}
	for what, end := range map[string]func(token string){
		"signed out": func(token string) { s.must(token, "signOut", `{}`, &struct{}{}) },
		"role":       func(string) { s.must(ann, "setAccess", `{"id":"`+ben.ID+`","site":"1","level":"view"}`, &struct{}{}) },
		"disabled":   func(string) { s.must(ann, "changeUser", `{"id":"`+ben.ID+`","disabled":true}`, &struct{}{}) },
	} {
		s.must(ann, "changeUser", `{"id":"`+ben.ID+`","disabled":false}`, &struct{}{})
		s.must(ann, "setAccess", `{"id":"`+ben.ID+`","site":"1","level":"write"}`, &struct{}{})
		token := signIn()
		if status, _ := s.call(token, "count", `{}`); status != http.StatusOK {
			t.Fatalf("%s: refused before", what)
		}
		end(token)
		if status, body := s.call(token, "count", `{}`); status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
	for _, forged := range []string{ann + "x", ann[:len(ann)-2] + "AA", "e30.e30.", "null", strings.Repeat("a", 4000)} {
		if status, body := s.call(forged, "count", `{}`); status != http.StatusUnauthorized {
			t.Errorf("%.20s: %d %s", forged, status, body)
		}
	}
}

// Bytes in, handle, preview, import, job, count; query, ticket, bytes out.
func TestTransfer(t *testing.T) {
	s := serve(t)
	ann := s.setUp()
	const drafts = `{"type":"GoalAdded","actor":"ben","occurredAt":"2026-11-21T09:15:00Z","externalId":"a"}
{"type":"GoalDeleted","actor":"cat","occurredAt":"2026-11-22T09:15:00Z","externalId":"b"}
`
	upload := func(token string) (int, string) {
		return s.send(http.MethodPost, "/api/v1/upload", token, drafts, "Content-Type", "application/octet-stream", "X-File-Name", "a%20b.ndjson")
	}
	if status, body := upload(""); status != http.StatusUnauthorized {
		t.Errorf("nobody uploads: %d %s", status, body)
	}
	status, body := upload(ann)
	var handle struct{ ID, Name string }
	if err := json.Unmarshal([]byte(body), &handle); err != nil || status != http.StatusOK || handle.Name != "a b.ndjson" {
		t.Fatalf("upload: %d %s", status, body)
	}
	if strings.Contains(body, s.config.Data) {
		t.Errorf("a path is told: %s", body)
	}
	var preview struct{ Items []any }
	s.must(ann, "importPreview", `{"handles":["`+handle.ID+`"]}`, &preview)
	if len(preview.Items) != 2 {
		t.Errorf("preview: %d items", len(preview.Items))
	}
	s.must(ann, "import", `{"handles":["`+handle.ID+`"]}`, &struct{}{})
	deadline := time.Now().Add(2 * time.Minute)
	for {
		var list struct{ Jobs []struct{ State string } }
		s.must(ann, "jobs", `{}`, &list)
		if len(list.Jobs) == 1 && list.Jobs[0].State != "running" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the import does not end")
		}
		time.Sleep(10 * time.Millisecond)
	}
	var count struct{ N int64 }
	if s.must(ann, "count", `{"query":"source:import"}`, &count); count.N != 2 {
		t.Errorf("imported %d", count.N)
	}
	var ticket struct{ Ticket string }
	s.must(ann, "export", `{"query":"source:import","format":"ndjson"}`, &ticket)
	status, body = s.send(http.MethodGet, "/api/v1/download/"+ticket.Ticket, "", "")
	if status != http.StatusOK || strings.Count(body, "\n") != 2 {
		t.Errorf("download: %d %s", status, body)
	}
	if status, body := s.send(http.MethodGet, "/api/v1/download/"+ticket.Ticket, "", ""); status != http.StatusNotFound {
		t.Errorf("download again: %d %s", status, body)
	}
}

// The command line with --json prints the very bytes that HTTP sends.
func TestTheCommandLineSaysTheSame(t *testing.T) {
	s := serve(t)
	ann := s.setUp()
	s.must(ann, "record", `{"type":"GoalAdded","object":{"kind":"goal","id":"7","name":"<Sign-up> & more"},"parameters":{"n":12345678901234567890}}`, &struct{}{})
	for op, args := range map[string][]string{
		"types":    {"types"},
		"settings": {"settings", "get"},
		"users":    {"user", "list"},
		"count":    {"count"},
		"list":     {"list"},
	} {
		in := "{}"
		_, want := s.call(ann, op, in)
		var out, errs bytes.Buffer
		config := s.config
		config.Create = false
		status := cli.Run(t.Context(), append(args, "--json"), cli.Env{Out: &out, Err: &errs, Config: config, Now: time.Now, Zone: time.UTC, Version: "test"})
		if status != 0 || out.String() != want {
			t.Errorf("%s: status %d %s\n%s\nHTTP:\n%s", op, status, errs.String(), out.String(), want)
		}
	}
}
