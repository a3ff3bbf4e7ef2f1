package system_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unicode"
)

// exportRows is how many rows are exported: enough that memory which grew with them
// would be seen. A million was tried by hand.
const exportRows = 60_000

// evilTexts are what a spreadsheet would run, and what breaks careless files.
var evilTexts = []string{
	"=1+1", "+cmd", "-2+3", "@SUM(A1)", "＝x", "\u200b=1", "\t=1", "plain", "a,b", `q"q`, "line\nbreak", "-5", "'=1", " =1", "semi;colon", "\x00=1",
}

// evilLog is a log with many activities that have such texts.
func evilLog(t *testing.T, n int) *place {
	t.Helper()
	p := newLog(t)
	path := filepath.Join(t.TempDir(), "drafts.ndjson")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(file)
	for i := range n {
		text := text(evilTexts[i%len(evilTexts)])
		fmt.Fprintf(out, `{"type":"GoalChanged","actor":%s,"occurredAt":"2026-01-%02dT%02d:%02d:%02dZ","object":{"kind":"goal","id":"%d","name":%s},`+
			`"changes":[{"field":"name","old":%s,"new":%d}],"parameters":{"note":%s},"userAgent":%s,"externalId":"e%d"}`+"\n",
			text, 1+i/3600%28, i/150%24, i/60%60, i%60, i, text, text, i, text, text, i)
	}
	if err := errors.Join(out.Flush(), file.Close()); err != nil {
		t.Fatal(err)
	}
	p.must("import", path)
	return p
}

// exportTo exports to a file, looks whether its manifest is right, and returns the most
// memory it took in bytes.
func (p *place) exportTo(path string, args ...string) int64 {
	p.t.Helper()
	c := p.command(append([]string{"export", "-o", path}, args...)...)
	if r := p.finish(c, ""); r.status != 0 {
		p.t.Fatalf("export %v: %d %s", args, r.status, r.errs)
	}
	file, err := os.Open(path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		p.t.Fatal(err)
	}
	var m struct{ SHA256 string }
	data, err := os.ReadFile(path + ".manifest.json")
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil || m.SHA256 != hex.EncodeToString(hash.Sum(nil)) {
		p.t.Errorf("export %v: the file hashes to %x, its manifest says %s (%v)", args, hash.Sum(nil), m.SHA256, err)
	}
	return c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}

// formula reports whether a spreadsheet may run the cell.
func formula(cell string) bool {
	shown := strings.TrimLeftFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) })
	for _, mark := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(shown, mark) {
			return true
		}
	}
	return strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") || strings.HasPrefix(cell, "\n") || strings.HasPrefix(cell, "\x00")
}

// Rows are as many as counted; CSV says what NDJSON does, and none of it runs; memory
// does not grow with the log.
func TestExportOfManyRows(t *testing.T) {
	t.Parallel()
	p := evilLog(t, exportRows)
	dir := t.TempDir()
	n := p.count("source:import")
	if n != exportRows {
		t.Fatalf("%d are counted", n)
	}
	base := p.exportTo(filepath.Join(dir, "none"), "--format", "ndjson", "source:nosuch")
	names := "id,occurredAt,type,actor,sentence,objectId,objectName,userAgent,offsetMinutes,data"
	for _, format := range []string{"csv", "ndjson", "sqlite"} {
		grown := p.exportTo(filepath.Join(dir, format), "--format", format, "--columns", names, "source:import") - base
		t.Logf("%s: %d KiB more than for nothing", format, grown>>10)
		if grown > 100<<20 {
			t.Errorf("%s takes %d MiB more", format, grown>>20)
		}
	}
	rows, formulas := sameRows(t, filepath.Join(dir, "csv"), filepath.Join(dir, "ndjson"), strings.Split(names, ","))
	if rows != n || formulas == 0 {
		t.Errorf("%d rows with %d formulas made harmless, %d counted", rows, formulas, n)
	}
}

// sameRows compares a CSV file with NDJSON of the same columns, cell by cell. It returns
// how many rows there are, and how many cells would have been formulas.
func sameRows(t *testing.T, tablePath, linesPath string, names []string) (rows, formulas int) {
	t.Helper()
	open := func(path string) io.Reader {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		return bufio.NewReader(file)
	}
	table, lines := csv.NewReader(open(tablePath)), json.NewDecoder(open(linesPath))
	table.ReuseRecord = true
	if heading, err := table.Read(); err != nil || strings.Join(heading, ",") != strings.Join(names, ",") {
		t.Fatalf("the heading is %q, %v", heading, err)
	}
	for ; ; rows++ {
		cells, err := table.Read()
		var line map[string]json.RawMessage
		ended := lines.Decode(&line)
		if errors.Is(err, io.EOF) && errors.Is(ended, io.EOF) {
			return rows, formulas
		}
		if err != nil || ended != nil {
			t.Fatalf("row %d: %v, %v", rows, err, ended)
		}
		for i, name := range names {
			want := cellOf(t, line[name])
			if formula(want) {
				formulas++
				want = "'" + want
			}
			if formula(cells[i]) {
				t.Fatalf("row %d: %s is the formula %q", rows, name, cells[i])
			}
			if cells[i] != want {
				t.Fatalf("row %d: %s is %q, want %q", rows, name, cells[i], want)
			}
		}
	}
}

// cellOf is a value of JSON as CSV has it.
func cellOf(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	switch raw[0] {
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			t.Fatal(err)
		}
		return text
	case 'n':
		return ""
	}
	return string(raw)
}

// A file and its manifest over HTTP: the manifest waits for the file, once.
func TestManifestOverHTTP(t *testing.T) {
	t.Parallel()
	s := newLog(t).serve()
	ann := s.signIn(super)
	var out struct{ Ticket, Name, Manifest string }
	s.ask(ann, "export", `{"format":"sqlite"}`, &out)
	waiting := make(chan string)
	go func() {
		_, body := s.send("GET", "/api/v1/download/"+out.Manifest, "", "")
		waiting <- body
	}()
	status, file := s.send("GET", "/api/v1/download/"+out.Ticket, "", "")
	sum := sha256.Sum256([]byte(file))
	var m struct {
		SHA256, File string
		Count        int
	}
	if err := json.Unmarshal([]byte(<-waiting), &m); err != nil || status != 200 || m.SHA256 != hex.EncodeToString(sum[:]) || m.File != out.Name {
		t.Errorf("%d, %d bytes, %+v, %v", status, len(file), m, err)
	}
	if status, body := s.send("GET", "/api/v1/download/"+out.Manifest, "", ""); status != 404 {
		t.Errorf("again: %d %s", status, body)
	}
	// The log keeps the hash.
	if got := s.must("list", "--json", "type:LogExported"); !strings.Contains(got, m.SHA256) {
		t.Errorf("the hash is not in %s", got)
	}
	// Another SQLite than the program's own opens the file.
	path := filepath.Join(t.TempDir(), out.Name)
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	rows := fmt.Sprint(s.sqliteOn(path, "PRAGMA integrity_check", "SELECT count(*) FROM activity"))
	if want := "[[ok] [" + strconv.Itoa(m.Count) + "]]"; rows != want {
		t.Errorf("sqlite3 says %q, want %q", rows, want)
	}
}
