package cli

import (
	"context"
	"flag"
	"fmt"

	"activitylog/backend"
	"activitylog/backend/ledger"
)

var verifyCommand = &command{
	name: "verify", args: "[--quick]", about: "recompute the ledger and compare it with everything stored",
	more:  "Status: 0 verified, 2 unsealed tail, 3 rolled back, 4 altered, 5 key missing.",
	ops:   []string{"Verify"},
	fails: 6, // 2 to 5 say what was found
	flags: func(set *flag.FlagSet) any {
		return set.Bool("quick", false, "leave out the words index, which takes longest")
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		report, err := c.app.Integrity.Verify(ctx, ledger.VerifyIn{Words: !*c.flags.(*bool)})
		if err != nil {
			return err
		}
		return c.reported(report)
	},
	closed: func(ctx context.Context, c *call, why error) error {
		report, ok, err := backend.VerifyClosed(ctx, c.Config, ledger.VerifyIn{Words: !*c.flags.(*bool)})
		if err != nil || !ok {
			return why
		}
		return c.reported(report)
	},
}

func (c *call) reported(report ledger.Report) error {
	if c.json {
		c.printJSON(report)
	} else {
		c.printReport(report)
	}
	if status := report.ExitStatus(); status != 0 {
		return &exit{status}
	}
	return nil
}

// verdicts says each state in words.
var verdicts = map[string]string{
	"verified":    "verified: nothing was altered, removed or put back",
	"unsealed":    "unsealed tail: the entries after the last signature are not proven yet",
	"rolled_back": "ROLLED BACK: this is an older state of the log than was seen before",
	"altered":     "ALTERED: what is stored differs from the ledger",
	"key_missing": "KEY MISSING: the ledger cannot be checked against its signatures",
}

func (c *call) printReport(r ledger.Report) {
	fmt.Fprintln(c.Out, verdicts[r.State])
	fmt.Fprintf(c.Out, "entries %d, sealed %s, activities %d, erased %d\n", r.Entries, r.Sealed, r.Activities, r.Erased)
	fmt.Fprintf(c.Out, "root %s\nkey  %s\n", r.Root, r.Key)
	for _, p := range r.Problems {
		fmt.Fprintf(c.Out, "%s: %s\n", place(p), Plain(p.Text))
	}
	if r.More > 0 {
		fmt.Fprintf(c.Out, "and %d more\n", r.More)
	}
}

// place says where a problem is: table, column, entry.
func place(p ledger.Problem) string {
	where := p.Table
	if p.Column != "" {
		where += "." + p.Column
	}
	if p.Seq != nil {
		where += fmt.Sprintf(" #%d", *p.Seq+1)
	}
	return p.Kind + " " + where
}
