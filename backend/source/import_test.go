package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

const drafts = `{"type": "GoalAdded", "actor": "ann", "occurredAt": "2026-11-01T10:00:00Z", "externalId": "a", "object": {"kind": "goal", "id": "7", "name": "Sign-up"}}
{"type": "GoalChanged", "actor": "ann", "occurredAt": "2026-11-02T10:00:00Z", "site": "Shop"}
{"type": "GoalChanged", "actor": "ann", "occurredAt": "2026-11-02T10:00:00Z", "site": "Shop"}
{"type": "GoalDeleted", "oops": 1}
{"type": "GoalDeleted", "actor": "ann", "occurredAt": "2026-11-03T10:00:00Z", "parameters": {"password": "s3cr3t"}}
`

func TestImportDrafts(t *testing.T) {
	w := newWorld(t)
	path := w.file("drafts.ndjson", drafts)
	first := w.imports(ImportIn{Handles: w.offer(path)})
	if got := sum(first.Report); first.State != job.StateDone || got != "read 5 new 4 duplicate 0 erased 0 conflicting 0 cut 0 rejected 1" {
		t.Fatalf("%s, %s, error %+v", first.State, got, first.Error)
	}
	want := []job.Rejected{{File: "drafts.ndjson", Line: 4, Reason: first.Report.Rejections[0].Reason}}
	if !slices.Equal(first.Report.Rejections, want) || !strings.Contains(want[0].Reason, `"oops"`) {
		t.Errorf("rejections %+v", first.Report.Rejections)
	}
	if *first.Report.Oldest != 1793527200000 || *first.Report.Newest != 1793700000000 || first.Report.Source != "import:ndjson/main" {
		t.Errorf("report %+v", first.Report)
	}
	if *first.Total != int64(len(drafts)) || first.Done != *first.Total {
		t.Errorf("done %d of %d bytes", first.Done, *first.Total)
	}
	again := w.imports(ImportIn{Handles: w.offer(path)})
	if got := sum(again.Report); got != "read 5 new 0 duplicate 4 erased 0 conflicting 0 cut 0 rejected 1" {
		t.Errorf("again: %s", got)
	}
	other := w.imports(ImportIn{Handles: w.offer(path), Name: "second"})
	if got := sum(other.Report); got != "read 5 new 4 duplicate 0 erased 0 conflicting 0 cut 0 rejected 1" {
		t.Errorf("as another source: %s", got)
	}
	for query, n := range map[string]int64{"source:import:ndjson": 8, "source:import:ndjson/main": 4, "s3cr3t": 0, "type:LogImported": 3, "site:Shop": 4} {
		if got := w.count(query); got != n {
			t.Errorf("count %s = %d, want %d", query, got, n)
		}
	}
}

func TestImportIsRecorded(t *testing.T) {
	w := newWorld(t)
	w.imports(ImportIn{Handles: w.offer(w.file("drafts.ndjson", drafts))})
	rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Query: "type:LogImported"})
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	b := rows[0].Body
	if *b.Actor.Name != "user1" || b.Source != "self" || b.Object.Name != "import:ndjson/main" {
		t.Errorf("%+v", b)
	}
	var p importParameters
	if err := json.Unmarshal(b.Parameters, &p); err != nil || p.New != 4 || p.Rejected != 1 || p.State != "done" || !slices.Equal(p.Files, []string{"drafts.ndjson"}) {
		t.Errorf("parameters %s, %v", b.Parameters, err)
	}
	var state, report string
	if err := w.db.Read().QueryRowContext(w.ctx, "SELECT state, report FROM batch WHERE finished_at IS NOT NULL").Scan(&state, &report); err != nil || state != "done" || !strings.Contains(report, `"new":4`) {
		t.Errorf("batch %s %s, %v", state, report, err)
	}
	if got := w.count("batch:1"); got != 4 {
		t.Errorf("batch:1 has %d activities", got)
	}
}

func TestImportReportsConflicts(t *testing.T) {
	w := newWorld(t)
	line := `{"type": "GoalAdded", "externalId": "a", "occurredAt": "2026-11-01T10:00:00Z", "object": {"kind": "goal", "id": "%d"}}` + "\n"
	w.imports(ImportIn{Handles: w.offer(w.file("a.ndjson", fmt.Sprintf(line, 1)))})
	got := w.imports(ImportIn{Handles: w.offer(w.file("b.ndjson", fmt.Sprintf(line+line, 1, 2)))})
	if s := sum(got.Report); s != "read 2 new 0 duplicate 1 erased 0 conflicting 1 cut 0 rejected 0" {
		t.Fatal(s)
	}
	if c := got.Report.Conflicts; len(c) != 1 || c[0].Line != 2 || c[0].File != "b.ndjson" {
		t.Errorf("conflicts %+v", c)
	}
}

func TestImportCutsWhatIsTooLarge(t *testing.T) {
	w := newWorld(t)
	big := `{"type": "GoalAdded", "occurredAt": "2026-11-01T10:00:00Z", "parameters": {"text": "` + strings.Repeat("x", 100_000) + `"}}`
	deep := `{"type": "GoalAdded", "occurredAt": "2026-11-02T10:00:00Z", "parameters": {"a": ` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}}`
	path := w.file("big.ndjson", big+"\n"+deep+"\n")
	got := w.imports(ImportIn{Handles: w.offer(path)})
	if s := sum(got.Report); s != "read 2 new 2 duplicate 0 erased 0 conflicting 0 cut 2 rejected 0" {
		t.Fatal(s, got.Report.Rejections)
	}
	if s := sum(w.imports(ImportIn{Handles: w.offer(path)}).Report); s != "read 2 new 0 duplicate 2 erased 0 conflicting 0 cut 0 rejected 0" {
		t.Error("again:", s)
	}
}

func TestImportSampleLogs(t *testing.T) {
	files := sampleFiles(t)
	w := newWorld(t)
	first := w.imports(ImportIn{Handles: w.offer(files...)})
	if got := sum(first.Report); got != "read 3210 new 3210 duplicate 0 erased 0 conflicting 0 cut 0 rejected 0" {
		t.Fatal(got, first.Report.Rejections, first.Error)
	}
	second := w.imports(ImportIn{Handles: w.offer(files...)})
	if got := sum(second.Report); got != "read 3210 new 0 duplicate 3210 erased 0 conflicting 0 cut 0 rejected 0" {
		t.Fatal(got, second.Report.Conflicts)
	}
	for query, n := range map[string]int64{"source:import:cloudtrail": 3210, "result:denied": 111, "result:failed": 241} {
		if got := w.count(query); got != n {
			t.Errorf("count %s = %d, want %d", query, got, n)
		}
	}
	var leaks, masked, kept int
	row := w.db.Read().QueryRowContext(w.ctx, `SELECT
		(SELECT count(*) FROM activity WHERE CAST(body AS TEXT) LIKE '%"sessionToken":"%' AND CAST(body AS TEXT) NOT LIKE '%"sessionToken":"***masked***"%'),
		(SELECT count(*) FROM activity WHERE CAST(body AS TEXT) LIKE '%"sessionToken":"***masked***"%' OR CAST(body AS TEXT) LIKE '%"masterUserPassword":"***masked***"%'),
		(SELECT count(*) FROM activity WHERE CAST(body AS TEXT) LIKE '%"secretId":"%' AND CAST(body AS TEXT) NOT LIKE '%"secretId":"***masked***"%')`)
	if err := row.Scan(&leaks, &masked, &kept); err != nil || leaks != 0 || masked == 0 || kept == 0 {
		t.Errorf("leaks %d, masked %d, kept %d, %v", leaks, masked, kept, err)
	}
}

func TestImportGitHistory(t *testing.T) {
	r := newRepo(t)
	r.history()
	w := newWorld(t)
	first := w.imports(ImportIn{Handles: w.offer(r.dir)})
	if got := sum(first.Report); got != "read 15 new 15 duplicate 0 erased 0 conflicting 0 cut 0 rejected 0" || first.Report.Source != "import:git/shop" {
		t.Fatal(got, first.Report, first.Error)
	}
	if got := sum(w.imports(ImportIn{Handles: w.offer(r.dir), Format: Git}).Report); got != "read 15 new 0 duplicate 15 erased 0 conflicting 0 cut 0 rejected 0" {
		t.Error(got)
	}
	for query, n := range map[string]int64{"type:CommitCreated": 7, "type:FileCreated": 5, "site:shop": 15, `actor:"Ann Lee"`: 15} {
		if got := w.count(query); got != n {
			t.Errorf("count %s = %d, want %d", query, got, n)
		}
	}
}

func TestImportCompressedAndMixedFiles(t *testing.T) {
	w := newWorld(t)
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	if _, err := zip.Write([]byte(`{"Records":[` + with("") + `]}`)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	whole := w.file("a.json.gz", zipped.String())
	half := w.file("b.json.gz", zipped.String()[:zipped.Len()-12])
	lines := w.file("c.json", "\xef\xbb\xbf"+strings.Replace(with(""), `"e1"`, `"e2"`, 1)+"\n")
	got := w.imports(ImportIn{Handles: w.offer(whole, half, lines), Format: CloudTrail})
	if s := sum(got.Report); s != "read 4 new 2 duplicate 1 erased 0 conflicting 0 cut 0 rejected 1" && s != "read 3 new 2 duplicate 0 erased 0 conflicting 0 cut 0 rejected 1" {
		t.Errorf("%s, %+v", s, got.Report.Rejections)
	}
	if got.Report.Rejected != 1 || got.Report.Rejections[0].File != "b.json.gz" {
		t.Errorf("rejections %+v", got.Report.Rejections)
	}
	if _, err := w.Import(w.ctx, ImportIn{Handles: w.offer(lines, w.file("d.ndjson", drafts))}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("two formats at once: %v", err)
	}
}

// cancelling is a store during whose first slice the job is cancelled.
type cancelling struct {
	Store
	cancel func()
	once   sync.Once
}

func (c *cancelling) AppendBatch(ctx context.Context, batch int64, bodies []activity.Body) ([]activity.Appended, error) {
	c.once.Do(c.cancel)
	return c.Store.AppendBatch(ctx, batch, bodies)
}

func TestImportCancelled(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	for i := range sliceRows + 100 {
		fmt.Fprintf(&b, `{"type":"GoalAdded","actor":"ann","occurredAt":"2026-11-01T10:00:00Z","externalId":"%d"}`+"\n", i)
	}
	path := w.file("many.ndjson", b.String())
	w.store = &cancelling{Store: w.db, cancel: func() {
		if _, err := w.jobs.CancelJob(w.ctx, job.CancelIn{ID: "1"}); err != nil {
			t.Error(err)
		}
	}}
	ended := w.imports(ImportIn{Handles: w.offer(path)})
	if ended.State != job.StateCancelled || ended.Report.New != sliceRows || ended.Report.Read != sliceRows {
		t.Fatalf("%s: %s", ended.State, sum(ended.Report))
	}
	if got := w.count("source:import:ndjson"); got != ended.Report.New {
		t.Errorf("%d are stored, %d reported", got, ended.Report.New)
	}
	if got := w.count(`type:LogImported cancelled`); got != 1 {
		t.Errorf("%d LogImported say so", got)
	}
	again := w.imports(ImportIn{Handles: w.offer(path)})
	if again.Report.New != 100 || again.Report.Duplicate != sliceRows {
		t.Errorf("again: %s", sum(again.Report))
	}
}

// held is a store that another process holds for some slices' time.
type held struct {
	Store
	tries int
}

func (h *held) AppendBatch(ctx context.Context, batch int64, bodies []activity.Body) ([]activity.Appended, error) {
	if h.tries--; h.tries >= 0 {
		return nil, fault.Wrap(activity.ErrBusy, fault.Unavailable, "Another program holds the database.")
	}
	return h.Store.AppendBatch(ctx, batch, bodies)
}

// Another process that holds the log for a while does not end an import, one that
// holds it for ever does.
func TestImportWaitsForTheLog(t *testing.T) {
	for tries, state := range map[int]string{3: job.StateDone, 1000: job.StateFailed} {
		w := newWorld(t)
		w.store = &held{Store: w.db, tries: tries}
		ended := w.imports(ImportIn{Handles: w.offer(w.file("drafts.ndjson", drafts))})
		if ended.State != state || state == job.StateDone && ended.Report.New == 0 {
			t.Errorf("held %d times: %s, %s", tries, ended.State, sum(ended.Report))
		}
	}
}

func TestPreviewWritesNothing(t *testing.T) {
	w := newWorld(t)
	before := w.count("")
	p, err := w.ImportPreview(w.ctx, PreviewIn{Handles: w.offer(w.file("drafts.ndjson", drafts))})
	if err != nil {
		t.Fatal(err)
	}
	if p.Format != NDJSON || p.Source != "import:ndjson/main" || p.Read != 5 || len(p.Items) != 4 || len(p.Rejections) != 1 || p.Rejections[0].Line != 4 {
		t.Errorf("%+v", p)
	}
	if a := p.Items[0]; a.ID != "" || a.Actor.Name != "ann" || a.Actor.Source != "import:ndjson/main" || len(a.Sentence) == 0 {
		t.Errorf("%+v", a)
	}
	if after := w.count(""); after != before {
		t.Errorf("%d activities before, %d after", before, after)
	}
}

func TestWhatCannotBeImported(t *testing.T) {
	w := newWorld(t)
	good := w.file("a.ndjson", drafts)
	tests := []struct {
		name, field string
		in          ImportIn
	}{
		{"no handles", "handles", ImportIn{}},
		{"a format that is none", "format", ImportIn{Handles: w.offer(good), Format: "xml"}},
		{"content that is none", "format", ImportIn{Handles: w.offer(w.file("x", "hello\n"))}},
		{"an empty file", "format", ImportIn{Handles: w.offer(w.file("x", ""))}},
		{"a file as git", "format", ImportIn{Handles: w.offer(good), Format: Git}},
		{"a folder as drafts", "format", ImportIn{Handles: w.offer(t.TempDir()), Format: NDJSON}},
		{"a folder that is no repository", "handles", ImportIn{Handles: w.offer(t.TempDir())}},
		{"a name with a space", "name", ImportIn{Handles: w.offer(good), Name: "a b"}},
		{"a name with a slash", "name", ImportIn{Handles: w.offer(good), Name: "a/b"}},
	}
	for _, tt := range tests {
		_, err := w.Import(w.ctx, tt.in)
		if fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != tt.field {
			t.Errorf("%s: %v blames %q, want %q", tt.name, err, fault.Public(err).Field, tt.field)
		}
	}
	if _, err := w.Offer(w.ctx, []string{filepath.Join(t.TempDir(), "absent")}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("an absent file: %v", err)
	}
}

// A reason quotes what is wrong, but not all of it: a report holds a hundred of them.
func TestReasonsStayShort(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("x", 1<<20)
	var lines strings.Builder
	for _, draft := range []string{
		`{"type":"X","` + long + `":1}`, `{"type":"X","ip":"1","ip":"2"}`, `{"type":"X","` + long + `":1,"` + long + `":1}`,
		`{"type":"X","actor":{"` + long + `":1}}`, `{"type":"X","actor":{"kind":"` + long + `","name":"a"}}`,
		`{"type":"X","occurredAt":"` + long + `"}`, `{"type":"X","result":"` + long + `"}`, `{"type":"X","ip":"` + long + `"}`,
		`{"type":"X","site":"` + long + `"}`, `{"type":"` + long + `"}`, `{"type":"X","changes":[{"` + long + `":1}]}`, `{"type":"X"} ` + long,
	} {
		lines.WriteString(draft + "\n")
	}
	report := w.imports(ImportIn{Handles: w.offer(w.file("long.ndjson", lines.String())), Format: NDJSON}).Report
	if report.Rejected != 12 {
		t.Error(sum(report))
	}
	for _, r := range report.Rejections {
		if len(r.Reason) > 500 {
			t.Errorf("line %d: a reason of %d bytes: %.100s", r.Line, len(r.Reason), r.Reason)
		}
	}
}

// A record that meets a bug ends its import, not the program.
func TestABugEndsTheImportOnly(t *testing.T) {
	w := newWorld(t)
	sl := w.readSlice(w.ctx, buggy{}, w.preparer(access.From(w.ctx), "import:ndjson/main"))
	if sl.err == nil || !strings.Contains(sl.err.Error(), "a bug") {
		t.Errorf("%v", sl.err)
	}
}

type buggy struct{ Reader }

func (buggy) Next() (Record, error) { panic("a bug") }
