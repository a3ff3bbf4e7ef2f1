package cli

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"activitylog/backend/fault"
	"activitylog/backend/site"
)

var siteList = &command{
	name: "site list", about: "list the sites: id, name, kind, time zone, users with access, main address", ops: []string{"Sites"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		list, err := c.app.Sites.Sites(ctx, site.SitesIn{})
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(list)
			return nil
		}
		table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
		for _, s := range list.Sites {
			people, main := "", ""
			if s.People != nil {
				people = strconv.Itoa(*s.People)
			}
			if len(s.Addresses) > 0 {
				main = s.Addresses[0]
			}
			fmt.Fprintln(table, strings.Join([]string{s.ID, Plain(s.Name), s.Kind, s.Zone, people, Plain(main)}, "\t"))
		}
		return table.Flush()
	},
}

type siteFlags struct {
	set              *flag.FlagSet
	name, kind, zone string
	addresses        pairs
}

func siteFlagsIn(set *flag.FlagSet, rename bool) *siteFlags {
	f := &siteFlags{set: set}
	if rename {
		set.StringVar(&f.name, "name", "", "new `name`")
	}
	set.StringVar(&f.kind, "kind", "", "`kind`: "+strings.Join(site.Kinds(), ", "))
	set.StringVar(&f.zone, "zone", "", "time `zone`, like Europe/Berlin")
	set.Var(&f.addresses, "address", "`address`, like https://shop.example; as often as needed, the main one first")
	return f
}

var siteAdd = &command{
	name: "site add", args: "NAME", about: "make a site: a website, an app or a system",
	more: "Activity that calls its site by this name or one of the addresses belongs to it from then on;\nwhat was recorded before stays as it is.",
	ops:  []string{"CreateSite"},
	flags: func(set *flag.FlagSet) any {
		return siteFlagsIn(set, false)
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		f := c.flags.(*siteFlags)
		made, err := c.app.Sites.CreateSite(ctx, site.CreateIn{Name: c.args[0], Kind: f.kind, Zone: f.zone, Addresses: f.addresses})
		return c.told(made, err, "made the site %s (%s)", made.Name, made.ID)
	},
}

var siteChange = &command{
	name: "site change", args: "SITE", about: "change a site's name, kind, time zone or addresses",
	more: "SITE is its id or name. The addresses given take the place of all it had; --address '' leaves it none.",
	ops:  []string{"Sites", "ChangeSite"},
	flags: func(set *flag.FlagSet) any {
		return siteFlagsIn(set, true)
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		f := c.flags.(*siteFlags)
		var in site.ChangeIn
		f.set.Visit(func(flag *flag.Flag) {
			switch flag.Name {
			case "name":
				in.Name = &f.name
			case "kind":
				in.Kind = &f.kind
			case "zone":
				in.Zone = &f.zone
			case "address":
				in.Addresses = new([]string(f.addresses))
			}
		})
		if in == (site.ChangeIn{}) {
			return fault.At("arguments", "Say what to change: --name, --kind, --zone or --address.")
		}
		found, err := c.site(ctx, c.args[0])
		if err != nil {
			return err
		}
		in.ID = found.ID
		changed, err := c.app.Sites.ChangeSite(ctx, in)
		return c.told(changed, err, "changed %s", changed.Name)
	},
}

// site returns the site with that id or name. Errors: not_found.
func (c *call) site(ctx context.Context, called string) (site.Site, error) {
	list, err := c.app.Sites.Sites(ctx, site.SitesIn{})
	if err != nil {
		return site.Site{}, err
	}
	for _, s := range list.Sites {
		if s.ID == called {
			return s, nil
		}
	}
	for _, s := range list.Sites {
		if site.Key(s.Name) == site.Key(called) {
			return s, nil
		}
	}
	return site.Site{}, fault.New(fault.NotFound, "There is no site %q. See: activitylog site list", called)
}
