package source

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// elements yields the JSON values of a text: its lines, the elements of its arrays,
// those of {"Records": [ ]}, or values that just follow each other. It never holds
// more than one of them.
type elements struct {
	r     *bufio.Reader
	most  int
	lines bool
	n     int64 // number of the last value: its line, or its place among the elements
	in    container
}

// A container is what the scanner stands in.
type container int

const (
	top     container = iota
	array             // between [ and ]
	records           // between [ and ] of {"Records": [
	closing           // behind that ], before the }
)

var (
	recordsHead = regexp.MustCompile(`^\{(?:\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[-+.\w]+)\s*,)*\s*"Records"\s*:\s*\[`)
	errEnds     = errors.New("the file ends in the middle of it")
)

// newElements looks at the beginning to see how the values are put together.
func newElements(r *bufio.Reader, most int) *elements {
	return &elements{r: r, most: most, lines: looksLikeLines(r)}
}

// looksLikeLines reports whether a text holds one JSON object a line. A text that
// begins with neither [ nor { is read by lines too, so that a bad one can be skipped.
func looksLikeLines(r *bufio.Reader) bool {
	head, _ := r.Peek(headSize)
	start := bytes.TrimLeft(head, " \t\r\n")
	if len(start) == 0 || start[0] != '[' && start[0] != '{' {
		return true
	}
	if start[0] == '[' || recordsHead.Match(start) {
		return false
	}
	whole := len(head) < headSize
	for len(start) > 0 {
		line, rest, ended := bytes.Cut(start, []byte("\n"))
		if (ended || whole) && line[0] == '{' && json.Valid(line) {
			return true
		}
		start = bytes.TrimLeft(rest, "\r\n")
	}
	return false
}

// next returns the next value and its number. A *RejectedError is about that value only.
func (e *elements) next() ([]byte, int64, error) {
	data, err := e.value()
	if err != nil {
		return nil, e.n, err
	}
	if err := checkUTF8(data); err != nil {
		return nil, e.n, e.reject(err)
	}
	if !json.Valid(data) {
		var v any
		return nil, e.n, e.reject(fmt.Errorf("this is not valid JSON: %w", json.Unmarshal(data, &v)))
	}
	return data, e.n, nil
}

func (e *elements) reject(err error) error {
	return &RejectedError{Line: e.n, Reason: sentence(err.Error())}
}

// sentence makes an error's text one.
func sentence(text string) string {
	if r, size := utf8.DecodeRuneInString(text); r != utf8.RuneError {
		text = strings.ToUpper(string(r)) + text[size:]
	}
	return strings.TrimSuffix(text, ".") + "."
}

func (e *elements) value() ([]byte, error) {
	if e.lines {
		return e.line()
	}
	for {
		c, err := e.peek()
		if err != nil {
			return nil, e.ended(err)
		}
		switch {
		case e.in == top && c == '[':
			e.in = array
		case e.in == top && c == '{' && e.enterRecords():
			e.in = records
			continue
		case e.in == top:
			e.n++
			return e.scan()
		case e.in == closing:
			if err := e.skipToClose(); err != nil {
				return nil, e.ended(err)
			}
			e.in = top
			continue
		case c == ',':
		case c == ']' && e.in == array:
			e.in = top
		case c == ']':
			e.in = closing
		default:
			e.n++
			return e.scan()
		}
		e.discard(1)
	}
}

// ended turns the end of the text inside of a container into a rejection, once.
func (e *elements) ended(err error) error {
	if errors.Is(err, io.EOF) && e.in != top {
		e.in = top
		e.n++
		return e.reject(errors.New("the file ends before its list does"))
	}
	return err
}

// peek returns the next byte that is not white space.
func (e *elements) peek() (byte, error) {
	for {
		c, err := e.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, e.r.UnreadByte()
		}
	}
}

func (e *elements) discard(n int) { _, _ = e.r.Discard(n) } // of what was peeked at

func (e *elements) enterRecords() bool {
	head, _ := e.r.Peek(headSize)
	at := recordsHead.FindIndex(head)
	if at == nil {
		return false
	}
	e.discard(at[1])
	return true
}

// skipToClose steps over the rest of the object around the records.
func (e *elements) skipToClose() error {
	s := nesting{depth: 1}
	for s.depth > 0 {
		c, err := e.r.ReadByte()
		if err != nil {
			return err
		}
		s.step(c)
	}
	return nil
}

// nesting follows the brackets of JSON text.
type nesting struct {
	depth   int
	quoted  bool
	escaped bool
}

func (s *nesting) step(c byte) {
	switch {
	case s.escaped:
		s.escaped = false
	case s.quoted:
		s.escaped = c == '\\'
		s.quoted = c != '"'
	case c == '"':
		s.quoted = true
	case c == '{' || c == '[':
		s.depth++
	case c == '}' || c == ']':
		s.depth--
	}
}

// scan reads one value: to its closing bracket, or to what ends a bare word.
func (e *elements) scan() ([]byte, error) {
	var data []byte
	var s nesting
	size := 0
	for {
		c, err := e.r.ReadByte()
		if errors.Is(err, io.EOF) {
			if s.depth > 0 || s.quoted {
				return nil, e.reject(errEnds)
			}
			break
		}
		if err != nil {
			return nil, err
		}
		bare := s.depth == 0 && !s.quoted && size > 0
		if bare && strings.IndexByte(" \t\r\n,[]{}", c) >= 0 {
			_ = e.r.UnreadByte() // follows a ReadByte
			break
		}
		s.step(c)
		if size++; size <= e.most {
			data = append(data, c)
		}
		if s.depth < 0 || s.depth == 0 && !s.quoted && strings.IndexByte(`}]"`, c) >= 0 {
			break
		}
	}
	return e.within(data, size)
}

func (e *elements) within(data []byte, size int) ([]byte, error) {
	if size > e.most {
		return nil, e.reject(fmt.Errorf("it is %d bytes long; at most %d are read", size, e.most))
	}
	return data, nil
}

// line reads the next line that is not blank.
func (e *elements) line() ([]byte, error) {
	for {
		var data []byte
		size := 0
		var err error
		for {
			var part []byte
			part, err = e.r.ReadSlice('\n')
			if size += len(part); size <= e.most {
				data = append(data, part...)
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				break
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if size == 0 {
			return nil, io.EOF
		}
		e.n++
		if size > e.most {
			return e.within(nil, size)
		}
		if data = bytes.TrimSpace(data); len(data) > 0 {
			return data, nil
		}
	}
}

// checkUTF8 names the first byte of a record that is not valid UTF-8, which JSON
// decoders would replace without a word.
func checkUTF8(data []byte) error {
	if utf8.Valid(data) {
		return nil
	}
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return fmt.Errorf("its byte %d is not valid UTF-8", at+1)
		}
		at += size
	}
	return nil
}
