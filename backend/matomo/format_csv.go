package matomo

import (
	"bufio"
	"context"
	"net/url"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// csv is core's, with commas or tabs: UTF-16LE with a byte order mark unless
// convertToUnicode=0, no line break at the end.
type csv struct {
	separator byte
	utf16     bool
	name      string // of the file
}

func newCSV(p params, separator byte) csv {
	name, extension := "Export", ".csv"
	if separator == '\t' {
		extension = ".tsv"
	}
	if date := p.text("date", ""); date != "" && p.text("period", "") != "" {
		name += " _ " + p.text("method", "") + " _ " + date
	}
	return csv{separator, p.integer("convertToUnicode", 1) != 0, name + extension}
}

func (c csv) header() (string, string) {
	return "application/vnd.ms-excel", "attachment; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(c.name), "+", "%20")
}

func (csv) table() bool { return true }

func (csv) check(v any) error {
	_, err := tableOf(v)
	return err
}

func (csv) failure(message string) (string, string) {
	return "text/html; charset=utf-8", "Error: " + escapeHTML(message)
}

func (c csv) write(ctx context.Context, out *bufio.Writer, v any) error {
	if v == nil {
		puts(out, "message\n", success)
		return nil
	}
	t, err := tableOf(v)
	if err != nil {
		return err
	}
	w, done := out, func() error { return nil }
	if c.utf16 {
		encoder := transform.NewWriter(out, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder())
		w = bufio.NewWriterSize(encoder, 32<<10)
		done = func() error { _ = w.Flush(); return encoder.Close() }
	}
	empty := true
	for m, err := range t.rows(ctx) {
		if err != nil {
			return err
		}
		headed := t.named || !nested(v) // a list of plain values has no heading
		if empty && headed {
			c.line(w, len(t.columns), func(i int) string { return c.cell(t.heading(i)) })
		}
		if headed || !empty {
			puts(w, "\n")
		}
		empty = false
		c.line(w, len(t.columns), func(i int) string {
			value, _ := t.at(m, i)
			return c.cell(value)
		})
	}
	if empty {
		puts(out, "No data available")
		return nil
	}
	return done()
}

func (c csv) line(w *bufio.Writer, n int, text func(int) string) {
	for i := range n {
		if i > 0 {
			_ = w.WriteByte(c.separator) // a bufio.Writer keeps its first error
		}
		puts(w, text(i))
	}
}

// cell writes a value so that no spreadsheet runs it as a formula, and quotes it if it
// has a quote or what any reader may take for a separator.
func (c csv) cell(v any) string {
	text, ok := v.(string)
	if !ok {
		return scalar(v)
	}
	bare := strings.Replace(text, "%", "", 1)
	if bare != "" && strings.IndexByte("=+-@", bare[0]) >= 0 && !isNumeric(bare) {
		text = "'" + text
	}
	text = strings.ReplaceAll(text, "\t", " ")
	if strings.ContainsAny(text, `",;`) {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}
