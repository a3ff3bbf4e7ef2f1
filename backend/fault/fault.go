// Package fault is how this program says that something went wrong.
//
// An [Error] carries a code for programs, a sentence for people and, where one
// input is to blame, that input's name. The same three leave through the
// window, HTTP and the command line; what caused them never does. It is
// logged once, by the front that ends the call.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// A Code says what kind of failure it is. Codes are part of the wire format.
type Code string

// The codes, and there are no others.
const (
	Invalid         Code = "invalid"         // the input is wrong; Field says which
	Unauthenticated Code = "unauthenticated" // nobody is signed in, or no longer
	Denied          Code = "denied"          // signed in, but the role does not suffice
	NotFound        Code = "not_found"       // there is no such thing, or not for this caller
	Conflict        Code = "conflict"        // it exists already, or has changed meanwhile
	Unavailable     Code = "unavailable"     // not now: locked, full, throttled, shutting down
	Internal        Code = "internal"        // our fault; the cause is in the program's log
)

// Codes lists every code, for tables that must be complete.
func Codes() []Code {
	return []Code{Invalid, Unauthenticated, Denied, NotFound, Conflict, Unavailable, Internal}
}

// An Error is a failure the caller can act on.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"` // what was wrong and what to do; fit to show
	Field   string `json:"field"`   // the input at fault, or ""
	// After is how long to wait before the same will do, where that is known; else 0.
	After time.Duration `json:"-"`
	cause error
}

// New returns an error with a code and a sentence.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// At returns an [Invalid] error that blames one input.
func At(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Message: fmt.Sprintf(format, args...), Field: field}
}

// Wrap gives a cause a code and a sentence. The cause is never encoded.
func Wrap(cause error, code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), cause: cause}
}

// Else returns an error that has a code and a sentence already as it is, and nil as nil;
// it gives any other these.
func Else(err error, code Code, format string, args ...any) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return Wrap(err, code, format, args...)
}

// Blame names the input at fault and returns e.
func (e *Error) Blame(field string) *Error {
	e.Field = field
	return e
}

// Retry says how long to wait before the same will do and returns e.
func (e *Error) Retry(after time.Duration) *Error {
	e.After = after
	return e
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + ": " + e.cause.Error()
	}
	return e.Message
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the code of the first [Error] in err's chain, [Internal] for
// any other error, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Public returns what a caller outside the program may see of err: its first
// [Error] without the cause, or a bare [Internal] one. Public(nil) is nil.
func Public(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return &Error{Code: e.Code, Message: e.Message, Field: e.Field, After: e.After}
	}
	return &Error{Code: Internal, Message: "Something went wrong inside the program. Its log says what."}
}
