package source

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

const serverToken = "f1a5e0b1c2d3e4f5a6b7c8d9e0f1a2b3"

// A standIn answers as a Matomo server does: with entries in the bytes of Matomo's own
// renderer, which the goldens of backend/matomo hold.
type standIn struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	entries []string // oldest first
	most    int      // entries of a page, whatever is asked for; 0: all that is asked for
	asked   int      // requests
	answer  func(n int, w http.ResponseWriter, r *http.Request) bool
}

func newStandIn(t *testing.T, entries ...string) *standIn {
	t.Helper()
	s := &standIn{t: t, entries: entries, most: 7}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) address() string { return s.URL + "/matomo/" }

// set changes what it answers from now on, and counts anew.
func (s *standIn) set(answer func(n int, w http.ResponseWriter, r *http.Request) bool, more ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.answer, s.entries = 0, answer, append(s.entries, more...)
}

func (s *standIn) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *standIn) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if r.Method != http.MethodPost || r.URL.RawQuery != "" || r.Header.Get("Referer") != "" {
		s.t.Errorf("%s %s: the token may stand in an address", r.Method, r.URL)
	}
	if s.answer != nil && s.answer(s.asked, w, r) {
		return
	}
	get := func(name string) string { return r.PostFormValue(name) }
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	switch {
	case r.URL.Path != "/matomo/index.php" || get("module") != "API" || get("method") != "ActivityLog.getEntries" || !strings.EqualFold(get("format"), "json"):
		http.NotFound(w, r)
		return
	case get("token_auth") != serverToken:
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, refused401)
		return
	}
	offset, _ := strconv.Atoi(get("offset"))
	limit, err := strconv.Atoi(get("limit"))
	if err != nil {
		limit = 25
	}
	if get("filter_limit") != "-1" {
		limit = min(limit, 100)
	}
	if s.most > 0 {
		limit = min(limit, s.most)
	}
	page := slices.Clone(s.entries)
	slices.Reverse(page)
	page = page[min(offset, len(page)):]
	fmt.Fprint(w, "["+strings.Join(page[:min(limit, len(page))], ",")+"]")
}

const refused401 = `{"result":"error","message":"Unable to authenticate with the provided token. It is either invalid or expired."}`

// goldenOf is the body of a golden of the API, as Matomo's renderer writes it.
func goldenOf(t *testing.T, file, name string) string {
	t.Helper()
	data, err := os.ReadFile("../matomo/testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(data), "# "+name+"\n")
	lines := strings.SplitN(section, "\n", 3)
	if !found || len(lines) < 3 {
		t.Fatalf("%s has no golden %q", file, name)
	}
	body, err := strconv.Unquote(lines[1])
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// phpStyle writes JSON as PHP does: / as \/, and what is not ASCII as \uXXXX.
func phpStyle(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '/':
			b.WriteString(`\/`)
		case r <= 0x7f:
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		}
	}
	return b.String()
}

// entryOf is a row of the table as the API gives it, in the form of the golden entry.
func entryOf(t *testing.T, id int, row matomoRow) string {
	t.Helper()
	parameters, err := matomoParameters(row.parameters)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := plainJSON(parameters, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) string { return string(encodeJSON(s)) }
	return phpStyle(fmt.Sprintf(`{"id":%d,"user_login":%s,"type":%s,"ts_created":%s,"ip":%s,"country":%s,"description":"did it","parameters":%s}`,
		id, text(row.login), text(row.typ), text(row.at), text(row.ip), text(row.country),
		strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(plain))))
}

// dumpEntries are the rows of the dump as entries, oldest first.
func dumpEntries(t *testing.T) []string {
	t.Helper()
	file, err := os.Open(matomoDumpFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var entries []string
	for d := newDump(newReader(file), MaxRecord, isMatomoTable); ; {
		row, err := d.next()
		if err != nil {
			return entries
		}
		r, err := rowOf(matomoColumns, row.values)
		if err != nil {
			t.Fatal(err)
		}
		id, err := strconv.Atoi(r.id)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entryOf(t, id, r))
	}
}

// goalEntries are entries of the golden's with other ids, times and goals.
func goalEntries(from, n int) []string {
	var entries []string
	for id := from; id < from+n; id++ {
		entries = append(entries, fmt.Sprintf(`{"id":%d,"user_login":"alice","type":"GoalAdded","ts_created":"2026-11-21 %02d:%02d:%02d","ip":"127.0.0.1","country":"nz",`+
			`"description":"added the goal","parameters":{"version":"v1","site":{"site_id":"3","site_name":"Shop & Co"},"goal":{"id":"%d","name":"A\/B"}}}`, id, id/3600, id/60%60, id%60, id))
	}
	return entries
}

func (w *world) importsServer(s *standIn) job.Job {
	w.t.Helper()
	return w.imports(ImportIn{Server: &Server{Address: s.address(), Token: serverToken}})
}

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
