package cli

import (
	"context"
	"fmt"

	"activitylog/backend/view"
)

var viewHold = &command{
	name: "view hold", args: "NAME", about: "put a shared view under legal hold: what it matches is not erased",
	more: "Retention leaves it; erasing it, and undoing an import with some of it, are refused. The view can\nneither be removed nor ask for anything else. Its query needs dates that stay, which are read in UTC,\nand types in place of categories.\n" + viewNames,
	ops:  []string{"HoldView", "Views"},
	run:  func(ctx context.Context, c *call) error { return c.holdView(ctx, true, "held") },
}

var viewRelease = &command{
	name: "view release", args: "NAME", about: "lift the legal hold on a view",
	more: viewNames, ops: []string{"HoldView", "Views"},
	run: func(ctx context.Context, c *call) error { return c.holdView(ctx, false, "released") },
}

func (c *call) holdView(ctx context.Context, hold bool, done string) error {
	if err := c.exactly(1); err != nil {
		return err
	}
	v, err := c.view(ctx, c.args[0])
	if err != nil {
		return err
	}
	if v, err = c.app.Views.HoldView(ctx, view.HoldIn{ID: v.ID, Hold: hold, Zone: "UTC"}); err != nil {
		return err
	}
	if c.json {
		c.printJSON(v)
		return nil
	}
	fmt.Fprintf(c.Out, "%s %s\n", done, Plain(v.Name))
	return nil
}
