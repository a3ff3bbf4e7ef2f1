package matomo

import (
	"bufio"
	"context"
	"errors"
	"strconv"
	"strings"
)

// original is PHP's own: var_export's text, or with serialize=1 what unserialize reads.
type original struct{ serialized bool }

func (original) header() (string, string) { return plainText, "" }
func (original) table() bool              { return false }
func (original) check(any) error          { return nil }

func (o original) failure(message string) (string, string) {
	if !o.serialized {
		return plainText, "Error: " + escapeHTML(message)
	}
	return plainText, "a:2:{" + phpText("result") + phpText("error") + phpText("message") + phpText(escapeHTML(message)) + "}"
}

func (o original) write(ctx context.Context, w *bufio.Writer, v any) error {
	switch {
	case v == nil:
		v = true // of a method that returns nothing
	case nested(v) && !o.serialized:
		return export(ctx, w, v, "")
	}
	if o.serialized {
		return serialize(ctx, w, v)
	}
	if v != false { // echo writes nothing for it
		puts(w, scalar(v))
	}
	return nil
}

func phpText(s string) string { return "s:" + strconv.Itoa(len(s)) + `:"` + s + `";` }

// errFewer breaks off an answer whose length was sent before its rows were gone.
var errFewer = errors.New("rows were erased while they were sent")

// serialize writes a value for unserialize. The length of an array comes before it, so
// that rows are counted first. What is recorded meanwhile takes the place of the oldest.
func serialize(ctx context.Context, w *bufio.Writer, v any) error {
	switch v := v.(type) {
	case nil:
		puts(w, "N;")
	case bool:
		puts(w, "b:", scalar(v), ";")
	case int64:
		puts(w, "i:", scalar(v), ";")
	case float64, digits:
		puts(w, "d:", scalar(v), ";")
	case string:
		puts(w, phpText(v))
	case Map:
		puts(w, "a:", strconv.Itoa(len(v)), ":{")
		for _, p := range v {
			if intKey(p.Key) {
				puts(w, "i:", p.Key, ";")
			} else {
				puts(w, phpText(p.Key))
			}
			if err := serialize(ctx, w, p.Value); err != nil {
				return err
			}
		}
		puts(w, "}")
	case List:
		puts(w, "a:", strconv.Itoa(len(v)), ":{")
		for i, item := range v {
			puts(w, "i:", strconv.Itoa(i), ";")
			if err := serialize(ctx, w, item); err != nil {
				return err
			}
		}
		puts(w, "}")
	case *Rows:
		return serializeRows(ctx, w, v)
	}
	return nil
}

func serializeRows(ctx context.Context, w *bufio.Writer, rows *Rows) error {
	n, err := rows.count(ctx)
	if err != nil {
		return err
	}
	puts(w, "a:", strconv.FormatInt(n, 10), ":{")
	i := int64(0)
	for m, err := range rows.all(ctx) {
		if err != nil {
			return err
		}
		if i == n { // recorded meanwhile
			break
		}
		puts(w, "i:", strconv.FormatInt(i, 10), ";")
		if err := serialize(ctx, w, m); err != nil {
			return err
		}
		i++
	}
	if i < n {
		return errFewer
	}
	puts(w, "}")
	return nil
}

// export writes an array as var_export does; indent is what its own line has.
func export(ctx context.Context, w *bufio.Writer, v any, indent string) error {
	puts(w, "array (\n")
	item := func(key string, v any) error {
		puts(w, indent, "  ", key, " => ")
		if nested(v) {
			puts(w, "\n", indent, "  ")
			if err := export(ctx, w, v, indent+"  "); err != nil {
				return err
			}
			puts(w, ",\n")
			return nil
		}
		puts(w, exported(v), ",\n")
		return nil
	}
	if err := eachItem(ctx, v, item); err != nil {
		return err
	}
	puts(w, indent, ")")
	return nil
}

// eachItem goes over an array with PHP's spelling of its keys.
func eachItem(ctx context.Context, v any, item func(key string, v any) error) error {
	switch v := v.(type) {
	case Map:
		for _, p := range v {
			key := p.Key
			if !intKey(key) {
				key = exported(key)
			}
			if err := item(key, p.Value); err != nil {
				return err
			}
		}
	case List:
		for i, value := range v {
			if err := item(strconv.Itoa(i), value); err != nil {
				return err
			}
		}
	case *Rows:
		i := 0
		for m, err := range v.all(ctx) {
			if err != nil {
				return err
			}
			if err := item(strconv.Itoa(i), m); err != nil {
				return err
			}
			i++
		}
	}
	return nil
}

var exportText = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `' . "\0" . '`)

// exported is a plain value as var_export writes it.
func exported(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case bool:
		return strconv.FormatBool(v)
	case float64:
		text := float(v, 'E')
		if !strings.ContainsAny(text, ".E") {
			text += ".0"
		}
		return text
	case string:
		return "'" + exportText.Replace(v) + "'"
	}
	return scalar(v)
}
