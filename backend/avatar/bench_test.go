package avatar

import (
	"bytes"
	"context"
	"encoding/pem"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/settings"
	"activitylog/backend/sqlite"
)

func encoded(width, height int, format string) []byte {
	picture := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black})
	var out bytes.Buffer
	switch format {
	case "gif":
		_ = gif.Encode(&out, picture, nil)
	case "jpeg":
		_ = jpeg.Encode(&out, picture, nil)
	default:
		_ = png.Encode(&out, picture)
	}
	return out.Bytes()
}

// A stand counts requests by path and answers with what answer writes.
type stand struct {
	*httptest.Server
	mu     sync.Mutex
	asked  map[string]int
	answer http.HandlerFunc
}

func (s *stand) times(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

func (s *stand) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.asked {
		n += c
	}
	return n
}

type bench struct {
	*Service
	stand *stand
	sets  *settings.Service
	boss  context.Context
	ann   context.Context
	actor map[string]string
	dir   string
	at    atomic.Int64
}

func (b *bench) now() time.Time { return time.UnixMilli(b.at.Load()) }

func open(t *testing.T, answer http.HandlerFunc) *bench {
	t.Helper()
	b := &bench{actor: map[string]string{}, dir: filepath.Join(t.TempDir(), "avatars")}
	b.at.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	b.stand = &stand{asked: map[string]int{}, answer: answer}
	b.stand.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.stand.mu.Lock()
		b.stand.asked[r.URL.Path]++
		b.stand.mu.Unlock()
		b.stand.answer(w, r)
	}))
	t.Cleanup(b.stand.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.stand.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), sqlite.Options{
		Path: filepath.Join(t.TempDir(), "activity.db"), Create: true, Now: b.now, Tick: make(chan time.Time),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store := sqlite.NewAccounts(db)
	b.boss, b.ann = b.people(t, db, store)
	b.sets = settings.New(sqlite.NewSettings(db), b.now)
	b.Service, err = New(Options{People: store, Settings: b.sets, Dir: b.dir, Base: b.stand.URL, CAFile: ca, Now: b.now})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// people makes boss, ann and bob (without an address), each with an activity, and
// returns the contexts of boss and ann.
func (b *bench) people(t *testing.T, db *sqlite.DB, store *sqlite.Accounts) (boss, ann context.Context) {
	t.Helper()
	all := map[string]access.Principal{}
	err := store.Update(t.Context(), func(tx account.Tx) error {
		for login, email := range map[string]string{"boss": " Boss@Example.ORG ", "ann": "ann@example.org", "bob": ""} {
			id, err := tx.AddUser(t.Context(), account.Record{Login: login, Key: login, Email: email, Version: 1})
			if err != nil {
				return err
			}
			p := access.Principal{UserID: id, Login: login, Role: access.View}
			if login == "boss" {
				p.Role = access.Super
			}
			all[login] = p
			if _, err := tx.Record(t.Context(), account.Begin(p, b.now(), "UserLoggedIn")); err != nil {
				return err
			}
		}
		cli := access.Principal{Owner: true, Login: "root"}
		_, err := tx.Record(t.Context(), account.Begin(cli, b.now(), "UserLoggedIn"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"boss", "ann", "bob", "root"} {
		var id string
		if err := db.Read().NewSelect().TableExpr("actor").ColumnExpr("CAST(id AS TEXT)").Where("name = ?", name).Scan(t.Context(), &id); err != nil {
			t.Fatal(err)
		}
		b.actor[name] = id
	}
	return access.With(t.Context(), all["boss"]), access.With(t.Context(), all["ann"])
}

func (b *bench) turn(t *testing.T, on bool) {
	t.Helper()
	if _, err := b.sets.Configure(b.boss, settings.ConfigureIn{Gravatar: &on}); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) get(t *testing.T, ctx context.Context, name string) string {
	t.Helper()
	out, err := b.Avatar(ctx, In{Actor: b.actor[name]})
	if err != nil {
		t.Fatal(err)
	}
	return out.Data
}

func sends(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
}
