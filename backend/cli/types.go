package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"activitylog/backend/activity"
)

var typesCommand = &command{
	name: "types", about: "list the types of activity", ops: []string{"Types"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		list, err := c.app.Log.Types(ctx, activity.TypesIn{})
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(list)
			return nil
		}
		table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
		for _, t := range list.Types {
			fmt.Fprintf(table, "%s\t%s\t%s\n", Plain(t.ID), Plain(t.CategoryLabel), Plain(t.Label))
		}
		return table.Flush()
	},
}
