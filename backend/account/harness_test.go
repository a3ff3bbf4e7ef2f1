package account_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/sqlite"
)

const password = "blue whale sings low"

// A clock stands still until it is moved.
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

// A bench is a real log with accounts, quick passwords and a clock.
type bench struct {
	*account.Service
	t         testing.TB
	db        *sqlite.DB
	store     *sqlite.Accounts
	passwords *access.Passwords
	clock     *clock
	path      string
}

var weak = access.Params{Memory: 64, Time: 1, Threads: 1}

func open(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, clock: &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, path: filepath.Join(t.TempDir(), "activity.db")}
	b.reopen(weak)
	t.Cleanup(func() { _ = b.db.Close() })
	return b
}

// reopen closes the log, if it is open, and opens it as the next start does.
func (b *bench) reopen(p access.Params) {
	b.t.Helper()
	if b.db != nil {
		if err := b.db.Close(); err != nil {
			b.t.Fatal(err)
		}
	}
	db, err := sqlite.Open(context.Background(), sqlite.Options{Path: b.path, Create: true, Now: b.clock.now, Tick: make(chan time.Time)})
	if err != nil {
		b.t.Fatal(err)
	}
	b.db, b.store, b.passwords = db, sqlite.NewAccounts(db), access.NewPasswords(p)
	issuer, err := access.NewIssuer("log-1", b.clock.now, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		b.t.Fatal(err)
	}
	secret, err := b.store.Secret()
	if err != nil {
		b.t.Fatal(err)
	}
	b.Service = account.New(account.Options{
		Store: b.store, Issuer: issuer, Passwords: b.passwords, Secret: secret, Version: "test", Now: b.clock.now,
	})
}

// at returns a context of somebody who is not signed in.
func at(door access.Door, ip string) context.Context {
	return access.With(context.Background(), access.Principal{Door: door, IP: ip, Agent: "Test/1"})
}

func window() context.Context { return at(access.Window, "") }

// owner returns a context of the local owner at the command line.
func owner() context.Context {
	return access.With(context.Background(), access.Principal{Owner: true, Login: "root", Role: access.Super, Door: access.CLI})
}

func as(p access.Principal) context.Context { return access.With(context.Background(), p) }

// must fails the test on an error.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// set makes the first super user, boss, and returns its context.
func (b *bench) set() context.Context {
	b.t.Helper()
	s := must[account.Session](b.t)(b.SetUp(window(), account.SetUpIn{Login: "boss", Email: "boss@example.org", Password: password}))
	return b.with(s.Token)
}

// with returns the context of a token's user.
func (b *bench) with(token string) context.Context {
	b.t.Helper()
	return as(must[access.Principal](b.t)(b.Authenticate(at(access.HTTP, "127.0.0.1"), token)))
}

// add makes a user with a level.
func (b *bench) add(boss context.Context, login, level string) account.User {
	b.t.Helper()
	return must[account.User](b.t)(b.CreateUser(boss, account.CreateUserIn{
		Login: login, Email: login + "@example.org", Password: password, Level: level,
	}))
}

// in signs a user in and returns the session.
func (b *bench) in(login string) account.Session {
	b.t.Helper()
	return must[account.Session](b.t)(b.SignIn(at(access.HTTP, "127.0.0.1"), account.SignInIn{Login: login, Password: password}))
}

// bodies returns the activities so far, oldest first; only those of the types, if any.
func (b *bench) bodies(types ...string) []activity.Body {
	b.t.Helper()
	var rows [][]byte
	err := b.db.Read().NewSelect().TableExpr("activity").ColumnExpr("body").OrderExpr("seq").Scan(context.Background(), &rows)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []activity.Body
	for _, row := range rows {
		body, err := activity.DecodeBody(row)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, typ := range types {
			if typ == body.Type {
				out = append(out, body)
			}
		}
		if len(types) == 0 {
			out = append(out, body)
		}
	}
	return out
}

// since returns what was recorded from the n-th on.
func (b *bench) since(n int) []activity.Body { return b.bodies()[n:] }

// parameters decodes a body's parameters.
func parameters(t testing.TB, b activity.Body) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(b.Parameters, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// changes writes a body's changes as "field old new".
func changes(b activity.Body) []string {
	out := []string{}
	for _, c := range b.Changes {
		out = append(out, c.Field+" "+string(c.Old)+" "+string(c.New))
	}
	return out
}

func code(t testing.TB, what string, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("%s: %q (%v), want %q", what, got, err, want)
	}
}
