package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"activitylog/backend/fault"
	"activitylog/backend/httpapi"
)

// statuses is how each code is said to a shell. Verify has further ones of its own.
var statuses = map[fault.Code]int{
	fault.Internal:        1,
	fault.Invalid:         2,
	fault.Unauthenticated: 3,
	fault.Denied:          3,
	fault.NotFound:        4,
	fault.Conflict:        5,
	fault.Unavailable:     6,
}

// Status returns the exit status for an error, 0 for nil.
func Status(err error) int {
	if err == nil {
		return 0
	}
	if own, ok := errors.AsType[*exit](err); ok {
		return own.status
	}
	return statuses[fault.CodeOf(err)]
}

// An exit ends the program with a status, after everything has been said.
type exit struct{ status int }

func (e *exit) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// end says what went wrong, once, on the error output, and returns the status.
func (c *call) end(ctx context.Context, err error) int {
	if err == nil {
		return 0
	}
	if own, said := errors.AsType[*exit](err); said {
		return own.status
	}
	c.complain(ctx, "", err)
	if c.command != nil && c.command.fails != 0 && fault.CodeOf(err) != fault.Internal {
		return c.command.fails
	}
	return Status(err)
}

// complain prints an error for people, or with --json its wire form. The cause of an
// internal error is for whoever runs the program, and that is who reads this.
func (c *call) complain(ctx context.Context, where string, err error) {
	public := fault.Public(err)
	if public.Code == fault.Internal {
		c.log.LogAttrs(ctx, slog.LevelError, "command failed", slog.String("cause", err.Error()))
	}
	if c.json {
		c.printTo(c.Err, c.ErrWatched, public)
		return
	}
	fmt.Fprintf(c.Err, "activitylog: %s%s\n", where, Plain(public.Message))
}

// printJSON prints what HTTP would send.
func (c *call) printJSON(v any) { c.printTo(c.Out, c.Watched, v) }

func (c *call) printTo(w interface{ Write([]byte) (int, error) }, watched bool, v any) {
	if watched {
		w = &jsonTerminal{to: w}
	}
	err := httpapi.Encode(w, v)
	if out, ok := c.Out.(*output); ok && out.failed != nil {
		return // the command will end with that
	}
	if err != nil {
		c.log.Error("output failed", slog.String("cause", err.Error()))
	}
}
