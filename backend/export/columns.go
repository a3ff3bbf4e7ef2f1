package export

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// A row is an activity as a file shows it.
type row struct {
	activity.Activity
	raw  json.RawMessage
	zone *time.Location
}

// A kind is what the cells of a column hold; absent ones are nil.
type kind int

const (
	text    kind = iota // string
	stamp               // string, RFC 3339 with milliseconds and the offset of the zone
	integer             // int64
	nested              // json.RawMessage
)

// A column is one fact of an activity under one name, in every format.
type column struct {
	name string
	kind kind
	cell func(row) any
}

// columns are all there are. Their names are part of the formats: further ones go
// to the end.
var columns = []column{
	{"id", text, func(r row) any { return r.ID }},
	{"occurredAt", stamp, func(r row) any { return moment(r.OccurredAt, r.zone) }},
	{"recordedAt", stamp, func(r row) any { return moment(r.RecordedAt, r.zone) }},
	{"type", text, func(r row) any { return r.Type }},
	{"category", text, func(r row) any { return r.Category }},
	{"actor", text, func(r row) any { return r.Actor.Name }},
	{"actorKind", text, func(r row) any { return r.Actor.Kind }},
	{"actorSource", text, func(r row) any { return r.Actor.Source }},
	{"user", text, func(r row) any { return there(r.Actor.User) }},
	{"sentence", text, func(r row) any { return activity.PlainText(r.Sentence) }},
	{"objectKind", text, func(r row) any { return ofObject(r, func(o *activity.Object) any { return o.Kind }) }},
	{"objectId", text, func(r row) any { return ofObject(r, func(o *activity.Object) any { return o.ID }) }},
	{"objectName", text, func(r row) any { return ofObject(r, func(o *activity.Object) any { return o.Name }) }},
	{"siteKind", text, func(r row) any { return ofSite(r, func(s *activity.SiteRef) any { return s.Kind }) }},
	{"site", text, func(r row) any { return ofSite(r, func(s *activity.SiteRef) any { return s.Name }) }},
	{"source", text, func(r row) any { return r.Source }},
	{"result", text, func(r row) any { return r.Result }},
	{"ip", text, func(r row) any { return there(r.IP) }},
	{"userAgent", text, func(r row) any { return there(r.UserAgent) }},
	{"requestId", text, func(r row) any { return there(r.RequestID) }},
	{"externalId", text, func(r row) any { return there(r.ExternalID) }},
	{"reportedBy", text, func(r row) any { return orNil(r.ReportedBy) }},
	{"data", nested, func(r row) any { return r.data() }},
	{"changes", nested, func(r row) any { return encoded(r.Changes) }},
	{"parameters", nested, func(r row) any { return r.Parameters }},
	{"raw", nested, func(r row) any { return record(r.raw) }},
	{"typeLabel", text, func(r row) any { return r.TypeLabel }},
	{"categoryLabel", text, func(r row) any { return r.CategoryLabel }},
	{"actorLabel", text, func(r row) any { return r.Actor.Label }},
	{"siteId", text, func(r row) any { return ofSite(r, func(s *activity.SiteRef) any { return there(s.ID) }) }},
	{"occurredMs", integer, func(r row) any { return r.OccurredAt }},
	{"offsetMinutes", integer, func(r row) any { return int64(r.OffsetMinutes) }},
}

// flat are the columns of a table that nobody chose columns for: all that is not
// nested, and what is in one column of JSON.
var flat = named(
	"id", "occurredAt", "recordedAt", "type", "category", "actor", "actorKind", "actorSource", "user", "sentence",
	"objectKind", "objectId", "objectName", "siteKind", "site", "source", "result", "ip", "userAgent", "requestId",
	"externalId", "reportedBy", "data",
)

// chosen returns the columns by their names, the others if none are named.
// Errors: invalid (columns: unknown, twice).
func chosen(names []string, others []column) ([]column, error) {
	if len(names) == 0 {
		return others, nil
	}
	list := make([]column, 0, min(len(names), len(columns)))
	for i, name := range names {
		at := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
		if at < 0 {
			return nil, fault.At("columns", "There is no column %.100q. There are: %s.", name, strings.Join(namesOf(columns), ", "))
		}
		if slices.Contains(names[:i], name) {
			return nil, fault.At("columns", "The column %s is named twice.", name)
		}
		list = append(list, columns[at])
	}
	return list, nil
}

// named is chosen for names of ours.
func named(names ...string) []column {
	list, err := chosen(names, nil)
	if err != nil {
		panic(err)
	}
	return list
}

func namesOf(list []column) []string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.name
	}
	return names
}

// orNil is a text, nil where there is none.
func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func there(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

func ofObject(r row, of func(*activity.Object) any) any {
	if r.Object == nil {
		return nil
	}
	return of(r.Object)
}

func ofSite(r row, of func(*activity.SiteRef) any) any {
	if r.Site == nil {
		return nil
	}
	return of(r.Site)
}

// data is all of an activity that is not flat, as NDJSON has it.
func (r row) data() json.RawMessage {
	return encoded(struct {
		Object     *activity.Object  `json:"object"`
		Site       *activity.SiteRef `json:"site"`
		Changes    []activity.Change `json:"changes"`
		Parameters json.RawMessage   `json:"parameters"`
	}{r.Object, r.Site, r.Changes, r.Parameters})
}

// record is a record as it came in; nil where there was none.
func record(raw json.RawMessage) any {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	return raw
}

// moment is a time in the zone, its offset said.
func moment(ms int64, zone *time.Location) string {
	return time.UnixMilli(ms).In(zone).Format("2006-01-02T15:04:05.000Z07:00")
}
