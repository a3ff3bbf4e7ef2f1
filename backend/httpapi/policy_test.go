package httpapi_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/ingest"
)

// The axes of the product below. What a browser says of where a request comes from is
// good only as the first ones have it.
var (
	policySites   = []string{"", "none", "same-origin", "same-site", "cross-site"}
	policyOrigins = []string{"", "ours", "null", "https://evil.example"}
	policyMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodOptions}
	// Who calls, and how: a person's session, tokens that may only read, only record, both
	// and nothing any more, by the header; then what a browser sends by itself.
	policyCallers = []string{"nobody", "session", "reader", "recorder", "revoked", "in the address", "in a cookie"}
)

// A policy is what docs/api.md says of one path.
type policy struct {
	path    string
	methods []string // others: 405
	types   []string // of content; others: 415. None: it is not looked at
	body    string
	answers map[string]int // by caller; of those that are not here nobody's
	token   string         // the parameter that may hold a credential; "": none may
}

var policies = []policy{
	{"/api/v1/count", only(http.MethodPost), []string{"application/json"}, `{}`, map[string]int{"nobody": 401, "session": 200, "reader": 200, "recorder": 403}, ""},
	{"/api/v1/configure", only(http.MethodPost), []string{"application/json"}, `{}`, map[string]int{"nobody": 401, "session": 200, "reader": 403, "recorder": 403}, ""},
	{"/api/v1/ingest", only(http.MethodPost), []string{ingest.JSON, ingest.Lines}, `{"type":"Told"}`, map[string]int{"nobody": 401, "session": 200, "reader": 403, "recorder": 200}, ""},
	{"/api/v1/upload", only(http.MethodPost), []string{"application/octet-stream"}, `{"type":"Sent"}`, map[string]int{"nobody": 401, "session": 200, "reader": 403, "recorder": 403}, ""},
	{"/api/v1/live", only(http.MethodPost), []string{"application/json"}, `{}`, map[string]int{"nobody": 401, "session": 200, "reader": 200, "recorder": 403}, ""},
	{"/api/v1/download/none", only(http.MethodGet), nil, "", map[string]int{"nobody": 404}, ""},
	{"/healthz", only(http.MethodGet), nil, "", map[string]int{"nobody": 401, "session": 200, "reader": 200, "recorder": 403}, ""},
	{"/feed.atom", only(http.MethodGet), nil, "", map[string]int{"nobody": 401, "session": 200, "reader": 200, "recorder": 403, "in the address": 200}, "token"},
	{"/index.php?module=API&method=ActivityLog.getEntryCount", []string{http.MethodGet, http.MethodPost}, nil, "", map[string]int{"nobody": 401, "session": 200, "reader": 200, "in the address": 200}, "token_auth"},
	{"/widget/ABCDEFGHIJKLMNOPQRSTUVWXYZ", only(http.MethodGet), nil, "", map[string]int{"nobody": 200}, ""},
	{"/api/openapi.json", only(http.MethodGet), nil, "", map[string]int{"nobody": 200}, ""},
	{"/", only(http.MethodGet), nil, "", map[string]int{"nobody": 200}, ""},
}

func only(method string) []string { return []string{method} }

// An attempt is one request of the product.
type attempt struct {
	host                                string // "" is ours
	origin, site, method, media, caller string
}

// want is the status that the policy gives an attempt. A credential changes nothing in
// that other sites' requests are refused: a page elsewhere that knows one is still a page
// elsewhere.
func (p policy) want(a attempt) int {
	switch {
	case a.host != "":
		return http.StatusMisdirectedRequest
	case a.origin != "" && a.origin != "ours", a.site != "" && a.site != "none" && a.site != "same-origin":
		return http.StatusForbidden
	case !slices.Contains(p.methods, a.method):
		return http.StatusMethodNotAllowed
	case p.types != nil && !slices.Contains(p.types, a.media):
		return http.StatusUnsupportedMediaType
	}
	if status, ok := p.answers[a.caller]; ok {
		return status
	}
	return p.answers["nobody"]
}

// each calls fn with every attempt at a path.
func (p policy) each(fn func(attempt)) {
	media := append([]string{"", "application/x-www-form-urlencoded"}, p.types...)
	for _, host := range []string{"", "evil.example"} {
		for _, origin := range policyOrigins {
			for _, site := range policySites {
				for _, method := range policyMethods {
					for _, kind := range media {
						for _, caller := range policyCallers {
							fn(attempt{host, origin, site, method, kind, caller})
						}
					}
				}
			}
		}
	}
}

// A gate sends attempts to a served log.
type gate struct {
	*served
	secrets map[string]string // by caller
	client  *http.Client
}

func openGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{serve(t), map[string]string{}, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	ann := g.setUp()
	g.secrets["session"], g.secrets["in a cookie"] = ann, ann
	g.secrets["reader"], g.secrets["recorder"] = g.program(ann, "read:all"), g.program(ann, "ingest")
	var made struct {
		Secret string
		Token  struct{ ID string }
	}
	g.must(ann, "createToken", `{"name":"both","scopes":["read:all","ingest"],"allowGet":true}`, &made)
	g.secrets["in the address"] = made.Secret
	g.must(ann, "createToken", `{"name":"revoked","scopes":["read:all","ingest"],"allowGet":true}`, &made)
	g.must(ann, "revokeToken", `{"id":"`+made.Token.ID+`"}`, &struct{}{})
	g.secrets["revoked"] = made.Secret
	return g
}

// try sends an attempt and returns the answer without its body.
func (g *gate) try(p policy, a attempt) *http.Response {
	g.t.Helper()
	ctx, stop := context.WithCancel(g.t.Context())
	defer stop() // which ends what would go on
	address := "http://" + g.addr + p.path
	if a.caller == "in the address" {
		name := p.token
		if name == "" {
			name = "token"
		}
		address += map[bool]string{true: "&", false: "?"}[strings.Contains(p.path, "?")] + name + "=" + g.secrets[a.caller]
	}
	request, err := http.NewRequestWithContext(ctx, a.method, address, strings.NewReader(p.body))
	if err != nil {
		g.t.Fatal(err)
	}
	request.Host = a.host
	if a.origin == "ours" {
		a.origin = "http://" + g.addr
	}
	for name, value := range map[string]string{"Origin": a.origin, "Sec-Fetch-Site": a.site, "Content-Type": a.media, "X-File-Name": "a"} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	switch secret := g.secrets[a.caller]; {
	case a.caller == "in a cookie":
		request.Header.Set("Cookie", "session="+secret+"; token="+secret+"; token_auth="+secret)
	case a.caller != "in the address" && secret != "":
		request.Header.Set("Authorization", "Bearer "+secret)
	}
	response, err := g.client.Do(request)
	if err != nil {
		g.t.Fatal(err)
	}
	defer response.Body.Close()
	if p.path != "/api/v1/live" || response.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, response.Body) // so that the connection is used again
	}
	return response
}

// Every path × host × origin × fetch site × method × content type × credential: the
// status is the policy's, whichever it is nobody else's page may read it, and what was
// refused stored nothing.
func TestPolicyOfEveryPath(t *testing.T) {
	g := openGate(t)
	stored := 0
	for _, p := range policies {
		n, met := 0, map[int]int{}
		p.each(func(a attempt) {
			want := p.want(a)
			response := g.try(p, a)
			if response.StatusCode != want {
				t.Fatalf("%s %+v: %d, want %d", p.path, a, response.StatusCode, want)
			}
			for name := range response.Header {
				if strings.HasPrefix(name, "Access-Control-") || name == "Set-Cookie" {
					t.Fatalf("%s %+v: the header %s", p.path, a, name)
				}
			}
			if n++; want == http.StatusOK && p.path == "/api/v1/ingest" {
				stored++
			}
			met[want]++
		})
		statuses := []int{http.StatusMisdirectedRequest, http.StatusForbidden, http.StatusMethodNotAllowed}
		if p.types != nil {
			statuses = append(statuses, http.StatusUnsupportedMediaType)
		}
		for _, status := range p.answers {
			statuses = append(statuses, status)
		}
		for _, status := range statuses {
			if met[status] == 0 {
				t.Errorf("%s: never %d", p.path, status)
			}
		}
		t.Logf("%s: %d requests, %v", p.path, n, met)
	}
	var count struct{ N int }
	if g.must(g.secrets["session"], "count", `{"query":"type:Told","exact":true}`, &count); count.N != stored || stored == 0 {
		t.Errorf("%d activities are stored, of %d that were let in", count.N, stored)
	}
}
