package activity

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, whatever the machine has
)

func in(t *testing.T, zone string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestDates(t *testing.T) {
	const none = ""
	now := "2026-03-31T10:20:30Z"
	for _, test := range []struct{ zone, text, after, before string }{
		{"UTC", "after:2026", "2026-01-01T00:00:00Z", none},
		{"UTC", "before:2026-11", none, "2026-11-01T00:00:00Z"},
		{"UTC", "on:2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"UTC", "on:2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"UTC", "on:2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
		{"UTC", "on:2100", "2100-01-01T00:00:00Z", "2101-01-01T00:00:00Z"},
		{"UTC", "after:2026-11-23T09 before:2026-11-23T09:15:30.25", "2026-11-23T09:00:00Z", "2026-11-23T09:15:30.25Z"},
		{"Asia/Tokyo", "after:2026-11-23T09:15Z", "2026-11-23T09:15:00Z", none},
		{"Asia/Tokyo", "after:2026-11-23T09:15-03:30", "2026-11-23T12:45:00Z", none},
		{"Asia/Tokyo", "after:2026-11-23T09:15", "2026-11-23T00:15:00Z", none},
		{"Asia/Tokyo", "on:today", "2026-03-30T15:00:00Z", "2026-03-31T15:00:00Z"},
		{"America/Los_Angeles", "on:yesterday", "2026-03-30T07:00:00Z", "2026-03-31T07:00:00Z"},
		// Days of 23 and 25 hours.
		{"Europe/Berlin", "on:2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"Europe/Berlin", "on:2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		// 02:30 does not exist: the jump. It exists twice: the first.
		{"Europe/Berlin", "after:2026-03-29T02:30", "2026-03-29T01:00:00Z", none},
		{"Europe/Berlin", "after:2026-10-25T02:30", "2026-10-25T00:30:00Z", none},
		// A day that begins at 01:00, one that shows midnight twice, one that was left out.
		{"America/Sao_Paulo", "on:2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
		{"America/Havana", "on:2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"},
		{"Pacific/Apia", "on:2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"UTC", "last:90m", "2026-03-31T08:50:30Z", none},
		{"UTC", "last:24h", "2026-03-30T10:20:30Z", none},
		{"UTC", "last:1mo before:today", "2026-02-28T10:20:30Z", "2026-03-31T00:00:00Z"},
		{"UTC", "last:2w", "2026-03-17T10:20:30Z", none},
		{"UTC", "last:1y", "2025-03-31T10:20:30Z", none},
		// Seven calendar days over the change of clocks.
		{"Europe/Berlin", "last:7d", "2026-03-24T11:20:30Z", none},
	} {
		clock, _ := time.Parse(time.RFC3339, now)
		q, err := ParseQuery(test.text, ParseOptions{Now: clock, Zone: in(t, test.zone)})
		if err != nil {
			t.Errorf("%s in %s: %v", test.text, test.zone, err)
			continue
		}
		if got := show(q.After); got != test.after {
			t.Errorf("%s in %s: after %s, want %s", test.text, test.zone, got, test.after)
		}
		if got := show(q.Before); got != test.before {
			t.Errorf("%s in %s: before %s, want %s", test.text, test.zone, got, test.before)
		}
	}
}

func show(ms *int64) string {
	if ms == nil {
		return ""
	}
	return time.UnixMilli(*ms).UTC().Format(time.RFC3339Nano)
}

// Every day of a zone ends where the next begins, and its first instant lies in it.
func TestDaysFollowEachOther(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe", "Africa/Cairo"} {
		zone := in(t, name)
		for day := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2020; day = day.AddDate(0, 0, 1) {
			first, next := instant(day, zone), instant(day.AddDate(0, 0, 1), zone)
			if length := next.Sub(first); length < 23*time.Hour || length > 25*time.Hour {
				t.Errorf("%s in %s lasts %v", day.Format(time.DateOnly), name, length)
			}
			if got := first.Format(time.DateOnly); got != day.Format(time.DateOnly) {
				t.Errorf("%s in %s begins on %s", day.Format(time.DateOnly), name, got)
			}
			if got := first.Add(-time.Millisecond).Format(time.DateOnly); got == day.Format(time.DateOnly) {
				t.Errorf("%s in %s begins before %v", day.Format(time.DateOnly), name, first)
			}
		}
	}
}
