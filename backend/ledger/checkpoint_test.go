package ledger

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// rootText is a root as a checkpoint writes it.
const rootText = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

func TestParseCheckpoint(t *testing.T) {
	good := "activitylog.local/x\n12\n" + rootText + "\n"
	c, err := ParseCheckpoint(good)
	if err != nil || c.Origin != "activitylog.local/x" || c.Size != 12 || c.Text() != good {
		t.Fatalf("ParseCheckpoint = %+v, %v", c, err)
	}
	for name, text := range map[string]string{
		"empty":            "",
		"no origin":        "\n12\n" + rootText + "\n",
		"no last newline":  strings.TrimSuffix(good, "\n"),
		"a fourth line":    good + "more\n",
		"negative size":    strings.Replace(good, "12", "-1", 1),
		"size with a plus": strings.Replace(good, "12", "+12", 1),
		"size with zeros":  strings.Replace(good, "12", "012", 1),
		"size too large":   strings.Replace(good, "12", "99999999999999999999", 1),
		"short root":       strings.Replace(good, "47DE", "", 1),
		"root with spaces": strings.Replace(good, "47DE", "47DE ", 1),
		"loose root bits":  strings.Replace(good, "FU=", "FV=", 1),
	} {
		if c, err := ParseCheckpoint(text); err == nil {
			t.Errorf("%s: read as %+v", name, c)
		}
	}
}

func newKey(t *testing.T) (*Key, string, LogID) {
	t.Helper()
	id, path := NewLogID(), filepath.Join(t.TempDir(), "keys", "one.key")
	k, err := CreateKey(path, id)
	if err != nil {
		t.Fatal(err)
	}
	return k, path, id
}

func TestSignAndOpen(t *testing.T) {
	k, path, id := newKey(t)
	c := Checkpoint{Origin: Origin(id), Size: 3, Root: leafNumber(3)}
	signed, err := k.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenNote(signed, k.Public()); err != nil || got != c {
		t.Errorf("OpenNote = %+v, %v", got, err)
	}
	again, err := LoadKey(path)
	if err != nil || again.Public() != k.Public() {
		t.Fatalf("LoadKey: %v", err)
	}
	if second, err := again.Sign(c); err != nil || second != signed {
		t.Errorf("the loaded key signs otherwise: %v", err)
	}
	other, _, _ := newKey(t)
	for name, f := range map[string]func() error{
		"another key":       func() error { _, err := OpenNote(signed, other.Public()); return err },
		"no key":            func() error { _, err := OpenNote(signed); return err },
		"a broken key":      func() error { _, err := OpenNote(signed, "x"); return err },
		"another size":      func() error { _, err := OpenNote(strings.Replace(signed, "\n3\n", "\n4\n", 1), k.Public()); return err },
		"too long":          func() error { _, err := OpenNote(signed+strings.Repeat("x", maxNote), k.Public()); return err },
		"signing elsewhere": func() error { _, err := other.Sign(c); return err },
	} {
		if f() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestKeyFile(t *testing.T) {
	_, path, id := newKey(t)
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("key directory: %v, %v", info.Mode(), err)
	}
	if _, err := CreateKey(path, id); err == nil {
		t.Error("a key file was replaced")
	}
	if _, err := LoadKey(path + "x"); !IsMissing(err) {
		t.Errorf("a missing key: %v", err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, otherPath, _ := newKey(t)
	other, err := os.ReadFile(otherPath)
	if err != nil {
		t.Fatal(err)
	}
	half := func(b []byte, n int) string { return strings.Split(string(b), "\n")[n] + "\n" }
	for name, text := range map[string]string{
		"empty": "", "first half": half(whole, 0), "swapped": half(whole, 1) + half(whole, 0),
		"halves of two": half(whole, 0) + half(other, 1), "more": string(whole) + "x",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKey(path); err == nil {
			t.Errorf("%s: taken for a key", name)
		}
	}
}

func TestSecretFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.secret")
	secret, err := CreateSecret(path)
	if err != nil || len(secret) != SecretSize {
		t.Fatalf("CreateSecret: %d bytes, %v", len(secret), err)
	}
	if got, err := LoadSecret(path); err != nil || string(got) != string(secret) {
		t.Errorf("LoadSecret: %v", err)
	}
	if _, err := CreateSecret(path); err == nil {
		t.Error("a secret was replaced")
	}
	if err := os.WriteFile(path, secret[:31], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSecret(path); err == nil {
		t.Error("31 bytes were taken for a secret")
	}
}

func TestSecretsOthersMayReadAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps permissions otherwise")
	}
	_, path, _ := newKey(t)
	for mode, good := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o620: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKey(path); (err == nil) != good {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
	link := path + ".link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKey(link); err == nil {
		t.Error("a link was taken for a key file")
	}
}

func TestMarkOnlyGrows(t *testing.T) {
	k, _, id := newKey(t)
	m := NewMark(filepath.Join(t.TempDir(), "state"))
	if _, err := m.Read(); !IsMissing(err) {
		t.Fatalf("before the first: %v", err)
	}
	sign := func(size int64) string {
		s, err := k.Sign(Checkpoint{Origin(id), size, leafNumber(size)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, step := range []struct{ raise, want int64 }{{5, 5}, {3, 5}, {5, 5}, {6, 6}, {0, 6}} {
		if err := m.Raise(sign(step.raise), k.Public()); err != nil {
			t.Fatal(err)
		}
		if got, err := m.Read(); err != nil || got != sign(step.want) {
			t.Errorf("after raising to %d it is not %d: %v", step.raise, step.want, err)
		}
	}
	other, _, otherID := newKey(t)
	foreign, err := other.Sign(Checkpoint{Origin(otherID), 99, leafNumber(99)})
	if err != nil {
		t.Fatal(err)
	}
	if m.Raise(foreign, other.Public()) == nil {
		t.Error("another log raised the mark")
	}
	if m.Raise(sign(7)+"x", k.Public()) == nil {
		t.Error("a spoiled checkpoint raised the mark")
	}
	if err := os.WriteFile(m.Path(), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if m.Raise(sign(8), k.Public()) == nil {
		t.Error("a spoiled mark was written over")
	}
}

func TestMarkRaisedByMany(t *testing.T) {
	k, _, id := newKey(t)
	dir := t.TempDir()
	var wait sync.WaitGroup
	for n := range int64(20) {
		wait.Go(func() {
			signed, err := k.Sign(Checkpoint{Origin(id), n, leafNumber(n)})
			if err == nil {
				err = NewMark(dir).Raise(signed, k.Public())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	held, err := NewMark(dir).Read()
	if err != nil {
		t.Fatal(err)
	}
	if c, err := OpenNote(held, k.Public()); err != nil || c.Size != 19 {
		t.Errorf("the mark is %+v, %v", c, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 { // head, head.lock
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add("activitylog.local/x\n12\n" + rootText + "\n")
	f.Add("x\n0\n\n")
	f.Add("\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ParseCheckpoint(text); err == nil && c.Text() != text {
			t.Errorf("%q is read as %q", text, c.Text())
		}
	})
}

func FuzzOpenNote(f *testing.F) {
	id := LogID{1}
	k, err := CreateKey(filepath.Join(f.TempDir(), "k"), id)
	if err != nil {
		f.Fatal(err)
	}
	c := Checkpoint{Origin(id), 1, leafNumber(1)}
	signed, err := k.Sign(c)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add(strings.Replace(signed, "\n\n", "\n", 1))
	f.Add(signed + signed)
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := OpenNote(text, k.Public()); err == nil && got != c {
			t.Errorf("a checkpoint was accepted that nobody signed: %+v", got)
		}
	})
}
