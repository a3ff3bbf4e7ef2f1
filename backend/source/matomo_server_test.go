package source

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// What the stand-in writes is what Matomo's renderer does.
func TestStandInWritesAsMatomo(t *testing.T) {
	for _, name := range []string{"entry", "texts"} {
		want := goldenOf(t, "values.json", name)
		var list []json.RawMessage
		if err := json.Unmarshal([]byte(want), &list); err != nil {
			t.Fatal(err)
		}
		plain, err := plainJSON(list[0], 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := phpStyle("[" + strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(plain)) + "]"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// A server's log reads as its dump does, and each knows what came by the other.
func TestMatomoServerReadsAsOnMatomo(t *testing.T) {
	w := newWorld(t)
	entries := dumpEntries(t)
	s := newStandIn(t, entries...)
	got := w.importsServer(s)
	if got.State != job.StateDone || got.Report.New != int64(len(entries)) || got.Report.Read != got.Report.New || got.Report.Source != "import:matomo/main" || got.Report.Format != MatomoServer {
		t.Fatalf("%s %+v %s of %d %+v", got.State, got.Error, sum(got.Report), len(entries), got.Report.Rejections)
	}
	want, err := os.ReadFile("testdata/matomo.golden")
	if have := strings.Join(sentencesOf(t, w, "source:import:matomo"), "\n") + "\n"; err != nil || have != string(want) {
		t.Errorf("the sentences differ from the dump's, %v:\n%s", err, have)
	}
	if n := w.count("t0ps3cr3t") + w.count(serverToken); n != 0 {
		t.Error("a secret is stored")
	}
	dump := w.imports(ImportIn{Handles: w.offer(matomoDumpFile)})
	if dump.Report.Duplicate != int64(len(entries)) || dump.Report.New+dump.Report.Conflicting+dump.Report.Rejected != 0 {
		t.Errorf("the dump behind it: %s %+v", sum(dump.Report), dump.Report.Conflicts)
	}

	other := newWorld(t)
	other.imports(ImportIn{Handles: other.offer(matomoDumpFile)})
	s.set(nil)
	after := other.importsServer(s)
	if after.Report.Duplicate != int64(len(entries)) || after.Report.New+after.Report.Conflicting+after.Report.Rejected != 0 {
		t.Errorf("the server behind its dump: %s %+v", sum(after.Report), after.Report.Conflicts)
	}
}

// The next readings bring what is new and ask for no more than that.
func TestMatomoServerIsKeptInStep(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 40)...)
	if first := w.importsServer(s); first.Report.New != 40 || s.requests() != 7 {
		t.Fatalf("%s in %d requests", sum(first.Report), s.requests())
	}
	s.set(nil)
	if again := w.importsServer(s); again.State != job.StateDone || again.Report.New != 0 || again.Report.Duplicate != 7 || s.requests() != 1 {
		t.Errorf("again: %s in %d requests", sum(again.Report), s.requests())
	}
	s.set(nil, goalEntries(41, 10)...)
	if more := w.importsServer(s); more.Report.New != 10 || s.requests() != 3 {
		t.Errorf("extended: %s in %d requests", sum(more.Report), s.requests())
	}
	s.set(nil)
	all := w.imports(ImportIn{Server: &Server{Address: s.address(), Token: serverToken, All: true}})
	if all.Report.New != 0 || all.Report.Duplicate != 50 {
		t.Errorf("all: %s", sum(all.Report))
	}
	if n := w.count("type:GoalAdded"); n != 50 {
		t.Errorf("%d are stored", n)
	}
}

// Of both limits of Matomo's the second is 100 where nobody sends it.
func TestMatomoServerGivesWholePages(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 250)...)
	s.most = 0
	if got := w.importsServer(s); got.Report.New != 250 || s.requests() != 2 {
		t.Errorf("%s in %d requests", sum(got.Report), s.requests())
	}
}

// A reading that breaks off keeps what came in; the next one closes the gap, although
// the newest entries are known.
func TestMatomoServerBreaksOff(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 40)...)
	s.set(func(n int, w http.ResponseWriter, _ *http.Request) bool {
		if n == 3 {
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<html>no</html>")
		}
		return n == 3
	})
	broken := w.importsServer(s)
	if broken.State != job.StateFailed || broken.Error == nil || broken.Error.Code != string(fault.Unavailable) || !strings.Contains(broken.Error.Message, "502") || broken.Report.New != 14 {
		t.Fatalf("%s %+v %s", broken.State, broken.Error, sum(broken.Report))
	}
	if n := w.count("type:LogImported result:failed"); n != 1 {
		t.Errorf("%d failed imports are recorded", n)
	}
	s.set(nil)
	if next := w.importsServer(s); next.State != job.StateDone || next.Report.New != 26 || next.Report.Duplicate != 14 {
		t.Errorf("the next: %s %s", next.State, sum(next.Report))
	}
	s.set(nil)
	if last := w.importsServer(s); last.Report.New != 0 || s.requests() != 1 {
		t.Errorf("the last: %s in %d requests", sum(last.Report), s.requests())
	}
}

// A process that was killed may have left a gap too.
func TestMatomoServerAfterAKill(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 40)...)
	w.importsServer(s)
	if _, err := w.db.BeginBatch(w.ctx, "import:matomo/main", 1, w.clock()); err != nil { // and never an end
		t.Fatal(err)
	}
	if next := w.importsServer(s); next.Report.Duplicate != 40 {
		t.Errorf("the next: %s", sum(next.Report))
	}
}

// What was undone comes in again, although its server was read to the end before.
func TestMatomoServerAfterAnUndo(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 40)...)
	w.importsServer(s)
	s.set(nil, goalEntries(41, 5)...)
	w.importsServer(s)
	if ended := w.undone("2"); ended.State != job.StateDone {
		t.Fatal(ended.State, ended.Error)
	}
	if again := w.importsServer(s); again.Report.New != 5 || again.Report.Duplicate != 40 {
		t.Errorf("the last one undone: %s", sum(again.Report))
	}
	if ended := w.undone("1"); ended.State != job.StateDone {
		t.Fatal(ended.State, ended.Error)
	}
	all := w.imports(ImportIn{Server: &Server{Address: s.address(), Token: serverToken, All: true}})
	if all.Report.New != 40 || all.Report.Duplicate != 5 {
		t.Errorf("an earlier one undone, read to the end: %s", sum(all.Report))
	}
}

// While it is read the log goes on: what moves to the next page is no loss.
func TestMatomoServerGrowsMeanwhile(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 40)...)
	s.set(func(n int, _ http.ResponseWriter, _ *http.Request) bool {
		if n > 1 && n < 4 {
			s.entries = append(s.entries, goalEntries(100+10*n, 7)...) // as many as a page has
		}
		return false
	})
	got := w.importsServer(s)
	if got.State != job.StateDone || got.Report.Duplicate != 14 || got.Report.New != 40 {
		t.Fatalf("%s %+v %s", got.State, got.Error, sum(got.Report))
	}
	s.set(nil)
	if next := w.importsServer(s); next.Report.New != 14 {
		t.Errorf("the next: %s", sum(next.Report))
	}
}

func TestMatomoServerThatIsNone(t *testing.T) {
	elsewhere := newStandIn(t)
	plain := func(status int, body string) func(int, http.ResponseWriter, *http.Request) bool {
		return func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return true
		}
	}
	large := func(most string) func(int, http.ResponseWriter, *http.Request) bool {
		junk := strings.Repeat(" ", 1<<20)
		return func(_ int, w http.ResponseWriter, r *http.Request) bool {
			for n := 0; n < 33 && r.PostFormValue("limit") >= most; n++ {
				fmt.Fprint(w, junk)
			}
			return false
		}
	}
	for _, tt := range []struct {
		name   string
		answer func(int, http.ResponseWriter, *http.Request) bool
		code   fault.Code // "": it comes in
		field  string
		says   string
	}{
		{"wrong token", plain(401, refused401), fault.Invalid, "token", "Matomo says: Unable to authenticate with the provided token."},
		{"no super user", plain(200, `{"result":"error","message":"You can't access this resource as it requires a 'superuser' access."}`), fault.Invalid, "token", "requires a 'superuser'"},
		{"a message as in the goldens", plain(200, goldenOf(t, "failures", "json")), fault.Unavailable, "", `Matomo says: a "b" & 'c' <d> with a second line: für`},
		{"no plug-in", plain(200, `{"result":"error","message":"The plugin ActivityLog is not enabled. You can activate the plugin on Settings &gt; Plugins page in Matomo."}`), fault.Invalid, "address", "ActivityLog is not installed or not active. Matomo says: The plugin ActivityLog is not enabled. You can activate the plugin on Settings > Plugins"},
		{"foreign page", plain(200, "<!doctype html><title>Welcome</title>"), fault.Invalid, "address", "does not answer as Matomo does"},
		{"no page", plain(404, "not found"), fault.Invalid, "address", "does not answer as Matomo does"},
		{"another JSON", plain(200, `{"value":3}`), fault.Invalid, "address", "does not answer as Matomo does"},
		{"a wall before it", plain(403, "denied"), fault.Invalid, "address", "403"},
		{"broken off", plain(200, `[{"id":1,"user_`), fault.Unavailable, "", "broken off"},
		{"huge", large("0"), fault.Unavailable, "", "larger than 32 MiB"},
		{"huge but in parts", large("500"), "", "", ""},
		{"the same for ever", func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			fmt.Fprint(w, "["+goalEntries(5, 1)[0]+"]")
			return true
		}, fault.Invalid, "address", "the same entries for every page"},
		{"redirected elsewhere", func(_ int, w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, elsewhere.address()+"index.php?a=b", http.StatusTemporaryRedirect)
			return true
		}, fault.Invalid, "address", "redirects to " + elsewhere.address() + ","},
		{"redirected within", func(n int, w http.ResponseWriter, r *http.Request) bool {
			if n == 1 {
				http.Redirect(w, r, "/matomo/index.php", http.StatusPermanentRedirect)
			}
			return n == 1
		}, fault.Invalid, "address", "redirects to"},
		{"as it should be", nil, "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			s := newStandIn(t, goalEntries(1, 20)...)
			s.set(tt.answer)
			got := w.importsServer(s)
			if tt.code == "" {
				if got.State != job.StateDone || got.Report.New != 20 {
					t.Errorf("%s %+v %s", got.State, got.Error, sum(got.Report))
				}
				return
			}
			if got.Error == nil || got.Error.Code != string(tt.code) || got.Error.Field != tt.field || !strings.Contains(got.Error.Message, tt.says) {
				t.Errorf("%s %+v", got.State, got.Error)
			}
			_, err := w.ImportPreview(w.ctx, PreviewIn{Server: &Server{Address: s.address(), Token: serverToken}})
			if tt.name != "redirected within" && tt.name != "the same for ever" && fault.CodeOf(err) != tt.code {
				t.Errorf("the preview: %v", err)
			}
		})
	}
	if n := elsewhere.requests(); n != 0 {
		t.Errorf("the server that it was redirected to was asked %d times", n)
	}
}

func TestMatomoServerPreview(t *testing.T) {
	w := newWorld(t)
	s := newStandIn(t, goalEntries(1, 40)...)
	in := PreviewIn{Server: &Server{Address: s.address(), Token: serverToken}, Name: "shop"}
	p, err := w.ImportPreview(w.ctx, in)
	if err != nil || len(p.Items) != 20 || p.Source != "import:matomo/shop" || p.Items[0].Actor.Name != "alice" || s.requests() != 3 {
		t.Fatalf("%v %d items of %s in %d requests", err, len(p.Items), p.Source, s.requests())
	}
	if state := w.count(""); state != 0 {
		t.Errorf("%d are stored", state)
	}
	for _, tt := range []struct {
		in    ImportIn
		field string
	}{
		{ImportIn{Format: MatomoServer}, "server"},
		{ImportIn{Server: in.Server, Handles: []string{"x"}}, "handles"},
		{ImportIn{Server: in.Server, Format: CSV}, "format"},
		{ImportIn{Server: in.Server, Name: "a b"}, "name"},
		{ImportIn{Server: &Server{Address: "ftp://x", Token: serverToken}}, "address"},
		{ImportIn{Server: &Server{Address: "http://203.0.113.1/", Token: serverToken}}, "address"},
		{ImportIn{Server: &Server{Address: s.address()}}, "token"},
	} {
		if _, err := w.Import(w.ctx, tt.in); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != tt.field {
			t.Errorf("%+v: %v", tt.in, err)
		}
	}
}

// An entry is read whatever form its parts have, and one without an id once.
func TestMatomoServerEntries(t *testing.T) {
	w := newWorld(t)
	const anonymous = `{"user_login":"ben","type":"UserLoggedIn","ts_created":"2026-11-20 09:15:00"}`
	s := newStandIn(t,
		anonymous, anonymous,
		`{"id":"7","login":"ben","type":"Shop\/OrderPaid","ts_created":"2026-11-20 09:15:01","parameters":"a:1:{s:2:\"no\";i:5;}","ip":null,"description":"paid for order 5"}`,
		`{"id":8,"user_login":"ben","type":"UserLoggedIn","ts_created":"yesterday"}`,
		`{"id":9,"user_login":"ben","type":"UserLoggedIn","ts_created":"2026-11-20 09:15:01","parameters":[]}`,
		`"text"`, `{"id":10,"id":11}`, `{"id":"x","type":"T","ts_created":"2026-11-20 09:15:01"}`,
	)
	got := w.importsServer(s)
	if got.State != job.StateDone || got.Report.New != 3 || got.Report.Duplicate != 1 || got.Report.Rejected != 4 {
		t.Fatalf("%s %+v %s", got.State, got.Error, sum(got.Report))
	}
	rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Query: "type:Shop/OrderPaid", Limit: 5})
	if err != nil || len(rows) != 1 || string(rows[0].Body.Parameters) != `{"no":5,"description":"paid for order 5"}` {
		t.Errorf("%v %s", err, rows[0].Body.Parameters)
	}
}

func FuzzMatomoEntry(f *testing.F) {
	for _, entry := range goalEntries(1, 1) {
		f.Add([]byte(entry))
	}
	f.Add([]byte(`{"user_login":"x","parameters":"a:0:{}","ts_created":"2026-11-20 09:15:00","type":"T","country":null}`))
	f.Add([]byte(`{"id":1,"parameters":[[[{"a":"\ud83d\ude00\/"}]]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return
		}
		row, err := entryRow(data)
		if err == nil && row.parameters != "" && (row.parameters[0] == '{' || row.parameters[0] == '[') && !json.Valid([]byte(row.parameters)) {
			var text string
			if m, err := activity.Members(data); err != nil || !hasMember(m, "parameters") {
				return
			} else if v, _ := member(m, "parameters"); json.Unmarshal(v, &text) != nil {
				t.Errorf("%s became %s", data, row.parameters)
			}
		}
	})
}
