package source

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/fault"
)

// A repo is a repository made for a test.
type repo struct {
	t   *testing.T
	dir string
}

func newRepo(t *testing.T) repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed here")
	}
	r := repo{t, filepath.Join(t.TempDir(), "shop")}
	if err := os.Mkdir(r.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r.git("init", "-q", "-b", "main")
	return r
}

func (r repo) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(slices.Clone(gitEnv), "HOME="+r.dir,
		"GIT_AUTHOR_NAME=Ann Lee", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_AUTHOR_DATE=1700000000 +0130",
		"GIT_COMMITTER_NAME=Bot", "GIT_COMMITTER_EMAIL=bot@example.org", "GIT_COMMITTER_DATE=1700000060 +0000")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (r repo) write(name, content string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(content), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r repo) commit(message string) {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "--allow-empty-message", "-m", message)
}

// history makes commits of every sort: a root, an empty one, a merge, a rename, odd
// names.
func (r repo) history() {
	r.write("a.txt", "1\n")
	r.commit("first\n\nwith a body")
	r.commit("empty")
	r.git("checkout", "-q", "-b", "side")
	r.write("side.txt", "1\n")
	r.commit("on the side")
	r.git("checkout", "-q", "main")
	r.write("a.txt", "2\n")
	r.commit("")
	r.git("merge", "-q", "--no-ff", "-m", "merge side", "side")
	r.git("mv", "a.txt", "renamed.txt")
	r.write(":odd -- name\n\"x\".txt", "1\n")
	r.commit("odd names")
	r.git("rm", "-q", "side.txt")
	r.commit("remove")
}

func (r repo) read() []Record {
	r.t.Helper()
	reader, err := newGitReader(context.Background(), r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	var all []Record
	for {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, record)
	}
	if err := reader.Close(); err != nil {
		r.t.Fatal(err)
	}
	return all
}

func TestGitHistory(t *testing.T) {
	r := newRepo(t)
	r.history()
	counts, ids := map[string]int{}, map[string]bool{}
	for _, record := range r.read() {
		d := record.Draft
		counts[d.Type]++
		if ids[*d.ExternalID] {
			t.Errorf("%s stands for two", *d.ExternalID)
		}
		ids[*d.ExternalID] = true
		if d.Actor.Name != "Ann Lee" || *d.OccurredAt != "2023-11-14T23:43:20+01:30" || record.Site.Name != "shop" {
			t.Errorf("%s: by %s at %s on %s", d.Type, d.Actor.Name, *d.OccurredAt, record.Site.Name)
		}
	}
	want := map[string]int{"CommitCreated": 7, "FileCreated": 5, "FileChanged": 1, "FileDeleted": 2}
	if !maps.Equal(counts, want) {
		t.Errorf("got %v, want %v", counts, want)
	}
	commits := strings.TrimSpace(r.git("rev-list", "--count", "HEAD"))
	files := strings.Count(r.git("log", "-z", "--format=", "--name-only", "--no-renames", "--diff-merges=first-parent", "HEAD"), "\x00")
	if commits != "7" || files != 8 {
		t.Errorf("git itself counts %s commits and %d files", commits, files)
	}
}

func TestGitCommitSaysWhatItIs(t *testing.T) {
	r := newRepo(t)
	r.write("a.txt", "1\n")
	r.commit("first\n\nwith a <body>\nof two lines")
	all := r.read()
	if len(all) != 2 {
		t.Fatalf("%d records", len(all))
	}
	want := `{"subject":"first","body":"with a <body>\nof two lines","email":"ann@example.org","committer":"Bot","committerEmail":"bot@example.org","committedAt":"2023-11-14T22:14:20Z","parents":[]}`
	if got := string(all[0].Draft.Parameters); got != want {
		t.Errorf("parameters\n got %s\nwant %s", got, want)
	}
	o := all[1].Draft.Object
	if o.Kind != "file" || o.ID != "a.txt" || all[1].Draft.Type != "FileCreated" || !strings.HasSuffix(*all[1].Draft.ExternalID, ":a.txt") {
		t.Errorf("file %+v", all[1].Draft)
	}
}

func TestGitNamesThatAreNotUTF8(t *testing.T) {
	r := newRepo(t)
	r.write("caf\xe9.txt", "1\n")
	r.write(`caf\xE9.txt`, "2\n")
	r.commit("names")
	ids, names := map[string]bool{}, map[string]int{}
	for _, record := range r.read()[1:] {
		ids[*record.Draft.ExternalID] = true
		names[record.Draft.Object.Name]++
	}
	if len(ids) != 2 || names[`caf\xE9.txt`] != 2 {
		t.Errorf("ids %v, names %v", ids, names)
	}
}

func TestLossless(t *testing.T) {
	tests := []struct {
		in, want string
		exact    bool
	}{
		{"café", "café", true},
		{`a\xE9`, `a\xE9`, true},
		{"caf\xe9", `caf\xE9`, false},
		{"\\\xff\xfe", `\\\xFF\xFE`, false},
		{"�", "�", true},
	}
	for _, tt := range tests {
		if got, exact := lossless([]byte(tt.in)); got != tt.want || exact != tt.exact {
			t.Errorf("lossless(%q) = %q, %v; want %q, %v", tt.in, got, exact, tt.want, tt.exact)
		}
	}
}

func TestRawDates(t *testing.T) {
	tests := []struct{ in, want string }{
		{"1700000000 +0130", "2023-11-14T23:43:20+01:30"},
		{"1700000000 -0800", "2023-11-14T14:13:20-08:00"},
		{"1700000000 +9999", "2023-11-14T22:13:20Z"},
		{"1700000000", "2023-11-14T22:13:20Z"},
		{"-100 +0000", "1969-12-31T23:58:20Z"},
		{"soon", "1970-01-01T00:00:00Z"},
	}
	for _, tt := range tests {
		if got := stamp(rawDate([]byte(tt.in))); got != tt.want {
			t.Errorf("%q is %s, want %s", tt.in, got, tt.want)
		}
	}
}

// A repository may name programs in its configuration. None of them may run.
func TestGitRunsNothingOfTheRepository(t *testing.T) {
	r := newRepo(t)
	trap := filepath.Join(r.dir, ".git", "trap")
	ran := filepath.Join(t.TempDir(), "ran")
	if err := os.WriteFile(trap, []byte("#!/bin/sh\ntouch "+ran+"\ncat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.write("a.txt", "1\n")
	r.write(".gitattributes", "*.txt diff=trap\n")
	r.commit("first")
	for _, name := range []string{"core.pager", "pager.log", "diff.external", "diff.trap.command", "diff.trap.textconv", "core.fsmonitor", "gpg.program", "core.sshCommand"} {
		r.git("config", name, trap)
	}
	r.git("config", "log.showSignature", "true")
	if got := len(r.read()); got != 3 {
		t.Errorf("%d records, want 3", got)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program of the repository ran")
	}
	// The trap works where git is not told otherwise.
	r.git("log", "-p", "--ext-diff")
	if _, err := os.Stat(ran); err != nil {
		t.Error("the trap would not have been noticed")
	}
}

func TestGitSaysWhatIsWrong(t *testing.T) {
	empty := newRepo(t)
	reader, err := newGitReader(context.Background(), empty.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Next(); fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "shop") {
		t.Errorf("a repository without commits: %v", err)
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	if reader, err = newGitReader(context.Background(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Next(); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("no repository: %v", err)
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
}

func TestGitCanBeLeftInTheMiddle(t *testing.T) {
	r := newRepo(t)
	r.history()
	reader, err := newGitReader(context.Background(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Next(); err != nil {
		t.Fatal(err)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if reader.cmd.ProcessState == nil {
		t.Error("git still runs")
	}
}

// A git that was killed, anywhere in what it says, is told of as such.
func TestGitThatEndsInTheMiddle(t *testing.T) {
	const whole = "0123456789abcdef\x00\x00Ann\x00a@x\x001700000000 +0100\x00Ann\x00a@x\x001700000000 +0100\x00first\n\x00:0 1 2 3 A\x00a.txt\x00"
	for length := 1; length < len(whole); length++ {
		r := &gitReader{name: "shop", out: bufio.NewReader(strings.NewReader(whole[:length])), cancel: func() {}, ended: true}
		var err error
		for err == nil {
			_, err = r.Next()
		}
		complete := length == strings.Index(whole, ":0 1") // a commit without files
		if errors.Is(err, io.EOF) != complete || !complete && fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("after %q: %v", whole[:length], err)
		}
	}
}

func TestGitNames(t *testing.T) {
	for dir, want := range map[string]string{"/a/shop": "shop", "/a/shop/.git": "shop", "/a/shop.git": "shop", "/": "repository", "/a/..": "repository"} {
		if got := gitName(dir); got != want {
			t.Errorf("gitName(%q) = %q, want %q", dir, got, want)
		}
	}
}

func FuzzGitOutput(f *testing.F) {
	f.Add([]byte("0123456789abcdef\x00\x00Ann\x00a@x\x001700000000 +0100\x00Ann\x00a@x\x001700000000 +0100\x00first\n\x00\x00\n:000000 100644 0 1 A\x00a.txt\x00"))
	f.Add([]byte(":000000 100644 0 1 D\x00\xff\x00"))
	f.Add([]byte("\x00\n\x00abc"))
	f.Fuzz(func(t *testing.T, out []byte) {
		r := &gitReader{name: "shop", out: bufio.NewReader(bytes.NewReader(out)), cancel: func() {}, ended: true}
		for range len(out) + 1 {
			record, err := r.Next()
			if err != nil {
				return
			}
			if d := record.Draft; d.Type == "" || d.ExternalID == nil || d.Actor.Name == "" || !json.Valid(d.Parameters) {
				t.Fatalf("%q became %+v", out, d)
			}
		}
		t.Fatal("it never ends")
	})
}
