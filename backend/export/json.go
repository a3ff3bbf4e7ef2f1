package export

import (
	"bufio"
	"encoding/json"

	"activitylog/backend/activity"
)

// A line is an activity as every front shows it, and its record as it came in.
type line struct {
	activity.Activity
	Raw json.RawMessage `json:"raw"`
}

// jsonWriter writes one activity a line, or an array of them.
type jsonWriter struct {
	out   *bufio.Writer
	array bool
	n     int
}

func (w *jsonWriter) begin() error {
	if w.array {
		return w.out.WriteByte('[')
	}
	return nil
}

func (w *jsonWriter) write(a activity.Activity, raw json.RawMessage) error {
	if len(raw) == 0 {
		raw = json.RawMessage("null")
	}
	if w.array && w.n > 0 {
		_ = w.out.WriteByte(',') // a bufio.Writer keeps its first error
	}
	w.n++
	enc := json.NewEncoder(w.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(line{a, raw})
}

func (w *jsonWriter) end() error {
	if w.array {
		_, _ = w.out.WriteString("]\n") // a bufio.Writer keeps its first error
	}
	return w.out.Flush()
}
