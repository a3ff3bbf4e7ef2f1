package cli

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"activitylog/backend/fault"
	"activitylog/backend/source"
)

var importsList = &command{
	name: "imports list", about: "list the imports there were: number, state, when, activities stored, by whom, source", ops: []string{"Imports"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		list, err := c.app.Sources.Imports(ctx, source.ImportsIn{})
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(list)
			return nil
		}
		table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
		for _, past := range list.Imports {
			stored, by := "?", past.By
			if past.Report != nil {
				stored = strconv.FormatInt(past.Report.New, 10)
			}
			if by == "" {
				by = "command line"
			}
			at := time.UnixMilli(past.StartedAt).In(c.Zone).Format("2006-01-02 15:04")
			fmt.Fprintln(table, strings.Join([]string{past.ID, past.State, at, stored, Plain(by), Plain(past.Source)}, "\t"))
		}
		return table.Flush()
	},
}

type undoFlags struct{ yes bool }

var importsUndo = &command{
	name: "imports undo", args: "N --yes", about: "erase the activities of an import",
	more: `What was imported is erased for good, with its words and counts; that it was erased, by whom
and which places of the ledger, is recorded. The same records can be imported again afterwards.
After each step the number of activities erased so far is printed. Stopped with Ctrl-C or killed, the same command goes on from there.`,
	ops: []string{"UndoImport"},
	flags: func(set *flag.FlagSet) any {
		f := &undoFlags{}
		set.BoolVar(&f.yes, "yes", false, "erase; without it nothing is done")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		if !c.flags.(*undoFlags).yes {
			return fault.At("--yes", "This erases for good what import %s stored. Say so with --yes.", c.args[0])
		}
		started, err := c.app.Sources.UndoImport(ctx, source.UndoImportIn{ID: c.args[0]})
		if err != nil {
			return err
		}
		return c.tellOf(ctx, started, "erased", "undone: %d activities of %s", started.Title)
	},
}
