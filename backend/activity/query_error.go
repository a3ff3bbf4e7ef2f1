package activity

import (
	"fmt"
	"unicode/utf8"

	"activitylog/backend/fault"
)

// A QueryError says which part of a query's text is wrong. It is the cause of the
// invalid [fault.Error] that ParseQuery returns, so a front in this process finds
// it with errors.As; over the wire the place is the column in the message.
type QueryError struct {
	At     int // byte offset in the text
	Length int // bytes; 0 at the end of the text
	Column int // counted in characters, from 1
}

func (e *QueryError) Error() string { return fmt.Sprintf("column %d", e.Column) }

// queryFault blames length bytes of text at a byte offset.
func queryFault(text string, at, length int, format string, args ...any) error {
	at = min(at, len(text))
	cause := &QueryError{At: at, Length: length, Column: utf8.RuneCountInString(text[:at]) + 1}
	err := fault.Wrap(cause, fault.Invalid, "Column %d: %s", cause.Column, fmt.Sprintf(format, args...))
	err.Field = "query"
	return err
}
