package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"activitylog/backend/ingest"
)

// program makes an API token of its holder.
func (s *served) program(maker string, scopes ...string) string {
	s.t.Helper()
	var made struct{ Secret string }
	in, err := json.Marshal(map[string]any{"name": "shop", "scopes": scopes})
	if err != nil {
		s.t.Fatal(err)
	}
	s.must(maker, "createToken", string(in), &made)
	return made.Secret
}

func (s *served) ingest(token, media, body string, headers ...string) (int, string) {
	s.t.Helper()
	return s.send(http.MethodPost, "/api/v1/ingest", token, body, append([]string{"Content-Type", media}, headers...)...)
}

// reportIn is what became of a body that could be read.
func reportIn(t *testing.T, body string) ingest.Report {
	t.Helper()
	var r ingest.Report
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.Results == nil {
		t.Fatalf("no report: %v in %s", err, body)
	}
	if r.Received != len(r.Results) || r.Received != r.New+r.Duplicate+r.Conflict+r.Rejected {
		t.Errorf("the figures do not add up: %s", body)
	}
	return r
}

// said is a report in short: each record's status, line and field at fault.
func said(r ingest.Report) string {
	var out []string
	for i, one := range r.Results {
		text := one.Status
		if one.Line != nil {
			text = fmt.Sprintf("%d:%s", *one.Line, text)
		}
		if one.Error != nil {
			text += "!" + one.Error.Field
		}
		if one.Index != i || (one.Status == ingest.StatusRejected) != (one.ID == "" && one.Leaf == "" && one.RecordedAt == nil) {
			text += "?"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func packed(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text)) // a buffer takes everything
	_ = w.Close()
	return out.String()
}

func TestIngest_WhatBecomesOfRecords(t *testing.T) {
	s := serve(t)
	token := s.program(s.setUp(), "ingest", "read:all")
	event := func(id, more string) string {
		return `{"specversion":"1.0","source":"/shop","type":"com.example.paid","id":"` + id + `"` + more + `}`
	}
	for _, c := range []struct {
		media, body string
		status      int
		want        string
	}{
		{ingest.JSON, `{"type":"A"}`, 200, "new"},
		{ingest.JSON, `[]`, 200, ""},
		{ingest.JSON, `[{"type":"A","externalId":"1"},{"type":"A","externalId":"1"},{"type":"A","externalId":"2"}]`, 200, "new duplicate new"},
		{ingest.JSON, `[{"type":"A","externalId":"1"},{"type":"B","externalId":"2"}]`, 207, "duplicate conflict!"},
		{ingest.Lines, "{\"type\":\"A\"}\n\n{\"type\":\"A\",\"ip\":\"x\"}\nnonsense\n{\"type\":\"A\",\"externalId\":\"3\"}\n", 207, "1:new 3:rejected!ip 4:rejected! 5:new"},
		{ingest.Lines, "nonsense\n", 422, "1:rejected!"},
		{ingest.JSON, `{"type":"A","source":"self"}`, 422, "rejected!source"},
		{ingest.JSON, `[{"type":"LogErased"},{"type":"ActorLinked"},{"type":"userLoggedIn"}]`, 422, "rejected!type rejected!type rejected!type"},
		{ingest.JSON, `[{"type":"UserLoggedIn","actor":"elsewhere"}]`, 200, "new"},
		{ingest.Event, event("1", `,"authid":"ben","data":{"sum":1}`), 200, "new"},
		{ingest.Events, "[" + event("1", `,"authid":"ben","data":{"sum":1}`) + "," + event("2", "") + "," + event("3", `,"time":"yesterday"`) + "," + event("1", `,"data":{"sum":2}`) + "]", 207, "duplicate new rejected!time conflict!"},
		{ingest.JSON, `[{"type":"A","externalId":"/shop 1"}]`, 422, "conflict!"},
	} {
		for _, encoding := range []string{"", "gzip"} {
			body, headers := c.body, []string{}
			if encoding != "" && strings.Contains(c.body, `"1"`) {
				continue // would be known by now
			}
			if encoding != "" {
				body, headers = packed(c.body), []string{"Content-Encoding", encoding}
			}
			status, answer := s.ingest(token, c.media, body, headers...)
			want := c.want
			if encoding != "" {
				want = strings.ReplaceAll(want, "5:new", "5:duplicate")
			}
			if got := said(reportIn(t, answer)); status != c.status || got != want {
				t.Errorf("%s %s %s: %d %q, want %d %q", c.media, encoding, c.body, status, got, c.status, want)
			}
			if err := conforms("ingest", "responses/200", answer); err != nil {
				t.Errorf("%s is not as described: %v", answer, err)
			}
			if c.media == ingest.JSON && status == http.StatusOK {
				if err := conforms("ingest", "requestBody", c.body); err != nil {
					t.Errorf("%s is not as described: %v", c.body, err)
				}
			}
		}
	}
	var count struct{ N int }
	s.must(token, "count", `{"query":"source:api:1","exact":true}`, &count)
	if count.N != 11 {
		t.Errorf("%d are stored", count.N)
	}
	// What it tells of is never taken for what this program saw itself.
	s.must(token, "count", `{"query":"type:UserLoggedIn source:self","exact":true}`, &count)
	if count.N != 1 {
		t.Errorf("%d sign-ins of this log's own, want that of setUp", count.N)
	}
}

// Who may: the rule is the log's, the same as of record.
func TestIngest_WhoMay(t *testing.T) {
	s := serve(t)
	ann := s.setUp()
	people := map[string]string{}
	for _, level := range []string{"view", "write"} {
		s.must(ann, "createUser", `{"login":"`+level+`","email":"x@example.org","password":"`+password+`","level":"`+level+`"}`, &struct{}{})
		var in session
		s.must("", "signIn", `{"login":"`+level+`","password":"`+password+`"}`, &in)
		people[level] = in.Token
	}
	body := `[{"type":"A"},{"type":"A","actor":"ben"},{"type":"A","externalId":"9"}]`
	for _, c := range []struct {
		who, token string
		status     int
		want       string
	}{
		{"nobody", "", 401, ""},
		{"a wrong token", "al_x", 401, ""},
		{"role view", people["view"], 403, ""},
		{"role write", people["write"], 207, "new rejected!actor rejected!externalId"},
		{"a super user", ann, 200, "new new new"},
		{"a reading token", s.program(ann, "read:all", "widget"), 403, ""},
		{"a super user's token", s.program(ann, "ingest"), 200, "new new new"},
		{"a token of role write", s.program(people["write"], "ingest"), 207, "new rejected!actor new"},
	} {
		status, answer := s.ingest(c.token, ingest.JSON, body)
		if status != c.status {
			t.Errorf("%s: %d %s", c.who, status, answer)
		} else if c.want != "" {
			if got := said(reportIn(t, answer)); got != c.want {
				t.Errorf("%s: %q, want %q", c.who, got, c.want)
			}
		}
	}
}

// Content type, charset and encoding against what is let in.
func TestIngest_Policy(t *testing.T) {
	s := serve(t)
	token := s.program(s.setUp(), "ingest")
	bodies := map[string]string{
		ingest.JSON: `{"type":"A"}`, ingest.Lines: `{"type":"A"}`,
		ingest.Event:  `{"specversion":"1.0","source":"/s","type":"A","id":"1"}`,
		ingest.Events: `[{"specversion":"1.0","source":"/s","type":"A","id":"1"}]`,
	}
	for _, media := range []string{ingest.JSON, ingest.Lines, ingest.Event, ingest.Events, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json, text/plain"} {
		for parameter, known := range map[string]bool{"": true, "; charset=UTF-8": true, "; charset=latin1": false} {
			for encoding, read := range map[string]bool{"": true, "gzip": true, "identity": true, "br": false, "gzip, gzip": false, "deflate": false} {
				want := http.StatusUnsupportedMediaType
				if bodies[media] != "" && known && read {
					want = http.StatusOK
				}
				body := bodies[media]
				if encoding == "gzip" {
					body = packed(body)
				}
				headers := []string{}
				if encoding != "" {
					headers = append(headers, "Content-Encoding", encoding)
				}
				if status, answer := s.ingest(token, media+parameter, body, headers...); status != want {
					t.Errorf("%q %q: %d %s, want %d", media+parameter, encoding, status, answer, want)
				}
			}
		}
	}
	for name, headers := range map[string][]string{
		"another site": {"Sec-Fetch-Site", "cross-site"}, "another origin": {"Origin", "https://evil.example"},
	} {
		if status, _ := s.ingest(token, ingest.JSON, bodies[ingest.JSON], headers...); status != http.StatusForbidden {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := s.ingest(token, ingest.JSON, `{"type":"A"}`, "Ce-Specversion", "1.0"); status != http.StatusUnsupportedMediaType {
		t.Errorf("a CloudEvent in binary mode: %d", status)
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		if status, _ := s.send(method, "/api/v1/ingest", token, bodies[ingest.JSON], "Content-Type", ingest.JSON); status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, status)
		}
	}
}

// What is too large, broken or cut off stores nothing.
func TestIngest_BodiesThatStoreNothing(t *testing.T) {
	s := serve(t)
	token := s.program(s.setUp(), "ingest", "read:all")
	line := `{"type":"A"}` + "\n"
	large := strings.Repeat(line, 1) + strings.Repeat(" ", ingest.MaxBytes)
	good := packed(strings.Repeat(line, 100))
	for name, c := range map[string]struct {
		body, encoding string
		status         int
	}{
		"too many bytes":          {large, "", 413},
		"too many unpacked":       {packed(large), "gzip", 413},
		"a bomb":                  {packed(strings.Repeat("0", 64<<20)), "gzip", 413},
		"too many records":        {strings.Repeat(line, ingest.MaxRecords+1), "", 413},
		"too many packed records": {packed(strings.Repeat(line, ingest.MaxRecords+1)), "gzip", 413},
		"no gzip":                 {line, "gzip", 400},
		"half a gzip":             {good[:len(good)/2], "gzip", 400},
		"gzip without its end":    {good[:len(good)-4], "gzip", 400},
		"gzip with another sum":   {good[:len(good)-8] + "\x00\x00\x00\x00" + good[len(good)-4:], "gzip", 400},
		"gzip and then nonsense":  {good + "nonsense", "gzip", 400},
		"nothing where gzip":      {"", "gzip", 400},
	} {
		headers := []string{}
		if c.encoding != "" {
			headers = append(headers, "Content-Encoding", c.encoding)
		}
		status, answer := s.ingest(token, ingest.Lines, c.body, headers...)
		if status != c.status || code(t, answer) != "invalid" {
			t.Errorf("%s: %d %.200s", name, status, answer)
		}
	}
	var count struct{ N int }
	s.must(token, "count", `{"query":"type:A","exact":true}`, &count)
	if count.N != 0 {
		t.Errorf("%d are stored", count.N)
	}
	if status, _ := s.ingest(token, ingest.Lines, good, "Content-Encoding", "gzip"); status != http.StatusOK {
		t.Errorf("the control: %d", status)
	}
}

// A token beyond its quota hears when to go on, at record too; others are not held up.
func TestIngest_Quota(t *testing.T) {
	s := serve(t)
	ann := s.setUp()
	one, other := s.program(ann, "ingest"), s.program(ann, "ingest")
	s.must(ann, "configure", `{"ingestRequests":1000,"ingestRecords":3}`, &struct{}{})
	body := `[{"type":"A"},{"type":"A"},{"type":"A"}]`
	if status, answer := s.ingest(one, ingest.JSON, body); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	for _, path := range []string{"ingest", "record"} {
		response := s.post(one, path, `{"type":"A"}`)
		if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "" || response.Header.Get("Retry-After") == "0" {
			t.Errorf("%s over the quota: %d, Retry-After %q", path, response.StatusCode, response.Header.Get("Retry-After"))
		}
	}
	if status, answer := s.ingest(other, ingest.JSON, body); status != http.StatusOK {
		t.Errorf("another token: %d %s", status, answer)
	}
	s.must(ann, "configure", `{"ingestRequests":1}`, &struct{}{})
	if response := s.post(other, "ingest", `[]`); response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("over the quota of requests: %d", response.StatusCode)
	}
	var receipt struct{ ID string }
	s.must(ann, "record", `{"type":"A"}`, &receipt) // a person at the window's operation has none
	s.must(ann, "configure", `{"ingestRequests":1000,"ingestRecords":1000}`, &struct{}{})
}

// post is for what stands in an answer's header.
func (s *served) post(token, op, body string) *http.Response {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://"+s.addr+"/api/v1/"+op, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	response.Body.Close()
	return response
}
