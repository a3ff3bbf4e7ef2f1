package cli

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"activitylog/backend/fault"
	"activitylog/backend/retention"
)

var retentionShow = &command{
	name: "retention show", about: "print how long what is kept, and when old activities are removed next", ops: []string{"Retention"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		state, err := c.app.Retention.Retention(ctx, retention.GetIn{})
		if err != nil {
			return err
		}
		c.printRetention(state)
		return nil
	},
}

type retentionFlags struct{ rules pairs }

var retentionSet = &command{
	name: "retention set", args: "[NAME=VALUE…]", about: "change how long what is kept",
	more: `Names: enabled (true: old activities are removed by themselves while the window or a server is open),
every (daily, weekly, monthly), reports (off, or after how many months reports of imports and the history
of runs go), rules (none: takes all away). Each --rule is one rule, together they replace those there were;
an activity comes under the first that it fits:
  activitylog retention set --rule "Sign-ins: category:login, 24 months" --rule "The rest: all, 5 years"
"keep" in place of an age keeps for ever, and view:NUMBER (see activitylog view list) is what a shared
view matches. Every change is recorded.`,
	ops: []string{"ConfigureRetention"},
	flags: func(set *flag.FlagSet) any {
		f := &retentionFlags{}
		set.Var(&f.rules, "rule", "a `rule`, as often as needed, in their order")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		in, err := retentionIn(c.args, c.flags.(*retentionFlags).rules)
		if err != nil {
			return err
		}
		state, err := c.app.Retention.ConfigureRetention(ctx, in)
		if err != nil {
			return err
		}
		c.printRetention(state)
		return nil
	},
}

func retentionIn(args, rules []string) (in retention.ConfigureIn, err error) {
	if len(args)+len(rules) == 0 {
		return in, fault.At("arguments", "Say what to change, for example: activitylog retention set every=weekly")
	}
	if in.Rules, err = parseRules(rules); err != nil {
		return in, err
	}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		switch {
		case name == "enabled":
			on, err := strconv.ParseBool(value)
			if err != nil {
				return in, fault.At(name, "enabled must be true or false, not %q.", value)
			}
			in.Enabled = &on
		case name == "every":
			in.Every = &value
		case arg == "rules=none" && in.Rules == nil:
			in.Rules = &[]retention.Rule{}
		case arg == "reports=off":
			in.Reports = &retention.Reports{Months: 24}
		case name == "reports":
			months, err := strconv.Atoi(value)
			if err != nil {
				return in, fault.At(name, "reports must be off or a number of months, not %q.", value)
			}
			in.Reports = &retention.Reports{Enabled: true, Months: months}
		default:
			return in, fault.At(name, "%q cannot be set. Write enabled=true, every=weekly, reports=24, reports=off, rules=none, or --rule.", arg)
		}
	}
	return in, nil
}

// parseRules returns nil for none.
func parseRules(texts []string) (*[]retention.Rule, error) {
	var list []retention.Rule
	for _, text := range texts {
		r, err := retention.ParseRule(text)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	if list == nil {
		return nil, nil
	}
	return &list, nil
}

func (c *call) printRetention(s retention.State) {
	if c.json {
		c.printJSON(s)
		return
	}
	fmt.Fprintf(c.Out, "enabled=%t\nevery=%s\n", s.Config.Enabled, s.Config.Every)
	if s.Config.Reports.Enabled {
		fmt.Fprintf(c.Out, "reports=%d\n", s.Config.Reports.Months)
	} else {
		fmt.Fprintln(c.Out, "reports=off")
	}
	for _, r := range s.Config.Rules {
		fmt.Fprintf(c.Out, "rule %s\n", Plain(r.String()))
	}
	if s.NextAt != nil {
		fmt.Fprintln(c.Out, c.day("next ", s.NextAt, ""))
	}
	if s.Clock != "" {
		fmt.Fprintf(c.Out, "the clock is %s: nothing is removed by itself\n", s.Clock)
	}
	if s.Running != nil {
		fmt.Fprintf(c.Out, "running: %d removed\n", s.Running.Erased)
	}
}
