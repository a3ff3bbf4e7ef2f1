package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"activitylog/backend/httpapi"
)

// A following is a live stream as its reader sees it.
type following struct {
	t      *testing.T
	status int
	lines  chan httpapi.LiveLine // closed at the end
}

// live begins to follow.
func (s *served) live(token, in string) *following {
	s.t.Helper()
	ctx, stop := context.WithCancel(s.t.Context())
	s.t.Cleanup(stop)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.addr+"/api/v1/live", strings.NewReader(in))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	f := &following{t: s.t, status: response.StatusCode, lines: make(chan httpapi.LiveLine, 100)}
	go func() {
		defer response.Body.Close()
		defer close(f.lines)
		for in := bufio.NewScanner(response.Body); in.Scan(); {
			var line httpapi.LiveLine
			if in.Text() != "" && json.Unmarshal(in.Bytes(), &line) == nil {
				f.lines <- line
			}
		}
	}()
	return f
}

// next waits for a line that is as wanted, and skips others.
func (f *following) next(what string, wanted func(httpapi.LiveLine) bool) httpapi.LiveLine {
	f.t.Helper()
	end := time.After(2 * time.Minute)
	for {
		select {
		case line, ok := <-f.lines:
			if !ok {
				f.t.Fatalf("the stream ended before %s", what)
			}
			if wanted(line) {
				return line
			}
		case <-end:
			f.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (f *following) revision(what string) string {
	f.t.Helper()
	return *f.next(what, func(l httpapi.LiveLine) bool { return l.Revision != nil }).Revision
}

// ended waits until the stream is over and returns the code it ended with.
func (f *following) ended() string {
	f.t.Helper()
	code, end := "", time.After(2*time.Minute)
	for {
		select {
		case line, ok := <-f.lines:
			if !ok {
				return code
			}
			if line.Error != nil {
				code = string(line.Error.Code)
			}
		case <-end:
			f.t.Fatal("the stream goes on")
		}
	}
}

// Each follower hears of what it may see, whoever comes back misses nothing, and a
// session that has ended ends what follows by it.
func TestLive(t *testing.T) {
	s := serve(t)
	ann := s.setUp()
	s.must(ann, "createUser", `{"login":"bela","email":"bela@example.org","password":"`+password+`","level":"write"}`, &struct{}{})
	var bela session
	s.must("", "signIn", `{"login":"bela","password":"`+password+`"}`, &bela)

	all, own := s.live(ann, `{}`), s.live(bela.Token, `{}`)
	known, first := all.revision("the first revision"), own.revision("the first revision")
	s.must(ann, "record", `{"type":"GoalAdded"}`, &struct{}{})
	after := all.revision("what was recorded")
	if after == known {
		t.Error("the same revision twice")
	}
	// What bela hears next is what bela did: ann's activity was not told.
	s.must(bela.Token, "record", `{"type":"GoalAdded"}`, &struct{}{})
	second := own.revision("bela's own")
	var status struct{ Revision string }
	s.must(bela.Token, "status", `{}`, &status)
	if second == first || second != status.Revision {
		t.Errorf("bela heard %s, then %s; it is %s", first, second, status.Revision)
	}

	// Resumed: told at once of what came meanwhile, and of nothing otherwise.
	if got := s.live(ann, `{"since":"`+known+`"}`).revision("what came meanwhile"); got == known {
		t.Error("told of what was known")
	}
	s.must(bela.Token, "status", `{}`, &status)
	resumed := s.live(bela.Token, `{"since":"`+status.Revision+`"}`)
	s.must(bela.Token, "record", `{"type":"GoalDeleted"}`, &struct{}{})
	before := status.Revision
	if got := resumed.revision("what came after"); got == before {
		t.Error("told of what was known")
	}

	var done struct{}
	s.must(bela.Token, "signOut", `{}`, &done)
	if code := own.ended(); code != "unauthenticated" {
		t.Errorf("signed out: the stream ended with %q", code)
	}
	for token, want := range map[string]int{"": http.StatusUnauthorized, bela.Token: http.StatusUnauthorized} {
		if got := s.live(token, `{}`).status; got != want {
			t.Errorf("with %q: %d, want %d", token, got, want)
		}
	}
	if got := s.live(ann, `{"sinc":""}`).status; got != http.StatusBadRequest {
		t.Errorf("an unknown field: %d", got)
	}
}

// Tokens follow by their scopes, until they are revoked.
func TestLive_Token(t *testing.T) {
	s := serve(t)
	ann := s.setUp()
	token := func(scope string) (secret, id string) {
		var made struct {
			Secret string
			Token  struct{ ID string }
		}
		s.must(ann, "createToken", `{"name":"follow","scopes":["`+scope+`"]}`, &made)
		return made.Secret, made.Token.ID
	}
	reader, id := token("read:all")
	ingest, _ := token("ingest")
	if got := s.live(ingest, `{}`).status; got != http.StatusForbidden {
		t.Errorf("a token that may not read: %d", got)
	}
	f := s.live(reader, `{}`)
	f.revision("the first revision")
	s.must(ann, "revokeToken", `{"id":"`+id+`"}`, &struct{}{})
	if code := f.ended(); code != "unauthenticated" {
		t.Errorf("revoked: the stream ended with %q", code)
	}
}
