package source

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

const doors = "\ufeffZeitpunkt;Benutzer;Aktion;Objekt;IP-Adresse;Ergebnis;Etage;token\r\n" +
	"23.11.2026 09:15:00;ann;Door opened;\"Server;room\";203.0.113.7;erfolgreich;2;abc\r\n" +
	"23.11.2026 09:16;ben;DoorOpened;Lab;gate 4;abgelehnt;;abc\r\n" +
	"yesterday;ben;DoorOpened;Lab;;;;\r\n" +
	"23.11.2026 09:17:00;ben;DoorOpened\r\n" +
	"23.11.2026 09:18:00;ben;DoorOpened;\"say \"\"hi\"\"\n there\";;odd;1;\r\n"

func TestCSVPreviewSuggestsAndImports(t *testing.T) {
	w := newWorld(t)
	path := w.file("doors.csv", doors)
	p, err := w.ImportPreview(w.ctx, PreviewIn{Handles: w.offer(path)})
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, c := range p.Mapping.Columns {
		fields = append(fields, c.Field)
	}
	want := []string{"occurredAt", "actor", "type", "object.name", "ip", "result", "parameter", "parameter"}
	if p.Format != CSV || !slices.Equal(fields, want) || len(p.Columns) != 8 || !slices.Equal(p.Columns[3].Values, []string{"Server;room", "Lab", "Lab"}) {
		t.Fatalf("%s %v %+v", p.Format, fields, p.Columns)
	}
	if len(p.Items) != 3 || len(p.Rejections) != 2 || p.Rejections[0].Line != 4 || p.Rejections[1].Line != 5 {
		t.Fatalf("%d items, %+v", len(p.Items), p.Rejections)
	}
	if _, err := w.Import(w.ctx, ImportIn{Handles: w.offer(path)}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("without a mapping: %v", err)
	}
	p.Mapping.Zone = "Europe/Berlin"
	in := ImportIn{Handles: w.offer(path), Format: CSV, Mapping: p.Mapping}
	if got := sum(w.imports(in).Report); got != "read 5 new 3 duplicate 0 erased 0 conflicting 0 cut 0 rejected 2" {
		t.Fatal(got)
	}
	in.Handles = w.offer(path)
	if got := sum(w.imports(in).Report); got != "read 5 new 0 duplicate 3 erased 0 conflicting 0 cut 0 rejected 2" {
		t.Error("again:", got)
	}
	rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Query: "source:import:csv", Order: "oldest", Limit: 10})
	if err != nil || len(rows) != 3 {
		t.Fatal(rows, err)
	}
	first, second, third := rows[0].Body, rows[1].Body, rows[2].Body
	if first.Type != "Door-opened" || *first.Actor.Name != "ann" || first.OccurredAt != time.Date(2026, 11, 23, 8, 15, 0, 0, time.UTC).UnixMilli() || first.OffsetMinutes != 60 ||
		*first.IP != "203.0.113.7" || first.Object.Name != "Server;room" || string(first.Parameters) != `{"Etage":"2","token":"***masked***"}` {
		t.Errorf("%+v %s", first, first.Parameters)
	}
	if second.Result != activity.Denied || second.IP != nil || !strings.Contains(string(second.Parameters), `"IP-Adresse":"gate 4"`) {
		t.Errorf("%+v %s", second, second.Parameters)
	}
	if third.Object.Name != "say \"hi\"\n there" || third.Result != activity.OK || !strings.Contains(string(third.Parameters), `"Ergebnis":"odd"`) {
		t.Errorf("%+v %s", third, third.Parameters)
	}
}

func TestTimesOfTables(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text       string
		monthFirst bool
		want       string
	}{
		{"2026-11-23T09:15:00Z", false, "2026-11-23T09:15:00Z"},
		{"2026-11-23T09:15:00.5+05:30", false, "2026-11-23T09:15:00.5+05:30"},
		{"2026-11-23 09:15:00 UTC", false, "2026-11-23T09:15:00Z"},
		{"2026-11-23 09:15:00 CET", false, ""},
		{"2026-11-23 09:15:00", false, "2026-11-23T09:15:00+01:00"},
		{"2026-07-23 09:15", false, "2026-07-23T09:15:00+02:00"},
		{"2026-11-23", false, "2026-11-23T00:00:00+01:00"},
		{"1.2.2026 09:15", false, "2026-02-01T09:15:00+01:00"},
		{"1/2/2026 09:15", false, "2026-02-01T09:15:00+01:00"},
		{"1/2/2026 3:15 PM", true, "2026-01-02T15:15:00+01:00"},
		{"1795392000", false, "2026-11-23T00:00:00Z"},
		{"1795392000123", false, "2026-11-23T00:00:00.123Z"},
		{"13/13/2026", false, ""},
		{"2026", false, ""},
	} {
		got, err := parseTime(tt.text, tt.monthFirst, berlin)
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%s: %s, %v; want %s", tt.text, got, err, tt.want)
		}
	}
}

func TestMappingsThatAreWrong(t *testing.T) {
	w := newWorld(t)
	handles := w.offer(w.file("a.csv", "a,b\n1,2\n"))
	for name, m := range map[string]Mapping{
		"mapping.type":      {},
		"mapping.zone":      {Type: "T", Zone: "Nowhere/At all"},
		"mapping.timeOrder": {Type: "T", TimeOrder: "ymd"},
		"mapping.columns":   {Type: "T", Columns: []MappedColumn{{"a", "actor"}, {"b", "actor"}}},
	} {
		_, err := w.ImportPreview(w.ctx, PreviewIn{Handles: handles, Mapping: &m})
		if got := fault.Public(err); err == nil || got.Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	got := w.imports(ImportIn{Handles: handles, Mapping: &Mapping{Type: "T", Columns: []MappedColumn{{"c", "actor"}}}})
	if got.Report.Rejected != 1 || got.Report.New != 0 || !strings.Contains(got.Report.Rejections[0].Reason, `"c"`) {
		t.Errorf("%+v", got.Report)
	}
}

func TestMappingsAreSavedAndRecorded(t *testing.T) {
	w := newWorld(t)
	m := Mapping{Type: "T", Columns: []MappedColumn{{"a", "actor"}}}
	for range 2 { // the second time nothing changes
		if _, err := w.SaveMapping(w.ctx, SaveMappingIn{Name: "Doors", Mapping: m}); err != nil {
			t.Fatal(err)
		}
	}
	m.Type = "U"
	if _, err := w.SaveMapping(w.ctx, SaveMappingIn{Name: "Doors", Mapping: m}); err != nil {
		t.Fatal(err)
	}
	all, err := w.Mappings(w.ctx, MappingsIn{})
	if err != nil || len(all.Mappings) != 1 || all.Mappings[0].Name != "Doors" || all.Mappings[0].Mapping.Type != "U" {
		t.Fatalf("%+v, %v", all, err)
	}
	if n := w.count("type:ImportMappingSaved object:mapping:Doors"); n != 2 {
		t.Errorf("%d activities say that it was saved, want 2", n)
	}
	if _, err := w.RemoveMapping(w.ctx, RemoveMappingIn{Name: "Doors"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RemoveMapping(w.ctx, RemoveMappingIn{Name: "Doors"}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("again: %v", err)
	}
	rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Query: "type:ImportMappingRemoved", Limit: 1})
	if err != nil || len(rows) != 1 || !json.Valid(rows[0].Body.Changes[0].Old) || string(rows[0].Body.Changes[0].New) != "null" {
		t.Errorf("%+v, %v", rows, err)
	}
	for name, call := range map[string]func(context.Context) error{
		"Mappings": func(ctx context.Context) error { _, err := w.Mappings(ctx, MappingsIn{}); return err },
		"SaveMapping": func(ctx context.Context) error {
			_, err := w.SaveMapping(ctx, SaveMappingIn{Name: "x", Mapping: m})
			return err
		},
		"RemoveMapping": func(ctx context.Context) error {
			_, err := w.RemoveMapping(ctx, RemoveMappingIn{Name: "x"})
			return err
		},
	} {
		if err := call(as(2, access.Admin)); fault.CodeOf(err) != fault.Denied {
			t.Errorf("%s as an admin: %v", name, err)
		}
	}
}

// A table of more columns than anybody has is refused before its headings are compared.
func TestTablesOfTooManyColumns(t *testing.T) {
	w := newWorld(t)
	wide := w.file("wide.csv", strings.Repeat("a,", 60_000)+"a\n1\n")
	_, err := w.ImportPreview(w.ctx, PreviewIn{Handles: w.offer(wide), Format: CSV})
	if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "columns") {
		t.Errorf("preview: %v", err)
	}
	first := w.file("first.csv", "type,actor\nGoalAdded,ann\n")
	columns := Mapping{Columns: []MappedColumn{{Name: "type", Field: "type"}, {Name: "actor", Field: "actor"}}}
	ended := w.imports(ImportIn{Handles: w.offer(first, wide), Format: CSV, Mapping: &columns})
	if ended.Report.New != 1 || ended.Report.Rejected != 1 || !strings.Contains(ended.Report.Rejections[0].Reason, "columns") {
		t.Errorf("import: %s %+v", sum(ended.Report), ended.Report.Rejections)
	}
}
