package matomo

import (
	"bufio"
	"context"
	"strings"
)

// xml is core's: no attributes, rows for what has no name, tabs, no line break at the
// end. What core would leave ill-formed is not: names that are none stand in key="…",
// and characters that XML does not have become U+FFFD.
type xml struct{}

const prolog = `<?xml version="1.0" encoding="utf-8" ?>` + "\n"

func (xml) header() (string, string) { return "text/xml; charset=utf-8", "" }
func (xml) table() bool              { return false }
func (xml) check(any) error          { return nil }

func (xml) failure(message string) (string, string) {
	return "text/xml; charset=utf-8", prolog + "<result>\n\t<error message=\"" + escapeXML(message) + "\" />\n</result>"
}

func (x xml) write(ctx context.Context, w *bufio.Writer, v any) error {
	puts(w, prolog)
	if v == nil {
		puts(w, "<result>\n\t<success message=\"", success, "\" />\n</result>")
		return nil
	}
	if !nested(v) {
		if text := scalar(v); text != "" {
			puts(w, "<result>", escapeXML(text), "</result>")
		} else {
			puts(w, "<result />")
		}
		return nil
	}
	// The element is opened by the first thing in it.
	body := &element{w: w, open: "<result>\n", depth: "\t"}
	if m, ok := v.(Map); ok && flat(m) {
		v = List{m}
	}
	if err := body.children(ctx, v); err != nil {
		return err
	}
	if body.open != "" {
		puts(w, "<result />")
	} else {
		puts(w, "</result>")
	}
	return nil
}

// flat reports whether a Map gets a row of its own: it has no nested value, and more
// than one.
func flat(m Map) bool {
	for _, p := range m {
		if nested(p.Value) {
			return false
		}
	}
	return len(m) > 1
}

// An element is written into.
type element struct {
	w     *bufio.Writer
	open  string // what is to be written before its first child
	depth string // tabs before its children
}

func (e *element) children(ctx context.Context, v any) error {
	switch v := v.(type) {
	case Map:
		for _, p := range v {
			if err := e.child(ctx, p.Key, true, p.Value); err != nil {
				return err
			}
		}
	case List:
		for _, item := range v {
			if err := e.child(ctx, "", false, item); err != nil {
				return err
			}
		}
	case *Rows:
		for m, err := range v.all(ctx) {
			if err != nil {
				return err
			}
			if err := e.child(ctx, "", false, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// child writes <name>…</name>, or a row for what has no name, or none that XML allows.
func (e *element) child(ctx context.Context, name string, named bool, v any) error {
	puts(e.w, e.open, e.depth)
	e.open = ""
	start, end, empty := "<row>", "</row>\n", "<row/>\n"
	switch {
	case named && validName(name):
		start, end, empty = "<"+name+">", "</"+name+">\n", "<"+name+" />\n"
	case named:
		start, empty = `<row key="`+escapeXML(name)+`">`, `<row key="`+escapeXML(name)+"\"/>\n"
	}
	if !nested(v) {
		if text := scalar(v); text != "" {
			puts(e.w, start, escapeXML(text), end)
		} else {
			puts(e.w, empty)
		}
		return nil
	}
	puts(e.w, start, "\n")
	inner := &element{w: e.w, depth: e.depth + "\t"}
	if err := inner.children(ctx, v); err != nil {
		return err
	}
	puts(e.w, e.depth, end)
	return nil
}

// validName accepts what is a name for every parser: Latin letters, then also digits,
// hyphens and dots. Core takes more, and more than XML does.
func validName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r|0x20 >= 'a' && r|0x20 <= 'z' || r >= 0xC0 && r <= 0xFF && r != 0xD7 && r != 0xF7
		if !letter && (i == 0 || r != '-' && r != '.' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}

func escapeXML(text string) string {
	return escapeHTML(strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', r >= ' ' && r <= 0xD7FF, r >= 0xE000 && r <= 0xFFFD, r > 0xFFFF:
			return r
		}
		return '\uFFFD'
	}, text))
}
