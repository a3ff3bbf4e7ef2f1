package system_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// samples are the public CloudTrail logs, if they lie beside the source.
func samples(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("ACTIVITYLOG_SAMPLE_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	files, err := filepath.Glob(filepath.Join(dir, "cloudtrail", "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the sample logs are not here; name their folder in ACTIVITYLOG_SAMPLE_DATA")
	}
	return files
}

func TestSampleLogs(t *testing.T) {
	t.Parallel()
	files := samples(t)
	p := newLog(t)
	for i, want := range []string{"3210 read, 3210 new, 0 duplicate,", "3210 read, 0 new, 3210 duplicate,"} {
		if out := p.must(append([]string{"import"}, files...)...); !strings.Contains(out, "import:cloudtrail/main: "+want) {
			t.Fatalf("run %d: %s", i+1, out)
		}
	}
	for query, n := range map[string]int{"source:import:cloudtrail": 3210, "result:denied": 111, "result:failed": 241} {
		if got := p.must("count", "--json", query); got != fmt.Sprintf(`{"n":%d,"exact":true}`, n) {
			t.Errorf("count %s: %s, want %d", query, got, n)
		}
	}
	seen := 0
	for line := range strings.Lines(p.must("export", "source:import:cloudtrail")) {
		seen++
		var a struct {
			ID       string
			Actor    struct{ Name, Kind string }
			Sentence []struct{ Text string }
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		if a.Actor.Name == "" || a.Actor.Kind == "" || strings.Contains(line, "[object Object]") {
			t.Errorf("#%s: %.300s", a.ID, line)
		}
	}
	if seen != 3210 {
		t.Errorf("%d exported", seen)
	}
	masking(t, p)
	p.sound("with the sample logs")
}

// masking looks at what is stored, raw records included.
func masking(t *testing.T, p *place) {
	t.Helper()
	const bodies = "SELECT count(*) FROM activity WHERE CAST(body AS TEXT) "
	file := filepath.Join(p.data, "activity.db")
	for _, key := range []string{"sessionToken", "masterUserPassword"} {
		all := query(t, file, bodies+`LIKE '%"`+key+`":"%'`)
		masked := query(t, file, bodies+`LIKE '%"`+key+`":"***masked***"%'`)
		if n, _ := strconv.Atoi(all); n == 0 || all != masked {
			t.Errorf("%s: %s of %s are masked", key, masked, all)
		}
	}
	all := query(t, file, bodies+`LIKE '%"secretId":"%'`)
	masked := query(t, file, bodies+`LIKE '%"secretId":"***masked***"%'`)
	if n, _ := strconv.Atoi(all); n == 0 || masked != "0" {
		t.Errorf("secretId: %s of %s are masked", masked, all)
	}
}

// A repository with merges, empty commits, renames and odd names comes in as one
// activity a commit and one a file changed, which git itself counts.
func TestGitNumbers(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		cannot(t, "git is not installed here")
	}
	dir := filepath.Join(t.TempDir(), "shop")
	git := func(args ...string) string {
		t.Helper()
		c := exec.Command("git", append([]string{"-C", dir, "-c", "core.quotePath=true"}, args...)...)
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Ann Lee", "GIT_AUTHOR_EMAIL=ann@example.org",
			"GIT_COMMITTER_NAME=Bot", "GIT_COMMITTER_EMAIL=bot@example.org")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	commit := func(message string, more ...string) {
		t.Helper()
		git("add", "-A")
		git(append([]string{"commit", "-q", "--allow-empty", "--allow-empty-message", "-m", message}, more...)...)
	}
	file := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, path, content)
	}
	file("first.txt", "one\n")
	git("init", "-q", "-b", "main")
	commit("first")
	for i, name := range []string{"with space.txt", "tab\tname", "line\nbreak", `quote".txt`, "-dash", "ünïcödé.txt", "deep/er/file", ":colon", "\xff-not-utf8"} {
		file(name, fmt.Sprint(i))
	}
	commit("odd names")
	commit("nothing")
	commit("")
	git("checkout", "-q", "-b", "side")
	file("side.txt", "side\n")
	file("deep/er/file", "changed on the side")
	commit("side")
	git("checkout", "-q", "main")
	git("mv", "first.txt", "renamed.txt")
	commit("rename")
	git("merge", "-q", "--no-ff", "-m", "merge", "side")
	git("checkout", "-q", "--orphan", "other")
	git("rm", "-q", "-r", "-f", ".")
	file("other.txt", "another root\n")
	commit("another root")
	git("checkout", "-q", "main")
	git("merge", "-q", "--allow-unrelated-histories", "-m", "merge roots", "other")
	if err := os.Remove(filepath.Join(dir, "renamed.txt")); err != nil {
		t.Fatal(err)
	}
	commit("delete")

	commits, err := strconv.Atoi(strings.TrimSpace(git("rev-list", "--count", "HEAD")))
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for line := range strings.Lines(git("log", "--format=", "--name-only", "--no-renames", "--diff-merges=first-parent", "HEAD")) {
		if strings.TrimSpace(line) != "" {
			files++
		}
	}
	if commits != 10 || files < 16 {
		t.Fatalf("git counts %d commits and %d files: not the repository that was meant", commits, files)
	}
	p := newLog(t)
	want := commits + files
	if out := p.must("import", "--format", "git", dir); !strings.Contains(out, fmt.Sprintf("import:git/shop: %d read, %d new, 0 duplicate,", want, want)) {
		t.Errorf("want %d + %d: %s", commits, files, out)
	}
	if out := p.must("import", dir); !strings.Contains(out, fmt.Sprintf("%d read, 0 new, %d duplicate,", want, want)) {
		t.Errorf("again: %s", out)
	}
	if n := p.count("source:import:git/shop type:CommitCreated"); n != commits {
		t.Errorf("%d commits", n)
	}
	if n := p.count("source:import:git/shop"); n != want {
		t.Errorf("%d activities, want %d", n, want)
	}
	p.sound("with the history")
}
