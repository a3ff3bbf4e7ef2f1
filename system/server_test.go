package system_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// A server is the program serving a log over HTTP.
type server struct {
	*place
	addr    string // host:port
	address string // the line it printed
	cmd     *exec.Cmd
	stopped bool
	once    sync.Once // of kill, where many may
	errs    bytes.Buffer
}

// serve starts the server on a free port; it ends with the test.
func (p *place) serve(args ...string) *server {
	p.t.Helper()
	return p.serveAs(p.command(append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...))
}

func (p *place) serveAs(c *exec.Cmd) *server {
	p.t.Helper()
	s := &server{place: p, cmd: c}
	c.Stderr = &s.errs
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(s.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = c.Wait()
		p.t.Fatalf("serve ended: %v\n%s", err, s.errs.String())
	}
	s.address = strings.TrimSpace(line)
	s.addr, _, _ = strings.Cut(strings.TrimPrefix(s.address, "http://"), "/")
	return s
}

// stop ends the server as Ctrl-C does, and waits.
func (s *server) stop() {
	if s.stopped {
		return
	}
	s.stopped = true
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Error(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("serve: %v\n%s", err, s.errs.String())
	}
}

// call posts an operation and returns status and body.
func (s *server) call(token, op, in string) (int, string) {
	s.t.Helper()
	return s.send(http.MethodPost, "/api/v1/"+op, token, in, "Content-Type", "application/json")
}

func (s *server) send(method, path, token, body string, headers ...string) (int, string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.addr+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
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

// ask is call where nothing may go wrong; it decodes the answer.
func (s *server) ask(token, op, in string, out any) {
	s.t.Helper()
	status, body := s.call(token, op, in)
	if status != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s", op, in, status, body)
	}
	if err := json.Unmarshal([]byte(body), out); err != nil {
		s.t.Fatalf("%s: %v in %s", op, err, body)
	}
}

// nothing is where an answer goes that nobody reads.
type nothing struct{}

func (s *server) signIn(login string) string {
	s.t.Helper()
	var in struct{ Token string }
	s.ask("", "signIn", text(map[string]string{"login": login, "password": password}), &in)
	return in.Token
}

// text is a value as JSON.
func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// upload brings bytes in and returns their handle.
func (s *server) upload(token, name, content string) string {
	s.t.Helper()
	status, body := s.send(http.MethodPost, "/api/v1/upload", token, content, "Content-Type", "application/octet-stream", "X-File-Name", name)
	var handle struct{ ID string }
	if err := json.Unmarshal([]byte(body), &handle); err != nil || status != http.StatusOK {
		s.t.Fatalf("upload: %d %s", status, body)
	}
	return handle.ID
}

// importNow imports uploaded bytes and returns how many of them were new.
func (s *server) importNow(token, content string) int {
	s.t.Helper()
	type job struct {
		ID, State string
		Report    struct{ New int }
	}
	var started job
	s.ask(token, "import", text(map[string]any{"handles": []string{s.upload(token, "drafts.ndjson", content)}}), &started)
	var ended job
	eventually(s.t, "the import to end", func() bool {
		var list struct{ Jobs []job }
		s.ask(token, "jobs", `{}`, &list)
		for _, j := range list.Jobs {
			if j.ID == started.ID && j.State != "running" {
				ended = j
			}
		}
		return ended.State != ""
	})
	if ended.State != "done" {
		s.t.Fatalf("import: %+v", ended)
	}
	return ended.Report.New
}

// export downloads what a query shows.
func (s *server) export(token, query, format string) string {
	s.t.Helper()
	var ticket struct{ Ticket string }
	s.ask(token, "export", text(map[string]string{"query": query, "format": format}), &ticket)
	status, body := s.send(http.MethodGet, "/api/v1/download/"+ticket.Ticket, "", "")
	if status != http.StatusOK {
		s.t.Fatalf("download: %d %s", status, body)
	}
	return body
}

// drafts writes n drafts, one a line.
func drafts(n int, one func(i int) map[string]any) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(text(one(i)))
		b.WriteByte('\n')
	}
	return b.String()
}

func TestStopEndsCleanly(t *testing.T) {
	t.Parallel()
	s := newLog(t).serve()
	if status, body := s.call("", "status", `{}`); status != http.StatusOK || !strings.Contains(body, `"ready":true`) {
		t.Errorf("%d %s", status, body)
	}
	s.stop()
	s.sound("after the server")
}
