package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// verifyBodies are n foreign activities of every kind: with and without object, site,
// address and external id, in other scripts, at equal times, before 1970.
func verifyBodies(from, n int, at time.Time) []activity.Body {
	list := make([]activity.Body, n)
	for i := range list {
		k := from + i
		b := bodyAt(k, at.Add(time.Duration(k/3)*time.Second))
		b.OffsetMinutes = 60 * (k % 5)
		switch k % 8 {
		case 1:
			b.Object, b.Site, b.IP, b.ExternalID = nil, nil, nil, nil
		case 2:
			b.IP, b.Result = new("2001:db8::17"), activity.Denied
			b.Actor.Kind, b.Actor.Name = activity.KindService, new("Zoë Ωmega 東京")
		case 3:
			b.IP, b.Result = new("198.51.100.0/24"), activity.Failed
			b.Parameters = json.RawMessage(`{"note":"Grüße, naïve café — “quoted” \u0000 end","n":12345678901234567890}`)
		case 4:
			b.Site = &activity.SiteRef{ID: new("1"), Kind: "other", Name: "This log"}
		case 5:
			b.OccurredAt = -int64(k) * 1000
		}
		list[i] = b
	}
	return list
}

// A sampleLog is a log of some hundred activities of every kind, closed, with the
// state it had half-way.
type sampleLog struct {
	dir, half string
	id        ledger.LogID
	size      int64
}

// sample is built once, since every attack begins with a copy of it.
var sample = sync.OnceValues(func() (sampleLog, error) {
	dir, err := os.MkdirTemp("", "verify-sample-")
	if err != nil {
		return sampleLog{}, err
	}
	sampleDir = dir
	s := sampleLog{dir: filepath.Join(dir, "log"), half: filepath.Join(dir, "half")}
	return s, s.build()
})

var sampleDir string // to remove at the end

func TestMain(m *testing.M) {
	code := m.Run()
	for _, dir := range []string{sampleDir, libraryDir} {
		if dir != "" {
			os.RemoveAll(dir)
		}
	}
	os.Exit(code)
}

func (s *sampleLog) build() error {
	ctx := context.Background()
	c := &clock{now: start}
	o := Options{Path: filepath.Join(s.dir, "activity.db"), Create: true, Now: c.Now, Tick: make(chan time.Time)}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	db, err := Open(ctx, o)
	if err != nil {
		return err
	}
	s.id = db.LogID()
	if err := s.fill(ctx, db, c, 0); err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	if err := os.CopyFS(s.half, os.DirFS(s.dir)); err != nil {
		return err
	}
	if db, err = Open(ctx, o); err != nil {
		return err
	}
	if err := s.fill(ctx, db, c, 150); err != nil {
		return err
	}
	s.size = db.State().Size
	if s.size%2 == 0 {
		return fmt.Errorf("the sample should have a last leaf that no node covers, not %d entries", s.size)
	}
	return db.Close()
}

func (s *sampleLog) fill(ctx context.Context, db *DB, c *clock, from int) error {
	batch, err := db.BeginBatch(ctx, "import:test/main", 0, c.Now())
	if err != nil {
		return err
	}
	for i := range 5 {
		c.move(7 * time.Minute)
		list := verifyBodies(from+i*25, 25, start)
		results, err := db.AppendBatch(ctx, batch, list)
		if err != nil {
			return err
		}
		for _, r := range results {
			if r.Err != nil {
				return r.Err
			}
		}
	}
	return s.users(ctx, db, c, from)
}

// users creates, links, unlinks and removes users, in part through the real service,
// so that the replay reads what is really written.
func (s *sampleLog) users(ctx context.Context, db *DB, c *clock, from int) error {
	owner := access.Principal{Login: "owner", Role: access.Super, Owner: true, Door: access.CLI}
	ctx = access.With(ctx, owner)
	store := NewAccounts(db)
	service := account.New(account.Options{Store: store, Now: c.Now})
	var ids []string
	for i := range 3 {
		login := fmt.Sprintf("user%d-%d", from, i)
		err := store.Update(ctx, func(tx account.Tx) error {
			c.move(time.Second)
			id, err := tx.AddUser(ctx, account.Record{Login: login, Key: login, Email: login + "@example.org", Super: i == 0, Version: 1, CreatedAt: c.Now().UnixMilli()})
			if err != nil {
				return err
			}
			text := fmt.Sprint(id)
			ids = append(ids, text)
			b := account.Begin(owner, c.Now(), "UserCreated")
			b.Object = &activity.Object{Kind: "user", ID: text, Name: login}
			if _, err := tx.Record(ctx, b); err != nil {
				return err
			}
			own := account.Begin(access.Principal{UserID: id, Login: login, IP: "192.0.2.1"}, c.Now(), "UserLoggedIn")
			if _, err := tx.Record(ctx, own); err != nil {
				return err
			}
			own.Type, own.Actor.Name = "KeyRotated", nil // who it was, without the name
			_, err = tx.Record(ctx, own)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, l := range []struct {
		actor int
		user  *string
	}{{1, &ids[1]}, {2, &ids[2]}, {3, &ids[2]}, {1, &ids[2]}, {3, nil}} {
		if _, err := service.LinkActor(ctx, account.LinkActorIn{Actor: fmt.Sprint(l.actor), User: l.user}); err != nil {
			return err
		}
	}
	if from == 0 {
		if _, err := service.RemoveUser(ctx, account.RemoveUserIn{ID: ids[2]}); err != nil {
			return err
		}
	}
	c.move(20 * time.Minute)
	_, err := db.Append(ctx, verifyBodies(from+130, 5, start.Add(time.Hour)))
	return err
}

// copyLog returns a directory with a copy of a closed log.
func copyLog(t testing.TB, from string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "log")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"keys/*", "state/*"} {
		names, err := filepath.Glob(filepath.Join(dir, kind))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if err := os.Chmod(name, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func sampleOf(t testing.TB) sampleLog {
	t.Helper()
	s, err := sample()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// evidenceIn is what a closed log in dir is held against.
func evidenceIn(t testing.TB, dir string, off ...string) evidence {
	t.Helper()
	o := Options{Path: filepath.Join(dir, "activity.db"), KeyDir: filepath.Join(dir, "keys")}
	in := evidence{
		path: o.Path, off: map[string]bool{},
		keyFile:    func(id ledger.LogID) string { return keyPath(o, id) },
		secretFile: func(id ledger.LogID) string { return secretPath(o, id) },
		now:        func() time.Time { return start },
	}
	for _, check := range off {
		in.off[check] = true
	}
	in.mark, in.markErr = ledger.NewMark(filepath.Join(dir, "state")).Read()
	return in
}

// verifyIn verifies the closed log in dir, with words.
func verifyIn(t testing.TB, dir string, off ...string) ledger.Report {
	t.Helper()
	r, err := verifyFile(t.Context(), evidenceIn(t, dir, off...), VerifyOptions{Words: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// listed returns a report's problems, one a line.
func listed(r ledger.Report) string {
	var out strings.Builder
	for _, p := range r.Problems {
		seq := "-"
		if p.Seq != nil {
			seq = fmt.Sprint(*p.Seq)
		}
		fmt.Fprintf(&out, "  %s %s.%s %s: %s\n", p.Kind, p.Table, p.Column, seq, p.Text)
	}
	fmt.Fprintf(&out, "  and %d more", r.More)
	return out.String()
}

func TestTheUntouchedLogIsVerified(t *testing.T) {
	s := sampleOf(t)
	for _, dir := range []string{s.half, s.dir} {
		if r := verifyIn(t, copyLog(t, dir)); r.State != ledger.Verified || len(r.Problems) != 0 || r.More != 0 {
			t.Errorf("%s:\n%s", r.State, listed(r))
		}
	}
	r := verifyIn(t, copyLog(t, s.dir))
	if r.Entries != s.size || r.Activities != s.size || r.Erased != 0 || r.Size != fmt.Sprint(s.size) || r.Sealed != r.Size ||
		r.Root == "" || r.Key == "" || r.Checkpoint == "" || r.WordMillis == nil || r.At != start.UnixMilli() {
		t.Errorf("%+v", r)
	}
}

func TestVerifyThroughAnOpenLog(t *testing.T) {
	o := testOptions(copyLog(t, sampleOf(t).dir))
	db := openTest(t, o)
	var done, total int64
	r, err := db.Verify(t.Context(), VerifyOptions{Words: true, Progress: func(d, n int64) { done, total = d, n }})
	if err != nil || r.State != ledger.Verified {
		t.Fatalf("%s %v\n%s", r.State, err, listed(r))
	}
	if done != total || total != 2*r.Activities {
		t.Errorf("%d of %d done", done, total)
	}
}
