package system_test

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A witness is what the system itself wrote down of a server's calls.
type witness struct {
	*server
	trace string
}

// serveWatched serves with every attempt to reach somebody written down.
func (p *place) serveWatched() *witness {
	p.t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		cannot(p.t, "strace is not installed here")
	}
	w := &witness{trace: filepath.Join(p.t.TempDir(), "trace")}
	c := p.command()
	// -D: the program stays our child, so that ending it ends both.
	c.Path, c.Args = strace, []string{
		"strace", "-D", "-f", "-qq", "-e", "trace=%network", "-e", "signal=none", "-o", w.trace,
		binary, "serve", "--listen", "127.0.0.1:0",
	}
	if out, err := exec.Command(strace, "-qq", "-e", "trace=none", "true").CombinedOutput(); err != nil {
		cannot(p.t, "strace is not permitted here: %v %s", err, out)
	}
	w.server = p.serveAs(c)
	return w
}

// reached lists what the program tried to reach, other than this machine's own name
// service by a file. Of a connected socket sendto names nobody; where it names
// somebody it is a datagram.
func (w *witness) reached() (found []string) {
	w.t.Helper()
	content, err := os.ReadFile(w.trace)
	if err != nil || !bytes.Contains(content, []byte("listen(")) {
		w.t.Fatalf("the trace sees nothing: %v", err)
	}
	for line := range strings.Lines(string(content)) {
		_, call, _ := strings.Cut(strings.TrimSpace(line), " ")
		call = strings.TrimSpace(call)
		named := strings.Contains(call, "sa_family") && (strings.HasPrefix(call, "sendto(") || strings.HasPrefix(call, "sendmsg(") || strings.HasPrefix(call, "sendmmsg("))
		if (strings.HasPrefix(call, "connect(") || named) && !strings.Contains(call, "sa_family=AF_UNIX") {
			found = append(found, call)
		}
	}
	return found
}

// pictures stands in for the picture service.
type pictures struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
}

func newPictures(t *testing.T) (p *pictures, env []string) {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 80, 80))); err != nil {
		t.Fatal(err)
	}
	p = &pictures{asked: map[string]int{}}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked[r.URL.Path]++
		p.mu.Unlock()
		_, _ = w.Write(picture.Bytes())
	}))
	t.Cleanup(p.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	put(t, ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})))
	return p, []string{"ACTIVITYLOG_GRAVATAR_BASE=" + p.URL, "ACTIVITYLOG_GRAVATAR_CA=" + ca}
}

func (p *pictures) requests() (addresses, requests int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.asked {
		requests += n
	}
	return len(p.asked), requests
}

// avatars asks for everybody's picture and returns how many there are.
func (s *server) avatars(token string) (n int) {
	s.t.Helper()
	var list struct {
		Actors []struct{ Actor struct{ ID string } }
	}
	s.ask(token, "actors", `{}`, &list)
	for _, a := range list.Actors {
		var out struct{ Data string }
		s.ask(token, "avatar", text(map[string]string{"actor": a.Actor.ID}), &out)
		if strings.HasPrefix(out.Data, "data:image/png") {
			n++
		}
	}
	return n
}

// A whole session with Gravatar off reaches nobody, not even this machine. With it on,
// each address is asked for once; then, and after a restart, the cache answers.
func TestSilence(t *testing.T) {
	t.Parallel()
	service, env := newPictures(t)
	p := newLog(t)
	p.env = env
	s := p.serveWatched()
	ann := s.signIn(super)
	s.ask(ann, "createUser", text(map[string]string{"login": "ben", "email": "ben@example.org", "password": password, "level": "write"}), &nothing{})
	ben := s.signIn("ben")
	s.ask(ben, "record", `{"type":"GoalAdded","ip":"198.51.100.7","parameters":{"link":"https://example.org/x"}}`, &nothing{})
	s.importNow(ann, drafts(50, func(i int) map[string]any {
		return map[string]any{"type": "GoalAdded", "actor": "imported", "externalId": fmt.Sprint(i), "ip": "203.0.113.9", "userAgent": "curl"}
	}))
	for _, op := range []string{"me", "list", "count", "histogram", "types", "actors", "sites", "settings", "preferences", "users", "jobs", "status", "verify"} {
		s.ask(ann, op, `{}`, &nothing{})
	}
	s.export(ann, "", "csv")
	if status, page := s.send(http.MethodGet, "/", "", ""); status != http.StatusOK && status != http.StatusServiceUnavailable {
		t.Errorf("the page: %d %s", status, page)
	}
	if n := s.avatars(ann); n != 0 {
		t.Errorf("%d pictures while Gravatar is off", n)
	}
	if reached := s.reached(); len(reached) > 0 {
		t.Errorf("with Gravatar off the program reached out:\n%s", strings.Join(reached, "\n"))
	}

	s.ask(ann, "configure", `{"gravatar":true}`, &nothing{})
	for range 3 {
		if n := s.avatars(ann); n != 2 {
			t.Errorf("%d pictures with Gravatar on, want those of ann and ben", n)
		}
	}
	if addresses, requests := service.requests(); addresses != 2 || requests != 2 {
		t.Errorf("%d requests for %d addresses, want 2 for 2", requests, addresses)
	}
	reached := s.reached()
	port := service.URL[strings.LastIndex(service.URL, ":")+1:]
	for _, call := range reached {
		if !strings.Contains(call, "htons("+port+")") || !strings.Contains(call, `inet_addr("127.0.0.1")`) {
			t.Errorf("with Gravatar on the program reached somebody else: %s", call)
		}
	}
	if len(reached) < 1 || len(reached) > 2 { // the control: the trace can see
		t.Errorf("%d connections to the stand-in", len(reached))
	}
	s.stop()

	again := p.serveWatched()
	if n := again.avatars(again.signIn(super)); n != 2 {
		t.Errorf("%d pictures after a restart", n)
	}
	if reached := again.reached(); len(reached) > 0 {
		t.Errorf("after a restart the cache was not used: %v", reached)
	}
	if _, requests := service.requests(); requests != 2 {
		t.Errorf("%d requests in all", requests)
	}
}
