package source

import (
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
