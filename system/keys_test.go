package system_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// key returns the one file below keys/ with that end.
func (p *place) key(end string) string {
	p.t.Helper()
	found, err := filepath.Glob(filepath.Join(p.data, "keys", "*-*"+end)) // the log's id has hyphens
	if err != nil || len(found) != 1 {
		p.t.Fatalf("%v, %v", found, err)
	}
	return found[0]
}

// A key that others may read, or that is damaged, is not used: the program says so,
// and goes on as without it where it can.
func TestKeysThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps permissions otherwise")
	}
	for name, spoil := range map[string]func(path string) error{
		"readable by others": func(path string) error { return os.Chmod(path, 0o644) },
		"damaged":            func(path string) error { return os.WriteFile(path, []byte("x\n"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newLog(t)
			session, signing, secret := filepath.Join(p.data, "keys", "session.key"), p.key(".key"), p.key(".secret")
			with := func(path string, then func()) {
				t.Helper()
				good, err := os.ReadFile(path)
				if err == nil {
					err = spoil(path)
				}
				if err != nil {
					t.Fatal(err)
				}
				then()
				put(t, path, string(good))
				if err := os.Chmod(path, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			with(session, func() {
				if r := p.run("", "list"); r.status != 6 || !strings.Contains(r.errs, session+" cannot be used") || strings.Contains(r.errs, "cause=") {
					t.Errorf("%+v", r)
				}
			})
			with(secret, func() {
				p.must("record", "GoalAdded", "--actor", "plain")
				if r := p.run("", "record", "GoalAdded", "--external-id", "x"); r.status != 6 || !strings.Contains(r.errs, "log secret") {
					t.Errorf("%+v", r)
				}
			})
			p.sound("with the secret back")
			with(signing, func() {
				if r := p.run("", "verify"); r.status != 5 || !strings.HasPrefix(r.out, "KEY MISSING") {
					t.Errorf("%+v", r)
				}
				p.must("record", "GoalAdded", "--actor", "unsigned") // accountability first: it is signed later
			})
			p.must("record", "GoalAdded", "--actor", "signed")
			p.sound("with the key back")
			if n := p.count("type:GoalAdded"); n != 3 {
				t.Errorf("%d of 3", n)
			}
		})
	}
}

// What the program is started with is checked before anything is done.
func TestEnvironmentThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	for _, c := range []struct {
		set    string
		status int
		says   string
	}{
		{"ACTIVITYLOG_GRAVATAR_BASE=http://plain.example", 2, "ACTIVITYLOG_GRAVATAR_BASE"},
		{"ACTIVITYLOG_GRAVATAR_CA=" + p.data + "/none.pem", 2, "none.pem"},
		{"ACTIVITYLOG_STATE=" + filepath.Join(p.data, "activity.db", "state"), 6, "state directory"},
		{"TZ=Nowhere/City", 0, ""},
		{"LC_ALL=xx_XX.latin1", 0, ""},
	} {
		p.env = []string{c.set}
		if r := p.run("", "list"); r.status != c.status || !strings.Contains(r.errs, c.says) || strings.Contains(r.errs, "cause=") {
			t.Errorf("%s: %+v", c.set, r)
		}
	}
}
