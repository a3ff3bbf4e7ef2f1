package httpapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"activitylog/backend/ingest"
)

// A sender floods the log with bodies, good and bad, and remembers what it was told.
type sender struct {
	*served
	name  string
	token string
	rand  *rand.Rand
	n     int
	mu    *sync.Mutex
	kept  map[string]string // content by the id that was acknowledged
}

// No flood and no bad body loses anything: what was acknowledged is there with its
// content, what was not is not, and what the program records of itself in the middle
// of it is there too.
func TestIngest_NoFloodOrBadBodyLosesAnything(t *testing.T) {
	s := serve(t)
	ann := s.setUp()
	var wait sync.WaitGroup
	var mu sync.Mutex
	kept := map[string]string{}
	for i := range 6 {
		one := &sender{
			served: s, name: fmt.Sprint("s", i), token: s.program(ann, "ingest"),
			rand: rand.New(rand.NewPCG(uint64(i), 7)), mu: &mu, kept: kept,
		}
		wait.Go(func() {
			for range 25 {
				one.send()
			}
		})
	}
	for range 3 {
		if status, _ := s.call("", "signIn", `{"login":"ann","password":"wrong"}`); status != http.StatusUnauthorized {
			t.Errorf("a wrong password: %d", status)
		}
	}
	wait.Wait()
	stored := map[string]string{}
	for line := range strings.Lines(s.exported(ann, "source:api")) {
		var a struct{ ID, ExternalID string }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		stored[a.ID] = strings.TrimPrefix(a.ExternalID, "/s ") // a CloudEvent's source
	}
	for id, content := range kept {
		if stored[id] != content {
			t.Errorf("#%s was acknowledged for %s and holds %q", id, content, stored[id])
		}
	}
	if len(stored) != len(kept) || len(kept) < 1000 {
		t.Errorf("%d acknowledged, %d stored", len(kept), len(stored))
	}
	var count struct{ N int }
	s.must(ann, "count", `{"query":"type:UserFailedToLogIn source:self","exact":true}`, &count)
	if count.N != 3 {
		t.Errorf("%d failed sign-ins of three", count.N)
	}
	var verified struct{ State string }
	s.must(ann, "verify", `{"words":true}`, &verified)
	if verified.State != "verified" {
		t.Errorf("the log is %s", verified.State)
	}
}

// send sends one body of a random kind and keeps what is acknowledged.
func (s *sender) send() {
	media := ingest.MediaTypes()[s.rand.IntN(4)]
	var records []string
	var contents []string // "" where the record is bad
	for range 1 + s.rand.IntN(40) {
		if media == ingest.Event && len(records) == 1 {
			break
		}
		record, content := s.record(strings.HasPrefix(media, "application/cloudevents"))
		records, contents = append(records, record), append(contents, content)
	}
	body := "[" + strings.Join(records, ",") + "]"
	switch media {
	case ingest.Lines:
		body = strings.Join(records, "\n")
	case ingest.Event:
		body = records[0]
	}
	headers := []string{}
	if s.rand.IntN(2) == 0 {
		body, headers = packed(body), []string{"Content-Encoding", "gzip"}
	}
	switch s.rand.IntN(6) {
	case 0: // broken off: nothing of it may be stored
		s.cut(media, body, headers)
		return
	case 1: // damaged: refused as a whole
		body = body[:len(body)/2] + "\x00\xff" + body[len(body)/2:]
		if len(headers) == 0 {
			headers = []string{"Content-Encoding", "gzip"}
		}
	}
	status, answer := s.ingest(s.token, media, body, headers...)
	if status == http.StatusBadRequest {
		return
	}
	r := reportIn(s.t, answer)
	if len(r.Results) != len(contents) {
		s.t.Errorf("%d results of %d records", len(r.Results), len(contents))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, one := range r.Results {
		if (contents[i] == "") != (one.Status == ingest.StatusRejected) {
			s.t.Errorf("%s was %s: %v", records[i], one.Status, one.Error)
		}
		if one.Status == ingest.StatusNew {
			s.kept[one.ID] = contents[i]
		}
	}
}

// record is one record, and what is to be found of it.
func (s *sender) record(event bool) (record, content string) {
	s.n++
	content = fmt.Sprint(s.name, "-", s.n)
	if event {
		bad := []string{`"id":""`, `"time":"never"`, `"specversion":"2"`, `"data_base64":7`}
		if s.rand.IntN(4) == 0 {
			return `{"source":"/s","type":"Flood",` + bad[s.rand.IntN(len(bad))] + `}`, ""
		}
		return `{"specversion":"1.0","source":"/s","type":"Flood","id":"` + content + `"}`, content
	}
	bad := []string{`{}`, `7`, `{"type":"Flood","nosuch":1}`, `{"type":"LogErased"}`, `{"type":"Flood","ip":"x"}`, `"` + strings.Repeat("x", 100) + `"`}
	if s.rand.IntN(4) == 0 {
		return bad[s.rand.IntN(len(bad))], ""
	}
	return `{"type":"Flood","externalId":"` + content + `"}`, content
}

// cut sends the beginning of a request and hangs up.
func (s *sender) cut(media, body string, headers []string) {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer conn.Close()
	head := fmt.Sprintf("POST /api/v1/ingest HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n", s.addr, s.token, media, len(body)+1)
	if len(headers) == 2 {
		head += headers[0] + ": " + headers[1] + "\r\n"
	}
	_, _ = io.WriteString(conn, head+"\r\n"+body) // the server may have closed it
}

// exported is what a query shows, one activity a line.
func (s *served) exported(token, query string) string {
	s.t.Helper()
	var ticket struct{ Ticket string }
	in, err := json.Marshal(map[string]string{"query": query, "format": "ndjson"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.must(token, "export", string(in), &ticket)
	status, body := s.send(http.MethodGet, "/api/v1/download/"+ticket.Ticket, "", "")
	if status != http.StatusOK {
		s.t.Fatalf("download: %d %s", status, body)
	}
	return body
}
