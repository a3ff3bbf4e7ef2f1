package cli

import (
	"context"
	"flag"
	"fmt"

	"activitylog/backend/activity"
)

type countFlags struct {
	activity.CountIn
	view string
}

var countCommand = &command{
	name: "count", args: "[QUERY] [--view NAME]", about: "count activity",
	more: "Prints one number. Where counting was stopped it says \"at least\"; --exact counts to the end.",
	ops:  []string{"Count", "Views"},
	flags: func(set *flag.FlagSet) any {
		in := &countFlags{}
		set.StringVar(&in.view, "view", "", "`name` of a saved query")
		set.BoolVar(&in.Exact, "exact", false, "count to the end, however long it takes")
		set.StringVar(&in.Zone, "zone", "", "time zone `name` of dates in the query; this machine's if left out")
		return in
	},
	run: func(ctx context.Context, c *call) error {
		in := c.flags.(*countFlags)
		in.Query = c.query()
		v, err := c.viewed(ctx, in.view)
		if err != nil {
			return err
		}
		if v != nil {
			in.Query = v.Query
		}
		count, err := c.app.Log.Count(ctx, in.CountIn)
		switch {
		case err != nil:
			return err
		case c.json:
			c.printJSON(count)
		case count.Exact:
			fmt.Fprintln(c.Out, count.N)
		default:
			fmt.Fprintf(c.Out, "at least %d\n", count.N)
		}
		return nil
	},
}
