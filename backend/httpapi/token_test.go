package httpapi_test

import (
	"net/http"
	"testing"
)

// An API token is sent like a session's, and does what its scopes allow and no more.
func TestServed_APIToken(t *testing.T) {
	s := serve(t)
	ann := s.setUp()
	var made struct {
		Secret string
		Token  struct{ ID string }
	}
	s.must(ann, "createToken", `{"name":"reader","scopes":["read:all"]}`, &made)
	var count struct{ N int }
	s.must(made.Secret, "count", `{}`, &count)
	if count.N == 0 {
		t.Error("the token counts nothing")
	}
	for _, op := range []string{"users", "createToken", "tokens", "renew", "signOut", "prefer", "jobs", "verify", "configure"} {
		if status, body := s.call(made.Secret, op, `{}`); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", op, status, body)
		}
	}
	if status, body := s.call(made.Secret, "record", `{"type":"Backup"}`); status != http.StatusForbidden {
		t.Errorf("record: %d %s", status, body)
	}
	var ticket struct{ Ticket string }
	s.must(made.Secret, "export", `{"format":"ndjson"}`, &ticket)
	s.must(ann, "revokeToken", `{"id":"`+made.Token.ID+`"}`, &struct{}{})
	if status, body := s.call(made.Secret, "count", `{}`); status != http.StatusUnauthorized {
		t.Errorf("after it was revoked: %d %s", status, body)
	}
	if status, body := s.send(http.MethodGet, "/api/v1/download/"+ticket.Ticket, "", ""); status != http.StatusUnauthorized {
		t.Errorf("a download of a revoked token: %d %s", status, body)
	}
}
