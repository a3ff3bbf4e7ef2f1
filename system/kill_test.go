package system_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const kills = 10

// stored maps ids to what distinguishes each activity of an actor.
func (p *place) stored(query string) map[string]string {
	p.t.Helper()
	there := map[string]string{}
	for line := range strings.Lines(p.must("export", query)) {
		var a struct{ ID, RequestID string }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			p.t.Fatalf("%v: %s", err, line)
		}
		there[a.ID] = a.RequestID
	}
	return there
}

// Whatever receipt was printed before kill -9 is there, with its content: the nth
// receipt is the nth draft's.
func TestRecordSurvivesKill(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	for round := range kills {
		actor := fmt.Sprintf("round%d", round)
		c := p.command("record", "-")
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { // until the pipe breaks
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(in, `{"type":"GoalAdded","actor":%q,"requestId":"%d"}`+"\n", actor, i); err != nil {
					return
				}
			}
		}()
		var ids []string
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var receipt struct{ ID string }
			if err := json.Unmarshal(lines.Bytes(), &receipt); err != nil {
				break // cut off in the middle
			}
			if ids = append(ids, receipt.ID); len(ids) == 1+round*23 {
				if err := c.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = c.Wait() // it was killed
		there := p.stored("actor:" + actor)
		for i, id := range ids {
			if got, ok := there[id]; !ok || got != strconv.Itoa(i) {
				t.Errorf("round %d: receipt %d, #%s: stored %v with %q", round, i, id, ok, got)
			}
		}
		p.sound(actor)
	}
}

// The same over HTTP: what was answered before the server was killed is there.
func TestServeSurvivesKill(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	for round := range kills / 2 {
		s := p.serve()
		token := s.signIn(super)
		var mu sync.Mutex
		answered := map[string]string{}
		var wait sync.WaitGroup
		for client := range 4 {
			wait.Go(func() {
				for i := 0; ; i++ {
					name := fmt.Sprintf("%d-%d-%d", round, client, i)
					var receipt struct{ ID string }
					if !s.recordOnce(token, name, &receipt) {
						return
					}
					mu.Lock()
					answered[receipt.ID] = name
					enough := len(answered) == 10+round*31
					mu.Unlock()
					if enough {
						s.kill()
					}
				}
			})
		}
		wait.Wait()
		there := p.stored("type:GoalAdded")
		for id, name := range answered {
			if there[id] != name {
				t.Errorf("round %d: #%s was answered for %s and holds %q", round, id, name, there[id])
			}
		}
		p.sound(fmt.Sprintf("round %d", round))
	}
}

// recordOnce records and reports whether there was an answer.
func (s *server) recordOnce(token, name string, receipt any) bool {
	request, err := http.NewRequest(http.MethodPost, "http://"+s.addr+"/api/v1/record", strings.NewReader(`{"type":"GoalAdded","requestId":"`+name+`"}`))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK && json.NewDecoder(response.Body).Decode(receipt) == nil
}

// kill ends the server as a power cut would.
func (s *server) kill() {
	s.stopped = true
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Error(err)
	}
	_ = s.cmd.Wait() // it was killed
}

// A killed import loses nothing that it called committed, and the same import again
// brings the rest, nothing twice. Each round is a source of its own in one log.
func TestImportSurvivesKill(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the longest")
	}
	const rows = 3000 // two slices: it can be killed between them, and in the second
	p := newLog(t)
	file := filepath.Join(t.TempDir(), "drafts.ndjson")
	put(t, file, drafts(rows, func(i int) map[string]any {
		return map[string]any{
			"type": "GoalAdded", "actor": fmt.Sprint("a", i%7), "externalId": fmt.Sprint(i),
			"occurredAt": fmt.Sprintf("2026-11-%02dT%02d:%02d:%02dZ", 1+i%20, i%24, i%60, i%59),
		}
	}))
	cut := 0
	for round := range kills {
		name := fmt.Sprintf("round%d", round)
		committed := p.importKilled(file, name, round)
		there := p.count("source:import:ndjson/" + name)
		if there < committed {
			t.Errorf("%s: %d committed, %d there", name, committed, there)
		}
		if there < rows {
			cut++
		}
		var job struct {
			Report struct{ Read, New, Duplicate, Rejected int }
		}
		if err := json.Unmarshal([]byte(p.must("import", "--json", "--name", name, file)), &job); err != nil {
			t.Fatal(err)
		}
		if r := job.Report; r.Read != rows || r.New != rows-there || r.Duplicate != there || r.Rejected != 0 {
			t.Errorf("%s: %d were there, and the second run says %+v", name, there, r)
		}
		if n := p.count("source:import:ndjson/" + name); n != rows {
			t.Errorf("%s: %d rows in the end", name, n)
		}
		if r := p.run("", "verify", "--quick"); r.status != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if cut == 0 {
		t.Error("no import was killed before its end: this test proves nothing")
	}
	p.sound("in the end")
}

// importKilled kills an import at one of two moments and returns the last "committed".
func (p *place) importKilled(file, name string, round int) (committed int) {
	p.t.Helper()
	c := p.command("import", "--name", name, file)
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = c.Wait() }() // it was killed
	if round%2 == 0 {               // early: as soon as it has begun to write
		wal := filepath.Join(p.data, "activity.db-wal")
		eventually(p.t, "the import to write", func() bool {
			info, err := os.Stat(wal)
			return err == nil && info.Size() > int64(round)*64<<10
		})
		_ = c.Process.Kill() // it may have ended by itself
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if n, found := strings.CutPrefix(lines.Text(), "committed "); found {
			if committed, err = strconv.Atoi(n); err != nil {
				p.t.Fatal(err)
			}
			_ = c.Process.Kill() // it may have ended by itself
		}
	}
	return committed
}

// A first run that is killed, wherever it was, can be run again and makes a whole log.
func TestFirstRunSurvivesKill(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{ // what it has made when it is killed
		"state", "state/head.lock", "activity.db", "activity.db-journal", "activity.db-wal", "activity.db-shm",
		"keys", "keys/*.key", "keys/*.secret", "state/head", "keys/session.key",
	} {
		p := &place{t: t, data: filepath.Join(t.TempDir(), "data")}
		first := []string{"init", "--login", super, "--email", "ann@example.org", "--password-stdin"}
		c := p.command(first...)
		c.Stdin = strings.NewReader(password + "\n")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			_ = c.Wait() // it was killed, or was too fast
			close(ended)
		}()
		for there := false; !there; {
			found, err := filepath.Glob(filepath.Join(p.data, moment))
			if err != nil {
				t.Fatal(err)
			}
			select {
			case <-ended:
				there = true
			default:
				there = len(found) > 0
			}
		}
		_ = c.Process.Kill() // it may have ended by itself
		<-ended
		if r := p.run(password+"\n", first...); r.status != 0 && !strings.Contains(r.errs, "super user already") {
			t.Errorf("killed at %s, then: %+v", moment, r)
			continue
		}
		if n := p.count("type:UserCreated"); n != 1 {
			t.Errorf("killed at %s: %d users were created", moment, n)
		}
		p.sound("killed at " + moment)
	}
}
