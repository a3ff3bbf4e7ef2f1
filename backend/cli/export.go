package cli

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"strings"

	"activitylog/backend/export"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

type exportFlags struct {
	export.In
	file string
}

var exportCommand = &command{
	name: "export", args: "[QUERY] --format csv|ndjson|json|html|sqlite [-o FILE]", about: "write out what a query shows, oldest first",
	more: `Without -o it goes to the output. A file appears under its name only once it is
complete, and beside it FILE.manifest.json, which says what it holds and its SHA-256.`,
	ops: []string{"Export"},
	flags: func(set *flag.FlagSet) any {
		f := &exportFlags{}
		set.StringVar(&f.Format, "format", export.NDJSON, "csv, `ndjson`, json, html or sqlite")
		set.StringVar(&f.file, "o", "", "`file` to write to; one that is there is replaced")
		set.Func("columns", "`names` of columns in their order, joined by commas; the format's own if left out", func(list string) error {
			f.Columns = strings.Split(list, ",")
			return nil
		})
		set.StringVar(&f.Zone, "zone", "", "time zone `name` in which dates of the query are read and times written; this machine's if left out")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		f := c.flags.(*exportFlags)
		f.Query = c.query()
		ticket, err := c.app.Exports.Export(ctx, f.In)
		if err != nil {
			return err
		}
		if f.file != "" {
			return c.exportTo(ctx, ticket.Ticket, f.file)
		}
		file, err := c.app.Exports.Redeem(ctx, ticket.Ticket)
		if err != nil {
			return err
		}
		// Bytes are exact into a pipe or file; a terminal would act on some of them.
		to := c.Out
		if c.Watched {
			to = &lineTerminal{to: c.Out}
		}
		out := bufio.NewWriter(to)
		if _, err := file.Write(ctx, out); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return fault.Wrap(err, fault.Unavailable, "The output could not be written to its end.")
		}
		return nil
	},
}

// exportTo writes to a file, as a job, and says how much.
func (c *call) exportTo(ctx context.Context, ticket, name string) error {
	path, err := filepath.Abs(name)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "%s cannot be used as a path.", name)
	}
	started, err := c.app.Exports.Save(ctx, ticket, path)
	if err != nil {
		return err
	}
	ended, err := c.follow(ctx, started, nil)
	switch {
	case err != nil:
		return err
	case ended.Error != nil:
		return &fault.Error{Code: fault.Code(ended.Error.Code), Message: ended.Error.Message, Field: ended.Error.Field}
	case ended.State == job.StateCancelled:
		return fault.New(fault.Unavailable, "Stopped. No file was written.")
	case c.json:
		c.printJSON(ended)
	default:
		fmt.Fprintf(c.Out, "exported %d to %s\n", ended.Done, Plain(name))
	}
	return nil
}
