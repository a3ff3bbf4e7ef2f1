package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strconv"

	"activitylog/backend/activity"
)

// A line is an activity as every front shows it, and its record as it came in.
type line struct {
	activity.Activity
	Raw json.RawMessage `json:"raw"`
}

// jsonWriter writes one object a line, or an array of them: whole activities, or the
// columns somebody chose.
type jsonWriter struct {
	out     *bufio.Writer
	columns []column
	names   [][]byte // of the columns, encoded
	array   bool
	n       int
}

func newNDJSON(s sheet) writer { return newJSON(s, false) }
func newArray(s sheet) writer  { return newJSON(s, true) }

func newJSON(s sheet, array bool) writer {
	w := &jsonWriter{out: s.out, columns: s.columns, array: array}
	for _, c := range s.columns {
		w.names = append(w.names, []byte(strconv.Quote(c.name)+":"))
	}
	return w
}

func (w *jsonWriter) begin() error {
	if w.array {
		return w.out.WriteByte('[')
	}
	return nil
}

func (w *jsonWriter) write(r row) error {
	if w.array && w.n > 0 {
		_ = w.out.WriteByte(',') // a bufio.Writer keeps its first error
	}
	w.n++
	if len(w.columns) > 0 {
		return w.flat(r)
	}
	raw := r.raw
	if len(raw) == 0 {
		raw = json.RawMessage("null")
	}
	return encode(w.out, line{r.Activity, raw})
}

// flat writes the chosen columns as one object, in their order.
func (w *jsonWriter) flat(r row) error {
	_ = w.out.WriteByte('{')
	for i, c := range w.columns {
		if i > 0 {
			_ = w.out.WriteByte(',')
		}
		_, _ = w.out.Write(w.names[i])
		cell, err := marshal(c.cell(r))
		if err != nil {
			return err
		}
		_, _ = w.out.Write(cell)
	}
	_, err := w.out.WriteString("}\n")
	return err
}

func (w *jsonWriter) end(int64) error {
	if w.array {
		_, _ = w.out.WriteString("]\n") // a bufio.Writer keeps its first error
	}
	return w.out.Flush()
}

func encode(out interface{ Write([]byte) (int, error) }, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	err := encode(&b, v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// encoded is marshal for what always has a JSON form: parts of a stored body.
func encoded(v any) json.RawMessage {
	data, err := marshal(v)
	if err != nil {
		panic("export: a stored body without JSON form: " + err.Error())
	}
	return data
}
