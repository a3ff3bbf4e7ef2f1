package matomo

import (
	"strings"
	"testing"
	"time"
)

// A Wednesday, and in a zone where it is another day than in UTC.
var today = time.Date(2026, 11, 26, 1, 30, 0, 0, time.FixedZone("", 5*3600))

func TestSpan(t *testing.T) {
	for _, c := range []struct{ period, date, want string }{
		{"day", "2026-11-20", "2026-11-20 2026-11-21"},
		{"day", "2026-1-5", "2026-01-05 2026-01-06"},
		{"day", "2026-11-20 09:15:00", "2026-11-20 2026-11-21"},
		{"day", "today", "2026-11-25 2026-11-26"},
		{"day", "now", "2026-11-25 2026-11-26"},
		{"day", "yesterday", "2026-11-24 2026-11-25"},
		{"day", "yesterdaySameTime", "2026-11-24 2026-11-25"},
		{"day", "tomorrow", "2026-11-26 2026-11-27"},
		{"day", "lastWeek", "2026-11-18 2026-11-19"},
		{"day", "last-month", "2026-10-25 2026-10-26"},
		{"day", "last year", "2025-11-25 2025-11-26"},
		{"week", "today", "2026-11-23 2026-11-30"},
		{"week", "2026-11-22", "2026-11-16 2026-11-23"}, // a Sunday
		{"week", "2026-11-23", "2026-11-23 2026-11-30"}, // a Monday
		{"week", "lastWeek", "2026-11-16 2026-11-23"},
		{"month", "2026-02-15", "2026-02-01 2026-03-01"},
		{"month", "lastMonth", "2026-10-01 2026-11-01"},
		{"month", "2026-02", "2026-02-01 2026-03-01"},
		{"year", "yesterday", "2026-01-01 2027-01-01"},
		{"year", "lastYear", "2025-01-01 2026-01-01"},
		{"range", "2026-11-01,2026-11-03", "2026-11-01 2026-11-04"},
		{"range", "2026-11-03,2026-11-03", "2026-11-03 2026-11-04"},
		{"range", "2026-11-01,yesterday", "2026-11-01 2026-11-25"},
		{"range", "lastWeek,today", "2026-11-18 2026-11-26"},
		{"range", "last7", "2026-11-19 2026-11-26"},
		{"range", "previous7", "2026-11-18 2026-11-25"},
		{"range", "last1", "2026-11-25 2026-11-26"},
		{"day", "last7", "2026-11-19 2026-11-26"},
		{"day", "previous2", "2026-11-23 2026-11-25"},
		{"day", "2026-11-01,2026-11-03", "2026-11-01 2026-11-04"},
		{"week", "last2", "2026-11-16 2026-11-30"},
		{"week", "previous1", "2026-11-16 2026-11-23"},
		{"week", "2026-11-04,2026-11-10", "2026-11-02 2026-11-16"},
		{"month", "last3", "2026-09-01 2026-12-01"},
		{"month", "previous12", "2025-11-01 2026-11-01"},
		{"year", "last2", "2025-01-01 2027-01-01"},
		{"year", "last9999", "2017-01-01 2027-01-01"},
		{"day", "last", "2026-11-24 2026-11-26"},
		{"", "2026-11-20", ""},
		{"day", "", ""},
		{"fortnight", "", ""},

		{"fortnight", "today", "The period 'fortnight' is not supported. Try any of the following instead: day, week, month, year, range"},
		{"range", "2026-11-20", "The date '2026-11-20' is not a correct date range."},
		{"range", "2026-11-20,", "The date '2026-11-20,' is not a correct date range."},
		{"range", "2026-11-20,2026-11-21,2026-11-22", "The date '2026-11-20,2026-11-21,2026-11-22' is not a correct date range."},
		{"range", "2026-11-20,2026-11-19", "Specified date range is invalid."},
		{"day", "2026-02-30", "Date format must be: YYYY-MM-DD, or 'today' or 'yesterday' or any keyword"},
		{"day", "2026-11-20,x", "Date format must be"},
		{"day", "soon", "Date format must be"},
		{"day", "1991-08-05", "The date '1991-08-05' is a date before first website was online. Try date that's after Aug 6, 1991 (timestamp 681436800).: 681350400"},
		{"range", "1980-01-01,2026-01-01", "The date '1980-01-01' is a date before first website was online."},
	} {
		from, to, ok, err := span(c.period, c.date, today)
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case ok:
			got = from.Format(time.DateOnly) + " " + to.Format(time.DateOnly)
		}
		if got != c.want && (err == nil || c.want == "" || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s %s: %q, want %q", c.period, c.date, got, c.want)
		}
	}
}

func FuzzSpan(f *testing.F) {
	for _, p := range periods {
		f.Add(p, "2026-11-20,last7")
		f.Add(p, "previous99999999999999999999")
		f.Add(p, "0000-00-00")
	}
	f.Fuzz(func(t *testing.T, period, date string) {
		from, to, ok, err := span(period, date, today)
		if ok && (err != nil || !from.Before(to) || from.Year() < 1900 || to.Year() > 10001) {
			t.Errorf("%q %q: %v to %v, %v", period, date, from, to, err)
		}
	})
}
