package matomo

import (
	"bufio"
	"bytes"
	"context"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonFormat is json_encode's: / and all but ASCII escaped, no HTML escapes, an empty
// array always a list. Core undoes HTML escapes first, since Matomo stores texts with
// them; here they are stored as they came, so there is nothing to undo.
type jsonFormat struct{}

func (jsonFormat) header() (string, string) { return "application/json; charset=utf-8", "" }
func (jsonFormat) table() bool              { return false }
func (jsonFormat) check(any) error          { return nil }

func (jsonFormat) write(ctx context.Context, w *bufio.Writer, v any) error {
	enc := jsonEncoder{w: w, text: phpString}
	switch {
	case v == nil:
		return enc.value(ctx, Map{{"result", "success"}, {"message", success}})
	case !nested(v):
		return enc.value(ctx, Map{{"value", v}})
	}
	return enc.value(ctx, v)
}

func (j jsonFormat) failure(message string) (string, string) {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	line := strings.NewReplacer("\r\n", " ", "\n", " ").Replace(escapeHTML(message))
	_ = j.write(context.Background(), w, Map{{"result", "error"}, {"message", line}})
	_ = w.Flush() // a buffer takes everything
	contentType, _ := j.header()
	return contentType, b.String()
}

// A jsonEncoder writes values as JSON, texts its own way.
type jsonEncoder struct {
	w     *bufio.Writer
	text  func(w *bufio.Writer, s string)
	plain bool // {} for an empty Map, which PHP does not tell from a list
}

func (e jsonEncoder) value(ctx context.Context, v any) error {
	switch v := v.(type) {
	case nil:
		puts(e.w, "null")
	case bool:
		puts(e.w, strconv.FormatBool(v))
	case float64:
		puts(e.w, float(v, 'e'))
	case string:
		e.text(e.w, v)
	case List:
		return e.list(ctx, v)
	case Map:
		return e.object(ctx, v)
	case *Rows:
		return e.rows(ctx, v)
	default:
		puts(e.w, scalar(v))
	}
	return nil
}

func (e jsonEncoder) list(ctx context.Context, list List) error {
	puts(e.w, "[")
	for i, v := range list {
		if i > 0 {
			puts(e.w, ",")
		}
		if err := e.value(ctx, v); err != nil {
			return err
		}
	}
	puts(e.w, "]")
	return nil
}

func (e jsonEncoder) rows(ctx context.Context, rows *Rows) error {
	separator := "["
	for m, err := range rows.all(ctx) {
		if err != nil {
			return err
		}
		puts(e.w, separator)
		if err := e.object(ctx, m); err != nil {
			return err
		}
		separator = ","
	}
	if separator == "[" {
		puts(e.w, "[")
	}
	puts(e.w, "]")
	return nil
}

func (e jsonEncoder) object(ctx context.Context, m Map) error {
	if len(m) == 0 && !e.plain {
		puts(e.w, "[]")
		return nil
	}
	separator := "{"
	for _, p := range m {
		puts(e.w, separator)
		e.text(e.w, p.Key)
		puts(e.w, ":")
		if err := e.value(ctx, p.Value); err != nil {
			return err
		}
		separator = ","
	}
	if len(m) == 0 {
		puts(e.w, "{")
	}
	puts(e.w, "}")
	return nil
}

const hexDigits = "0123456789abcdef"

// short are the escapes of JSON that have a letter of their own.
var short = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

// phpString writes a text as json_encode does.
func phpString(w *bufio.Writer, s string) {
	puts(w, `"`)
	for _, r := range s {
		switch {
		case r == '/':
			puts(w, `\/`)
		case short[r] != "":
			puts(w, short[r])
		case r >= ' ' && r < utf8.RuneSelf:
			_, _ = w.WriteRune(r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			unicodeEscape(w, high)
			unicodeEscape(w, low)
		default:
			unicodeEscape(w, r)
		}
	}
	puts(w, `"`)
}

// plainString writes a text with no more escapes than JSON wants.
func plainString(w *bufio.Writer, s string) {
	puts(w, `"`)
	for _, r := range s {
		switch {
		case short[r] != "":
			puts(w, short[r])
		case r < ' ':
			unicodeEscape(w, r)
		default:
			_, _ = w.WriteRune(r)
		}
	}
	puts(w, `"`)
}

func unicodeEscape(w *bufio.Writer, r rune) {
	puts(w, `\u`, string([]byte{hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15]}))
}

// jsonText is a nested value as JSON in one cell, as other programs write it.
func jsonText(v any) string {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	_ = jsonEncoder{w: w, text: plainString, plain: true}.value(context.Background(), v) // there are no rows in a cell
	_ = w.Flush()
	return b.String()
}
