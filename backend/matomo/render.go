package matomo

import (
	"bufio"
	"context"
	"slices"
)

// A renderer writes one answer in one format.
type renderer interface {
	// header returns the content type of values, and a file's name for browsers or "".
	header() (contentType, disposition string)
	// table reports whether the format has rows and columns only.
	table() bool
	// check refuses, before anything is sent, a value that the format cannot hold.
	check(v any) error
	// write writes a value. Rows come one by one and are not kept.
	write(ctx context.Context, w *bufio.Writer, v any) error
	// failure puts a message into the format.
	failure(message string) (contentType, body string)
}

// formats are all there are.
var formats = map[string]func(params) renderer{
	"console":  func(params) renderer { return console{} },
	"csv":      func(p params) renderer { return newCSV(p, ',') },
	"html":     func(p params) renderer { return html{p.text("method", "")} },
	"json":     func(params) renderer { return jsonFormat{} },
	"original": func(p params) renderer { return original{p.integer("serialize", 0) != 0} },
	"rss":      func(params) renderer { return rss{} },
	"tsv":      func(p params) renderer { return newCSV(p, '\t') },
	"xml":      func(params) renderer { return xml{} },
}

func formatNames() []string {
	var names []string
	for name := range formats {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

const plainText = "text/plain; charset=utf-8"

// success is what a method that returns nothing answers in most formats.
const success = "ok"
