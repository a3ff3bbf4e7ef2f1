package cli

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/erasure"
	"activitylog/backend/fault"
)

type eraseFlags struct {
	dry, yes            bool
	identity            string
	also, without, keep pairs
}

func (f *eraseFlags) both(set *flag.FlagSet) {
	set.BoolVar(&f.dry, "dry-run", false, "list what would go, and erase nothing")
	set.BoolVar(&f.yes, "yes", false, "erase; without it only the list is shown")
}

var eraseActivity = &command{
	name: "erase activity", args: "ID… --yes", about: "erase single activities for good",
	more: `Their content goes, with their words and counts; their places in the ledger stay, and LogErased says by whom.
Imported again, they do not come back. See docs/erasure.md.`,
	ops: []string{"ErasePlan", "Erase"},
	flags: func(set *flag.FlagSet) any {
		f := &eraseFlags{}
		f.both(set)
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) == 0 {
			return fault.At("arguments", "Usage: activitylog erase activity ID… [--dry-run] --yes")
		}
		in := erasure.PlanIn{}
		for _, id := range c.args {
			in.Activities = append(in.Activities, strings.TrimPrefix(id, "#"))
		}
		return c.erase(ctx, in, "activities "+strings.Join(c.args, " "))
	},
}

var erasePerson = &command{
	name: "erase person", args: "LOGIN|--identity ACTOR --yes", about: "erase everything by, about and naming one person",
	more: `Goes: the account, if there is one, with sessions, tokens, widgets and preferences; all activities by the person under any identity,
those about them, and those by others that name them by login, name, e-mail address or an address they acted from.
Look at the list first (--dry-run). --without leaves out a name or address that is not theirs alone, --keep an activity.
ACTOR is an identity's name, kind:source:name or id, where the person has no account.
Stopped with Ctrl-C, what went is gone; killed, it goes on by itself. See docs/erasure.md.`,
	ops: []string{"Users", "Actors", "ErasePlan", "Erase"},
	flags: func(set *flag.FlagSet) any {
		f := &eraseFlags{}
		f.both(set)
		set.StringVar(&f.identity, "identity", "", "`actor` who has no account")
		set.Var(&f.also, "also", "another `name` of theirs, as often as needed")
		set.Var(&f.without, "without", "a `name` or address of the list that counts as nobody's, as often as needed")
		set.Var(&f.keep, "keep", "`id` of an activity by somebody else that stays, as often as needed")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		f := c.flags.(*eraseFlags)
		in := erasure.PlanIn{Also: f.also, Without: f.without, Keep: f.keep}
		var err error
		switch {
		case f.identity == "" && len(c.args) == 1:
			in.User, in.Actor, err = c.personID(ctx, c.args[0])
		case f.identity != "" && len(c.args) == 0:
			in.Actor, err = c.identityID(ctx, f.identity)
		default:
			return fault.At("arguments", "Usage: activitylog erase person LOGIN [--dry-run] --yes, or --identity ACTOR in place of LOGIN")
		}
		if err != nil {
			return err
		}
		return c.erase(ctx, in, "a person")
	},
}

var eraseContinue = &command{
	name: "erase continue", about: "go on with what was being erased when the program was killed", ops: []string{"ContinueErasing"},
	more: "The window and the server do so by themselves, within a minute.",
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		done, err := c.app.Erasure.ContinueErasing(ctx, erasure.ContinueIn{})
		if err != nil {
			return err
		}
		if done.Erasings == 0 {
			fmt.Fprintln(c.Out, "Nothing is half erased.")
		} else {
			fmt.Fprintln(c.Out, "gone")
		}
		return nil
	},
}

// personID returns the id of the user with a login, or of the identity that is left of
// one whose account was removed.
func (c *call) personID(ctx context.Context, login string) (user, actor string, err error) {
	user, err = c.userID(ctx, login)
	if fault.CodeOf(err) != fault.NotFound {
		return user, "", err
	}
	if actor, gone := c.identityID(ctx, "user:self:"+login); gone == nil {
		return "", actor, nil
	}
	return "", "", err
}

// identityID returns the id of an identity that is given as kind:source:name, or as
// [call.actorID] takes it.
func (c *call) identityID(ctx context.Context, text string) (string, error) {
	last := text[strings.LastIndexByte(text, ':')+1:]
	list, err := c.app.Log.Actors(ctx, activity.ActorsIn{Search: last, Limit: 500})
	if err != nil {
		return "", err
	}
	var found []string
	for _, a := range list.Actors {
		if a.Actor.Kind+":"+a.Actor.Source+":"+a.Actor.Name == text {
			found = append(found, a.Actor.ID)
		}
	}
	switch len(found) {
	case 0:
		return c.actorID(ctx, text)
	case 1:
		return found[0], nil
	}
	return "", fault.New(fault.Conflict, "Several identities are called %q: %s. Give the id.", text, strings.Join(found, ", "))
}

// erase shows the plan, and with --yes erases.
func (c *call) erase(ctx context.Context, in erasure.PlanIn, what string) error {
	f := c.flags.(*eraseFlags)
	plan, err := c.app.Erasure.ErasePlan(ctx, in)
	if err != nil {
		return err
	}
	switch {
	case c.json && !f.yes:
		c.printJSON(plan)
	case !c.json:
		c.printPlan(plan)
	}
	if f.dry {
		return nil
	}
	if !f.yes {
		return fault.At("--yes", "Nothing is erased yet. To erase %s for good, say so with --yes.", what)
	}
	started, err := c.app.Erasure.Erase(ctx, in.Agreed(&plan.Total))
	if err != nil {
		return err
	}
	return c.tellOf(ctx, started, "erased", "gone: %d activities. Backups and exports made before still have them.")
}

// printPlan prints what goes, a line each.
func (c *call) printPlan(plan erasure.Plan) {
	say := func(format string, args ...any) { fmt.Fprintln(c.Out, Plain(fmt.Sprintf(format, args...))) }
	when := ""
	if plan.Oldest != nil && plan.Newest != nil {
		day := func(ms int64) string { return time.UnixMilli(ms).In(c.Zone).Format("2006-01-02") }
		when = fmt.Sprintf(", %s to %s", day(*plan.Oldest), day(*plan.Newest))
	}
	say("goes: %d activities%s", plan.Total, when)
	if plan.Held > 0 {
		say("under legal hold: %d of these. Nothing goes until the hold is lifted", plan.Held)
	}
	if plan.Kind == erasure.KindPerson {
		say("  %d by %s, %d about them, %d by others that name them", plan.By, plan.Label, plan.About, plan.Naming)
		if u := plan.User; u != nil {
			say("goes: the account %s (%s, %s)", u.Login, u.Name, u.Email)
		}
		for _, i := range plan.Identities {
			say("goes: the identity %s:%s:%s", i.Kind, i.Source, i.Name)
		}
	}
	for _, t := range plan.Traces {
		say("goes: %s%s", t.Kind, counted(t))
	}
	for _, n := range plan.Names {
		mark := ""
		if !n.Counts {
			mark = ", which stay"
		}
		if n.N > 0 || !n.Counts {
			say("named by others: %q (%s) in %d%s", n.Text, n.Kind, n.N, mark)
			for _, a := range n.Samples {
				fmt.Fprintln(c.Out, "  "+c.line(a))
			}
		}
	}
	c.printStays(plan, say)
}

// printStays prints what does not go.
func (c *call) printStays(plan erasure.Plan, say func(string, ...any)) {
	if plan.Kind == erasure.KindActivity {
		for _, s := range plan.Samples {
			fmt.Fprintln(c.Out, "  "+c.line(s.Activity))
		}
	}
	for _, id := range slices.Clone(plan.Gone) {
		say("not there: #%s", id)
	}
	for _, l := range plan.Lasting {
		names := "without a name"
		if l.Names {
			names = "some with a name or address of theirs"
		}
		say("stays: %d %s, never erased, %s", l.N, l.Type, names)
	}
	for _, t := range plan.Left {
		say("stays and names them, change it yourself: %s%s", t.Kind, counted(t))
	}
}

func counted(t erasure.Trace) string {
	if t.Name != "" {
		return " " + strconv.Quote(t.Name)
	}
	return " × " + strconv.FormatInt(t.N, 10)
}
