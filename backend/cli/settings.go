package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"activitylog/backend/fault"
	"activitylog/backend/settings"
)

var settingsGet = &command{
	name: "settings get", about: "print the settings", ops: []string{"Settings"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		now, err := c.app.Settings.Settings(ctx, settings.GetIn{})
		if err != nil {
			return err
		}
		c.printSettings(now)
		return nil
	},
}

var settingsSet = &command{
	name: "settings set", args: "NAME=VALUE…", about: "change settings",
	more: "Names: gravatar, serve, doNotTrack (true or false), language (en or de), ipMask (0 to 3), port,\ningestRequests and ingestRecords (numbers). docs/settings.md explains them. Every change is recorded.",
	ops:  []string{"Configure"},
	run: func(ctx context.Context, c *call) error {
		in, err := settingsIn(c.args)
		if err != nil {
			return err
		}
		now, err := c.app.Settings.Configure(ctx, in)
		if err != nil {
			return err
		}
		c.printSettings(now)
		return nil
	},
}

func settingsIn(args []string) (settings.ConfigureIn, error) {
	var in settings.ConfigureIn
	if len(args) == 0 {
		return in, fault.At("arguments", "Say what to change, for example: activitylog settings set gravatar=true")
	}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			return in, fault.At(name, "Write %s=VALUE.", name)
		}
		switch name {
		case "gravatar", "serve", "doNotTrack":
			on, err := strconv.ParseBool(value)
			if err != nil {
				return in, fault.At(name, "%s must be true or false, not %q.", name, value)
			}
			*map[string]**bool{"gravatar": &in.Gravatar, "serve": &in.Serve, "doNotTrack": &in.DoNotTrack}[name] = &on
		case "language":
			in.Language = &value
		case "port", "ipMask":
			n, err := strconv.Atoi(value)
			if err != nil {
				return in, fault.At(name, "%s must be a number, not %q.", name, value)
			}
			*map[string]**int{"port": &in.Port, "ipMask": &in.IPMask}[name] = &n
		case "ingestRequests", "ingestRecords":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return in, fault.At(name, "%s must be a whole number, not %q.", name, value)
			}
			if name == "ingestRequests" {
				in.IngestRequests = &n
			} else {
				in.IngestRecords = &n
			}
		default:
			return in, fault.At(name, "There is no setting %q. There are: gravatar, language, serve, port, ipMask, doNotTrack, ingestRequests, ingestRecords.", name)
		}
	}
	return in, nil
}

func (c *call) printSettings(s settings.Settings) {
	if c.json {
		c.printJSON(s)
		return
	}
	fmt.Fprintf(c.Out, "gravatar=%t\nlanguage=%s\nserve=%t\nport=%d\nipMask=%d\ndoNotTrack=%t\ningestRequests=%d\ningestRecords=%d\n",
		s.Gravatar, s.Language, s.Serve, s.Port, s.IPMask, s.DoNotTrack, s.IngestRequests, s.IngestRecords)
}
