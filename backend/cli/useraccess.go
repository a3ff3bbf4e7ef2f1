package cli

import (
	"context"
	"flag"
	"strconv"
	"strings"

	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

var userSuper = &command{
	name: "user super", args: "LOGIN on|off", about: "grant or revoke super user access", ops: []string{"GrantSuper"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(2); err != nil {
			return err
		}
		if c.args[1] != "on" && c.args[1] != "off" {
			return fault.At("arguments", "Say on or off, not %q.", c.args[1])
		}
		id, err := c.userID(ctx, c.args[0])
		if err != nil {
			return err
		}
		changed, err := c.app.Accounts.GrantSuper(ctx, account.GrantSuperIn{ID: id, Super: c.args[1] == "on"})
		return c.told(changed, err, "%s is now %s", changed.Login, changed.Role)
	},
}

type accessFlags struct{ site string }

var userAccess = &command{
	name: "user access", args: "LOGIN none|view|write|admin", about: "set a user's access to a site", ops: []string{"Sites", "SetAccess"},
	flags: func(set *flag.FlagSet) any {
		f := &accessFlags{}
		set.StringVar(&f.site, "site", "1", "id or `name` of the site; 1 is this log")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(2); err != nil {
			return err
		}
		id, err := c.userID(ctx, c.args[0])
		if err != nil {
			return err
		}
		of, err := c.site(ctx, c.flags.(*accessFlags).site)
		if err != nil {
			return err
		}
		in := account.SetAccessIn{ID: id, Site: of.ID, Level: c.args[1]}
		changed, err := c.app.Accounts.SetAccess(ctx, in)
		return c.told(changed, err, "%s is now %s", changed.Login, changed.Role)
	},
}

var userLink = &command{
	name: "user link", args: "ACTOR LOGIN|none", about: "say that an identity of another source is this user",
	more: `ACTOR is the identity's name, or its id where several have that name
(list --json shows it as actor.id). The user then sees its activity as their own.`,
	ops: []string{"Actors", "LinkActor"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(2); err != nil {
			return err
		}
		actor, err := c.actorID(ctx, c.args[0])
		if err != nil {
			return err
		}
		in := account.LinkActorIn{Actor: actor}
		if c.args[1] != "none" {
			id, err := c.userID(ctx, c.args[1])
			if err != nil {
				return err
			}
			in.User = &id
		}
		done, err := c.app.Accounts.LinkActor(ctx, in)
		return c.told(done, err, "linked %s to %s", c.args[0], c.args[1])
	},
}

// actorID returns the id of the identity with that name, or the text itself if it
// is an id. Errors: not_found, conflict (several have the name).
func (c *call) actorID(ctx context.Context, name string) (string, error) {
	list, err := c.app.Log.Actors(ctx, activity.ActorsIn{Search: name, Limit: 500})
	if err != nil {
		return "", err
	}
	var found []activity.Actor
	for _, a := range list.Actors {
		if a.Actor.Name == name && a.Actor.Source != "self" {
			found = append(found, a.Actor)
		}
	}
	switch {
	case len(found) == 1:
		return found[0].ID, nil
	case len(found) > 1:
		var ids []string
		for _, a := range found {
			ids = append(ids, a.ID+" ("+a.Kind+", "+a.Source+")")
		}
		return "", fault.New(fault.Conflict, "Several identities are called %q: %s. Give the id.", name, strings.Join(ids, ", "))
	}
	if _, err := strconv.ParseInt(name, 10, 64); err == nil {
		return name, nil
	}
	return "", fault.New(fault.NotFound, "No identity of another source is called %q.", name)
}
