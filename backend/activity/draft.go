package activity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"activitylog/backend/fault"
)

// draftFields are the fields a draft may have, in the order of the documentation.
var draftFields = []string{
	"type", "actor", "occurredAt", "site", "object", "changes", "parameters",
	"result", "ip", "userAgent", "requestId", "externalId",
}

// ParseDraft reads one draft. Unknown and repeated fields are refused by name, as
// is what Go's decoder would replace in silence: invalid UTF-8 (with its offset)
// and halves of surrogate pairs. Errors: invalid, with the field.
func ParseDraft(data []byte) (Draft, error) {
	if err := CheckText(data); err != nil {
		return Draft{}, err
	}
	fields, err := Members(data)
	if err != nil {
		return Draft{}, err
	}
	var d Draft
	for _, f := range fields {
		if err := d.set(f.Name, f.Value); err != nil {
			return Draft{}, err
		}
	}
	if d.Type == "" {
		return Draft{}, fault.At("type", "A draft needs a type, for example {\"type\": \"GoalAdded\"}.")
	}
	return d, nil
}

// UnmarshalJSON is [ParseDraft], so that a draft means the same at every door.
func (d *Draft) UnmarshalJSON(data []byte) error {
	parsed, err := ParseDraft(data)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func (d *Draft) set(name string, value json.RawMessage) error {
	switch name {
	case "type":
		return decodeInto(name, value, &d.Type, "a string")
	case "actor":
		return decodeInto(name, value, &d.Actor, `a name or {"kind": …, "name": …}`)
	case "occurredAt":
		return decodeInto(name, value, &d.OccurredAt, `a time like "2026-11-23T09:15:00+01:00"`)
	case "site":
		return decodeInto(name, value, &d.Site, "a string")
	case "object":
		return decodeInto(name, value, &d.Object, `{"kind": …, "id": …, "name": …}`)
	case "changes":
		return decodeInto(name, value, &d.Changes, `a list of {"field": …, "old": …, "new": …}`)
	case "parameters":
		d.Parameters = value
		return nil
	case "result":
		var result *string
		if err := decodeInto(name, value, &result, "ok, failed or denied"); err != nil || result == nil {
			return err
		}
		d.Result = *result
		return nil
	case "ip":
		return decodeInto(name, value, &d.IP, "an address")
	case "userAgent":
		return decodeInto(name, value, &d.UserAgent, "a string")
	case "requestId":
		return decodeInto(name, value, &d.RequestID, "a string")
	case "externalId":
		return decodeInto(name, value, &d.ExternalID, "a string")
	}
	return fault.At(clip(name), "A draft has no field %q. It has: %s.", clip(name), strings.Join(draftFields, ", "))
}

func decodeInto(name string, value json.RawMessage, target any, want string) error {
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.DisallowUnknownFields()
	err := dec.Decode(target)
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	return fault.At(name, "%s must be %s.", name, want)
}

// UnmarshalJSON accepts a bare name (of kind user) or {kind, name}.
func (a *DraftActor) UnmarshalJSON(data []byte) error {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) > 0 && trimmed[0] == '"' {
		a.Kind = KindUser
		return json.Unmarshal(trimmed, &a.Name)
	}
	fields, err := Members(trimmed)
	if err != nil {
		return fault.At("actor", `actor must be a name or {"kind": …, "name": …}.`)
	}
	a.Kind = KindUser
	for _, f := range fields {
		switch f.Name {
		case "kind":
			err = json.Unmarshal(f.Value, &a.Kind)
		case "name":
			err = json.Unmarshal(f.Value, &a.Name)
		default:
			return fault.At("actor."+clip(f.Name), "An actor has no field %q. It has: kind, name. Its source is always the door it came through.", clip(f.Name))
		}
		if err != nil {
			return fault.At("actor."+f.Name, "actor.%s must be a string.", f.Name)
		}
	}
	return nil
}

// A Member is a name in a JSON object and what stands under it.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Members splits a JSON object into its members, in order, names exact. Errors: invalid
// (no object, a name twice, something after it).
func Members(data []byte) ([]Member, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	open, err := dec.Token()
	if err != nil || open != json.Delim('{') {
		return nil, fault.New(fault.Invalid, "A draft must be a JSON object, for example {\"type\": \"GoalAdded\"}.")
	}
	var fields []Member
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, notJSON(err)
		}
		name, _ := token.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, notJSON(err)
		}
		if seen[name] {
			return nil, fault.At(clip(name), "The field %q stands there twice.", clip(name))
		}
		seen[name] = true
		fields = append(fields, Member{name, value})
	}
	if _, err := dec.Token(); err != nil {
		return nil, notJSON(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "There is something after the end of the JSON object.")
	}
	return fields, nil
}

func notJSON(err error) error {
	return fault.New(fault.Invalid, "This is not valid JSON: %s.", strings.TrimPrefix(fmt.Sprint(err), "json: "))
}

// CheckText refuses in JSON what Go's decoder would silently turn into U+FFFD: bytes
// that are no UTF-8, and halves of surrogate pairs. Errors: invalid, with the place.
func CheckText(data []byte) error {
	if !utf8.Valid(data) {
		for i := 0; i < len(data); {
			r, size := utf8.DecodeRune(data[i:])
			if r == utf8.RuneError && size <= 1 {
				return fault.New(fault.Invalid, "Byte %d is not valid UTF-8. Send UTF-8 text.", i+1)
			}
			i += size
		}
	}
	if at := loneSurrogate(data); at >= 0 {
		return fault.New(fault.Invalid, "The escape at byte %d is half of a surrogate pair. Send both halves.", at+1)
	}
	return nil
}

// loneSurrogate returns the place of a \uD800–\uDFFF escape without its partner, or -1.
func loneSurrogate(data []byte) int {
	for i := 0; i+1 < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		if data[i+1] != 'u' {
			i++
			continue
		}
		hi, ok := hex4(data, i+2)
		if !ok || hi < 0xD800 || hi > 0xDFFF {
			i++
			continue
		}
		lo, ok := hex4(data, i+8)
		if hi > 0xDBFF || !ok || data[i+6] != '\\' || data[i+7] != 'u' || lo < 0xDC00 || lo > 0xDFFF {
			return i
		}
		i += 11
	}
	return -1
}

func hex4(data []byte, at int) (int, bool) {
	if at+4 > len(data) {
		return 0, false
	}
	n := 0
	for _, c := range data[at : at+4] {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | int(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | int(c-'a'+10)
		case c >= 'A' && c <= 'F':
			n = n<<4 | int(c-'A'+10)
		default:
			return 0, false
		}
	}
	return n, true
}
