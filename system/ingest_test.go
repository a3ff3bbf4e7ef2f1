package system_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// program makes an API token at the command line.
func (p *place) program(name string, scopes ...string) (secret, source string) {
	p.t.Helper()
	args := []string{"token", "create", "--json", "--name", name}
	for _, scope := range scopes {
		args = append(args, "--scope", scope)
	}
	var made struct {
		Secret string
		Token  struct{ ID string }
	}
	if err := json.Unmarshal([]byte(p.must(args...)), &made); err != nil {
		p.t.Fatal(err)
	}
	return made.Secret, "api:" + made.Token.ID
}

// reported is the answer of ingest.
type reported struct {
	Received, New, Duplicate, Conflict, Rejected int
	Results                                      []struct {
		Line       int
		Status, ID string
		Error      *struct{ Code, Field string }
	}
}

func (s *server) ingest(token, lines string) (int, reported) {
	s.t.Helper()
	status, body := s.send(http.MethodPost, "/api/v1/ingest", token, lines, "Content-Type", "application/x-ndjson")
	var r reported
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		s.t.Fatalf("%v in %s", err, body)
	}
	return status, r
}

// A thousand drafts sent twice are a thousand activities; one that is bad is named by
// its line, and the others are stored.
func TestIngestTwiceStoresOnce(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	s := p.serve()
	token, source := p.program("shop", "ingest")
	const rows = 1000
	body := drafts(rows, func(i int) map[string]any {
		return map[string]any{"type": "Shop/OrderPaid", "externalId": fmt.Sprint(i), "object": map[string]any{"kind": "order", "id": fmt.Sprint(i), "name": fmt.Sprint("Order ", i)}}
	})
	if status, r := s.ingest(token, body); status != http.StatusOK || r.New != rows || r.Received != rows {
		t.Fatalf("at first: %d %d of %d are new", status, r.New, r.Received)
	}
	if status, r := s.ingest(token, body); status != http.StatusOK || r.Duplicate != rows || r.New != 0 {
		t.Errorf("again: %d %d of %d are known", status, r.Duplicate, r.Received)
	}
	if n := p.count("source:" + source); n != rows {
		t.Errorf("%d are stored", n)
	}
	lines := strings.SplitAfter(body, "\n")
	lines[499] = `{"type":"Shop/OrderPaid","ip":"here"}` + "\n"
	more := strings.ReplaceAll(strings.Join(lines, ""), `"externalId":"`, `"externalId":"x`)
	status, r := s.ingest(token, more)
	if status != http.StatusMultiStatus || r.New != rows-1 || r.Rejected != 1 {
		t.Fatalf("with a bad line: %d, %d new, %d rejected", status, r.New, r.Rejected)
	}
	if bad := r.Results[499]; bad.Line != 500 || bad.Status != "rejected" || bad.Error == nil || bad.Error.Field != "ip" {
		t.Errorf("the bad line: %+v", bad)
	}
	if n := p.count("source:" + source); n != 2*rows-1 {
		t.Errorf("%d are stored in the end", n)
	}
	if line := p.must("list", "--limit", "1", "source:"+source); !strings.Contains(line, "[reported by shop, "+source+"]") {
		t.Errorf("it is listed as %s", line)
	}
	p.sound("in the end")
}

// What ingest has answered for is there after kill -9, wherever it came.
func TestIngestSurvivesKill(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	token, source := p.program("shop", "ingest")
	for round := range kills / 2 {
		s := p.serve()
		var mu sync.Mutex
		answered := map[string]string{}
		var wait sync.WaitGroup
		for client := range 4 {
			wait.Go(func() {
				for i := 0; s.ingestOnce(token, fmt.Sprintf("%d-%d-%d", round, client, i), 1+i%3*300, &mu, answered); i++ {
					mu.Lock()
					enough := len(answered) > 500+round*700
					mu.Unlock()
					if enough {
						s.killOnce()
					}
				}
			})
		}
		wait.Wait()
		there := p.stored("source:" + source)
		if len(answered) < 500 {
			t.Errorf("round %d: only %d were answered for", round, len(answered))
		}
		for id, name := range answered {
			if there[id] != name {
				t.Fatalf("round %d: #%s was answered for %s and holds %q", round, id, name, there[id])
			}
		}
		p.sound(fmt.Sprintf("round %d", round))
	}
}

// ingestOnce sends n drafts and keeps what is acknowledged. It reports whether there
// was an answer.
func (s *server) ingestOnce(token, name string, n int, mu *sync.Mutex, answered map[string]string) bool {
	body := drafts(n, func(i int) map[string]any {
		return map[string]any{"type": "Shop/OrderPaid", "requestId": fmt.Sprint(name, "-", i)}
	})
	request, err := http.NewRequest(http.MethodPost, "http://"+s.addr+"/api/v1/ingest", strings.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	var r reported
	if response.StatusCode != http.StatusOK || json.NewDecoder(response.Body).Decode(&r) != nil {
		return false
	}
	mu.Lock()
	defer mu.Unlock()
	for i, one := range r.Results {
		answered[one.ID] = fmt.Sprint(name, "-", i)
	}
	return true
}

// killOnce is kill for whoever comes first.
func (s *server) killOnce() {
	s.once.Do(s.kill)
}

// The examples of docs/ingest.md do what they say, as they stand there.
func TestIngestExamples(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	s := p.serve()
	data, err := os.ReadFile("../docs/ingest.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		language, file string
		needs, command []string
	}{
		{"sh", "example.sh", []string{"sh", "curl"}, []string{"sh"}},
		{"go", "main.go", []string{"go"}, []string{"go", "run"}},
		{"python", "example.py", []string{"python3"}, []string{"python3"}},
		{"js", "example.mjs", []string{"node"}, []string{"node"}},
		{"php", "example.php", []string{"php"}, []string{"php"}},
	} {
		t.Run(c.language, func(t *testing.T) {
			example := example(t, string(data), c.language)
			for _, tool := range c.needs {
				if _, err := exec.LookPath(tool); err != nil {
					t.Skipf("SKIP: %s is not here", tool)
				}
			}
			file := filepath.Join(t.TempDir(), c.file)
			put(t, file, example)
			token, source := p.program(c.language, "ingest")
			run := func(token string) error {
				cmd := exec.CommandContext(t.Context(), c.command[0], append(c.command[1:], file)...)
				cmd.Env = append(os.Environ(), "ACTIVITYLOG_URL=http://"+s.addr, "ACTIVITYLOG_TOKEN="+token)
				out, err := cmd.CombinedOutput()
				if err != nil {
					err = fmt.Errorf("%w: %s", err, out)
				}
				return err
			}
			for range 2 {
				if err := run(token); err != nil {
					t.Fatal(err)
				}
			}
			if paid, all := p.count("type:Shop/OrderPaid source:"+source), p.count("source:"+source); paid != 1 || all != 2 {
				t.Errorf("%d of %d are OrderPaid", paid, all)
			}
			if err := run("al_wrong"); err == nil {
				t.Error("with a wrong token it ends as if all were well")
			}
		})
	}
}

// example is the one code block of a language.
func example(t *testing.T, text, language string) string {
	t.Helper()
	_, code, found := strings.Cut(text, "\n```"+language+"\n")
	code, _, ended := strings.Cut(code, "\n```\n")
	if !found || !ended {
		t.Fatalf("there is no example in %s", language)
	}
	return code + "\n"
}
