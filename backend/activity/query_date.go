package activity

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The years dates may name; what happened outside of them is not stored.
const firstYear, lastYear = 1900, 2100

// date takes in a date term; valueAt is where its value begins.
func (p *parser) date(d Date, valueAt int) error {
	length := p.at - valueAt
	from, to, err := p.dateRange(&d, valueAt, length)
	if err != nil {
		return err
	}
	for _, bound := range []struct {
		value *time.Time
		into  **int64
		what  string
	}{{from, &p.query.After, "begin"}, {to, &p.query.Before, "end"}} {
		if bound.value == nil {
			continue
		}
		if *bound.into != nil {
			return p.fail(d.At, p.at-d.At, "An earlier term already says when the time is to %s. Keep one of them.", bound.what)
		}
		ms := bound.value.UnixMilli()
		*bound.into = &ms
	}
	p.query.Dates = append(p.query.Dates, d)
	return nil
}

// dateRange returns the bounds a date term sets, nil for one it leaves open, and
// gives its value its one spelling.
func (p *parser) dateRange(d *Date, valueAt, length int) (from, to *time.Time, err error) {
	if d.Field == LastDate {
		start, spelling, ok := lastStart(d.Value, p.opt.Now.In(p.opt.Zone))
		if !ok {
			return nil, nil, p.fail(valueAt, length, "last: wants a number and m, h, d, w, mo or y, such as last:7d, not %q.", clip(d.Value))
		}
		d.Value = spelling
		return &start, nil, nil
	}
	first, next, spelling, ok := readDate(d.Value, p.opt)
	if !ok {
		return nil, nil, p.fail(valueAt, length,
			"%q is no date from %d to %d. Write 2026, 2026-11, 2026-11-23, 2026-11-23T09:15, today or yesterday.", clip(d.Value), firstYear, lastYear)
	}
	d.Value = spelling
	switch d.Field {
	case AfterDate:
		return &first, nil, nil
	case BeforeDate:
		return nil, &first, nil
	}
	if next == nil {
		return nil, nil, p.fail(valueAt, length, "on: wants a day, a month or a year. Use after: and before: for times.")
	}
	return &first, next, nil
}

var dateForm = regexp.MustCompile(`^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$`)

// readDate returns the first instant of a date and, for days, months and years,
// the first one after it.
func readDate(value string, opt ParseOptions) (first time.Time, next *time.Time, spelling string, ok bool) {
	year, month, day := opt.Now.In(opt.Zone).Date()
	span := func(years, months, days int) {
		first = instant(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), opt.Zone)
		end := instant(time.Date(year+years, month+time.Month(months), day+days, 0, 0, 0, 0, time.UTC), opt.Zone)
		next = &end
	}
	switch lower := strings.ToLower(value); lower {
	case "today":
		span(0, 0, 1)
		return first, next, lower, true
	case "yesterday":
		year, month, day = time.Date(year, month, day-1, 0, 0, 0, 0, time.UTC).Date()
		span(0, 0, 1)
		return first, next, lower, true
	}
	spelling = strings.ToUpper(value)
	part := dateForm.FindStringSubmatch(spelling)
	if part == nil {
		return first, nil, "", false
	}
	year, month, day = number(part[1]), max(1, time.Month(number(part[2]))), max(1, number(part[3]))
	wall := time.Date(year, month, day, number(part[4]), number(part[5]), number(part[6]), 0, time.UTC)
	if year < firstYear || year > lastYear || !sameParts(wall, part) {
		return first, nil, "", false
	}
	switch {
	case part[4] != "":
		wall = wall.Add(time.Duration(number((part[7] + "000")[:3])) * time.Millisecond)
		first, ok = zoned(wall, part[8], opt.Zone)
		return first, nil, spelling, ok
	case part[3] != "":
		span(0, 0, 1)
	case part[2] != "":
		span(0, 1, 0)
	default:
		span(1, 0, 0)
	}
	return first, next, spelling, true
}

// sameParts refuses the 31st of June, month 0 and 24:00, which time.Date rolls over.
func sameParts(wall time.Time, part []string) bool {
	same := func(text string, n int) bool { return text == "" || number(text) == n }
	return same(part[2], int(wall.Month())) && same(part[3], wall.Day()) &&
		same(part[4], wall.Hour()) && same(part[5], wall.Minute()) && same(part[6], wall.Second())
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // the form allows at most four digits
	return n
}

// zoned reads a wall clock at a written offset, or in the zone if there is none.
func zoned(wall time.Time, offset string, zone *time.Location) (time.Time, bool) {
	switch offset {
	case "":
		return instant(wall, zone), true
	case "Z":
		return wall, true
	}
	hours, minutes := number(offset[1:3]), number(offset[4:6])
	if hours > 14 || minutes > 59 {
		return time.Time{}, false
	}
	east := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if offset[0] == '-' {
		east = -east
	}
	return wall.Add(-east), true
}

// instant returns when a zone's clocks show a wall clock (given as UTC): the first
// time if they show it twice, the jump if they skip it. So days of 23 and 25 hours
// begin and end where they should, also where the jump is at midnight.
func instant(wall time.Time, zone *time.Location) time.Time {
	y, m, d := wall.Date()
	t := time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	start, end := t.ZoneBounds()
	_, offset := t.Zone()
	shown := t.Add(time.Duration(offset) * time.Second)
	switch {
	case shown.Before(wall):
		return end
	case shown.After(wall):
		return start
	case start.IsZero():
		return t
	}
	_, before := start.Add(-time.Nanosecond).Zone()
	if earlier := t.Add(time.Duration(offset-before) * time.Second); before > offset && earlier.Before(start) {
		return earlier
	}
	return t
}

var lastForm = regexp.MustCompile(`^0*([1-9]\d{0,3})(m|h|d|w|mo|y)$`)

// lastStart returns where a span that ends now begins. Minutes and hours are
// exact; days, weeks, months and years go by the calendar of now's zone.
func lastStart(value string, now time.Time) (start time.Time, spelling string, ok bool) {
	part := lastForm.FindStringSubmatch(strings.ToLower(value))
	if part == nil {
		return start, "", false
	}
	n := number(part[1])
	switch part[2] {
	case "m":
		start = now.Add(-time.Duration(n) * time.Minute)
	case "h":
		start = now.Add(-time.Duration(n) * time.Hour)
	case "d":
		start = daysBack(now, n)
	case "w":
		start = daysBack(now, 7*n)
	case "mo":
		start = monthsBack(now, n)
	case "y":
		start = monthsBack(now, 12*n)
	}
	return start, part[1] + part[2], start.Year() >= firstYear
}

func daysBack(now time.Time, n int) time.Time {
	y, m, d := now.Date()
	return instant(time.Date(y, m, d-n, now.Hour(), now.Minute(), now.Second(), now.Nanosecond(), time.UTC), now.Location())
}

// monthsBack keeps the day of the month where there is one: a month before 31
// March is the last of February.
func monthsBack(now time.Time, n int) time.Time {
	y, m, d := now.Date()
	last := time.Date(y, m-time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	wall := time.Date(y, m-time.Month(n), min(d, last), now.Hour(), now.Minute(), now.Second(), now.Nanosecond(), time.UTC)
	return instant(wall, now.Location())
}
