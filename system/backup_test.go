package system_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// restored makes a data directory of a backup and the key files, as a person would.
// Head is the file that becomes the high-water mark, "" for none.
func (p *place) restored(backup, head string) *place {
	p.t.Helper()
	r := &place{t: p.t, data: filepath.Join(p.t.TempDir(), "restored")}
	for _, dir := range []string{r.data, filepath.Join(r.data, "state")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			p.t.Fatal(err)
		}
	}
	copyTree(p.t, filepath.Join(p.data, "keys"), filepath.Join(r.data, "keys"))
	for from, to := range map[string]string{backup: "activity.db", head: "state/head"} {
		if from == "" {
			continue
		}
		content, err := os.ReadFile(from)
		if err != nil {
			p.t.Fatal(err)
		}
		put(p.t, filepath.Join(r.data, to), string(content))
	}
	return r
}

// What a restored backup is worth. With the checkpoint that was written beside it as
// its mark it is verified, and goes on. Without any mark the first process says so,
// as a rolled back log, since a mark that was taken away looks the same, and makes
// one: from then on it is verified. Beside the mark of a log that has gone on since,
// it is rolled back for good: it can be read, and nothing is stored.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	for _, name := range []string{"one", "two", "three"} {
		p.must("record", "GoalAdded", "--actor", name)
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	told := p.must("backup", file)
	named := 0
	for line := range strings.Lines(told) {
		if key, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "  "); ok {
			named++
			if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
	if named != 2 {
		t.Errorf("%d key files are named:\n%s", named, told)
	}

	r := p.restored(file, file+".checkpoint")
	r.sound("the copy by itself")
	if n := r.count("actor:two"); n != 1 {
		t.Errorf("%d of two", n)
	}
	r.must("record", "GoalAdded", "--actor", "elsewhere")
	r.sound("the copy, going on")

	unmarked := p.restored(file, "")
	if v := unmarked.run("", "verify"); v.status != 3 || !strings.Contains(v.out, "no high-water mark") {
		t.Errorf("the copy without a mark: %+v", v)
	}
	unmarked.sound("the copy without a mark, in its second process")

	p.must("record", "GoalAdded", "--actor", "later")
	p.sound("the log itself")
	old := p.restored(file, filepath.Join(p.data, "state", "head"))
	v := old.run("", "verify")
	if v.status != 3 || !strings.HasPrefix(v.out, "ROLLED BACK") {
		t.Errorf("an older copy beside the newer mark: %+v", v)
	}
	if n := old.count("actor:two"); n != 1 {
		t.Errorf("it cannot be read: %d", n)
	}
	before := old.count("")
	for _, args := range [][]string{{"record", "GoalAdded"}, {"settings", "set", "language=de"}, {"user", "change", super, "--name", "x"}} {
		if w := old.run("", args...); w.status != 6 || !strings.Contains(w.errs, "earlier state") {
			t.Errorf("%v: %+v", args, w)
		}
	}
	if n := old.count(""); n != before {
		t.Errorf("%d activities, before %d", n, before)
	}

	keyless := p.restored(file, file+".checkpoint")
	if err := os.RemoveAll(filepath.Join(keyless.data, "keys")); err != nil {
		t.Fatal(err)
	}
	if v := keyless.run("", "verify"); v.status != 5 || !strings.HasPrefix(v.out, "KEY MISSING") {
		t.Errorf("without its keys: %+v", v)
	}
	if n := keyless.count("actor:two"); n != 1 {
		t.Errorf("without its keys it cannot be read: %d", n)
	}
}
