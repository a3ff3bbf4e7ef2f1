package source

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A dump reads the rows of one table out of SQL as mysqldump, MariaDB and phpMyAdmin
// write it: INSERT and REPLACE with one or many rows, with or without the names of the
// columns. Nothing is run; other statements are passed over and the rows of other
// tables counted. No more than one row is held. Source: the MySQL reference manual,
// "Literal Values", "INSERT Statement", "mysqldump".
type dump struct {
	r    *bufio.Reader
	most int
	ours func(table string) bool
	line int64

	columns map[string][]string // of the tables wanted, as CREATE TABLE says
	inserts []string            // the columns of the statement at hand
	table   string              // whose rows these are
	inside  bool                // of its list of rows
	skipped int64               // rows of other tables
}

func newDump(r *bufio.Reader, most int, ours func(string) bool) *dump {
	return &dump{r: r, most: most, ours: ours, line: 1, columns: map[string][]string{}}
}

// A tuple is one row: its values, under the names of its columns where they are known.
type tuple struct {
	table   string
	columns []string // nil: not said
	values  []cell
	line    int64
}

var errEndsInRow = errors.New("the file ends in the middle of it")

// next returns the next row of a table that is wanted. A *RejectedError is about that
// row only; io.EOF is the end.
func (d *dump) next() (tuple, error) {
	for {
		if !d.inside {
			if err := d.statement(); err != nil {
				return tuple{}, err
			}
			continue
		}
		c, err := d.peek()
		switch {
		case err != nil:
			return tuple{}, err
		case c == ',':
			_, _ = d.read()
		case c == '(':
			_, _ = d.read()
			return d.tuple()
		default: // the end, or ON DUPLICATE KEY …
			d.inside = false
			if err := d.skip(nil); err != nil {
				return tuple{}, err
			}
		}
	}
}

// tuple reads a row behind its parenthesis.
func (d *dump) tuple() (tuple, error) {
	t := tuple{table: d.table, columns: d.inserts, line: d.line}
	size := 0
	for {
		value, err := d.value(&size)
		if err == nil {
			if size <= d.most {
				t.values = append(t.values, value)
			}
			var c byte
			if c, err = d.peek(); err == nil {
				_, _ = d.read()
				if c == ',' {
					continue
				}
				if c != ')' {
					_ = d.r.UnreadByte() // follows a ReadByte
					err = fmt.Errorf("after its value %d stands %q", len(t.values), string(rune(c)))
				}
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			err = errEndsInRow
		case err == nil && size > d.most:
			err = fmt.Errorf("it is longer than %d bytes, which is the most that is read", d.most)
		case err == nil:
			return t, nil
		default:
			d.resume()
		}
		return t, &RejectedError{Line: t.line, Reason: sentence(withID(err.Error(), t))}
	}
}

// withID says which row it is, since many can stand on one line.
func withID(reason string, t tuple) string {
	if len(t.values) == 0 || len(t.values[0].text) > 20 || strings.Trim(t.values[0].text, "0123456789") != "" {
		return reason
	}
	return fmt.Sprintf("row %s: %s", t.values[0].text, reason)
}

// resume steps over the rest of a damaged row: to its parenthesis, the end of its
// statement, or a line that begins the next one, also where a quote is missing.
func (d *dump) resume() {
	depth, quoted := 1, false
	for depth > 0 && d.inside {
		c, err := d.read()
		if err != nil {
			return
		}
		switch {
		case c == '\n':
			head, _ := d.r.Peek(12)
			d.inside = !bytes.Equal(bytes.ToUpper(head), []byte("INSERT INTO "))
		case c == '\\' && quoted:
			_, _ = d.read()
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ';':
			d.inside = false
		}
	}
}

// value reads one value of a row.
func (d *dump) value(size *int) (cell, error) {
	c, err := d.peek()
	if err != nil {
		return cell{}, err
	}
	if c == '\'' || c == '"' {
		_, _ = d.read()
		return d.quotedText(c, size)
	}
	word, err := d.bare()
	*size += len(word)
	if err == nil && len(word) > 1 && word[0] == '_' { // a character set: _binary '…', _utf8mb4 0x…
		if c, err = d.peek(); err == nil && (c == '\'' || c == '"') {
			_, _ = d.read()
			return d.quotedText(c, size)
		}
		if err == nil {
			word, err = d.bare()
			*size += len(word)
		}
	}
	if err != nil {
		return cell{}, err
	}
	next, _ := d.r.Peek(1)
	follows := len(next) == 1 && next[0] == '\''
	switch {
	case strings.EqualFold(word, "NULL"):
		return cell{null: true}, nil
	case strings.EqualFold(word, "X") && follows:
		_, _ = d.read()
		text, err := d.quotedText('\'', size)
		if err != nil {
			return cell{}, err
		}
		return unhex(text.text)
	case strings.HasPrefix(word, "0x") || strings.HasPrefix(word, "0X"):
		return unhex(word[2:])
	case word != "" && strings.IndexByte("0123456789+-.", word[0]) >= 0:
		return cell{text: word}, nil
	}
	return cell{}, fmt.Errorf("%q is no value that is read", clipped(word))
}

func clipped(text string) string {
	if len(text) > 40 {
		return strings.ToValidUTF8(text[:40], "") + "…"
	}
	return text
}

func unhex(digits string) (cell, error) {
	data, err := hex.DecodeString(digits)
	if err != nil {
		return cell{}, errors.New("a hexadecimal value has a digit that is none, or half a byte")
	}
	return cell{text: string(data)}, nil
}

// bare reads a word or number: to what cannot be part of one.
func (d *dump) bare() (string, error) {
	var out []byte
	for {
		next, err := d.r.Peek(1)
		if err != nil {
			if len(out) > 0 && errors.Is(err, io.EOF) {
				return string(out), nil
			}
			return "", err
		}
		if strings.IndexByte(" \t\r\n,;()'\"`", next[0]) >= 0 {
			return string(out), nil
		}
		_, _ = d.read() // it was peeked at
		if len(out) <= d.most {
			out = append(out, next[0])
		}
	}
}

// quotedText reads a text behind its quote. Its escapes are MySQL's.
func (d *dump) quotedText(quote byte, size *int) (cell, error) {
	var out []byte
	add := func(b byte) {
		if *size++; *size <= d.most {
			out = append(out, b)
		}
	}
	for {
		c, err := d.read()
		if err != nil {
			return cell{}, err
		}
		switch c {
		case '\\':
			if c, err = d.read(); err != nil {
				return cell{}, err
			}
			if c == '%' || c == '_' { // these keep their backslash
				add('\\')
			}
			unescape(c, true, add)
		case quote:
			if next, _ := d.r.Peek(1); len(next) == 0 || next[0] != quote {
				return cell{text: string(out)}, nil
			}
			_, _ = d.read()
			add(quote)
		default:
			add(c)
		}
	}
}

func (d *dump) read() (byte, error) {
	c, err := d.r.ReadByte()
	if err == nil && c == '\n' {
		d.line++
	}
	return c, err
}
