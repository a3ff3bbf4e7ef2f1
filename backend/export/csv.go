package export

import (
	"bufio"
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// csvWriter writes RFC 4180: UTF-8, commas, CRLF, a heading. What is absent is empty;
// nested cells are JSON. A cell that a spreadsheet would run as a formula gets a '
// in front.
type csvWriter struct {
	out     *bufio.Writer
	columns []column
	cells   []string
}

func newCSV(s sheet) writer {
	return &csvWriter{out: s.out, columns: s.columns, cells: make([]string, len(s.columns))}
}

func (w *csvWriter) begin() error { return w.row(namesOf(w.columns)) }

func (w *csvWriter) end(int64) error { return w.out.Flush() }

func (w *csvWriter) write(r row) error {
	for i, c := range w.columns {
		w.cells[i] = flatten(c.cell(r))
	}
	return w.row(w.cells)
}

// flatten is a cell as text.
func flatten(cell any) string {
	switch v := cell.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case json.RawMessage:
		return string(v)
	}
	return ""
}

func (w *csvWriter) row(cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			_ = w.out.WriteByte(',') // a bufio.Writer keeps its first error
		}
		_, _ = w.out.WriteString(quote(safe(cell)))
	}
	_, err := w.out.WriteString("\r\n")
	return err
}

func quote(cell string) string {
	// LibreOffice takes semicolons and tabs for separators too, unless quoted.
	if !strings.ContainsAny(cell, "\",;\t\r\n") && strings.TrimSpace(cell) == cell {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}

// safe keeps a spreadsheet from running a cell, also one that begins with what it
// may skip: white space, and characters that are not shown.
func safe(cell string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(cell, skipped))
	if strings.ContainsRune("=+-@＝＋－＠", first) || cell != "" && strings.ContainsRune("\t\r\n\x00", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func skipped(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) }
