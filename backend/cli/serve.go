package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/netip"
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
Only loopback addresses are listened on. Behind a tunnel or proxy of your own, name
what the browser sends as Host with --allow-host.`,
	create: true,
	flags: func(set *flag.FlagSet) any {
		f := &serveFlags{}
		set.StringVar(&f.listen, "listen", "127.0.0.1:8765", "loopback `address` and port; port 0 takes a free one")
		set.Var(&f.hosts, "allow-host", "a further `host:port` to answer to, as often as needed")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		f := c.flags.(*serveFlags)
		listener, err := listen(ctx, f.listen)
		if err != nil {
			return err
		}
		address := listener.Addr().String()
		_, port, _ := net.SplitHostPort(address)
		token, err := c.app.Accounts.SetUpToken(ctx)
		switch {
		case err == nil:
			fmt.Fprintf(c.Out, "http://%s/#setup=%s\n", address, token)
		case fault.CodeOf(err) == fault.Conflict: // there is a super user
			fmt.Fprintf(c.Out, "http://%s/\n", address)
		default:
			listener.Close()
			return err
		}
		c.app.Tend(ctx)
		return httpapi.Serve(ctx, listener, httpapi.Over(c.app, httpapi.Options{
			Hosts: slices.Concat(httpapi.LoopbackHosts(port), []string{address}, f.hosts), Page: c.Page, Now: c.Now, Log: c.log,
		}))
	},
}

// listen takes the port. Only loopback addresses are served: what leaves the machine
// in the clear could be read on the way.
func listen(ctx context.Context, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fault.At("--listen", "--listen must be an address and a port, for example 127.0.0.1:8765.")
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.IsLoopback() {
		return nil, fault.At("--listen", "Only this machine is served: --listen must be a loopback address such as 127.0.0.1 or [::1], not %q.", host)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		if in, ok := errors.AsType[*net.OpError](err); ok && strings.Contains(in.Err.Error(), "in use") {
			return nil, fault.Wrap(err, fault.Unavailable, "Port %s is taken. Name another with --listen, for example --listen 127.0.0.1:0.", port)
		}
		return nil, fault.Wrap(err, fault.Unavailable, "%s cannot be listened on.", address)
	}
	return listener, nil
}
