package system_test

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// holds returns which files of the data directory have one of the texts in them or in
// their names, in whatever case, and in one or two bytes a letter.
func (p *place) holds(texts ...string) []string {
	p.t.Helper()
	var found []string
	err := filepath.WalkDir(p.data, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		narrow := strings.ReplaceAll(strings.ToLower(string(content)), "\x00", "") + filepath.Base(path)
		for _, text := range texts {
			if strings.Contains(narrow, strings.ToLower(text)) {
				found = append(found, filepath.Base(path)+" has "+text)
			}
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return found
}

// Erasing a person that is killed half way leaves a log that is sound; it goes on, and
// then nothing of them is in any file. Imported again, nothing comes back.
func TestErasingAPersonSurvivesKill(t *testing.T) {
	t.Parallel()
	const rows = 9000
	traces := []string{"zwolle", "Zwinger", "zwirn@example.org", "203.0.113.77", "zwickel"}
	p := newLog(t)
	p.mustRead("four calm otters rowing\n", "user", "add", "zwolle", "--email", "zwirn@example.org", "--name", "Zwinger", "--password-stdin")
	var drafts strings.Builder
	for i := range rows {
		fmt.Fprintf(&drafts, `{"type":"GoalAdded","actor":"zwickel","externalId":"k%d","ip":"203.0.113.77"}`+"\n", i)
	}
	fmt.Fprintln(&drafts, `{"type":"GoalAdded","actor":"ben","externalId":"b1","parameters":{"note":"asked by ZWINGER"}}`)
	fmt.Fprintln(&drafts, `{"type":"GoalAdded","actor":"ben","externalId":"b2","parameters":{"note":"nobody"}}`)
	file := filepath.Join(t.TempDir(), "many.ndjson")
	if err := os.WriteFile(file, []byte(drafts.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p.must("import", file)
	p.must("user", "link", "zwickel", "zwolle")
	for _, text := range traces {
		if len(p.holds(text)) == 0 {
			t.Fatalf("the control: %s is nowhere before", text)
		}
	}

	c := p.command("erase", "person", "zwolle", "--yes")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "erased ") {
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	if left := p.count("actor:zwickel"); left == 0 || left >= rows {
		t.Fatalf("it was not killed in the middle: %d are left", left)
	}
	p.sound("killed")

	if got := p.must("erase", "continue"); !strings.Contains(got, "gone") {
		t.Errorf("continue: %q", got)
	}
	if found := p.holds(traces...); len(found) != 0 {
		t.Errorf("still there: %v", found)
	}
	p.sound("gone")
	if n := p.count("actor:ben"); n != 1 {
		t.Errorf("ben has %d activities, want the one that names nobody", n)
	}
	if got := p.must("list", "type:LogErased"); !strings.Contains(got, "erased a person: ") || !strings.Contains(got, "removed the account of a person") {
		t.Errorf("the log says %s", got)
	}
	p.run("", "import", file)
	if n := p.count("actor:zwickel") + p.count("zwinger"); n != 0 {
		t.Errorf("%d came back", n)
	}
	p.sound("imported again")
	if got := p.must("erase", "continue"); !strings.Contains(got, "Nothing is half erased") {
		t.Errorf("then %q", got)
	}
}
