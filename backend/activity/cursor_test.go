package activity

import (
	"strings"
	"testing"
	"time"

	"activitylog/backend/fault"
)

func parse(t *testing.T, text string) Query {
	t.Helper()
	q, err := ParseQuery(text, ParseOptions{Now: time.UnixMilli(1_800_000_000_000)})
	if err != nil {
		t.Fatalf("ParseQuery(%q): %v", text, err)
	}
	return q
}

func TestCursorReadsBack(t *testing.T) {
	q := parse(t, "actor:ann last:7d")
	for _, want := range []Cursor{
		NewCursor(q, "UTC", false, false, 1<<21),
		NewCursor(q, "UTC", true, true, -5),
		NewCursor(q, "Europe/Berlin", true, false, 1<<62),
	} {
		zone := "UTC"
		if want.Key == 1<<62 {
			zone = "Europe/Berlin"
		}
		got, err := ParseCursor(want.String(), q, zone, want.Oldest)
		if err != nil || got != want {
			t.Errorf("ParseCursor(%v) = %+v, %v, want %+v", want, got, err, want)
		}
	}
}

func TestCursorOfLastSurvivesTheClock(t *testing.T) {
	early := parse(t, "last:7d")
	late, err := ParseQuery("LAST:07d", ParseOptions{Now: time.UnixMilli(1_900_000_000_000)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseCursor(NewCursor(early, "UTC", false, false, 1).String(), late, "UTC", false); err != nil {
		t.Errorf("a cursor of last:7d is refused later: %v", err)
	}
}

func TestCursorIsRefused(t *testing.T) {
	q, other := parse(t, "actor:ann"), parse(t, "actor:bob")
	text := NewCursor(q, "UTC", false, false, 77).String()
	if _, err := ParseCursor(text, q, "UTC", false); err != nil {
		t.Fatalf("its own query: %v", err)
	}
	for name, try := range map[string]func() (Cursor, error){
		"another query": func() (Cursor, error) { return ParseCursor(text, other, "UTC", false) },
		"another zone":  func() (Cursor, error) { return ParseCursor(text, q, "Europe/Berlin", false) },
		"another order": func() (Cursor, error) { return ParseCursor(text, q, "UTC", true) },
		"empty":         func() (Cursor, error) { return ParseCursor("", q, "UTC", false) },
		"cut":           func() (Cursor, error) { return ParseCursor(text[:20], q, "UTC", false) },
		"longer":        func() (Cursor, error) { return ParseCursor(text+"AAAA", q, "UTC", false) },
		"line break":    func() (Cursor, error) { return ParseCursor(text[:4]+"\n"+text[4:], q, "UTC", false) },
		"version":       func() (Cursor, error) { return ParseCursor("B"+text[1:], q, "UTC", false) },
		"flags":         func() (Cursor, error) { return ParseCursor(text[:1]+strings.Repeat("_", 3)+text[4:], q, "UTC", false) },
	} {
		_, err := try()
		if fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "cursor" {
			t.Errorf("%s: %v, want invalid on cursor", name, err)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	q := Query{}
	f.Add(NewCursor(q, "", false, true, 9).String(), false)
	f.Add(NewCursor(q, "", true, false, -9).String(), true)
	f.Add("", false)
	f.Add("AQAAAAAAAAAAAAAAAAAAAAAA", false)
	f.Fuzz(func(t *testing.T, text string, oldest bool) {
		c, err := ParseCursor(text, q, "", oldest)
		if err == nil && c.String() != text {
			t.Errorf("%q reads as %+v, which is written %q", text, c, c.String())
		}
	})
}
