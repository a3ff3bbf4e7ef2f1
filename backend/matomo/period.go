package matomo

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Days are those of UTC, as ts_created is: core compares with it where no site's zone
// is asked about.

var periods = []string{"day", "week", "month", "year", "range"}

// firstDay is the day of the first website; core takes no earlier date.
var firstDay = time.Date(1991, 8, 6, 0, 0, 0, 0, time.UTC)

var (
	dayForm   = regexp.MustCompile(`^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?$`)
	multiForm = regexp.MustCompile(`^(last|previous)(\d*)$`)
	pastForm  = regexp.MustCompile(`(?i)^last[ -]?(week|month|year)$`)
)

// span returns the days that period and date name, from inclusive, to exclusive; ok is
// false where one of the two is not given. Errors: core's.
func span(period, date string, now time.Time) (from, to time.Time, ok bool, err error) {
	if period == "" || date == "" {
		return from, to, false, nil
	}
	if !isPeriod(period) {
		return from, to, false, fail(statusOK, "The period '"+period+"' is not supported. Try any of the following instead: "+strings.Join(periods, ", "))
	}
	today := now.UTC().Truncate(24 * time.Hour)
	first, last, err := days(period, date, today)
	if err != nil {
		return from, to, false, err
	}
	if last.Before(first) {
		return from, to, false, fail(statusOK, "Specified date range is invalid.")
	}
	if period == "range" {
		return first, last.AddDate(0, 0, 1), true, nil
	}
	return begin(period, first), step(period, begin(period, last), 1), true, nil
}

func isPeriod(name string) bool {
	for _, p := range periods {
		if p == name {
			return true
		}
	}
	return false
}

// days returns the first and the last day that date names.
func days(period, date string, today time.Time) (first, last time.Time, err error) {
	if part := multiForm.FindStringSubmatch(date); part != nil {
		last = today
		if part[1] == "previous" {
			last = step(period, begin(period, today), -1)
		}
		return step(period, begin(period, last), 1-periodsBack(period, part[2])), last, nil
	}
	if a, b, ok := strings.Cut(date, ","); ok {
		first, firstOK := day(a, today)
		last, lastOK := day(b, today)
		switch {
		case firstOK && lastOK:
			return first, last, tooEarly(first)
		case period == "range":
			return first, last, badRange(date)
		}
		return first, last, badDate(date)
	}
	if period == "range" {
		return first, last, badRange(date)
	}
	if first, ok := day(date, today); ok {
		return first, first, tooEarly(first)
	}
	return first, last, badDate(date)
}

// periodsBack is the N of lastN; core takes no more than these.
func periodsBack(period, digits string) int {
	most := map[string]int{"day": 5 * 365, "week": 10 * 52, "month": 10 * 12, "year": 10, "range": 100 * 366}[period]
	n, err := strconv.Atoi(digits)
	switch {
	case digits == "":
		return 2 // core's arithmetic: |0 - 1| further ones
	case err != nil || n > most:
		return most
	case n == 0:
		return 2
	}
	return n
}

func badRange(date string) error {
	return fail(statusOK, "The date '"+date+"' is not a correct date range. It should have the following format:  'lastN', 'previousN', 'YYYY-MM-DD,YYYY-MM-DD'.")
}

// day reads one day.
func day(text string, today time.Time) (d time.Time, ok bool) {
	text = strings.TrimSpace(text)
	switch text {
	case "today", "now":
		return today, true
	case "yesterday", "yesterdaySameTime":
		return today.AddDate(0, 0, -1), true
	case "tomorrow":
		return today.AddDate(0, 0, 1), true
	}
	if part := pastForm.FindStringSubmatch(text); part != nil {
		return back(lower(part[1]), today), true
	}
	part := dayForm.FindStringSubmatch(text)
	if part == nil {
		return d, false
	}
	n := [3]int{2: 1}
	for i := range n {
		if part[i+1] != "" {
			n[i], _ = strconv.Atoi(part[i+1]) // the form allows at most four digits
		}
	}
	d = time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	return d, d.Day() == n[2] && int(d.Month()) == n[1]
}

func tooEarly(d time.Time) error {
	if !d.Before(firstDay) {
		return nil
	}
	return fail(statusOK, "The date '"+d.Format(time.DateOnly)+"' is a date before first website was online. Try date that's after "+
		firstDay.Format("Jan 2, 2006")+" (timestamp "+strconv.FormatInt(firstDay.Unix(), 10)+").: "+strconv.FormatInt(d.Unix(), 10))
}

func badDate(text string) error {
	return fail(statusOK, "Date format must be: YYYY-MM-DD, or 'today' or 'yesterday' or any keyword supported by the strtotime function"+
		" (see http://php.net/strtotime for more information): '"+text+"'")
}

// back is a week, month or year before, as strtotime counts: a month before the 31st of
// March is the 3rd of March, for want of a 31st of February.
func back(unit string, d time.Time) time.Time {
	switch unit {
	case "week":
		return d.AddDate(0, 0, -7)
	case "month":
		return d.AddDate(0, -1, 0)
	}
	return d.AddDate(-1, 0, 0)
}

// begin is the first day of the period that a day lies in. Weeks begin on Monday.
func begin(period string, d time.Time) time.Time {
	switch period {
	case "week":
		return d.AddDate(0, 0, -(int(d.Weekday())+6)%7)
	case "month":
		return d.AddDate(0, 0, 1-d.Day())
	case "year":
		return time.Date(d.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return d
}

// step goes on by n periods; a range's are days.
func step(period string, d time.Time, n int) time.Time {
	n = max(min(n, math.MaxInt32), math.MinInt32)
	switch period {
	case "week":
		return d.AddDate(0, 0, 7*n)
	case "month":
		return d.AddDate(0, n, 0)
	case "year":
		return d.AddDate(n, 0, 0)
	}
	return d.AddDate(0, 0, n)
}
