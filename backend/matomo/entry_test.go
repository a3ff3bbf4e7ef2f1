package matomo

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"activitylog/backend/activity"
)

func anEntry() (activity.Activity, activity.Stored) {
	a := activity.Activity{
		ID: "42", OccurredAt: time.Date(2026, 11, 20, 9, 15, 0, 250e6, time.UTC).UnixMilli(), OffsetMinutes: 60,
		Type: "GoalAdded", TypeLabel: "Goal added", Category: "goals", CategoryLabel: "Goals", Result: "ok", Source: "self",
		Actor: activity.Actor{Kind: "user", Name: "alice", Label: "Alice"}, IP: new("127.0.0.1"),
		Object: &activity.Object{Kind: "goal", ID: "7", Name: "Newsletter sign-up"},
		Site:   &activity.SiteRef{ID: new("3"), Kind: "website", Name: "Shop & Co"},
		Sentence: []activity.Part{
			{Kind: "text", Text: "added the goal \""}, {Kind: "object", Text: "Newsletter sign-up"}, {Kind: "text", Text: "\""},
		},
		Parameters: json.RawMessage(`{"goal":{"id":"7","name":"Newsletter sign-up"},"revenue":2.50}`),
		Changes:    []activity.Change{{Field: "name", Old: json.RawMessage("null"), New: json.RawMessage(`"Newsletter sign-up"`)}},
	}
	return a, activity.Stored{Seq: 41}
}

// An entry as it goes out: nested where a format can, JSON in cells where it cannot.
func TestEntry(t *testing.T) {
	a, row := anEntry()
	plain, _ := anEntry()
	plain.IP, plain.Object, plain.Site, plain.Changes, plain.Parameters = nil, nil, nil, []activity.Change{}, json.RawMessage(`{"site":"own"}`)
	var b bytes.Buffer
	for _, table := range []bool{false, true} {
		out := renderer(jsonFormat{})
		if table {
			out = csv{separator: ','}
		}
		if err := write(t.Context(), out, &b, List{entry(a, row, table), entry(plain, row, table)}); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n\n")
	}
	golden(t, "entry", b.String())
}

func TestUserLogin(t *testing.T) {
	a, row := anEntry()
	if got := userLogin(a, row); got != "alice" {
		t.Errorf("unlinked: %s", got)
	}
	row.ActorLogin = "al"
	if got := userLogin(a, row); got != "al" {
		t.Errorf("linked: %s", got)
	}
}

// No cell of an entry breaks a line, or begins what a spreadsheet runs.
func TestCell(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "two\nlines": "two lines", "a\u2028b\r\nc\td": "a b  c d", "  =1": "=1", "＝1+1": "'＝1+1", "\u200b=1": "'\u200b=1", "\u200bx": "\u200bx", "": "", "\n": "",
	} {
		if got := cell(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	var b bytes.Buffer
	if err := write(t.Context(), csv{separator: ','}, &b, List{Map{{"a", cell("\n\t =1+1")}}}); err != nil || b.String() != "a\n'=1+1" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

// The wire names stand in one table, each once.
func TestWireNames(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range wireNames() {
		if seen[name] || !validName(name) {
			t.Errorf("the name %q", name)
		}
		seen[name] = true
	}
}
