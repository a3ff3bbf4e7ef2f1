package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// The content types of a body.
const (
	JSON   = "application/json"                   // one draft, or an array of them
	Lines  = "application/x-ndjson"               // one draft a line
	Event  = "application/cloudevents+json"       // one CloudEvent
	Events = "application/cloudevents-batch+json" // an array of them
)

// MediaTypes lists the content types.
func MediaTypes() []string { return []string{JSON, Lines, Event, Events} }

// Bounds of one request.
const (
	MaxBytes   = 8 << 20 // of its body, unpacked
	MaxRecords = 10_000
)

// ErrLarge is in the chain of an error that says that a body is too large.
var ErrLarge = errors.New("ingest: too large")

// TooLarge is the refusal of a body of more bytes than may be sent.
func TooLarge() error {
	return fault.Wrap(ErrLarge, fault.Invalid, "A body may have %d MiB, unpacked. Send it in parts.", MaxBytes>>20)
}

// A record is one record of a body: its draft, or why it is none.
type record struct {
	line  int // from 1; 0 where the body is not in lines
	event bool
	draft activity.Draft
	err   error
}

// read splits a body into its records. Errors (invalid) are of the body as a whole; a
// record that is none has its own.
func read(media string, body []byte) ([]record, error) {
	switch media {
	case JSON:
		if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' {
			return one(trimmed, false)
		}
		return array(body, false)
	case Lines:
		return lines(body)
	case Event:
		return one(bytes.TrimSpace(body), true)
	case Events:
		return array(body, true)
	}
	return nil, fault.New(fault.Invalid, "The content type is one of: %s.", strings.Join(MediaTypes(), ", "))
}

// one reads a body that is one record. Where it is not even JSON there is no record to
// speak of.
func one(body []byte, event bool) ([]record, error) {
	if !json.Valid(body) {
		return nil, notJSON(json.Unmarshal(body, new(json.RawMessage)))
	}
	return []record{parse(body, event)}, nil
}

// array reads a JSON array. It is read to its end before anything is stored: after a
// mistake in the JSON nobody can say where the next record begins.
func array(body []byte, event bool) ([]record, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	open, err := dec.Token()
	if err != nil {
		return nil, notJSON(err)
	}
	if open != json.Delim('[') {
		return nil, fault.New(fault.Invalid, "The body must be a JSON object or an array of them.")
	}
	records := []record{}
	for dec.More() {
		var item json.RawMessage
		if err := dec.Decode(&item); err != nil {
			return nil, notJSON(err)
		}
		if len(records) == MaxRecords {
			return nil, tooMany()
		}
		records = append(records, parse(item, event))
	}
	if _, err := dec.Token(); err != nil {
		return nil, notJSON(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "There is something after the end of the JSON array.")
	}
	return records, nil
}

// lines reads one draft a line. Empty lines are passed over, but counted.
func lines(body []byte) ([]record, error) {
	records := []record{}
	for number := 1; len(body) > 0; number++ {
		text, rest, _ := bytes.Cut(body, []byte("\n"))
		body = rest
		text = bytes.TrimSpace(text)
		if len(text) == 0 {
			continue
		}
		if len(records) == MaxRecords {
			return nil, tooMany()
		}
		r := parse(text, false)
		r.line = number
		records = append(records, r)
	}
	return records, nil
}

func parse(text []byte, event bool) record {
	r := record{event: event}
	if event {
		r.draft, r.err = parseEvent(text)
	} else {
		r.draft, r.err = activity.ParseDraft(text)
	}
	return r
}

func tooMany() error {
	return fault.Wrap(ErrLarge, fault.Invalid, "At most 10,000 records may come at once. Send them in parts.")
}

func notJSON(err error) error {
	if errors.Is(err, io.EOF) || err == nil {
		return fault.New(fault.Invalid, "The body is empty, or ends before it is complete.")
	}
	return fault.New(fault.Invalid, "The body is not valid JSON: %s.", strings.TrimPrefix(err.Error(), "json: "))
}
