package cli

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"activitylog/backend/fault"
	"activitylog/backend/httpapi"
)

type serveFlags struct {
	listen string
	hosts  pairs
}

var serveCommand = &command{
	name: "serve", args: "[--listen 127.0.0.1:8765]", about: "serve the page and the operations to this machine",
	more: `Prints its address on one line. Without a super user that address carries a token
with which the first one can be made, once, within 30 minutes.
Only loopback addresses are listened on, or a Unix socket that nobody but you may use.
Behind a tunnel or proxy of your own, name what the browser sends as Host with
--allow-host.`,
	create: true,
	flags: func(set *flag.FlagSet) any {
		f := &serveFlags{}
		set.StringVar(&f.listen, "listen", "127.0.0.1:8765", "loopback `address` and port (0 takes a free one), or unix:/path/of/a/socket")
		set.Var(&f.hosts, "allow-host", "a further `host:port` to answer to, as often as needed")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		f := c.flags.(*serveFlags)
		listener, err := httpapi.Listen(ctx, f.listen)
		if err != nil {
			return err
		}
		address, hosts := httpapi.Address(listener)
		token, err := c.app.Accounts.SetUpToken(ctx)
		switch {
		case err == nil && strings.HasPrefix(address, "http"):
			fmt.Fprintf(c.Out, "%s#setup=%s\n", address, token)
		case err == nil, fault.CodeOf(err) == fault.Conflict: // there is a super user, or no browser
			fmt.Fprintln(c.Out, address)
		default:
			listener.Close()
			return err
		}
		c.app.Tend(ctx)
		return httpapi.Serve(ctx, listener, httpapi.Over(c.app, httpapi.Options{
			Hosts: slices.Concat(hosts, f.hosts), Page: c.Page, Now: c.Now, Log: c.log,
		}))
	},
}
