package cli

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"activitylog/backend/fault"
	"activitylog/backend/site"
)

var siteSettings = &command{
	name: "site settings", args: "SITE [NAME=VALUE…]", about: "print a site's settings, or change them",
	more: `SITE is its id or name. The settings:

description  what it is, shown with its activity
objectLink   where its objects are found: an address with {id}, and {kind} or {name} if need be
offered      true or false: whether it is offered where activity is recorded by hand`,
	ops: []string{"Sites", "ConfigureSite"},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) == 0 {
			return c.exactly(1)
		}
		in, err := siteSettingsIn(c.args[1:])
		if err != nil {
			return err
		}
		s, err := c.site(ctx, c.args[0])
		if err != nil {
			return err
		}
		if in.ID = s.ID; len(c.args) > 1 {
			if s, err = c.app.Sites.ConfigureSite(ctx, in); err != nil {
				return err
			}
		}
		if c.json {
			c.printJSON(s)
			return nil
		}
		fmt.Fprintf(c.Out, "description=%s\nobjectLink=%s\noffered=%t\n",
			Plain(strings.ReplaceAll(s.Settings.Description, "\n", " ")), Plain(s.Settings.ObjectLink), s.Settings.Offered)
		return nil
	},
}

func siteSettingsIn(args []string) (site.ConfigureIn, error) {
	var in site.ConfigureIn
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			return in, fault.At(name, "Write %s=VALUE.", name)
		}
		switch name {
		case "description":
			in.Description = &value
		case "objectLink":
			in.ObjectLink = &value
		case "offered":
			on, err := strconv.ParseBool(value)
			if err != nil {
				return in, fault.At(name, "offered must be true or false, not %q.", value)
			}
			in.Offered = &on
		default:
			return in, fault.At(name, "There is no setting %q of a site. There are: description, objectLink, offered.", name)
		}
	}
	return in, nil
}

type siteRemoveFlags struct{ try bool }

var siteRemove = &command{
	name: "site remove", args: "SITE", about: "remove a site and all access to it; its activity stays and keeps its name",
	more: "SITE is its id or name.",
	ops:  []string{"Sites", "RemoveSite"},
	flags: func(set *flag.FlagSet) any {
		f := &siteRemoveFlags{}
		set.BoolVar(&f.try, "try", false, "only say what would go")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		found, err := c.site(ctx, c.args[0])
		if err != nil {
			return err
		}
		try := c.flags.(*siteRemoveFlags).try
		gone, err := c.app.Sites.RemoveSite(ctx, site.RemoveIn{ID: found.ID, Try: try})
		if err != nil || c.json {
			return c.told(gone, err, "")
		}
		fmt.Fprintln(c.Out, Plain(map[bool]string{true: "would remove ", false: "removed "}[try]+gone.Name))
		for _, l := range gone.Lost {
			ends := ""
			if l.Ends {
				ends = "; sessions end"
			}
			fmt.Fprintln(c.Out, Plain(fmt.Sprintf("  %s had %s on it and is %s then%s", l.Login, l.Level, l.Role, ends)))
		}
		return nil
	},
}
