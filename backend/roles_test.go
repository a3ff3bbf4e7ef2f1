package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/fault"
	"activitylog/backend/ops"
	"activitylog/backend/widget"
)

const password = "correct horse battery"

// cheap makes password hashes quick; the product's cost is measured elsewhere.
var cheap = access.Params{Memory: 64, Time: 1, Threads: 1}

// A clock stands still until it is moved. Jobs read it, and may move it, beside the test.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func openTest(t *testing.T) (*App, *clock) {
	t.Helper()
	return openIn(t, filepath.Join(t.TempDir(), "data"))
}

func openIn(t *testing.T, dir string) (*App, *clock) {
	t.Helper()
	c := &clock{at: time.Now()}
	app, err := open(t.Context(), Config{Data: dir, Create: true, Version: "test"}, cheap, c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	})
	return app, c
}

// owner is the local owner's context, as at the command line.
func owner(t *testing.T) context.Context {
	return access.With(t.Context(), access.Principal{Owner: true, Role: access.Super, Door: access.CLI, Login: "tester"})
}

// caller is somebody with a token that may or may not be good.
type caller struct {
	name   string
	role   access.Role // what a session's token is worth
	token  string
	scopes []access.Scope // what an API token is worth
}

// allowed is what the table says.
func (c caller) allowed(op ops.Op) bool {
	if op.Open() || c.role != "" && c.role.AtLeast(op.Least) {
		return true
	}
	return slices.ContainsFunc(op.Scopes, func(s access.Scope) bool { return slices.Contains(c.scopes, s) })
}

func (c caller) context(t *testing.T, app *App) context.Context {
	t.Helper()
	ctx := access.With(t.Context(), access.Principal{Door: access.HTTP, IP: "127.0.0.1"})
	if c.token == "" {
		return ctx
	}
	p, err := app.Accounts.Authenticate(ctx, c.token)
	if err != nil {
		return ctx // what a front does: nobody
	}
	return access.With(ctx, p)
}

func signIn(t *testing.T, app *App, login string) string {
	t.Helper()
	ctx := access.With(t.Context(), access.Principal{Door: access.HTTP, IP: "127.0.0.1"})
	s, err := app.Accounts.SignIn(ctx, account.SignInIn{Login: login, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return s.Token
}

func createUser(t *testing.T, app *App, login, level string) account.User {
	t.Helper()
	u, err := app.Accounts.CreateUser(owner(t), account.CreateUserIn{
		Login: login, Email: login + "@example.org", Password: password, Level: level,
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// cast sets up the log and returns every kind of caller.
func cast(t *testing.T, app *App, c *clock) []caller {
	t.Helper()
	_, err := app.Accounts.SetUp(owner(t), account.SetUpIn{Login: "root", Email: "root@example.org", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	expired := caller{name: "expired"}
	createUser(t, app, "expired", "admin")
	expired.token = signIn(t, app, "expired")
	c.pass(13 * time.Hour)

	callers := []caller{{name: "nobody"}, expired}
	for _, level := range []access.Role{access.None, access.View, access.Write, access.Admin} {
		createUser(t, app, string(level), string(level))
		callers = append(callers, caller{name: string(level), role: level, token: signIn(t, app, string(level))})
	}
	callers = append(callers, caller{name: "super", role: access.Super, token: signIn(t, app, "root")})

	disabled := createUser(t, app, "disabled", "admin")
	callers = append(callers, caller{name: "disabled", token: signIn(t, app, "disabled")})
	yes := true
	if _, err := app.Accounts.ChangeUser(owner(t), account.ChangeUserIn{ID: disabled.ID, Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	createUser(t, app, "revoked", "admin")
	revoked := caller{name: "revoked", token: signIn(t, app, "revoked")}
	if _, err := app.Accounts.SignOut(revoked.context(t, app), account.SignOutIn{Everywhere: true}); err != nil {
		t.Fatal(err)
	}
	return append(append(callers, revoked), programs(t, app, callers)...)
}

// programs returns API tokens: one for each scope, one that was revoked, and one whose
// maker may not do what it was made for.
func programs(t *testing.T, app *App, people []caller) []caller {
	t.Helper()
	as := func(name string) context.Context {
		i := slices.IndexFunc(people, func(c caller) bool { return c.name == name })
		return people[i].context(t, app)
	}
	create := func(ctx context.Context, name string, scopes ...access.Scope) (caller, string) {
		t.Helper()
		in := account.CreateTokenIn{Name: name}
		for _, s := range scopes {
			in.Scopes = append(in.Scopes, string(s))
		}
		made, err := app.Accounts.CreateToken(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		return caller{name: name, token: made.Secret, scopes: scopes}, made.Token.ID
	}
	var out []caller
	for _, scope := range access.Scopes() {
		c, _ := create(as("super"), "token "+string(scope), scope)
		out = append(out, c)
	}
	own, _ := create(as("write"), "token of write", access.ReadOwn, access.Ingest)
	revoked, id := create(as("admin"), "revoked token", access.ReadOwn, access.Ingest)
	if _, err := app.Accounts.RevokeToken(as("admin"), account.RevokeTokenIn{ID: id}); err != nil {
		t.Fatal(err)
	}
	revoked.scopes = nil
	bound, err := app.Widgets.CreateWidget(as("write"), widget.CreateIn{Name: "wall"})
	if err != nil {
		t.Fatal(err)
	}
	return append(out, own, revoked, caller{name: "token of a widget", token: bound.Secret, scopes: []access.Scope{access.Widget}})
}

// inputs are valid enough to get past the role check; what comes after may refuse.
var inputs = map[string]string{
	"Record":  `{"type":"Backup"}`,
	"Ingest":  `[{"type":"Backup"}]`,
	"Get":     `{"id":"1"}`,
	"Avatar":  `{"actor":"1"}`,
	"SignIn":  `{"login":"nobody-here","password":"x"}`,
	"SignOut": `{}`,
}

func refusedFor(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.Denied || code == fault.Unauthenticated
}

func TestRoles_EveryOperationByEveryCaller(t *testing.T) {
	app, c := openTest(t)
	callers := cast(t, app, c)
	for _, op := range app.Ops {
		for _, who := range callers {
			if op.Name == "SignOut" || op.Name == "SignIn" || op.Name == "SetUp" {
				continue // they change who the callers are; account's own tests walk them
			}
			_, err := op.Call(who.context(t, app), []byte(inputs[op.Name]))
			allowed := who.allowed(op)
			if refused := refusedFor(err); refused == allowed {
				t.Errorf("%s by %s: refused %v (%v), want allowed %v", op.Name, who.name, refused, err, allowed)
			}
			if !allowed && who.role == "" && len(who.scopes) == 0 && fault.CodeOf(err) != fault.Unauthenticated {
				t.Errorf("%s by %s: got %v, want unauthenticated", op.Name, who.name, err)
			}
		}
	}
}

// Each role may do something that the one below may not, so that no level is idle.
func TestRoles_NeighboursDiffer(t *testing.T) {
	app, _ := openTest(t)
	for _, role := range access.Roles()[1:] {
		if !slices.ContainsFunc(app.Ops, func(o ops.Op) bool { return o.Least == role }) {
			t.Errorf("no operation needs the role %s", role)
		}
	}
}

// TestScope_OnlyOneUsersOwn asks 2,000 random questions as one user of a log in which
// others act too. The super user's answers to the same questions are the control: if
// those held nothing foreign, the test would prove nothing.
func TestScope_OnlyOneUsersOwn(t *testing.T) {
	app, c := openTest(t)
	callers := cast(t, app, c)
	find := func(name string) context.Context {
		i := slices.IndexFunc(callers, func(c caller) bool { return c.name == name })
		return callers[i].context(t, app)
	}
	mine, all := find("write"), find("super")
	program := find("token of write")
	record := func(ctx context.Context, draft string) {
		t.Helper()
		for _, op := range app.Ops {
			if op.Name == "Record" {
				if _, err := op.Call(ctx, []byte(draft)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for i := range 60 {
		record(mine, fmt.Sprintf(`{"type":"Mine%d","object":{"kind":"goal","id":"%d","name":"shared"},"parameters":{"word":"common"}}`, i%5, i))
		record(all, fmt.Sprintf(`{"type":"Theirs%d","actor":"write","object":{"kind":"goal","id":"%d","name":"shared foreign"},"parameters":{"word":"common"}}`, i%5, i))
	}
	foreign := 0
	for i, question := range questions(2000) {
		for _, who := range []struct {
			ctx   context.Context
			scope string
		}{{mine, "own"}, {program, "own"}, {all, "all"}} {
			if who.scope == "all" && i%20 != 0 {
				continue
			}
			answer := ask(t, app, who.ctx, question)
			leaks := strings.Contains(answer, "Theirs") || strings.Contains(answer, "foreign") || strings.Contains(answer, `"root"`)
			if leaks && who.scope == "own" {
				t.Fatalf("%s %s shows another's activity: %.400s", question.op, question.in, answer)
			}
			if leaks {
				foreign++
			}
		}
	}
	if foreign == 0 {
		t.Error("not even the super user saw another's activity: this test proves nothing")
	}
}

type question struct{ op, in string }

// questions mixes read operations with filters that name others.
func questions(n int) []question {
	terms := []string{
		"", "user:me", "user:root", "actor:write", "actor:user:write", "type:Theirs1", "type:Mine1", "-type:Mine1", "shared",
		"foreign", "common", "\"shared foreign\"", "comm*", "object:goal", "object:goal:7", "source:manual", "source:self", "result:ok",
		"-user:me", "last:7d", "site:1", "-foreign", "category:users",
	}
	out := make([]question, 0, n)
	for i := 0; len(out) < n; i++ {
		text := strings.TrimSpace(terms[i%len(terms)] + " " + terms[(i/len(terms)+i)%len(terms)])
		quoted, _ := json.Marshal(text)
		out = append(out,
			question{"List", fmt.Sprintf(`{"query":%s,"limit":%d}`, quoted, 1+i%100)},
			question{"List", fmt.Sprintf(`{"query":%s,"order":"oldest"}`, quoted)},
			question{"Get", fmt.Sprintf(`{"id":"%d"}`, i%200)},
			question{"Actors", fmt.Sprintf(`{"search":%q}`, []string{"", "r", "write", "root"}[i%4])},
			question{"Types", `{}`},
			question{"Sites", `{}`},
			question{"Jobs", `{}`},
		)
	}
	return out[:n]
}

func ask(t *testing.T, app *App, ctx context.Context, q question) string {
	t.Helper()
	i := slices.IndexFunc(app.Ops, func(o ops.Op) bool { return o.Name == q.op })
	out, err := app.Ops[i].Call(ctx, []byte(q.in))
	if err != nil {
		return err.Error()
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
