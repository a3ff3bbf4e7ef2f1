package activity

import (
	"bytes"
	"encoding/json"
	"fmt"

	"activitylog/backend/fault"
)

// Limits bound what one draft may carry.
type Limits struct {
	Keys   int // per level
	Depth  int
	String int // bytes of one string; 0: only MaxBody
}

// LiveLimits hold at the doors where a draft can be refused and sent again.
var LiveLimits = Limits{Keys: 64, Depth: 8, String: 8 << 10}

// ImportLimits hold for records that exist elsewhere and should not be lost.
var ImportLimits = Limits{Keys: 1000, Depth: 32}

// check walks a JSON value and refuses what is beyond the limits, naming the field.
func (l Limits) check(name string, value json.RawMessage) error {
	if len(value) == 0 || l.surelyWithin(value) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber()
	return l.walk(dec, name, 1)
}

// surelyWithin is a quick look that spares most values the walk: where there are no
// more commas and brackets than allowed, no level can have too many entries and none
// can be too deep. A text has at most three bytes for each byte of JSON: one that is
// no UTF-8 becomes U+FFFD.
func (l Limits) surelyWithin(value json.RawMessage) bool {
	return (l.String == 0 || 3*len(value) <= l.String) && bytes.Count(value, []byte(",")) < l.Keys &&
		bytes.Count(value, []byte("{"))+bytes.Count(value, []byte("[")) <= l.Depth && json.Valid(value)
}

func (l Limits) walk(dec *json.Decoder, name string, depth int) error {
	token, err := dec.Token()
	if err != nil {
		return fault.At(name, "%s is not valid JSON.", name)
	}
	switch t := token.(type) {
	case string:
		if l.String > 0 && len(t) > l.String {
			return fault.At(name, "%s is %d bytes long; at most %d are allowed.", name, len(t), l.String)
		}
	case json.Delim:
		if depth > l.Depth {
			return fault.At(name, "%s is nested deeper than %d levels.", name, l.Depth)
		}
		return l.children(dec, name, depth, t)
	}
	return nil
}

func (l Limits) children(dec *json.Decoder, name string, depth int, open json.Delim) error {
	n := 0
	for dec.More() {
		child := fmt.Sprintf("%s[%d]", name, n)
		if open == '{' {
			token, err := dec.Token()
			if err != nil {
				return fault.At(name, "%s is not valid JSON.", name)
			}
			child = name + "." + clip(token.(string))
		}
		if n++; n > l.Keys {
			return fault.At(name, "%s has more than %d entries on one level.", name, l.Keys)
		}
		if err := l.walk(dec, child, depth+1); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return fault.At(name, "%s is not valid JSON.", name)
	}
	return nil
}
