package matomo

import (
	"bufio"
	"context"
	"strings"
)

// html is core's table. Everything in it is escaped.
type html struct{ method string }

func (html) header() (string, string) { return "text/html; charset=utf-8", "" }
func (html) table() bool              { return true }

func (html) check(v any) error {
	_, err := tableOf(v)
	return err
}

func (html) failure(message string) (string, string) {
	return plainText, strings.NewReplacer("\r\n", "<br />\r\n", "\n", "<br />\n").Replace(escapeHTML(message))
}

func (h html) write(ctx context.Context, w *bufio.Writer, v any) error {
	if v == nil {
		puts(w, "<!-- Success: ", success, " -->")
		return nil
	}
	t, err := tableOf(v)
	if err != nil {
		return err
	}
	id := ""
	if h.method != "" {
		id = `id="` + escapeHTML(strings.ReplaceAll(h.method, ".", "_")) + `" `
	}
	puts(w, "<table ", id, "border=\"1\">\n<thead>\n\t<tr>\n")
	const headed = "\t</tr>\n</thead>\n<tbody>\n"
	empty := true
	for m, err := range t.rows(ctx) {
		if err != nil {
			return err
		}
		if empty {
			for i := range t.columns {
				puts(w, "\t\t<th>", escapeHTML(t.heading(i)), "</th>\n")
			}
			puts(w, headed)
		}
		empty = false
		puts(w, "\t<tr>\n")
		for i := range t.columns {
			text := "-"
			if value, ok := t.at(m, i); ok && value != nil {
				text = escapeXML(scalar(value))
			}
			puts(w, "\t\t<td>", text, "</td>\n")
		}
		puts(w, "\t</tr>\n")
	}
	if empty {
		puts(w, headed)
	}
	puts(w, "</tbody>\n</table>\n")
	return nil
}
