package cli

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"activitylog/backend/fault"
	"activitylog/backend/retention"
)

var retentionDryRun = &command{
	name: "retention dry-run", about: "print what a run would remove now",
	more: "Each --rule, as in \"retention set\", is one rule to try in place of those that are saved. Nothing changes.",
	ops:  []string{"RetentionDryRun"},
	flags: func(set *flag.FlagSet) any {
		f := &retentionFlags{}
		set.Var(&f.rules, "rule", "a `rule` to try, as often as needed")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		rules, err := parseRules(c.flags.(*retentionFlags).rules)
		if err != nil {
			return err
		}
		state, err := c.app.Retention.Retention(ctx, retention.GetIn{})
		if err != nil {
			return err
		}
		dry, err := c.app.Retention.RetentionDryRun(ctx, retention.DryRunIn{Rules: rules})
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(dry)
			return nil
		}
		if rules == nil {
			rules = &state.Config.Rules
		}
		return c.printDryRun(*rules, dry)
	},
}

func (c *call) printDryRun(rules []retention.Rule, dry retention.DryRun) error {
	table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	for i, r := range dry.Rules {
		if i >= len(rules) {
			break // they were changed in between
		}
		what := "keeps"
		if r.Before != nil {
			what = fmt.Sprintf("removes %d\t%s\t%d under hold", r.Count, c.day("oldest ", r.Oldest, ""), r.Held)
		}
		fmt.Fprintf(table, "%s\t%s\n", Plain(rules[i].String()), what)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "would remove %d%s, %d under hold, frees about %s\n", dry.Count, c.day(", oldest ", dry.Oldest, ""), dry.Held, megabytes(dry.Bytes))
	if dry.Reports > 0 {
		fmt.Fprintf(c.Out, "and %d old reports\n", dry.Reports)
	}
	return nil
}

func megabytes(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%d kB", (bytes+999)/1000)
	}
	return fmt.Sprintf("%d MB", bytes/1e6)
}

type retentionRunFlags struct {
	yes, clock bool
	savedAt    int64
}

var retentionRun = &command{
	name: "retention run", args: "--yes", about: "remove now what the rules let go of",
	more: `What is removed is erased for good, with its words and counts; that it was, by whom and which places of
the ledger, is recorded. "retention dry-run" says beforehand what goes. After each step the number of
activities removed so far is printed. Killed, the same command goes on from there.
A clock that is a month ahead of what the log has, or behind it, would make the wrong things old: then
nothing is done without --clock-is-right.`,
	ops: []string{"RunRetention"},
	flags: func(set *flag.FlagSet) any {
		f := &retentionRunFlags{}
		set.BoolVar(&f.yes, "yes", false, "remove; without it nothing is done")
		set.Int64Var(&f.savedAt, "saved-at", 0, "only by the rules saved at this `time`, ms: config.savedAt of \"retention show --json\"")
		set.BoolVar(&f.clock, "clock-is-right", false, "although nothing was recorded for a month")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		f := c.flags.(*retentionRunFlags)
		if !f.yes {
			return fault.At("--yes", "This erases for good what \"activitylog retention dry-run\" shows. Say so with --yes.")
		}
		in := retention.RunIn{AnyClock: f.clock}
		if f.savedAt != 0 {
			in.SavedAt = &f.savedAt
		}
		started, err := c.app.Retention.RunRetention(ctx, in)
		if err != nil {
			return err
		}
		return c.tellOf(ctx, started, "removed", "done: %d activities removed")
	},
}

var retentionStop = &command{
	name: "retention stop", about: "end the run that is under way, in whichever process", ops: []string{"StopRetention"},
	more: "What it removed stays removed. The rules go on with the rest when they are applied next.",
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		state, err := c.app.Retention.StopRetention(ctx, retention.StopIn{})
		return c.told(state, err, "stopped")
	},
}

var retentionHistory = &command{
	name: "retention history", about: "list the runs there were: number, state, when, by whom, activities removed, space given back", ops: []string{"RetentionRuns"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		list, err := c.app.Retention.RetentionRuns(ctx, retention.RunsIn{})
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(list)
			return nil
		}
		table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
		for _, r := range list.Runs {
			by := r.By
			switch {
			case r.Scheduled:
				by = "by itself"
			case by == "":
				by = "command line"
			}
			cells := []string{r.ID, r.State, c.day("", &r.StartedAt, ""), Plain(by), strconv.FormatInt(r.Erased, 10), megabytes(r.Freed)}
			fmt.Fprintln(table, strings.Join(cells, "\t"))
		}
		return table.Flush()
	},
}
