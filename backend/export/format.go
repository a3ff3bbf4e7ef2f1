package export

import (
	"bufio"
	"context"
	"slices"
	"strings"
	"time"
)

// The formats.
const (
	CSV    = "csv"
	NDJSON = "ndjson"
	JSON   = "json"
	HTML   = "html"
	SQLite = "sqlite"
)

// A format is a kind of file.
type format struct {
	name        string
	contentType string
	columns     []column // where nobody chose; none: whole activities
	writer      func(sheet) writer
}

// A sheet is a file about to be written.
type sheet struct {
	out     *bufio.Writer
	columns []column
	zone    *time.Location
	about   Manifest // as far as it is known before the first row
	began   time.Time
	total   int64 // how many are going to be written
	// Only what is not written from front to back needs these.
	ctx  context.Context
	dir  string
	open OpenBase
}

// A writer writes activities in one format.
type writer interface {
	begin() error
	write(r row) error
	end(n int64) error // n were written
}

// formats are all there are, in the order in which they are offered.
var formats = []format{
	{CSV, "text/csv; charset=utf-8; header=present", flat, newCSV},
	{NDJSON, "application/x-ndjson", nil, newNDJSON},
	{JSON, "application/json", nil, newArray},
	{HTML, "text/html; charset=utf-8", pageColumns, newHTML},
	{SQLite, "application/vnd.sqlite3", baseColumns, newBase},
}

func formatOf(name string) (format, bool) {
	at := slices.IndexFunc(formats, func(f format) bool { return f.name == name })
	if at < 0 {
		return format{}, false
	}
	return formats[at], true
}

// Formats are the names of the formats, as one says them: "csv, ndjson, json, html or sqlite".
func Formats() string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
