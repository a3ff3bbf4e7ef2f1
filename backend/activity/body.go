package activity

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// A Body is the content of an activity: exactly what is hashed into the ledger.
// What is not in the body is not proven. Its JSON form is final with the first
// release: a new field means a new V.
type Body struct {
	V             int             `json:"v"` // 1
	OccurredAt    int64           `json:"occurredAt"`
	OffsetMinutes int             `json:"offsetMinutes"`
	Type          string          `json:"type"`
	Actor         BodyActor       `json:"actor"`
	Object        *Object         `json:"object"`
	Site          *SiteRef        `json:"site"`
	Source        string          `json:"source"`
	ExternalID    *string         `json:"externalId"`
	IP            *string         `json:"ip"`
	UserAgent     *string         `json:"userAgent"`
	RequestID     *string         `json:"requestId"`
	Result        string          `json:"result"`
	Changes       []Change        `json:"changes"`    // never null
	Parameters    json.RawMessage `json:"parameters"` // an object, never null
	Raw           json.RawMessage `json:"raw"`        // any JSON, or null
	// Undated tells that the draft named no time, so that OccurredAt is its arrival.
	// It is neither stored nor hashed: it only lets the same draft, sent again with its
	// external id, count as the same.
	Undated bool `json:"-"`
	// SiteCalled is set where the store is to say which site a draft means. Site is what
	// it is if that is none of this log's. It is neither stored nor hashed.
	SiteCalled SiteCall `json:"-"`
	// DoNotTrack tells that the browser asked for it. It is neither stored nor hashed.
	DoNotTrack bool `json:"-"`
}

// A SiteCall is what a draft calls its site: the id or name of one that the scope's user
// has access to, or a foreign name.
type SiteCall struct {
	Text  string // "": none
	Scope Scope
}

// A BodyActor is the actor as hashed. Name is null only where the person may have
// to be forgotten (types that cannot be erased); User then says who it was.
type BodyActor struct {
	Kind   string  `json:"kind"`
	Source string  `json:"source"`
	Name   *string `json:"name"`
	User   *string `json:"user"`
}

// MaxBody is the largest encoded body in bytes.
const MaxBody = 64 << 10

// BodyVersion is the V of the bodies this program writes.
const BodyVersion = 1

var null = json.RawMessage("null")

// Encode returns the bytes to store and hash: UTF-8 JSON on one line, keys in the
// order of [Body], no HTML escapes, numbers as they were written.
func (b Body) Encode() ([]byte, error) {
	if b.Changes == nil {
		b.Changes = []Change{}
	}
	for i, c := range b.Changes {
		if len(c.Old) == 0 {
			b.Changes[i].Old = null
		}
		if len(c.New) == 0 {
			b.Changes[i].New = null
		}
	}
	if len(b.Parameters) == 0 {
		b.Parameters = json.RawMessage("{}")
	}
	if len(b.Raw) == 0 {
		b.Raw = null
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b); err != nil {
		return nil, fmt.Errorf("encode body: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// DecodeBody reads what Encode wrote.
func DecodeBody(data []byte) (Body, error) {
	var b Body
	if err := json.Unmarshal(data, &b); err != nil {
		return Body{}, fmt.Errorf("decode body: %w", err)
	}
	if b.V != BodyVersion {
		return Body{}, fmt.Errorf("decode body: version %d is not known", b.V)
	}
	return b, nil
}
