package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"activitylog/backend"
	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/export"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/ops"
)

// A stage is a desktop without a screen: it answers dialogs and hears events.
type stage struct {
	mu      sync.Mutex
	events  []string
	drop    func([]string)
	files   []string
	folder  string
	save    string
	opened  []string
	said    string
	painted string
	quits   int
}

func (s *stage) emit(_ context.Context, name string, _ ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, name)
}

func (s *stage) heard(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, e := range s.events {
		if e == name {
			n++
		}
	}
	return n
}

func (s *stage) onDrop(_ context.Context, drop func([]string)) { s.drop = drop }
func (s *stage) openFiles(context.Context, string) ([]string, error) {
	return s.files, nil
}
func (s *stage) openFolder(context.Context, string) (string, error)       { return s.folder, nil }
func (s *stage) saveFile(context.Context, string, string) (string, error) { return s.save, nil }
func (s *stage) openURL(_ context.Context, url string)                    { s.opened = append(s.opened, url) }
func (s *stage) theme(_ context.Context, name string)                     { s.painted = name }
func (s *stage) tell(_ context.Context, message string)                   { s.said = message }
func (s *stage) quit(context.Context)                                     { s.quits++ }

const password = "four calm otters rowing"

// startApp opens a window's App over a log of its own.
func startApp(t *testing.T) (*App, *stage) {
	t.Helper()
	s := &stage{}
	a := NewApp(backend.Config{Data: filepath.Join(t.TempDir(), "data"), Create: true, Version: "test"}, fstest.MapFS{"index.html": {Data: []byte("the page")}}, s, slog.New(slog.NewTextHandler(t.Output(), nil)))
	a.startup(t.Context())
	if a.failed.Load() {
		t.Fatal(s.said)
	}
	t.Cleanup(func() { a.shutdown(context.Background()) })
	return a, s
}

func setUp(t *testing.T, a *App) account.Session {
	t.Helper()
	session, err := a.SetUp(account.SetUpIn{Login: "ann", Email: "ann@example.org", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// Every operation with the window's door is bound, with the same in and out, and
// nothing else is, but for what only a desktop can do.
func TestBoundMethodsAreTheTable(t *testing.T) {
	desktop := map[string]bool{"PickFiles": true, "PickFolder": true, "SaveExport": true, "SaveViews": true, "OpenExternal": true, "Theme": true, "Leave": true, "Serving": true}
	a, _ := startApp(t)
	bound := reflect.TypeFor[*App]()
	seen := map[string]bool{}
	for _, op := range a.up.Ops {
		method, ok := bound.MethodByName(op.Name)
		if op.Doors&ops.Window == 0 {
			if ok {
				t.Errorf("%s is bound but has no window door", op.Name)
			}
			continue
		}
		seen[op.Name] = true
		if !ok {
			t.Errorf("%s is not bound", op.Name)
			continue
		}
		kind := method.Type
		if kind.NumIn() != 2 || kind.In(1) != op.In || kind.NumOut() != 2 || kind.Out(0) != op.Out {
			t.Errorf("%s is bound as %v, want func(%v) (%v, error)", op.Name, kind, op.In, op.Out)
		}
	}
	if len(seen) < 20 {
		t.Fatalf("only %d operations", len(seen))
	}
	for i := range bound.NumMethod() {
		if name := bound.Method(i).Name; !seen[name] && !desktop[name] {
			t.Errorf("%s is exported to the page but is no operation", name)
		}
	}
}

func TestSessionStaysInGo(t *testing.T) {
	a, s := startApp(t)
	if _, err := a.List(activity.ListIn{}); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("List before anybody is signed in: %v", err)
	}
	me, err := a.Me(account.MeIn{})
	if err != nil || me.Ready || me.User != nil || me.Host != "window" {
		t.Errorf("Me at first: %+v, %v", me, err)
	}
	if session := setUp(t, a); session.Token != "" || session.Me.User == nil {
		t.Errorf("SetUp: %+v", session)
	}
	if _, err := a.Record(activity.Draft{Type: "GoalAdded"}); err != nil {
		t.Fatal(err)
	}
	page, err := a.List(activity.ListIn{Query: "type:GoalAdded"})
	if err != nil || len(page.Items) != 1 || page.Items[0].Actor.Name != "ann" || page.Items[0].Source != "manual" {
		t.Errorf("List: %+v, %v", page, err)
	}
	until(t, "the page hears of the change", func() bool { return s.heard(changedEvent) > 0 })
	if renewed, err := a.Renew(account.RenewIn{}); err != nil || renewed.Token != "" {
		t.Errorf("Renew: %+v, %v", renewed, err)
	}
	if _, err := a.SignOut(account.SignOutIn{}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Count(activity.CountIn{}); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("Count after signing out: %v", err)
	}
	if _, err := a.SignIn(account.SignInIn{Login: "ann", Password: "not this one at all"}); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("wrong password: %v", err)
	}
	if session, err := a.SignIn(account.SignInIn{Login: "ann", Password: password}); err != nil || session.Token != "" {
		t.Errorf("SignIn: %+v, %v", session, err)
	}
}

// A session may be ended by another process, while nobody touches the window.
func TestPageHearsThatItsSessionEnded(t *testing.T) {
	a, s := startApp(t)
	setUp(t, a)
	until(t, "the page hears of its sign-in", func() bool { return s.heard(changedEvent) > 0 })
	if s.heard(signedOutEvent) != 0 {
		t.Error("the page hears of an end at first")
	}
	owner := access.With(t.Context(), access.Principal{Login: "owner", Door: access.CLI, Owner: true, Role: access.Super})
	if _, err := a.up.Accounts.SetPassword(owner, account.SetPasswordIn{Login: "ann", Password: "seven quiet herons wading"}); err != nil {
		t.Fatal(err)
	}
	until(t, "the page hears of the end", func() bool { return s.heard(signedOutEvent) == 1 })
}

func TestSeatIsLeftOnce(t *testing.T) {
	var s seat
	var got []bool
	for _, known := range []bool{false, true, false, true, false, false, false, true, false, false} {
		got = append(got, s.left(known))
	}
	if want := []bool{false, false, false, false, false, true, false, false, false, true}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A job may be over before anybody looks at what runs.
func TestPageHearsOfTheShortestJob(t *testing.T) {
	a, s := startApp(t)
	setUp(t, a)
	for n := 1; n <= 3; n++ {
		if _, err := a.up.Jobs.Start(a.caller(), job.Plan{Kind: job.KindImport, Unit: job.UnitRows}, func(context.Context, *job.Task) error { return nil }); err != nil {
			t.Fatal(err)
		}
		until(t, "the page hears of the job", func() bool { return s.heard(jobsEvent) >= n })
	}
}

func TestFilesStayBehindHandles(t *testing.T) {
	a, s := startApp(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "drafts.ndjson")
	if err := os.WriteFile(file, []byte(`{"type":"GoalAdded","actor":"ben","occurredAt":"2026-11-23T09:15:00Z"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.files, s.folder, s.save = []string{file}, dir, filepath.Join(dir, "out.csv")
	if _, err := a.PickFiles(); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("PickFiles before anybody is signed in: %v", err)
	}
	s.drop([]string{file})
	if s.heard(dropEvent) != 0 || !strings.Contains(s.said, "Sign in") || s.quits != 0 {
		t.Errorf("files dropped before anybody is signed in: said %q", s.said)
	}
	setUp(t, a)
	handles, err := a.PickFiles()
	if err != nil || len(handles) != 1 || handles[0].Name != "drafts.ndjson" {
		t.Fatalf("PickFiles: %+v, %v", handles, err)
	}
	if strings.Contains(handles[0].ID, string(filepath.Separator)) || strings.Contains(handles[0].Name, dir) {
		t.Errorf("the page sees a path: %+v", handles[0])
	}
	s.drop([]string{file})
	if s.heard(dropEvent) != 1 {
		t.Error("the page does not hear of dropped files")
	}
	for _, paths := range [][]string{{""}, {}, {filepath.Join(dir, "absent")}, {file, filepath.Join(dir, "absent")}} {
		s.said = ""
		s.drop(paths)
		if s.heard(dropEvent) != 1 || s.said == "" {
			t.Errorf("%q: %d drops, said %q", paths, s.heard(dropEvent), s.said)
		}
	}
	if handles, err := a.PickFolder(); err != nil || len(handles) != 1 || !handles[0].Folder {
		t.Errorf("PickFolder: %+v, %v", handles, err)
	}
	ticket, err := a.Export(export.In{Format: "csv"})
	if err != nil {
		t.Fatal(err)
	}
	saved, err := a.SaveExport(ticket.Ticket, ticket.Name)
	if err != nil || saved == nil {
		t.Fatalf("SaveExport: %v, %v", saved, err)
	}
	until(t, "the export is written", func() bool {
		text, err := os.ReadFile(s.save)
		return err == nil && strings.Contains(string(text), "UserCreated")
	})
	if _, err := a.SaveExport(ticket.Ticket, ticket.Name); err == nil {
		t.Error("a ticket is good twice")
	}
	s.save = ""
	if saved, err := a.SaveExport("x", "x"); saved != nil || err != nil {
		t.Errorf("nothing chosen: %v, %v", saved, err)
	}
}

// Wails' runtime puts what it is given into new Error(…), which keeps texts only.
func TestErrorsReachThePageAsText(t *testing.T) {
	a, _ := startApp(t)
	_, err := a.SetUp(account.SetUpIn{Login: "ann", Email: "ann@example.org", Password: "short"})
	text, ok := told(err).(string)
	if !ok {
		t.Fatalf("%T is no text", told(err))
	}
	var got fault.Error
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Code != fault.Invalid || got.Field != "password" || got.Message == "" {
		t.Errorf("%s", text)
	}
	if text := told(errors.New("the disk's name")).(string); strings.Contains(text, "disk") || !strings.Contains(text, `"internal"`) {
		t.Errorf("a cause: %s", text)
	}
}

func TestOnlyWebAddressesAreOpened(t *testing.T) {
	a, s := startApp(t)
	for _, address := range []string{
		"ftp://example.org", "javascript:alert(1)", "file:///etc/passwd", "https://", "//example.org", "mailto:a@example.org",
		"https://a:b@example.org", "ssh://example.org", "", "https:example.org", "http:example.org", "http://a@example.org", " https://example.org",
	} {
		if err := a.OpenExternal(address); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q: %v", address, err)
		}
	}
	for n, address := range []string{"https://example.org/a?b#c", "http://intranet.example"} {
		if err := a.OpenExternal(address); err != nil || len(s.opened) != n+1 {
			t.Errorf("%s: %v, %v", address, err, s.opened)
		}
	}
}

func TestWindowIsAsDarkAsThePage(t *testing.T) {
	a, s := startApp(t)
	if err := a.Theme("dark", true); err != nil || s.painted != "dark" || !a.dark.Load() {
		t.Errorf("%v, %q, dark %v", err, s.painted, a.dark.Load())
	}
	if err := a.Theme("auto", false); err != nil || s.painted != "auto" || a.dark.Load() {
		t.Errorf("%v, %q, dark %v", err, s.painted, a.dark.Load())
	}
	if err := a.Theme("pink", true); fault.CodeOf(err) != fault.Invalid || s.painted != "auto" {
		t.Errorf("%v, %q", err, s.painted)
	}
}

// Closing while a job runs asks once, if there is a page that can ask.
func TestClosingAsksWhileAJobRuns(t *testing.T) {
	a, s := startApp(t)
	setUp(t, a)
	if !a.mayClose() {
		t.Error("asked although nothing runs")
	}
	end := make(chan struct{})
	if _, err := a.up.Jobs.Start(a.caller(), job.Plan{Kind: job.KindImport, Unit: job.UnitRows}, func(ctx context.Context, _ *job.Task) error {
		select {
		case <-end:
		case <-ctx.Done():
		}
		return ctx.Err()
	}); err != nil {
		t.Fatal(err)
	}
	if !a.mayClose() {
		t.Error("asked although no page is there")
	}
	if err := a.Theme("auto", false); err != nil {
		t.Fatal(err)
	}
	if a.mayClose() || s.heard(closingEvent) != 1 {
		t.Errorf("not asked: %d events", s.heard(closingEvent))
	}
	if !a.mayClose() || s.heard(closingEvent) != 1 {
		t.Error("held a second time")
	}
	a.Leave(false)
	if s.quits != 0 {
		t.Errorf("staying: %d", s.quits)
	}
	if a.mayClose() {
		t.Error("not asked again after staying")
	}
	a.Leave(true)
	if s.quits != 1 || !a.mayClose() {
		t.Errorf("leaving: %d", s.quits)
	}
	a.Leave(false)
	ended, cancel := context.WithCancel(context.Background())
	a.ending = ended
	if a.mayClose() {
		t.Error("not asked")
	}
	a.Leave(false)
	cancel()
	if !a.mayClose() {
		t.Error("the system is held")
	}
	a.ending = context.Background()
	close(end)
	until(t, "the job is done", func() bool { return a.up.Jobs.Running() == 0 })
	if !a.mayClose() {
		t.Error("asked although nothing runs any more")
	}
}

// What cannot be opened is said in a dialog, and the program ends with a status.
func TestStartupSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "activity.db"), []byte("this is no database, and long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &stage{}
	a := NewApp(backend.Config{Data: dir}, nil, s, slog.New(slog.DiscardHandler))
	a.startup(t.Context())
	if !a.failed.Load() || s.said == "" || s.quits != 1 {
		t.Errorf("failed %v, said %q, quits %d", a.failed.Load(), s.said, s.quits)
	}
	a.shutdown(t.Context())
}

func TestWindowArgs(t *testing.T) {
	for _, c := range []struct {
		args   string
		window bool
		data   string
		gpu    string
		field  string
	}{
		{"", true, "", "auto", ""},
		{"--data /x", true, "/x", "auto", ""},
		{"--data=/x --gpu=off", true, "/x", "off", ""},
		{"-gpu on", true, "", "on", ""},
		{"--gpu sometimes", false, "", "", "--gpu"},
		{"--gpu", false, "", "", "--gpu"},
		{"--data", false, "", "", "--data"},
		{"list", false, "", "", ""},
		{"--data /x list", false, "", "", ""},
		{"--help", false, "", "", ""},
	} {
		config := backend.Config{}
		got, ok, err := windowArgs(strings.Fields(c.args), &config)
		if ok != c.window || ok && (config.Data != c.data || got.gpu != c.gpu) {
			t.Errorf("%q: %v %+v %q", c.args, ok, got, config.Data)
		}
		if field := fault.Public(err); (field == nil) != (c.field == "") || field != nil && field.Field != c.field {
			t.Errorf("%q: %v, want a fault at %q", c.args, err, c.field)
		}
	}
}

func TestWindowPlace(t *testing.T) {
	dir := t.TempDir()
	if got := loadPlace(dir); got != defaultPlace {
		t.Errorf("at first: %+v", got)
	}
	for screen, want := range map[[2]int][2]int{{1920, 1080}: {1280, 800}, {1366, 768}: {1280, 704}, {1280, 800}: {1280, 800}, {900, 700}: {900, 636}, {800, 80}: {800, 60}} {
		if got := defaultPlace.within(screen[0], screen[1]); got.Width != want[0] || got.Height != want[1] {
			t.Errorf("on a screen of %v: %+v", screen, got)
		}
	}
	savePlace(dir, windowPlace{Width: 900, Height: 700})
	savePlace(dir, windowPlace{Width: 1920, Height: 1080, Maximised: true, Dark: true})
	if got := loadPlace(dir); got != (windowPlace{Width: 900, Height: 700, Maximised: true, Dark: true}) {
		t.Errorf("maximised: %+v", got)
	}
	for _, bad := range []string{"", "{", `{"width":1,"height":1}`, `{"width":99999,"height":700}`} {
		if err := os.WriteFile(placeFile(dir), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := loadPlace(dir); got != defaultPlace {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

// until waits for a condition.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
