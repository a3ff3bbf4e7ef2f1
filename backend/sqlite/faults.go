package sqlite

import (
	"context"
	"errors"
	"fmt"

	"activitylog/backend/activity"
	"activitylog/backend/fault"

	modernc "modernc.org/sqlite"
)

// Primary result codes of SQLite that are told apart.
const (
	codeError     = 1 // in general: a table that is not there, say
	codeBusy      = 5
	codeLocked    = 6
	codeNoMemory  = 7
	codeReadOnly  = 8
	codeInterrupt = 9
	codeIO        = 10
	codeCorrupt   = 11
	codeFull      = 13
	codeCantOpen  = 14
	codeNotADB    = 26
)

// codeReadOnlyRollback is the extended code for a rollback journal that has to be
// played back and a connection that may not write.
const codeReadOnlyRollback = codeReadOnly | 3<<8

// extendedCode returns SQLite's extended result code of err, or 0.
func extendedCode(err error) int {
	if e, ok := errors.AsType[*modernc.Error](err); ok {
		return e.Code()
	}
	return 0
}

// resultCode returns SQLite's primary result code of err, or 0.
func resultCode(err error) int { return extendedCode(err) & 0xff }

// translate gives an error of the database a code and a sentence. An error that has
// them already, and nil, stay as they are.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Unavailable, "It took too long or was cancelled. Try again.")
	}
	switch resultCode(err) {
	case codeFull:
		return fault.Wrap(err, fault.Unavailable, "The disk is full. Nothing of this was stored; free some space and try again.")
	case codeIO:
		return fault.Wrap(err, fault.Unavailable, "The disk failed to read or write. Nothing of this was stored; check the disk and try again.")
	case codeBusy, codeLocked:
		return fault.Wrap(fmt.Errorf("%w: %w", activity.ErrBusy, err), fault.Unavailable, "Another program holds the database. Close it, or try again in a moment.")
	case codeReadOnly, codeCantOpen:
		return fault.Wrap(err, fault.Unavailable, "The database or its directory cannot be written. Check the permissions.")
	case codeCorrupt, codeNotADB:
		return fault.Wrap(err, fault.Unavailable, "The database file is damaged. Keep it, and put the last good backup in its place.")
	}
	return fault.Wrap(err, fault.Internal, "The database did not do what was asked. The program's log says why.")
}
