package cli

import (
	"context"
	"flag"
	"fmt"

	"activitylog/backend/account"
)

type initFlags struct {
	account.SetUpIn
	fromStdin bool
}

var initCommand = &command{
	name: "init", args: "--login L --email E", about: "make the log and its first super user",
	more: "The password is asked for, or read from the input with --password-stdin.",
	ops:  []string{"SetUp"}, create: true,
	flags: func(set *flag.FlagSet) any {
		f := &initFlags{}
		set.StringVar(&f.Login, "login", "", "`name` to sign in with")
		set.StringVar(&f.Email, "email", "", "mail `address`")
		set.StringVar(&f.Name, "name", "", "`name` to be shown; the login if left out")
		set.StringVar(&f.Language, "language", "", "`en` or de")
		set.BoolVar(&f.fromStdin, "password-stdin", false, "read the password from the input's first line")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		f := c.flags.(*initFlags)
		if err := c.exactly(0); err != nil {
			return err
		}
		if ready, err := c.app.Accounts.Ready(ctx); err != nil {
			return err
		} else if !ready { // a second one is refused by the account, without asking first
			if f.Password, err = c.password(f.fromStdin); err != nil {
				return err
			}
		}
		session, err := c.app.Accounts.SetUp(ctx, f.SetUpIn)
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(session)
			return nil
		}
		fmt.Fprintf(c.Out, "The first super user is %s. The log is in %s\n", Plain(f.Login), Plain(c.Config.Data))
		return nil
	},
}
