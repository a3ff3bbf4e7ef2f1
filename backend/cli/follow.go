package cli

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"

	"activitylog/backend/fault"
)

type followFlags struct {
	state string
	once  bool
}

var followCommand = &command{
	name: "follow", args: "FILE", about: "record the drafts of a file, one a line, as it grows",
	more: `  activitylog follow /var/log/shop/activity.ndjson

Lines are stored as they are completed, in order. How far it came is kept in the data directory
(--state FILE names another place), so that the next run goes on there; a line is stored once, also if this
one is killed. A file that is replaced (rotated) is read to its end before the new one is begun, also
if that happened while nothing followed it; one that is cut short is read from its beginning.
A line that is refused is reported with its number, and passed over. While the log cannot be written
it waits. Ctrl-C ends it with a report; with --once it ends where the file ends.

One process follows a file at a time.`,
	ops: []string{"Record"},
	flags: func(set *flag.FlagSet) any {
		f := &followFlags{}
		set.StringVar(&f.state, "state", "", "`file` that keeps how far it came")
		set.BoolVar(&f.once, "once", false, "end where the file ends now")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		path, err := filepath.Abs(c.args[0])
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "%s is no path.", c.args[0])
		}
		f := c.flags.(*followFlags)
		follower := &follower{c: c, path: path, statePath: f.state, once: f.once}
		if f.state == "" {
			follower.statePath = followStatePath(c.Config.Data, path)
		}
		err = follower.follow(ctx)
		if err == nil || follower.report.Read > 0 {
			c.printFollowed(follower)
		}
		if err == nil && follower.first != nil {
			return &exit{Status(follower.first)}
		}
		return err
	},
}

// A followReport is what follow has done, and where it goes on.
type followReport struct {
	Read      int64 `json:"read"` // lines that are not empty: the sum of the next four
	New       int64 `json:"new"`
	Duplicate int64 `json:"duplicate"`
	Conflict  int64 `json:"conflict"`
	Rejected  int64 `json:"rejected"`
	Line      int64 `json:"line"`   // the last one read, from 1
	Offset    int64 `json:"offset"` // bytes of the file that are done with
}

func (c *call) printFollowed(f *follower) {
	r := f.report
	r.Line, r.Offset = f.state.Lines, f.state.Offset
	if c.json {
		c.printJSON(r)
		return
	}
	fmt.Fprintf(c.Out, "new %d, known %d, conflicting %d, rejected %d; goes on after line %d\n", r.New, r.Duplicate, r.Conflict, r.Rejected, r.Line)
}
