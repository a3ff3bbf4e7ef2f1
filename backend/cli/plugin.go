package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"

	"activitylog/backend/fault"
	"activitylog/backend/plugin"
)

var pluginNew = &command{
	name: "plugin new", args: "NAME", about: "write a folder with a plugin to begin with", offline: true,
	more: "The folder NAME holds plugin.json and one type in Activity. It can be installed as it is; docs/plugins.md\nexplains what stands in it.",
	run: func(_ context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		dir, err := plugin.Begin(".", c.args[0])
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(map[string]string{"folder": dir})
			return nil
		}
		fmt.Fprintf(c.Out, "wrote %s: change it, then: activitylog plugin install %s\n", dir, dir)
		return nil
	},
}

var pluginCheck = &command{
	name: "plugin check", args: "DIR|ZIP", about: "say all that is wrong with a plugin; nothing is installed",
	more: "Each line is the file, the field in it and the reason. Without a log it is held against the program's own plugins alone.",
	ops:  []string{"CheckPlugin"},
	run: func(ctx context.Context, c *call) error {
		handle, err := c.pluginHandle(ctx)
		if err != nil {
			return err
		}
		found, err := c.app.Plugins.CheckPlugin(ctx, plugin.CheckIn{Handle: handle})
		return c.checked(found, err)
	},
	closed: func(_ context.Context, c *call, why error) error {
		if fault.CodeOf(why) != fault.NotFound {
			return why
		}
		if err := c.exactly(1); err != nil {
			return err
		}
		found, err := plugin.CheckAlone(c.args[0])
		return c.checked(found, err)
	},
}

// pluginHandle is the handle of the one argument.
func (c *call) pluginHandle(ctx context.Context) (string, error) {
	if err := c.exactly(1); err != nil {
		return "", err
	}
	handles, err := c.app.Sources.Offer(ctx, c.args)
	if err != nil {
		return "", err
	}
	return handles[0].ID, nil
}

// checked prints what a check found.
func (c *call) checked(found plugin.Check, err error) error {
	if err != nil {
		return err
	}
	switch {
	case c.json:
		c.printJSON(found)
	case len(found.Problems) == 0:
		fmt.Fprintf(c.Out, "%s %s is fine. It brings %s.\n", Plain(found.Plugin.Name), Plain(found.Plugin.Version), typesOf(*found.Plugin))
	default:
		for _, p := range found.Problems {
			fmt.Fprintf(c.Out, "%s: %s: %s\n", Plain(p.File), Plain(p.Field), Plain(p.Reason))
		}
	}
	if len(found.Problems) > 0 {
		return &exit{statuses[fault.Invalid]}
	}
	return nil
}

// typesOf names a plugin's types.
func typesOf(p plugin.Plugin) string {
	var ids []string
	for _, t := range p.Types {
		ids = append(ids, Plain(t.ID))
	}
	return strings.Join(ids, ", ")
}

var pluginInstall = &command{
	name: "plugin install", args: "DIR|ZIP", about: "install a plugin: more types of activity", ops: []string{"InstallPlugin"},
	run: func(ctx context.Context, c *call) error {
		handle, err := c.pluginHandle(ctx)
		if err != nil {
			return err
		}
		p, err := c.app.Plugins.InstallPlugin(ctx, plugin.InstallIn{Handle: handle})
		return c.told(p, err, "installed %s %s: %s", p.Name, p.Version, typesOf(p))
	},
}

type updateFlags struct{ downgrade bool }

var pluginUpdate = &command{
	name: "plugin update", args: "DIR|ZIP [--downgrade]", about: "put a newer version of a plugin in its place",
	more: "Types that the new version no longer has stay readable. The old and the new version are recorded.",
	ops:  []string{"UpdatePlugin"},
	flags: func(set *flag.FlagSet) any {
		f := &updateFlags{}
		set.BoolVar(&f.downgrade, "downgrade", false, "also if its version is not newer")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		handle, err := c.pluginHandle(ctx)
		if err != nil {
			return err
		}
		p, err := c.app.Plugins.UpdatePlugin(ctx, plugin.UpdateIn{Handle: handle, Downgrade: c.flags.(*updateFlags).downgrade})
		return c.told(p, err, "updated %s to %s: %s", p.Name, p.Version, typesOf(p))
	},
}

var pluginList = &command{
	name: "plugin list", about: "list the plugins: name, version, state, number of types, label", ops: []string{"Plugins"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		list, err := c.app.Plugins.Plugins(ctx, plugin.ListIn{})
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(list)
			return nil
		}
		table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
		for _, p := range list.Plugins {
			fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\n", p.Name, Plain(p.Version), stateOf(p), len(p.Types), Plain(p.Label))
		}
		return table.Flush()
	},
}

func stateOf(p plugin.Plugin) string {
	from := "installed"
	if p.Bundled {
		from = "bundled"
	}
	if !p.Active {
		return from + ", deactivated"
	}
	return from
}

var pluginShow = &command{
	name: "plugin show", args: "NAME", about: "show what a plugin brings: its types, how they read, their parameters", ops: []string{"Plugins"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		list, err := c.app.Plugins.Plugins(ctx, plugin.ListIn{})
		if err != nil {
			return err
		}
		for _, p := range list.Plugins {
			if p.Name != c.args[0] {
				continue
			}
			if c.json {
				c.printJSON(p)
				return nil
			}
			c.showPlugin(p)
			return nil
		}
		return fault.New(fault.NotFound, "There is no plugin %q.", c.args[0]).Blame("name")
	},
}

func (c *call) showPlugin(p plugin.Plugin) {
	fmt.Fprintf(c.Out, "%s %s (%s): %s\n", p.Name, Plain(p.Version), stateOf(p), Plain(p.Label))
	for _, t := range p.Types {
		fmt.Fprintf(c.Out, "\n%s  %s (%s)\n  %s\n", Plain(t.ID), Plain(t.Label), Plain(t.Category), Plain(t.Sentence))
		for _, q := range t.Parameters {
			more := ""
			if q.Required {
				more += ", required"
			}
			if q.Secret {
				more += ", masked"
			}
			fmt.Fprintf(c.Out, "  %s: %s%s (%s)\n", q.Name, q.Kind, more, Plain(q.Label))
		}
	}
}

// changePlugin is a command that changes the plugin that its argument names.
func changePlugin(verb, about, operation, done string, does func(*plugin.Service, context.Context, plugin.NameIn) (plugin.Plugin, error)) *command {
	return &command{
		name: "plugin " + verb, args: "NAME", about: about, ops: []string{operation},
		run: func(ctx context.Context, c *call) error {
			if err := c.exactly(1); err != nil {
				return err
			}
			p, err := does(c.app.Plugins, ctx, plugin.NameIn{Name: c.args[0]})
			return c.told(p, err, "%s %s", done, p.Name)
		},
	}
}

var (
	pluginActivate   = changePlugin("activate", "offer and record a plugin's types again", "ActivatePlugin", "activated", (*plugin.Service).ActivatePlugin)
	pluginDeactivate = changePlugin("deactivate", "offer and record a plugin's types no longer; what was recorded stays as it is", "DeactivatePlugin", "deactivated", (*plugin.Service).DeactivatePlugin)
	pluginRemove     = changePlugin("remove", "remove a plugin; what was recorded stays and reads as it did", "RemovePlugin", "removed", (*plugin.Service).RemovePlugin)
)
