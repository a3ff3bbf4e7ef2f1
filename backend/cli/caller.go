package cli

import (
	"context"
	"os/user"

	"activitylog/backend"
	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// caller is whom the command line acts as: the account that owns the data, or the API
// token that the environment names. Errors: unauthenticated (the token).
func (c *call) caller(ctx context.Context) (access.Principal, error) {
	if c.Config.Token == "" {
		return c.owner(), nil
	}
	if !access.IsAPIToken(c.Config.Token) {
		return access.Principal{}, fault.New(fault.Unauthenticated, "%s holds no API token: those begin with al_ and are printed by \"activitylog token create\".", backend.EnvToken)
	}
	p, err := c.app.Accounts.Authenticate(access.With(ctx, access.Principal{Door: access.CLI}), c.Config.Token)
	p.Zone = zoneName(c.Zone)
	return p, err
}

// owner is the account that runs the program.
func (c *call) owner() access.Principal {
	name := "owner"
	if account, err := user.Current(); err == nil && account.Username != "" {
		name = account.Username
	}
	return access.Principal{Owner: true, Role: access.Super, Door: access.CLI, Login: name, Zone: zoneName(c.Zone)}
}
