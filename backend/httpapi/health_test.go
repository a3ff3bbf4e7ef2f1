package httpapi_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"time"

	"activitylog/backend/ledger"
)

// Whoever watches the program shows a credential, and hears when the log cannot be kept.
func TestServed_Health(t *testing.T) {
	s := serve(t)
	ann := s.setUp()
	token := func(scope string) string {
		var made struct{ Secret string }
		s.must(ann, "createToken", `{"name":"watch","scopes":["`+scope+`"]}`, &made)
		return made.Secret
	}
	reader := token("read:own")
	for who, want := range map[string]int{"": http.StatusUnauthorized, "wrong": http.StatusUnauthorized, token("ingest"): http.StatusForbidden, reader: http.StatusOK, ann: http.StatusOK} {
		if status, body := s.send(http.MethodGet, "/healthz", who, ""); status != want {
			t.Errorf("with %q: %d %s, want %d", who, status, body, want)
		}
	}
	if status, _ := s.send(http.MethodPost, "/healthz", reader, ""); status != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", status)
	}
	ask := func() (int, ledger.Health) {
		status, body := s.send(http.MethodGet, "/healthz", reader, "")
		var h ledger.Health
		if err := json.Unmarshal([]byte(body), &h); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		return status, h
	}
	if status, h := ask(); status != http.StatusOK || !h.OK || len(h.Problems) != 0 || h.Size == 0 {
		t.Errorf("%d %+v", status, h)
	}
	file := s.config.Database()
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; {
		status, h := ask()
		if status == http.StatusServiceUnavailable && !h.OK && len(h.Problems) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("with the file gone: %d %+v", status, h)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
}
