package source

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/job"
)

// newReader reads as files are read.
func newReader(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, headSize) }

var update = flag.Bool("update", false, "rewrite the goldens")

// matomoDumpFile holds a row of each type that Matomo's plugins record, between other
// tables.
const matomoDumpFile = "testdata/matomo.sql"

// ours are plugins whose types Matomo does not have.
var ours = []string{"ActivityLog", "CommandLine", "Git"}

// sentencesOf are the lines "type: actor sentence | site | object | result" of a log.
func sentencesOf(t *testing.T, w *world, query string) []string {
	t.Helper()
	rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Query: query, Order: "oldest", Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, row := range rows {
		a := w.log.ViewBody(w.ctx, row.Body)
		line := a.Type + ": " + a.Actor.Name
		var b strings.Builder
		for _, part := range a.Sentence {
			b.WriteString(part.Text)
		}
		line += " " + b.String()
		if a.Site != nil {
			line += " | " + a.Site.Name
		}
		if a.Object != nil {
			line += fmt.Sprintf(" | %s %s", a.Object.Kind, a.Object.ID)
		}
		lines = append(lines, line+" | "+a.Result)
	}
	return lines
}

func TestMatomoDumpReadsAsOnMatomo(t *testing.T) {
	w := newWorld(t)
	got := w.imports(ImportIn{Handles: w.offer(matomoDumpFile)})
	if got.State != job.StateDone || got.Report.Rejected != 0 || got.Report.New != got.Report.Read || got.Report.Skipped != 3 || got.Report.Source != "import:matomo/main" {
		t.Fatalf("%s %s skipped %d %+v", got.State, sum(got.Report), got.Report.Skipped, got.Report.Rejections)
	}
	lines := sentencesOf(t, w, "source:import:matomo")
	have := strings.Join(lines, "\n") + "\n"
	golden := "testdata/matomo.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(have), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || have != string(want) {
		t.Errorf("the sentences differ from %s (-update rewrites it), %v:\n%s", golden, err, have)
	}
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range cat.Types() {
		own := slices.Contains(ours, typ.Plugin) || strings.HasPrefix(typ.ID, "Token") || strings.HasPrefix(typ.ID, "Widget")
		if has := strings.Contains(have, typ.ID+": "); has == own {
			t.Errorf("%s of %s is in the dump: %v", typ.ID, typ.Plugin, has)
		}
	}
	if n := w.count("t0ps3cr3t"); n != 0 {
		t.Error("a secret is stored")
	}
	again := w.imports(ImportIn{Handles: w.offer(matomoDumpFile)})
	if again.Report.New != 0 || again.Report.Duplicate != got.Report.New {
		t.Errorf("again: %s", sum(again.Report))
	}
}

// asTable writes the rows of the dump as CSV in one of the forms that are about.
func asTable(t *testing.T, comma rune, mysql bool) string {
	t.Helper()
	file, err := os.Open(matomoDumpFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	d := newDump(newReader(file), MaxRecord, isMatomoTable)
	records := [][]string{matomoColumns}
	for {
		row, err := d.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var record []string
		for _, v := range row.values {
			if v.null {
				v.text = "NULL"
			}
			record = append(record, v.text)
		}
		records = append(records, record)
	}
	var out bytes.Buffer
	if mysql {
		for _, record := range records[1:] {
			for i, field := range record {
				if i > 0 {
					out.WriteRune(comma)
				}
				if field == "NULL" {
					out.WriteString(`\N`)
					continue
				}
				out.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(field) + `"`)
			}
			out.WriteByte('\n')
		}
		return out.String()
	}
	table := csv.NewWriter(&out)
	table.Comma = comma
	if err := table.WriteAll(records); err != nil {
		t.Fatal(err)
	}
	return "\ufeff" + out.String()
}

func TestMatomoTablesAreTheSameRows(t *testing.T) {
	w := newWorld(t)
	first := w.imports(ImportIn{Handles: w.offer(matomoDumpFile)})
	for name, content := range map[string]string{
		"comma.csv": asTable(t, ',', false), "semicolon.csv": asTable(t, ';', false), "tab.tsv": asTable(t, '\t', false), "outfile.csv": asTable(t, ',', true),
	} {
		format := Auto
		if name == "outfile.csv" {
			format = Matomo // without a heading
		}
		got := w.imports(ImportIn{Handles: w.offer(w.file(name, content)), Format: format})
		if got.Report.Duplicate != first.Report.New || got.Report.New+got.Report.Rejected+got.Report.Conflicting != 0 {
			t.Errorf("%s: %s %+v %+v", name, sum(got.Report), got.Report.Rejections, got.Report.Conflicts)
		}
	}
}

func TestMatomoRowsThatAreDamaged(t *testing.T) {
	const good = `(1,'ann','UserLoggedIn','N;','2026-11-20 09:15:00',NULL,NULL)`
	for _, tt := range []struct {
		name, rows, want string
		line             int64
		good             int64
	}{
		{"too few values", good + ",\n(2,'ann','x'),\n" + strings.Replace(good, "1", "3", 1), "It has 3 values for 7 columns.", 2, 2},
		{"no time", good + ",(2,'ann','x','','0000-00-00 00:00:00','','')", `Row 2: "0000-00-00 00:00:00" is no time like 2026-11-20 09:15:00.`, 1, 1},
		{"no type", "(2,'ann','','','2026-11-20 09:15:00','','')", "Row 2: it has no type.", 1, 0},
		{"no id", "('x','ann','T','','2026-11-20 09:15:00','','')", `"x" is no id of a row.`, 1, 0},
		{"a word", good + ",(2,ann,'T','','2026-11-20 09:15:00','','')," + strings.Replace(good, "1", "3", 1), `Row 2: "ann" is no value that is read.`, 1, 2},
		{"half a byte", "(2,'ann','T',0x123,'2026-11-20 09:15:00','','')", "Row 2: a hexadecimal value has a digit that is none, or half a byte.", 1, 0},
		{"a quote missing", "(2,'ann','T,'','2026-11-20 09:15:00','','');\nINSERT INTO matomo_activity_log VALUES " + good, `Row 2: after its value 3 stands`, 1, 1},
		{"damaged parameters", `(2,'ann','T','a:1:{s:3:\"ab\";i:1;}','2026-11-20 09:15:00','','')`, "Row 2: its PHP-serialised value is damaged at byte 10", 1, 0},
		{"cut off", good + ",\n(2,'ann','T", "Row 2: the file ends in the middle of it.", 2, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			end := ";\n"
			if tt.name == "cut off" {
				end = ""
			}
			got := w.imports(ImportIn{Handles: w.offer(w.file("dump.sql", "INSERT INTO matomo_activity_log VALUES "+tt.rows+end))})
			if got.Report == nil || len(got.Report.Rejections) == 0 {
				t.Fatalf("%+v", got)
			}
			if r := got.Report.Rejections[0]; got.Report.New != tt.good || !strings.HasPrefix(r.Reason, tt.want) || r.Line != tt.line {
				t.Errorf("%s, %+v", sum(got.Report), got.Report.Rejections)
			}
		})
	}
}

func TestMatomoDumpForms(t *testing.T) {
	for _, tt := range []struct{ name, sql, want string }{
		{"named columns in another order", "REPLACE INTO `db`.`piwik_activity_log` (`id`, ip, `type`, `ts_created`, `user_login`) VALUES (7,'203.0.113.9','GoalAdded','2026-11-20 09:15:00.25','ann') ON DUPLICATE KEY UPDATE id = (id);", "GoalAdded ann 203.0.113.9"},
		{"bare names", "insert ignore into activity_log (id,user_login,type,ts_created) values (7,'ann','GoalAdded','2026-11-20 09:15:00');", "GoalAdded ann"},
		{"bytes of an address", "INSERT INTO x_activity_log VALUES (7,'ann','GoalAdded',X'4E3B','2026-11-20 09:15:00',NULL,0xCB007109);", "GoalAdded ann 203.0.113.9"},
		{"a class", "INSERT INTO x_activity_log VALUES (7,'ann','Piwik\\\\Plugins\\\\Goals\\\\Activity\\\\GoalAdded','','2026-11-20 09:15:00','','');", "GoalAdded ann"},
		{"another plugin's class", "INSERT INTO x_activity_log VALUES (7,'ann','Piwik\\\\Plugins\\\\Shop\\\\Activity\\\\OrderPaid','','2026-11-20 09:15:00','','');", "Shop/OrderPaid ann"},
		{"another plugin's type of the same name", "INSERT INTO x_activity_log VALUES (7,'ann','Shop/GoalAdded','','2026-11-20 09:15:00','','');", "Shop/GoalAdded ann"},
		{"nobody", "INSERT INTO x_activity_log VALUES (7,'','GoalAdded','','2026-11-20 09:15:00','','');", "GoalAdded anonymous"},
		{"escapes", `INSERT INTO x_activity_log VALUES (7,'a\'n''n\\','GoalAdded','','2026-11-20 09:15:00','','');`, `GoalAdded a'n'n\`},
	} {
		w := newWorld(t)
		got, err := w.ImportPreview(w.ctx, PreviewIn{Handles: w.offer(w.file("d.sql", tt.sql))})
		if err != nil || len(got.Items) != 1 || got.Read != 1 {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
			continue
		}
		have := got.Items[0].Type + " " + got.Items[0].Actor.Name
		if ip := got.Items[0].IP; ip != nil {
			have += " " + *ip
		}
		if have != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, have, tt.want)
		}
	}
}

func TestMatomoDumpWithoutTheTable(t *testing.T) {
	w := newWorld(t)
	got := w.imports(ImportIn{Handles: w.offer(w.file("d.sql", "INSERT INTO `matomo_user` VALUES (1,'a'),(2,'b');\n"))})
	if got.Report.Rejected != 1 || got.Report.Skipped != 2 || !strings.Contains(got.Report.Rejections[0].Reason, "no table") {
		t.Errorf("%+v", got.Report)
	}
}

func TestMatomoSites(t *testing.T) {
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for parameters, want := range map[string]string{
		`{"site": {"site_id": "3", "site_name": "Shop"}}`: "Shop", `{"site": {"site_id": 3}}`: "site 3", `{"idSite": "3", "siteName": "Shop"}`: "Shop",
		`{"idsite": 3}`: "site 3", `{"site": "Shop"}`: "Shop", `{"site": 3}`: "site 3", `{"idSite": "all"}`: "", `{}`: "",
	} {
		r, err := matomoRow{id: "1", typ: "GoalAdded", at: "2026-11-20 09:15:00", parameters: parameters}.record(cat)
		got := ""
		if r.Site != nil {
			got = r.Site.Name
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", parameters, got, err, want)
		}
	}
}

// FuzzDump: whatever stands in a file, reading it ends, and each row has a place.
func FuzzDump(f *testing.F) {
	cat, err := catalog.Load()
	if err != nil {
		f.Fatal(err)
	}
	if whole, err := os.ReadFile(filepath.FromSlash(matomoDumpFile)); err == nil {
		f.Add(whole[:2000])
	}
	f.Add([]byte("INSERT INTO activity_log VALUES (1,'a''b\\'',NULL,0x41,X'42',_binary 'c',1.5e3);"))
	f.Add([]byte("DELIMITER ;;\nfoo;;\nDELIMITER ;\nCREATE TABLE a_activity_log (`id` int, KEY (`id`)); -- x\n/* y */"))
	f.Fuzz(func(t *testing.T, in []byte) {
		for name, begin := range map[string]rows{
			"sql":             &matomoDump{dump: newDump(newReader(bytes.NewReader(in)), 1000, isMatomoTable), catalog: cat},
			"csv":             &matomoTableRows{cells: newCells(newReader(bytes.NewReader(in)), 1000, true), catalog: cat},
			"csv of anything": &csvRows{cells: newCells(newReader(bytes.NewReader(in)), 1000, false), mapping: compiled(Mapping{Type: "T"})},
		} {
			for n := 0; ; n++ {
				record, err := begin.next()
				bad, rejected := errors.AsType[*RejectedError](err)
				if err != nil && !rejected {
					break
				}
				if n > len(in)+2 || err == nil && record.Line < 1 || rejected && bad.Line < 1 {
					t.Fatalf("%s: record %s, %+v, %v", name, strconv.Itoa(n), record, err)
				}
			}
		}
	})
}
