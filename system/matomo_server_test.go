package system_test

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const matomoToken = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

// A matomoServer stands in for one: its entries are the golden entry of Matomo's
// renderer, with other ids and times.
type matomoServer struct {
	*httptest.Server
	golden string

	mu     sync.Mutex
	n      int // entries
	most   int // of a page
	asked  int // pages
	broken int // the page that fails, 0 for none
}

func newMatomoServer(t *testing.T, n int) (s *matomoServer, env []string) {
	t.Helper()
	data, err := os.ReadFile("../backend/matomo/testdata/values.json")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(data), "# entry\n")
	lines := strings.SplitN(section, "\n", 3)
	list, err := strconv.Unquote(lines[min(1, len(lines)-1)])
	if err != nil || !strings.HasPrefix(list, `[{"id":42,`) {
		t.Fatalf("there is no golden entry: %v", err)
	}
	s = &matomoServer{golden: strings.Trim(list, "[]"), n: n, most: 10}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	put(t, ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
	return s, []string{"ACTIVITYLOG_MATOMO_CA=" + ca, "ACTIVITYLOG_MATOMO_TOKEN=" + matomoToken}
}

func (s *matomoServer) change(more, broken int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n, s.broken, s.asked = s.n+more, broken, 0
}

func (s *matomoServer) pages() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *matomoServer) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if r.URL.Path != "/index.php" || r.URL.RawQuery != "" || r.PostFormValue("method") != "ActivityLog.getEntries" {
		http.NotFound(w, r)
		return
	}
	if r.PostFormValue("token_auth") != matomoToken {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"result":"error","message":"Unable to authenticate with the provided token. It is either invalid or expired."}`)
		return
	}
	if s.asked == s.broken {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	offset, _ := strconv.Atoi(r.PostFormValue("offset"))
	limit, _ := strconv.Atoi(r.PostFormValue("limit"))
	var entries []string
	for id := s.n; id > 0; id-- {
		one := strings.Replace(s.golden, `"id":42`, `"id":`+strconv.Itoa(id), 1)
		entries = append(entries, strings.Replace(one, "09:15:00", fmt.Sprintf("09:%02d:%02d", id/60, id%60), 1))
	}
	entries = entries[min(offset, len(entries)):]
	fmt.Fprintf(w, "[%s]", strings.Join(entries[:min(limit, s.most, len(entries))], ","))
}

// The log of a Matomo server comes in, and again brings what is new and no more.
func TestImportFromAMatomoServer(t *testing.T) {
	t.Parallel()
	s, env := newMatomoServer(t, 35)
	p := newLog(t)
	p.env = append(p.env, env...)
	args := []string{"import", "--format", "matomo-server", s.URL}

	out := p.must(slices.Concat(args, []string{"--dry-run"})...)
	if !strings.Contains(out, `alice added the goal "Newsletter sign-up" for site "Shop & Co"`) || p.count("source:import") != 0 {
		t.Errorf("the preview:\n%s", out)
	}
	for _, step := range []struct {
		name         string
		more, broken int
		status       int
		says         string
		stored       int
		pages        int
	}{
		{"breaks off at page 3", 0, 3, 6, "20 read, 20 new, 0 duplicate", 20, 3},
		{"goes on", 0, 0, 0, "35 read, 15 new, 20 duplicate", 35, 5},
		{"again", 0, 0, 0, "10 read, 0 new, 10 duplicate", 35, 1},
		{"extended", 12, 0, 0, "30 read, 12 new, 18 duplicate", 47, 3},
	} {
		s.change(step.more, step.broken)
		r := p.run("", args...)
		if r.status != step.status || !strings.Contains(r.out, step.says) || p.count("source:import") != step.stored || s.pages() != step.pages {
			t.Errorf("%s: status %d, %d stored, %d pages\n%s%s", step.name, r.status, p.count("source:import"), s.pages(), r.out, r.errs)
		}
		if step.broken > 0 && (!strings.Contains(r.errs, "503") || !strings.Contains(r.errs, s.URL)) {
			t.Errorf("%s: %s", step.name, r.errs)
		}
	}
	if n := p.count("type:LogImported"); n != 4 {
		t.Errorf("%d imports are recorded", n)
	}
	if where := p.found(matomoToken); len(where) > 0 {
		t.Errorf("the token is kept in %v", where)
	}
	p.sound("behind the imports")
}

// A wrong token is refused in Matomo's words; how it is given keeps it out of sight.
func TestTokensOfAMatomoServer(t *testing.T) {
	t.Parallel()
	s, env := newMatomoServer(t, 3)
	p := newLog(t)
	p.env = append(p.env, env[0])
	args := []string{"import", "--format", "matomo-server", s.URL}
	for _, tt := range []struct {
		in     string
		more   []string
		status int
		says   string
	}{
		{"", nil, 2, "ACTIVITYLOG_MATOMO_TOKEN"},
		{"wrong\n", []string{"--token-stdin"}, 2, "Matomo says: Unable to authenticate with the provided token."},
		{matomoToken + "\n", []string{"--token-stdin", "--map", "x"}, 2, "no mapping"},
		{matomoToken + "\n", []string{"--token-stdin"}, 0, ""},
	} {
		r := p.run(tt.in, slices.Concat(args, tt.more)...)
		if r.status != tt.status || !strings.Contains(r.errs, tt.says) || strings.Contains(r.out+r.errs, matomoToken) {
			t.Errorf("%v: status %d\n%s%s", tt.more, r.status, r.out, r.errs)
		}
	}
	if n := p.count("source:import"); n != 3 {
		t.Errorf("%d are stored", n)
	}
	// Without its certificate the server is not trusted, and the token not sent.
	s.change(0, 0)
	p.env = []string{env[1]}
	if r := p.run("", args...); r.status != 2 || !strings.Contains(r.errs, "certificate") || s.pages() != 0 {
		t.Errorf("without the certificate: status %d, %d pages\n%s", r.status, s.pages(), r.errs)
	}
}

// A server that is followed is read while the program serves, once by all that serve the
// log, and by no other command.
func TestAMatomoServerIsFollowed(t *testing.T) {
	t.Parallel()
	s, env := newMatomoServer(t, 35)
	p := newLog(t)
	p.env = append(p.env, env[0])
	first := p.serve()
	token := first.signIn(super)
	first.ask(token, "saveSchedule", text(map[string]any{"name": "", "address": s.URL, "token": matomoToken, "minutes": 5}), &nothing{})
	first.stop()
	if n := p.count("source:import"); n != 0 || s.pages() != 0 {
		t.Fatalf("%d stored in %d pages before anything serves", n, s.pages())
	}
	var servers []*server
	for range 3 {
		servers = append(servers, p.serve())
	}
	eventually(t, "the log of the server", func() bool { return p.count("source:import:matomo/main") == 35 })
	eventually(t, "how it ended", func() bool {
		var list struct {
			Schedules []struct {
				State string
				New   int
			}
		}
		servers[1].ask(token, "schedules", `{}`, &list)
		return len(list.Schedules) == 1 && list.Schedules[0].State == "done" && list.Schedules[0].New == 35
	})
	for _, one := range servers[1:] {
		one.stop()
	}
	if n := p.count("type:LogImported"); n != 1 {
		t.Errorf("%d imports are recorded", n)
	}
	if where := p.found(matomoToken); len(where) != 1 || !strings.HasSuffix(where[0], ".token") {
		t.Errorf("the token is kept in %v", where)
	}
	servers[0].ask(token, "removeSchedule", `{"name":"main"}`, &nothing{})
	if where := p.found(matomoToken); len(where) != 0 {
		t.Errorf("the token is still kept in %v", where)
	}
	p.sound("while it is followed")
}
