package source

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// A table is the beginning of a CSV file: its columns and the first records.
type table struct {
	columns []string
	rows    [][]string
}

// tableOf reads the heading of a CSV file and up to n records. Errors: invalid.
func tableOf(path, name string, n int) (table, error) {
	t, err := openText(path)
	if err != nil {
		return table{}, fault.At("handles", "%s: %s", name, fileReason(err))
	}
	defer t.Close()
	cells := newCells(t.Reader, MaxRecord, false)
	heading, _, err := cells.next()
	if err != nil {
		return table{}, fault.At("handles", "%s has no first line that names its columns.", name)
	}
	if len(heading) > maxColumns {
		return table{}, fault.At("handles", "%s has more than %d columns.", name, maxColumns)
	}
	out := table{columns: columnNames(heading)}
	for range 10 * n {
		record, _, err := cells.next()
		if _, bad := errors.AsType[*RejectedError](err); bad {
			continue
		}
		if err != nil || len(out.rows) == n {
			break
		}
		out.rows = append(out.rows, texts(record))
	}
	return out, nil
}

// columnNames are the headings, each once and none empty. Cost: their number squared, at
// most [maxColumns].
func columnNames(heading []cell) []string {
	names := make([]string, 0, len(heading))
	for i, c := range heading {
		name := cleanText(c.text)
		if len(name) > maxColumnName-20 {
			name = strings.ToValidUTF8(name[:maxColumnName-20], "")
		}
		if name == "" {
			name = "column " + strconv.Itoa(i+1)
		}
		unique := name
		for n := 2; slices.Contains(names, unique); n++ {
			unique = fmt.Sprintf("%s (%d)", name, n)
		}
		names = append(names, unique)
	}
	return names
}

func texts(record []cell) []string {
	out := make([]string, len(record))
	for i, c := range record {
		if !c.null {
			out[i] = c.text
		}
	}
	return out
}

// looksLikeTable reports whether a file may be CSV: two columns or more with names, and
// as many values in the first record.
func looksLikeTable(head *cells) bool {
	heading, _, err := head.next()
	if err != nil || len(heading) < 2 || strings.ContainsAny(heading[0].text[:min(1, len(heading[0].text))], "{[<") {
		return false
	}
	for _, c := range heading {
		if cleanText(c.text) == "" {
			return false
		}
	}
	first, _, err := head.next()
	return errors.Is(err, io.EOF) || err == nil && len(first) == len(heading)
}

// A compiledMapping is a mapping ready for use.
type compiledMapping struct {
	Mapping
	fields  map[string]string // by column
	zone    *time.Location
	repeats repeats
}

// compiled prepares a mapping that was checked.
func compiled(m Mapping) *compiledMapping {
	c := &compiledMapping{Mapping: m, fields: map[string]string{}, zone: time.UTC}
	for _, column := range m.Columns {
		c.fields[column.Name] = column.Field
	}
	if zone, err := time.LoadLocation(m.Zone); err == nil {
		c.zone = zone
	}
	return c
}

// csvFiles reads files of CSV, all by one mapping.
func csvFiles(paths, names []string, m Mapping) *fileReader {
	mapping := compiled(m)
	return newFileReader(paths, names, func(t *text) rows {
		return &csvRows{cells: newCells(t.Reader, MaxRecord, false), mapping: mapping}
	})
}

// csvRows are the records of a CSV file.
type csvRows struct {
	cells   *cells
	mapping *compiledMapping
	columns []string
}

func (c *csvRows) next() (Record, error) {
	if c.columns == nil {
		heading, line, err := c.cells.next()
		if err != nil {
			return Record{Line: line}, err
		}
		if len(heading) > maxColumns {
			c.columns = []string{}
			return Record{}, &RejectedError{Line: line, Reason: fmt.Sprintf("It has more than %d columns. Nothing of it was read.", maxColumns)}
		}
		c.columns = columnNames(heading)
		for _, column := range c.mapping.Columns {
			if column.Field != fieldParameter && column.Field != fieldNothing && !slices.Contains(c.columns, column.Name) {
				c.columns = []string{}
				return Record{}, &RejectedError{Line: line, Reason: fmt.Sprintf("The mapping names the column %q, which this file does not have. Nothing of it was read.", column.Name)}
			}
		}
	}
	if len(c.columns) == 0 {
		return Record{}, io.EOF
	}
	record, line, err := c.cells.next()
	if err != nil {
		return Record{Line: line}, err
	}
	values := texts(record)
	if len(values) != len(c.columns) {
		return Record{}, &RejectedError{Line: line, Reason: fmt.Sprintf("It has %d values for %d columns.", len(values), len(c.columns))}
	}
	d, err := c.mapping.draft(c.columns, values)
	if err != nil {
		return Record{}, &RejectedError{Line: line, Reason: sentence(reason(err))}
	}
	return Record{Draft: d, Line: line}, nil
}

// draft makes a draft of one record.
func (m *compiledMapping) draft(columns, values []string) (activity.Draft, error) {
	d := activity.Draft{Type: strings.TrimSpace(m.Type), Actor: &activity.DraftActor{Kind: activity.KindAnonymous, Name: "unknown"}}
	object := activity.Object{Kind: m.ObjectKind}
	var parameters, raw []activity.Member
	for i, column := range columns {
		value := strings.TrimSpace(values[i])
		if err := checkUTF8([]byte(values[i])); err != nil {
			return d, fmt.Errorf("the column %q: %w", column, err)
		}
		raw = append(raw, activity.Member{Name: column, Value: quoted(values[i])})
		if value == "" {
			continue
		}
		kept, err := m.set(&d, &object, m.fields[column], value)
		if err != nil {
			return d, fmt.Errorf("the column %q: %s", column, reason(err))
		}
		if !kept {
			parameters = append(parameters, activity.Member{Name: column, Value: quoted(values[i])})
		}
	}
	if object.ID != "" || object.Name != "" {
		if object.Kind == "" {
			object.Kind = "object"
		}
		d.Object = &object
	}
	d.Parameters, d.Raw = jsonObject(parameters), jsonObject(raw)
	if d.Type == "" {
		return d, errors.New("it has no type")
	}
	if d.ExternalID == nil && d.OccurredAt != nil {
		d.ExternalID = m.repeats.id(d.Raw)
	}
	return d, nil
}

// set gives a draft a column's value, and reports whether it took it: what is not taken
// is a parameter.
func (m *compiledMapping) set(d *activity.Draft, object *activity.Object, field, value string) (bool, error) {
	switch field {
	case fieldNothing:
	case fieldType:
		d.Type = typeOf(value)
	case fieldActor:
		d.Actor = &activity.DraftActor{Kind: activity.KindUser, Name: value}
	case fieldOccurredAt:
		at, err := parseTime(value, m.TimeOrder == "mdy", m.zone)
		if err != nil {
			return false, err
		}
		d.OccurredAt = &at
	case fieldObjectKind:
		object.Kind = value
	case fieldObjectID:
		object.ID = value
	case fieldObjectName:
		object.Name = value
	case fieldSite:
		d.Site = &value
	case fieldIP:
		if !isAddress(value) {
			return false, nil
		}
		d.IP = &value
	case fieldResult:
		result, known := resultOf(value)
		if !known {
			return false, nil
		}
		d.Result = result
	case fieldUserAgent:
		d.UserAgent = &value
	case fieldRequestID:
		d.RequestID = &value
	case fieldExternalID:
		d.ExternalID = &value
	default:
		return false, nil
	}
	return true, nil
}
