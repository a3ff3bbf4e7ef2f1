package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"activitylog/backend/activity"
)

type listFlags struct {
	activity.ListIn
	view string
}

var listCommand = &command{
	name: "list", args: "[QUERY] [--limit N] [--view NAME]", about: "list activity, newest first",
	more: `One line an activity: time, actor, sentence, source, id.
The query is that of the search box, for example
  activitylog list actor:ann type:GoalAdded last:7d
  activitylog list -- -result:ok`,
	ops: []string{"List", "Views"},
	flags: func(set *flag.FlagSet) any {
		in := &listFlags{}
		set.StringVar(&in.view, "view", "", "`name` of a saved query, in its order unless another is given")
		set.IntVar(&in.Limit, "limit", 0, "at most `N`, 1 to 500 (default 50)")
		set.StringVar(&in.Order, "order", "", "`newest` or oldest first (default newest)")
		set.StringVar(&in.Cursor, "cursor", "", "go on where a page ended: its `next` or previous")
		set.StringVar(&in.Zone, "zone", "", "time zone `name` of dates in the query; this machine's if left out")
		return in
	},
	run: func(ctx context.Context, c *call) error {
		in := c.flags.(*listFlags)
		in.Query = c.query()
		v, err := c.viewed(ctx, in.view)
		if err != nil {
			return err
		}
		if v != nil {
			in.Query = v.Query
			if in.Order == "" {
				in.Order = v.Order
			}
		}
		page, err := c.app.Log.List(ctx, in.ListIn)
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(page)
			return nil
		}
		for _, a := range page.Items {
			fmt.Fprintln(c.Out, c.line(a))
		}
		return nil
	},
}

// line is one activity on one line. Whatever its content, it stays one line.
func (c *call) line(a activity.Activity) string {
	var b strings.Builder
	b.WriteString(time.UnixMilli(a.OccurredAt).In(c.Zone).Format("2006-01-02 15:04:05"))
	b.WriteString("  " + Plain(a.Actor.Label) + " ")
	for _, part := range a.Sentence {
		b.WriteString(Plain(part.Text))
	}
	door := a.Source
	if a.ReportedBy != "" {
		door = "reported by " + a.ReportedBy + ", " + a.Source
	}
	fmt.Fprintf(&b, "  [%s] #%s", Plain(door), a.ID)
	return b.String()
}
