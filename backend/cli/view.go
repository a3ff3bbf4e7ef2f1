package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/view"
)

const viewNames = `A view is named by its name, in any case; one of your own comes before a shared one. id:N names
the one of that number. The command line has the views it saved itself, and those that are shared.`

var viewList = &command{
	name: "view list", about: "list the views there are: number, whose, name, query",
	more: viewNames, ops: []string{"Views"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		list, err := c.app.Views.Views(ctx, view.ListIn{})
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(list)
			return nil
		}
		table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
		for _, v := range list.Views {
			whose := "own"
			if v.Shared {
				whose = "shared"
			}
			if v.Hold {
				whose += ", held (" + Plain(v.HoldZone) + ")"
			}
			query := Plain(v.Query)
			if v.Fault != "" {
				query += "  (" + Plain(v.Fault) + ")"
			}
			fmt.Fprintln(table, strings.Join([]string{v.ID, whose, Plain(v.Name), query}, "\t"))
		}
		return table.Flush()
	},
}

// viewFlags make or change a view; what is left out stays as it is.
func viewFlags(set *flag.FlagSet) any {
	in := &view.SaveIn{}
	text := func(to **string, name, about string) {
		set.Func(name, about, func(value string) error {
			*to = &value
			return nil
		})
	}
	set.Func("columns", "`names` of what is shown beside the sentence, joined by commas: type, site, object, result, source, ip, offset, id; or none", func(value string) error {
		columns := []string{}
		if value != "none" && value != "" {
			columns = strings.Split(value, ",")
		}
		in.Columns = &columns
		return nil
	})
	text(&in.Order, "order", "newest or oldest first: the `order`")
	text(&in.Density, "density", "`height` of the rows: compact, comfortable or airy; each reader's own if left out")
	set.Func("shared", "`true` shares it with everybody, false ends that", func(value string) error {
		shared, err := strconv.ParseBool(value)
		in.Shared = &shared
		return err
	})
	return in
}

var viewSave = &command{
	name: "view save", args: "NAME [QUERY]", about: "save a query as a view",
	more: "The query is that of the search box. Nothing is saved where it is wrong, and the place is named.",
	ops:  []string{"SaveView"}, flags: viewFlags,
	run: func(ctx context.Context, c *call) error {
		in := c.flags.(*view.SaveIn)
		if len(c.args) == 0 {
			return fault.At("arguments", "Usage: activitylog view save NAME [QUERY]")
		}
		query := strings.Join(c.args[1:], " ")
		in.Name, in.Query = &c.args[0], &query
		return c.saveView(ctx, *in, "saved")
	},
}

var viewChange = &command{
	name: "view change", args: "NAME [--name N] [--query Q] …", about: "change a view; what is left out stays as it is",
	more: viewNames, ops: []string{"SaveView", "Views"},
	flags: func(set *flag.FlagSet) any {
		in := viewFlags(set).(*view.SaveIn)
		set.Func("name", "another `name`", func(value string) error { in.Name = &value; return nil })
		set.Func("query", "another `query`", func(value string) error { in.Query = &value; return nil })
		return in
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		in := c.flags.(*view.SaveIn)
		v, err := c.view(ctx, c.args[0])
		if err != nil {
			return err
		}
		in.ID = v.ID
		return c.saveView(ctx, *in, "changed")
	},
}

func (c *call) saveView(ctx context.Context, in view.SaveIn, done string) error {
	v, err := c.app.Views.SaveView(ctx, in)
	if err != nil {
		return err
	}
	if c.json {
		c.printJSON(v)
		return nil
	}
	fmt.Fprintf(c.Out, "%s %s %s\n", done, v.ID, Plain(v.Name))
	return nil
}

var viewRemove = &command{
	name: "view remove", args: "NAME", about: "remove a view; no activity goes with it",
	more: viewNames, ops: []string{"RemoveView", "Views"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		v, err := c.view(ctx, c.args[0])
		if err != nil {
			return err
		}
		removed, err := c.app.Views.RemoveView(ctx, view.RemoveIn{ID: v.ID})
		switch {
		case err != nil:
			return err
		case c.json:
			c.printJSON(removed)
		default:
			fmt.Fprintf(c.Out, "removed %s\n", Plain(v.Name))
		}
		return nil
	},
}

var viewExport = &command{
	name: "view export", args: "[NAME…] [-o FILE]", about: "write views out as a file; all of them if none is named",
	more: viewNames, ops: []string{"ExportViews", "Views"},
	flags: func(set *flag.FlagSet) any {
		return set.String("o", "", "`file` to write to; one that is there is replaced")
	},
	run: func(ctx context.Context, c *call) error {
		in := view.FileIn{IDs: []string{}}
		for _, name := range c.args {
			v, err := c.view(ctx, name)
			if err != nil {
				return err
			}
			in.IDs = append(in.IDs, v.ID)
		}
		file, err := c.app.Views.ExportViews(ctx, in)
		if err != nil {
			return err
		}
		name := *c.flags.(*string)
		if name != "" {
			if err := os.WriteFile(name, []byte(file.Content), 0o600); err != nil {
				return fault.Wrap(err, fault.Unavailable, "%s could not be written.", Plain(name))
			}
		}
		switch {
		case c.json:
			c.printJSON(file)
		case name != "":
			fmt.Fprintf(c.Out, "exported to %s\n", Plain(name))
		case c.Watched:
			fmt.Fprintln(&lineTerminal{to: c.Out}, file.Content)
		default:
			fmt.Fprint(c.Out, file.Content)
		}
		return nil
	},
}

var viewImport = &command{
	name: "view import", args: "FILE [--replace]", about: "take in the views of a file, - for the input: all of them or none",
	more: "Views that were shared are shared here too. One of a name that is there already and says something else is refused without --replace.",
	ops:  []string{"ImportViews"},
	flags: func(set *flag.FlagSet) any {
		return set.Bool("replace", false, "change the views that are there already under those names")
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		content, err := c.small(c.args[0])
		if err != nil {
			return err
		}
		done, err := c.app.Views.ImportViews(ctx, view.ImportIn{Content: content, Replace: *c.flags.(*bool)})
		switch {
		case err != nil:
			return err
		case c.json:
			c.printJSON(done)
		default:
			fmt.Fprintf(c.Out, "created %d, changed %d, there already %d\n", done.Created, done.Changed, done.Same)
		}
		return nil
	},
}

// small reads a small file, or the input; more than it may be is cut, and then refused
// by who reads it.
func (c *call) small(name string) (string, error) {
	in := c.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", fault.Wrap(err, fault.NotFound, "%s cannot be opened.", Plain(name))
		}
		defer f.Close()
		in = f
	}
	content, err := io.ReadAll(io.LimitReader(in, maxLine+1))
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "%s could not be read to its end.", Plain(name))
	}
	return string(content), nil
}

// view finds a view by its name, or by id:N.
func (c *call) view(ctx context.Context, name string) (view.View, error) {
	list, err := c.app.Views.Views(ctx, view.ListIn{})
	if err != nil {
		return view.View{}, err
	}
	id, byID := strings.CutPrefix(name, "id:")
	var named *view.View
	for i, v := range list.Views {
		if byID && v.ID == id {
			return v, nil
		}
		if access.Fold(v.Name) == access.Fold(strings.TrimSpace(name)) && (named == nil || named.Shared) {
			named = &list.Views[i]
		}
	}
	if named == nil {
		return view.View{}, fault.New(fault.NotFound, "There is no view %q. See: activitylog view list", Plain(name))
	}
	return *named, nil
}

// viewed returns the view a command is asked for instead of a query; nil without.
func (c *call) viewed(ctx context.Context, name string) (*view.View, error) {
	if name == "" {
		return nil, nil
	}
	if len(c.args) > 0 {
		return nil, fault.At("--view", "Give a query or a view, not both: conditions on the same field would let more in.")
	}
	v, err := c.view(ctx, name)
	return &v, err
}
