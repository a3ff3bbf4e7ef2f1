// Package ops is the one table of every operation: its name, the doors it may be
// called through, the least role, and the activity it writes. HTTP serves the
// table, the window's bound methods and the documents are checked against it, and
// the tests walk it. The role is checked in the service; the one named here is what
// the matrix test expects.
package ops

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Doors is a set of doors.
type Doors uint8

// The doors an operation may be called through.
const (
	Window Doors = 1 << iota
	HTTP
	CLI
)

// Everywhere is every door.
const Everywhere = Window | HTTP | CLI

// An Op is one operation.
type Op struct {
	Name    string // as in the documents and as a bound method: "List"
	Doors   Doors
	Least   access.Role // "" if nobody may call it too
	Records []string    // types of the activities it writes
	// Scopes of an API token, any of which opens it too (if the maker's role does).
	Scopes  []access.Scope
	In, Out reflect.Type
	// Call decodes a JSON input strictly, calls the service and returns its answer.
	Call func(ctx context.Context, in []byte) (any, error)
}

// Path returns the operation's name as HTTP and the page spell it: "list".
func (o Op) Path() string { return strings.ToLower(o.Name[:1]) + o.Name[1:] }

// Open reports whether somebody who is not signed in may call it.
func (o Op) Open() bool { return o.Least == "" }

// by says which scopes of an API token open the operation.
func (o Op) by(scopes ...access.Scope) Op {
	o.Scopes = scopes
	return o
}

// op makes a row from a service's method.
func op[In, Out any](name string, doors Doors, least access.Role, fn func(context.Context, In) (Out, error), records ...string) Op {
	return Op{
		Name: name, Doors: doors, Least: least, Records: records,
		In: reflect.TypeFor[In](), Out: reflect.TypeFor[Out](),
		Call: func(ctx context.Context, data []byte) (any, error) {
			var in In
			if err := decode(data, &in); err != nil {
				return nil, err
			}
			return fn(ctx, in)
		},
	}
}

// decode reads one JSON object; unknown fields are refused by name, and text that Go's
// decoder would replace in silence. Nothing at all is the empty object.
func decode(data []byte, in any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	if err := activity.CheckText(data); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(in); err != nil {
		return decodeFault(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "There is something after the end of the JSON object.")
	}
	return nil
}

func decodeFault(err error) error {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return fault.New(fault.Invalid, "The input must be one JSON object.")
		}
		return fault.At(wrong.Field, "%s must be %s.", wrong.Field, inWords(wrong.Type))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return fault.At(name, "There is no field %q here.", name)
	}
	return fault.New(fault.Invalid, "This is not valid JSON: %s.", strings.TrimPrefix(err.Error(), "json: "))
}

// inWords says what a value of a field must be.
func inWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}
