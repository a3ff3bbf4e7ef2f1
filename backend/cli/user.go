package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"

	"activitylog/backend/account"
	"activitylog/backend/fault"
)

var userList = &command{
	name: "user list", about: "list the users", ops: []string{"Users"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		list, err := c.app.Accounts.Users(ctx, account.UsersIn{})
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(list)
			return nil
		}
		table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
		for _, u := range list.Users {
			state := ""
			if u.Disabled {
				state = "disabled"
			}
			fmt.Fprintln(table, strings.Join([]string{Plain(u.Login), u.Role, Plain(u.Email), Plain(u.Name), state}, "\t"))
		}
		return table.Flush()
	},
}

type userAddFlags struct {
	account.CreateUserIn
	fromStdin bool
}

var userAdd = &command{
	name: "user add", args: "LOGIN --email E", about: "add a user",
	more: "The password is asked for, or read from the input with --password-stdin.",
	ops:  []string{"CreateUser"},
	flags: func(set *flag.FlagSet) any {
		f := &userAddFlags{}
		set.StringVar(&f.Email, "email", "", "mail `address`")
		set.StringVar(&f.Name, "name", "", "`name` to be shown; the login if left out")
		set.StringVar(&f.Level, "level", "view", "access to this log: none, `view`, write, admin")
		set.BoolVar(&f.fromStdin, "password-stdin", false, "read the password from the input's first line")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		f := c.flags.(*userAddFlags)
		f.Login = c.args[0]
		var err error
		if f.Password, err = c.password(f.fromStdin); err != nil {
			return err
		}
		made, err := c.app.Accounts.CreateUser(ctx, f.CreateUserIn)
		return c.told(made, err, "added %s (%s)", made.Login, made.Role)
	},
}

type userChangeFlags struct {
	set             *flag.FlagSet
	email, name     string
	disable, enable bool
}

var userChange = &command{
	name: "user change", args: "LOGIN", about: "change a user's address or name, disable or enable it", ops: []string{"ChangeUser"},
	flags: func(set *flag.FlagSet) any {
		f := &userChangeFlags{set: set}
		set.StringVar(&f.email, "email", "", "new mail `address`")
		set.StringVar(&f.name, "name", "", "new `name` to be shown")
		set.BoolVar(&f.disable, "disable", false, "end its sessions and let it in no more")
		set.BoolVar(&f.enable, "enable", false, "let it in again")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		f := c.flags.(*userChangeFlags)
		in := account.ChangeUserIn{}
		f.set.Visit(func(flag *flag.Flag) {
			switch flag.Name {
			case "email":
				in.Email = &f.email
			case "name":
				in.Name = &f.name
			}
		})
		if f.disable && f.enable {
			return fault.At("--disable", "Say --disable or --enable, not both.")
		}
		if f.disable || f.enable {
			in.Disabled = &f.disable
		}
		if in == (account.ChangeUserIn{}) {
			return fault.At("arguments", "Say what to change: --email, --name, --disable or --enable.")
		}
		var err error
		if in.ID, err = c.userID(ctx, c.args[0]); err != nil {
			return err
		}
		changed, err := c.app.Accounts.ChangeUser(ctx, in)
		return c.told(changed, err, "changed %s", changed.Login)
	},
}

var userRemove = &command{
	name: "user remove", args: "LOGIN", about: "remove a user; its activity stays and keeps its name", ops: []string{"RemoveUser"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		id, err := c.userID(ctx, c.args[0])
		if err != nil {
			return err
		}
		done, err := c.app.Accounts.RemoveUser(ctx, account.RemoveUserIn{ID: id})
		return c.told(done, err, "removed %s", c.args[0])
	},
}

type passwordFlags struct{ fromStdin bool }

var userPassword = &command{
	name: "user password", args: "LOGIN", about: "set a new password, for example for a lost one; this is always recorded",
	more: "It is asked for, or read from the input with --password-stdin. The user's sessions end.",
	flags: func(set *flag.FlagSet) any {
		f := &passwordFlags{}
		set.BoolVar(&f.fromStdin, "password-stdin", false, "read the password from the input's first line")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		if _, err := c.userID(ctx, c.args[0]); err != nil { // before a person types for nothing
			return err
		}
		password, err := c.password(c.flags.(*passwordFlags).fromStdin)
		if err != nil {
			return err
		}
		done, err := c.app.Accounts.SetPassword(ctx, account.SetPasswordIn{Login: c.args[0], Password: password})
		return c.told(done, err, "%s has a new password; its sessions have ended", c.args[0])
	},
}

// userID returns the id of the user with that login. Errors: not_found.
func (c *call) userID(ctx context.Context, login string) (string, error) {
	user, err := c.app.Accounts.Named(ctx, login)
	if fault.CodeOf(err) == fault.NotFound {
		err = fault.New(fault.NotFound, "There is no user %q. See: activitylog user list", login)
	}
	return user.ID, err
}

// told prints an operation's answer: as JSON, or the one sentence about it.
func (c *call) told(answer any, err error, sentence string, args ...any) error {
	if err != nil {
		return err
	}
	if c.json {
		c.printJSON(answer)
		return nil
	}
	fmt.Fprintln(c.Out, Plain(fmt.Sprintf(sentence, args...)))
	return nil
}
