package httpapi_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// A reported is a served log with some activity of which the dates are known, and what
// lets callers in, by the names the requests in testdata use.
type reported struct {
	*served
	secrets map[string]string
}

func report(t *testing.T) *reported {
	t.Helper()
	s := &reported{serve(t), map[string]string{}}
	ann := s.setUp()
	s.must(ann, "createUser", `{"login":"ben","email":"ben@example.org","password":"`+password+`","level":"write"}`, &struct{}{})
	var ben session
	s.must("", "signIn", `{"login":"ben","password":"`+password+`"}`, &ben)
	s.secrets["SESSION_OF_ANN"], s.secrets["SESSION_OF_BEN"] = ann, ben.Token
	for _, token := range []struct{ name, session, in string }{
		{"ALL", ann, `"scopes":["read:all"]`},
		{"ALL_BY_GET", ann, `"scopes":["read:all"],"allowGet":true`},
		{"OWN", ben.Token, `"scopes":["read:own"]`},
		{"OWN_BY_GET", ben.Token, `"scopes":["read:own"],"allowGet":true`},
		{"INGEST", ann, `"scopes":["ingest"],"allowGet":true`},
	} {
		var made struct{ Secret string }
		s.must(token.session, "createToken", `{"name":"`+strings.ToLower(token.name)+`",`+token.in+`}`, &made)
		s.secrets[token.name] = made.Secret
	}
	s.must(ben.Token, "record", `{"type":"GoalAdded","occurredAt":"2025-11-20T09:15:00Z","site":"Shop & Co","ip":"203.0.113.7",
		"object":{"kind":"goal","id":"7","name":"Newsletter sign-up"},"parameters":{"goal":{"id":"7","name":"Newsletter sign-up"},"revenue":2.50}}`, &struct{}{})
	s.must(ben.Token, "record", `{"type":"BackupDone","occurredAt":"2025-12-01T23:30:00+01:00","result":"failed",
		"parameters":{"command":"=1+1","lines":"one\ntwo","path":"für/日本"},"changes":[{"field":"size","old":1,"new":null}]}`, &struct{}{})
	owner := access.With(t.Context(), access.Principal{Owner: true, Role: access.Super, Login: "root", Door: access.CLI})
	drafts := []activity.Draft{
		draft(t, `{"type":"GoalDeleted","actor":"cat","occurredAt":"2025-11-21T10:00:00Z","parameters":{"goal":{"id":"8","name":"<b>&\"Sign up\"</b>"}}}`),
		draft(t, `{"type":"SegmentCreated","actor":"cat","occurredAt":"2024-02-29T00:00:00Z","parameters":{}}`),
	}
	for i := range 120 {
		drafts = append(drafts, draft(t, fmt.Sprintf(`{"type":"PageViewed","actor":"many","occurredAt":"2020-01-01T00:%02d:%02dZ","parameters":{"n":%d}}`, i/60, i%60, i)))
	}
	if _, err := s.app.Log.RecordAll(owner, drafts); err != nil {
		t.Fatal(err)
	}
	return s
}

func draft(t *testing.T, text string) activity.Draft {
	t.Helper()
	d, err := activity.ParseDraft([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// What only reads shares one log: hashing passwords takes its time.
func TestReporting(t *testing.T) {
	s := report(t)
	t.Run("requests", s.testRequests)
	t.Run("limits", s.testLimits)
	t.Run("serialized", s.testSerialized)
	t.Run("page", s.testPage)
	t.Run("multipart", s.testMultipart)
}

var update = flag.Bool("update-reporting", false, "rewrite the answers in testdata/reporting.txt")

// Requests as programs send them, and the answers, byte for byte. testdata says what
// each of them stands for.
func (s *reported) testRequests(t *testing.T) {
	const file = "testdata/reporting.txt"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(data), "\n== ")
	out := head
	for section := range strings.SplitSeq(rest, "\n== ") {
		title, request, _ := strings.Cut(section, "\n")
		request, want, _ := strings.Cut(request, "\n→ ")
		got := strings.TrimSuffix(s.answer(t, request), "\n")
		out += "\n== " + title + "\n" + request + "\n→ " + got + "\n"
		if want = strings.TrimSuffix(want, "\n"); got != want && !*update {
			t.Errorf("%s\n%s\n→ %s\nwant\n→ %s", title, request, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// now is what depends on the clock.
var now = regexp.MustCompile(`(date_registered\W+)[-0-9]+ [:0-9]+`)

// answer sends a request of testdata: a line, headers, and behind an empty line a body,
// whose own line breaks are not sent. $NAME is a secret.
func (s *reported) answer(t *testing.T, text string) string {
	t.Helper()
	for name, secret := range s.secrets {
		text = strings.ReplaceAll(text, "$"+name+"$", secret)
	}
	text = strings.ReplaceAll(text, "$LARGE$", strings.Repeat("x", 1<<20))
	head, body, _ := strings.Cut(text, "\n\n")
	method, target, _ := strings.Cut(strings.SplitN(head, "\n", 2)[0], " ")
	path, query, _ := strings.Cut(target, "?")
	var headers []string
	for _, line := range strings.Split(head, "\n")[1:] {
		name, value, _ := strings.Cut(line, ": ")
		headers = append(headers, name, value)
	}
	response, content := s.raw(t, method, path, query, strings.ReplaceAll(strings.TrimSuffix(body, "\n"), "\n", "\r\n"), headers...)
	answer := strconv.Itoa(response.StatusCode) + " " + response.Header.Get("Content-Type") + "\n"
	if name := response.Header.Get("Content-Disposition"); name != "" {
		answer += name + "\n"
	}
	for line := range strings.SplitAfterSeq(now.ReplaceAllString(content, "${1}NOW"), "\n") {
		if line != "" {
			answer += strconv.QuoteToASCII(line) + "\n"
		}
	}
	return answer
}

// raw sends a query as it is, with escapes that are none.
func (s *reported) raw(t *testing.T, method, path, query, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.URL.RawQuery = query
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(content)
}

// get asks with a token in the header, as CSV in UTF-8, and returns the rows.
func (s *reported) rows(t *testing.T, token, query string) []string {
	t.Helper()
	response, body := s.raw(t, http.MethodGet, "/index.php", "module=API&format=csv&convertToUnicode=0&"+query, "", "Authorization", "Bearer "+s.secrets[token])
	if response.StatusCode != http.StatusOK || strings.HasPrefix(body, "Error") {
		t.Fatalf("%s: %d %s", query, response.StatusCode, body)
	}
	if body == "No data available" {
		return nil
	}
	return strings.Split(body, "\n")[1:]
}

// Two limits apply, the method's and the framework's, which is 100 unless it is given.
func (s *reported) testLimits(t *testing.T) {
	const many = "method=ActivityLog.getEntries&filterByUserLogin=many&showColumns=ts_created"
	for query, want := range map[string][2]string{ // the first and the last second of 120
		"":                                    {"119", "95"},
		"limit=500":                           {"119", "20"},
		"limit=-1":                            {"119", "20"},
		"limit=-1&filter_limit=-1":            {"119", "0"},
		"limit=-7&filter_limit=-9":            {"119", "0"},
		"limit=500&filter_limit=-1":           {"119", "0"},
		"limit=500&filter_limit=110":          {"119", "10"},
		"limit=abc":                           {"119", "95"},
		"limit=7.5":                           {"119", "95"},
		"limit[]=7":                           {"119", "95"},
		"offset=5&limit=2":                    {"114", "113"},
		"offset=-5&limit=2":                   {"119", "118"},
		"offset=118":                          {"1", "0"},
		"offset=120":                          {},
		"offset=500":                          {},
		"offset=9223372036854775807&limit=-1": {},
		"limit=0":                             {},
		"filter_limit=0":                      {},
		"filter_offset=3&limit=5":             {"116", "115"},
		"filter_offset=3&limit=-1":            {"116", "17"},
		"offset=10&filter_offset=3&limit=5":   {"106", "105"},
		"filter_offset=9223372036854775807":   {},
		"offset=10&limit=20&filter_offset=-2": {"91", "90"},
		"limit=-1&filter_limit=-1&filter_offset=119":                                   {"0", "0"},
		"limit=-1&filter_pattern=:3[0-9]$&filter_column[]=ts_created":                  {"99", "30"},
		"limit=-1&filter_pattern=:3[0-9]$&filter_column[]=ts_created&filter_offset=12": {"37", "30"},
	} {
		rows := s.rows(t, "ALL", many+"&"+query)
		var got [2]string
		if len(rows) > 0 {
			got = [2]string{second(rows[0]), second(rows[len(rows)-1])}
		}
		if got != want {
			t.Errorf("%s: from %s to %s, want %s to %s", query, got[0], got[1], want[0], want[1])
		}
	}
	if n := len(s.rows(t, "ALL", "method=ActivityLog.getEntryCount&filterByUserLogin=many&filter_limit=0&limit=1")); n != 1 {
		t.Errorf("a count of %d rows", n)
	}
}

// second is the number of a row of those 120.
func second(row string) string {
	parts := strings.Split(row, ":")
	if len(parts) != 3 {
		return row
	}
	minutes, _ := strconv.Atoi(parts[1])
	seconds, _ := strconv.Atoi(parts[2])
	return strconv.Itoa(60*minutes + seconds)
}

// The length that goes before serialized rows is that of the rows, also of a part of
// them, which are counted without being read.
func (s *reported) testSerialized(t *testing.T) {
	for query, want := range map[string]int{
		"limit=-1&filter_limit=-1": 120, "": 25, "limit=30&offset=100": 20, "offset=500": 0, "limit=7&filter_limit=5&filter_offset=4": 3, "filter_offset=-3": 3,
		"limit=-1&filter_limit=-1&filter_pattern=:3[0-9]$&filter_column[]=ts_created": 20, "limit=-1&filter_limit=-1&period=day&date=2020-01-02": 0,
	} {
		_, body := s.raw(t, http.MethodGet, "/", "method=ActivityLog.getEntries&filterByUserLogin=many&showColumns=id&format=original&serialize=1&"+query, "",
			"Authorization", "Bearer "+s.secrets["ALL"])
		if n := strings.Count(body, "a:1:{s:2:\"id\""); n != want || !strings.HasPrefix(body, fmt.Sprintf("a:%d:{", want)) || !strings.HasSuffix(body, "}") {
			t.Errorf("%s: %d rows in %.60s, want %d", query, n, body, want)
		}
	}
}

// What is not the API's is the page's: only these two paths take forms, and nothing
// else of Matomo's has an address here.
func (s *reported) testPage(t *testing.T) {
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for _, c := range []struct {
		method, path, query, body string
		headers                   []string
		status                    int
		holds                     string
	}{
		{"GET", "/", "", "", nil, http.StatusOK, "<!doctype html>"},
		{"GET", "/", "x=1", "", nil, http.StatusOK, "<!doctype html>"},
		{"GET", "/", "module=CoreHome&action=index", "", nil, http.StatusOK, "<!doctype html>"},
		{"GET", "/index.php", "module=ActivityLog&action=index", "", nil, http.StatusFound, ""},
		{"GET", "/index.php", "", "", nil, http.StatusFound, ""},
		{"POST", "/index.php", "", "", nil, http.StatusMethodNotAllowed, ""},
		{"POST", "/index.php", "", "a=b", form, http.StatusMethodNotAllowed, ""},
		{"POST", "/", "", "a=b", form, http.StatusMethodNotAllowed, ""},
		{"PUT", "/index.php", "module=API&method=API.getSettings", "", nil, http.StatusMethodNotAllowed, ""},
		{"DELETE", "/", "module=API&method=API.getSettings", "", nil, http.StatusMethodNotAllowed, ""},
		{"GET", "/other", "module=API&method=API.getSettings", "", nil, http.StatusOK, "<!doctype html>"},
		{"POST", "/other", "", "module=API&method=API.getSettings", form, http.StatusMethodNotAllowed, ""},
		{"POST", "/api/v1/status", "", "module=API&method=API.getSettings", form, http.StatusUnsupportedMediaType, ""},
		{"HEAD", "/index.php", "module=API&method=API.getSettings", "", nil, http.StatusOK, ""},
		{"GET", "/index.php", "module=API&method=API.getSettings", "", nil, http.StatusOK, "SDK_batch_size"},
		{"GET", "/", "method=API.getSettings", "", nil, http.StatusOK, "SDK_batch_size"},
		{"GET", "/index.php", "module=API&method=API.getSettings", "", []string{"Origin", "http://evil.example"}, http.StatusForbidden, "denied"},
		{"GET", "/index.php", "module=API&method=API.getSettings", "", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden, "denied"},
		{"POST", "/", "", "module=API&method=API.getSettings", append([]string{"Origin", "http://evil.example"}, form...), http.StatusForbidden, "denied"},
	} {
		response, body := s.raw(t, c.method, c.path, c.query, c.body, c.headers...)
		if response.StatusCode != c.status || !strings.Contains(body, c.holds) {
			t.Errorf("%s %s?%s %s %v: %d %s", c.method, c.path, c.query, c.body, c.headers, response.StatusCode, body)
		}
		if response.StatusCode == http.StatusFound && response.Header.Get("Location") != "/" {
			t.Errorf("%s leads to %s", c.query, response.Header.Get("Location"))
		}
		for name := range response.Header {
			if strings.HasPrefix(name, "Access-Control") {
				t.Errorf("%s is sent", name)
			}
		}
	}
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /index.php?module=API&method=API.getSettings HTTP/1.1\r\nHost: evil.example\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another host: %d", response.StatusCode)
	}
}

// A token that ends ends what it reads, page by page.
func TestReportingEndsWithItsToken(t *testing.T) {
	s := report(t)
	ann := s.secrets["SESSION_OF_ANN"]
	owner := access.With(t.Context(), access.Principal{Owner: true, Role: access.Super, Login: "root", Door: access.CLI})
	var drafts []activity.Draft
	for i := range 3000 {
		drafts = append(drafts, draft(t, fmt.Sprintf(`{"type":"PageViewed","actor":"more","parameters":{"n":%d,"filler":%q}}`, i, strings.Repeat("x", 2000))))
	}
	if _, err := s.app.Log.RecordAll(owner, drafts); err != nil {
		t.Fatal(err)
	}
	read := func(meanwhile func()) error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			"http://"+s.addr+"/index.php?module=API&method=ActivityLog.getEntries&limit=-1&filter_limit=-1&format=json", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+s.secrets["ALL"])
		response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if _, err := io.ReadFull(response.Body, make([]byte, 4<<10)); err != nil {
			t.Fatal(err)
		}
		meanwhile()
		_, err = io.Copy(io.Discard, response.Body)
		return err
	}
	if err := read(func() {}); err != nil {
		t.Fatalf("control: %v", err)
	}
	var list struct{ Tokens []struct{ ID, Name string } }
	s.must(ann, "tokens", `{}`, &list)
	err := read(func() {
		for _, token := range list.Tokens {
			if token.Name == "all" {
				s.must(ann, "revokeToken", `{"id":"`+token.ID+`"}`, &struct{}{})
			}
		}
	})
	if err == nil {
		t.Error("a revoked token was read to the end")
	}
}

// A form may come in parts, as some libraries send it.
func (s *reported) testMultipart(t *testing.T) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, p := range [][2]string{
		{"module", "API"},
		{"method", "ActivityLog.getEntries"},
		{"format", "json"},
		{"token_auth", s.secrets["OWN"]},
		{"showColumns", "type"},
		{"filterByActivityType", "Goals/GoalAdded"},
	} {
		if err := form.WriteField(p[0], p[1]); err != nil {
			t.Fatal(err)
		}
	}
	_ = form.Close()
	response, text := s.raw(t, http.MethodPost, "/", "", body.String(), "Content-Type", form.FormDataContentType())
	if response.StatusCode != http.StatusOK || text != `[{"type":"GoalAdded"}]` {
		t.Errorf("%d %s", response.StatusCode, text)
	}
	response, text = s.raw(t, http.MethodPost, "/", "", body.String()[:body.Len()-40], "Content-Type", form.FormDataContentType())
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("cut short: %d %s", response.StatusCode, text)
	}
}
