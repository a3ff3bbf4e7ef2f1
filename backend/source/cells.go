package source

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// cells reads a table of text: records of fields with a delimiter between them, quoted
// or not (RFC 4180). Unlike encoding/csv it holds no more than most bytes of a record,
// keeps carriage returns inside of quotes (lengths of serialised texts count them), and
// reads MySQL's own form too, in which a backslash stands before what is special.
type cells struct {
	r         *bufio.Reader
	delimiter byte
	backslash bool
	most      int
	line      int64 // at which the next record begins
}

var errQuote = errors.New("a quoted field does not end")

// newCells looks at the beginning for the delimiter, and if it may be MySQL's form for that.
func newCells(r *bufio.Reader, most int, mysql bool) *cells {
	head, _ := r.Peek(headSize)
	return &cells{r: r, delimiter: sniffDelimiter(head), backslash: mysql && bytes.Contains(head, []byte(`:\"`)), most: most, line: 1}
}

// sniffDelimiter takes what divides the first line most often, outside of quotes.
func sniffDelimiter(head []byte) byte {
	var n [256]int
	quoted := false
	for _, c := range head {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted && (c == '\n' || c == '\r') && n[',']+n[';']+n['\t'] > 0 {
			break
		}
		if !quoted {
			n[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if n[c] > n[best] {
			best = c
		}
	}
	return best
}

// A cell is a field's text; null is a field that says so without quotes.
type cell struct {
	text string
	null bool
}

// next returns the next record that is not an empty line, and the line it begins at.
// A *RejectedError is about that record only.
func (c *cells) next() ([]cell, int64, error) {
	for {
		line := c.line
		record, err := c.record()
		if err != nil {
			return nil, line, err
		}
		if len(record) > 1 || record[0].text != "" {
			return record, line, nil
		}
	}
}

// record reads one record.
func (c *cells) record() ([]cell, error) {
	line := c.line
	var out []cell
	size := 0
	for {
		field, end, err := c.field(&size)
		if err != nil {
			if errors.Is(err, errQuote) {
				return nil, &RejectedError{Line: line, Reason: sentence(err.Error())}
			}
			if errors.Is(err, io.EOF) && len(out) == 0 && size == 0 {
				return nil, io.EOF
			}
			if !errors.Is(err, io.EOF) {
				return nil, err
			}
		}
		if size <= c.most {
			out = append(out, field)
		}
		if end == c.delimiter {
			continue
		}
		if size > c.most {
			return nil, &RejectedError{Line: line, Reason: fmt.Sprintf("It is longer than %d bytes, which is the most that is read.", c.most)}
		}
		return out, nil
	}
}

// field reads to the delimiter or the line's end and returns which of them it was; 0 at
// the end of the file, with io.EOF. Size grows by the bytes read.
func (c *cells) field(size *int) (cell, byte, error) {
	var out []byte
	quoted, was := false, false
	add := func(b byte) {
		if *size <= c.most {
			out = append(out, b)
		}
	}
	for {
		b, err := c.r.ReadByte()
		if err != nil {
			if quoted && errors.Is(err, io.EOF) {
				err = errQuote
			}
			return made(out, was), 0, err
		}
		*size++
		if b == '\n' {
			c.line++
		}
		switch {
		case c.backslash && b == '\\':
			if b, err = c.r.ReadByte(); err == nil {
				*size++
				unescape(b, was, add)
			}
		case b == '"' && quoted:
			if next, _ := c.r.Peek(1); len(next) == 1 && next[0] == '"' {
				_, _ = c.r.Discard(1) // of what was peeked at
				*size++
				add('"')
			} else {
				quoted = false
			}
		case b == '"' && len(out) == 0 && !was:
			quoted, was = true, true
		case quoted:
			add(b)
		case b == c.delimiter:
			return made(out, was), b, nil
		case b == '\n':
			if n := len(out); n > 0 && out[n-1] == '\r' {
				out = out[:n-1]
			}
			return made(out, was), b, nil
		default:
			add(b)
		}
	}
}

func made(out []byte, quoted bool) cell {
	text := string(out)
	return cell{text: text, null: !quoted && (text == "NULL" || text == `\N`)}
}

// unescape adds what stands behind MySQL's backslash: "SELECT … INTO OUTFILE" in the
// MySQL reference manual.
func unescape(b byte, quoted bool, add func(byte)) {
	switch b {
	case '0':
		add(0)
	case 'b':
		add('\b')
	case 'n':
		add('\n')
	case 'r':
		add('\r')
	case 't':
		add('\t')
	case 'Z':
		add(0x1a)
	case 'N':
		if !quoted {
			add('\\')
		}
		add('N')
	default:
		add(b)
	}
}
