package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/sqlite"
)

// A world is a log with what exports need.
type world struct {
	*Service
	t    *testing.T
	db   *sqlite.DB
	log  *activity.Service
	jobs *job.Registry

	mu   sync.Mutex
	now  time.Time
	gone bool // every session is over
	role access.Role

	before func() // called whenever the session is asked for
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) still(_ context.Context, p access.Principal) (access.Principal, error) {
	if w.before != nil {
		w.before()
	}
	if w.gone {
		return p, fault.New(fault.Unauthenticated, "The session is over.")
	}
	if w.role != "" {
		p.Role = w.role
	}
	return p, nil
}

func newTestBase(ctx context.Context, path string, columns [][2]string, indexes [][]string) (Base, error) {
	return sqlite.NewBase(ctx, path, columns, indexes)
}

func (w *world) ledger(context.Context) activity.LedgerState {
	s := w.db.State()
	return activity.LedgerState{Size: s.Size, Root: s.Root.String(), Origin: s.Origin}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.UnixMilli(1_795_392_000_000)}
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	w.db, err = sqlite.Open(t.Context(), sqlite.Options{
		Path: filepath.Join(t.TempDir(), "activity.db"), Create: true, Now: w.clock, Tick: make(chan time.Time),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.log = activity.NewService(w.db, cat, activity.Options{
		Now: w.clock, Caller: account.Actor, Language: func(context.Context) string { return "en" },
	})
	w.jobs = job.NewRegistry(w.clock, slog.New(slog.DiscardHandler))
	w.Service = New(Options{
		Log: w.log, Store: w.db, Jobs: w.jobs, Now: w.clock, Still: w.still, Ledger: w.ledger, Version: "1.2.3",
		Base: newTestBase, Dir: filepath.Join(t.TempDir(), "exports"),
	})
	t.Cleanup(func() {
		w.jobs.Close()
		if err := w.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func as(user int64, role access.Role) context.Context {
	return access.With(context.Background(), access.Principal{UserID: user, Login: fmt.Sprintf("user%d", user), Role: role})
}

// fill records n activities of a user, one a second.
func (w *world) fill(user int64, n int) {
	w.t.Helper()
	drafts := make([]activity.Draft, n)
	for i := range drafts {
		at := time.UnixMilli(1_795_000_000_000).Add(time.Duration(i) * time.Second).UTC().Format(time.RFC3339)
		drafts[i] = activity.Draft{Type: "GoalAdded", OccurredAt: &at, Object: &activity.Object{Kind: "goal", ID: fmt.Sprint(i), Name: "=cmd"}}
	}
	results, err := w.log.RecordAll(as(user, access.Write), drafts)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil {
			w.t.Fatal(r.Err)
		}
	}
}

func (w *world) ticket(ctx context.Context, in In) string {
	w.t.Helper()
	out, err := w.Export(ctx, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Ticket
}

// fetch returns the file of a fresh ticket.
func (w *world) fetch(ctx context.Context, in In) string {
	w.t.Helper()
	file, err := w.Redeem(context.Background(), w.ticket(ctx, in))
	if err != nil {
		w.t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := file.Write(context.Background(), &out); err != nil {
		w.t.Fatal(err)
	}
	return out.String()
}

func (w *world) count(ctx context.Context, query string) int64 {
	w.t.Helper()
	c, err := w.log.Count(ctx, activity.CountIn{Query: query, Exact: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return c.N
}

func TestAnExportIsWhatTheQueryShows(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 1203)
	w.fill(2, 10)
	super := as(1, access.Super)
	for _, query := range []string{"", "me", "-me", "type:GoalAdded", "object:goal:5", "type:GoalDeleted", "user:user2 object:goal"} {
		want := w.count(super, query)
		got := strings.Count(w.fetch(super, In{Query: query, Format: NDJSON}), "\n")
		if int64(got) != want {
			t.Errorf("%q: %d lines, %d counted", query, got, want)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(w.fetch(super, In{Query: "type:GoalAdded", Format: CSV}))).ReadAll()
	if err != nil || len(rows) != 1214 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows[2:] {
		if row[1] < rows[i+1][1] {
			t.Fatalf("row %d is older than the one before", i+2)
		}
	}
	if got := rows[1][12]; got != "'=cmd" {
		t.Errorf("the object's name is %q", got)
	}
	var all []line
	if err := json.Unmarshal([]byte(w.fetch(super, In{Query: "user:user2 type:GoalAdded", Format: JSON})), &all); err != nil || len(all) != 10 {
		t.Errorf("%d in the array, %v", len(all), err)
	}
}

func TestAnExportKeepsToTheScope(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 5)
	w.fill(2, 3)
	ann := as(2, access.View)
	for _, query := range []string{"", "user:user1", "object:goal"} {
		for s := range strings.Lines(w.fetch(ann, In{Query: query, Format: NDJSON})) {
			if !strings.Contains(s, `"name":"user2"`) {
				t.Errorf("%q shows %s", query, s)
			}
		}
	}
	if got := strings.Count(w.fetch(ann, In{Query: "type:GoalAdded", Format: NDJSON}), "\n"); got != 3 {
		t.Errorf("%d lines, want 3", got)
	}
	if _, err := w.Export(as(3, access.None), In{Format: CSV}); fault.CodeOf(err) != fault.Denied {
		t.Errorf("without a role: %v", err)
	}
	if _, err := w.Export(context.Background(), In{Format: CSV}); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("as nobody: %v", err)
	}
}

// In no format, and with all columns, anything of others is to be found. As a control,
// a super user's file has it.
func TestEveryFormatKeepsToTheScope(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 40)
	w.fill(2, 3)
	for _, f := range formats {
		for _, chosen := range [][]string{nil, namesOf(columns)} {
			in := In{Format: f.name, Columns: chosen}
			if got := w.fetch(as(2, access.View), in); strings.Contains(got, "user1") || !strings.Contains(got, "user2") {
				t.Errorf("%s: somebody else's activity in %d bytes", f.name, len(got))
			}
			if got := w.fetch(as(1, access.Super), in); !strings.Contains(got, "user1") || !strings.Contains(got, "user2") {
				t.Errorf("%s: the control misses something", f.name)
			}
		}
	}
}

func TestTickets(t *testing.T) {
	w := newWorld(t)
	super := as(1, access.Super)
	redeem := func(id string) fault.Code {
		_, err := w.Redeem(context.Background(), id)
		return fault.CodeOf(err)
	}
	id := w.ticket(super, In{Format: CSV})
	if got := []fault.Code{redeem(id), redeem(id), redeem("x"), redeem("")}; fmt.Sprint(got) != "[ not_found not_found not_found]" {
		t.Errorf("once, again, others: %q", got)
	}
	id = w.ticket(super, In{Format: CSV})
	w.pass(TicketLife)
	if got := redeem(id); got != fault.NotFound {
		t.Errorf("after a minute: %q", got)
	}
	id = w.ticket(super, In{Format: CSV})
	w.gone = true
	if got := redeem(id); got != fault.Unauthenticated {
		t.Errorf("after the session: %q", got)
	}
	w.gone = false
	if got := redeem(id); got != fault.NotFound {
		t.Errorf("the refused ticket is still good: %q", got)
	}
	id = w.ticket(super, In{Format: CSV})
	w.role = access.View
	if got := redeem(id); got != fault.Unauthenticated {
		t.Errorf("with another role: %q", got)
	}
	for field, in := range map[string]In{
		"format": {Format: "xml"}, "query": {Format: CSV, Query: "nonsense:x"}, "zone": {Format: CSV, Zone: "Mars"},
		"columns": {Format: CSV, Columns: []string{"password"}},
	} {
		if _, err := w.Export(super, in); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != field {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

// One user's unused tickets must not keep the others from exporting.
func TestTicketsAreBounded(t *testing.T) {
	w := newWorld(t)
	greedy, other := as(2, access.View), as(3, access.View)
	for range maxOwn {
		w.ticket(greedy, In{Format: CSV})
	}
	if _, err := w.Export(greedy, In{Format: CSV}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("one more: %v", err)
	}
	w.ticket(other, In{Format: CSV})
	w.pass(TicketLife)
	w.ticket(greedy, In{Format: CSV})
}

func TestExportsAreRecorded(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 4)
	super := as(1, access.Super)
	w.fetch(super, In{Query: "type:GoalAdded", Format: CSV})
	file, err := w.Redeem(super, w.ticket(super, In{Query: "type:GoalAdded", Format: CSV}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(super, broken{}); err == nil {
		t.Error("a broken connection is no error")
	}
	rows, _, err := w.log.Rows(super, activity.ListIn{Query: "type:LogExported"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		var p said
		if err := json.Unmarshal(row.Body.Parameters, &p); err != nil || p.Query != "type:GoalAdded" || p.Format != CSV {
			t.Errorf("%s, %v", row.Body.Parameters, err)
		}
		got = append(got, fmt.Sprintf("%s %d %v %s", p.Phase, p.Count, p.Complete, row.Body.Result))
	}
	want := "[cut off 4 false failed started 4 false ok finished 4 true ok started 4 false ok]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// Formats and columns stand in docs/formats.md, each in its table.
func TestFormatsAndColumnsAreDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(data), "\n## Exports\n")
	if !found {
		t.Fatal("docs/formats.md has no exports")
	}
	for _, c := range columns {
		if !strings.Contains(text, "\n| `"+c.name+"` |") {
			t.Errorf("the column %s is missing", c.name)
		}
	}
	for _, f := range formats {
		if !strings.Contains(text, "\n| `"+f.name+"` |") {
			t.Errorf("the format %s is missing", f.name)
		}
	}
}

// Whoever loses their session or role while a file is written gets no more of it.
func TestAnExportEndsWithTheSession(t *testing.T) {
	for name, end := range map[string]func(*world){
		"session over": func(w *world) { w.gone = true },
		"other role":   func(w *world) { w.role = access.View },
		"nothing":      func(*world) {},
	} {
		w := newWorld(t)
		w.fill(1, 2*activity.MaxLimit)
		super := as(1, access.Super)
		file, err := w.Redeem(super, w.ticket(super, In{Query: "type:GoalAdded", Format: NDJSON}))
		if err != nil {
			t.Fatal(err)
		}
		out := &watched{first: func() { end(w) }}
		_, err = file.Write(super, out)
		if over := name != "nothing"; over != (fault.CodeOf(err) == fault.Unauthenticated) || over == (out.lines == 2*activity.MaxLimit) {
			t.Errorf("%s: %d lines, %v", name, out.lines, err)
		}
	}
}

// Stopped in the middle (Ctrl-C, a browser that leaves), an export says that and is no
// fault of the program's.
func TestAnExportThatIsStopped(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 2*activity.MaxLimit)
	super, stop := context.WithCancel(as(1, access.Super))
	file, err := w.Redeem(super, w.ticket(super, In{Query: "type:GoalAdded", Format: NDJSON}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(super, &watched{first: stop}); fault.CodeOf(err) != fault.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if n := w.count(as(1, access.Super), `type:LogExported "cut off"`); n != 1 {
		t.Errorf("%d LogExported say so", n)
	}
}

// watched tells of the first bytes that are written.
type watched struct {
	first func()
	lines int
}

func (w *watched) Write(p []byte) (int, error) {
	w.first()
	w.lines += bytes.Count(p, []byte("\n"))
	return len(p), nil
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }
