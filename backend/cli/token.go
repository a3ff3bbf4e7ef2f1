package cli

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"activitylog/backend/account"
	"activitylog/backend/fault"
)

type tokenFlags struct {
	name, expires string
	scopes        pairs
	allowGet      bool
}

var tokenCreate = &command{
	name: "token create", args: "--name N --scope S… [--allow-get] [--expires 60d]", about: "make an API token for a program and print it, once",
	more: `Scopes: read:own, read:all, ingest, widget; --scope as often as needed.
The token is printed on a line of its own and kept nowhere: only a hash of it is stored.
By default it may be sent by POST or as Authorization: Bearer only, not in an address.`,
	ops: []string{"CreateToken"},
	flags: func(set *flag.FlagSet) any {
		f := &tokenFlags{}
		set.StringVar(&f.name, "name", "", "`name` of the program that uses it")
		set.Var(&f.scopes, "scope", "a `scope`, as often as needed")
		set.BoolVar(&f.allowGet, "allow-get", false, "it may stand in an address, where servers and browsers keep it")
		set.StringVar(&f.expires, "expires", "", "end after this `time`, like 12h, 60d or 2027-01-31; never if left out")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		f := c.flags.(*tokenFlags)
		in := account.CreateTokenIn{Name: f.name, Scopes: f.scopes, AllowGet: f.allowGet}
		var err error
		if in.ExpiresAt, err = parseExpiry(f.expires, c.Now().In(c.Zone)); err != nil {
			return err
		}
		made, err := c.app.Accounts.CreateToken(ctx, in)
		return c.told(made, err, "%s", made.Secret)
	},
}

var tokenList = &command{
	name: "token list", about: "list the API tokens: id, state, scopes, end, last use, maker, name", ops: []string{"Tokens"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(0); err != nil {
			return err
		}
		list, err := c.app.Accounts.Tokens(ctx, account.TokensIn{})
		if err != nil {
			return err
		}
		if c.json {
			c.printJSON(list)
			return nil
		}
		table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
		for _, t := range list.Tokens {
			maker := t.Maker
			if t.User == nil {
				maker = "command line"
			}
			fmt.Fprintln(table, strings.Join([]string{
				t.ID, t.State, strings.Join(t.Scopes, " "), c.day("ends ", t.ExpiresAt, "no end"), c.day("used ", t.SeenAt, "not used"), Plain(maker), Plain(t.Name),
			}, "\t"))
		}
		return table.Flush()
	},
}

var tokenRevoke = &command{
	name: "token revoke", args: "ID", about: "end an API token for good; what it recorded stays", ops: []string{"RevokeToken"},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		revoked, err := c.app.Accounts.RevokeToken(ctx, account.RevokeTokenIn{ID: c.args[0]})
		return c.told(revoked, err, "revoked %s", revoked.Name)
	},
}

// day writes a time to the minute, or what stands for none.
func (c *call) day(before string, ms *int64, none string) string {
	if ms == nil {
		return none
	}
	return before + time.UnixMilli(*ms).In(c.Zone).Format("2006-01-02 15:04")
}

// parseExpiry reads 90m, 12h, 60d, 8w or a date; "" is never.
func parseExpiry(text string, now time.Time) (*int64, error) {
	if text == "" {
		return nil, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, now.Location()); err == nil {
		return new(day.UnixMilli()), nil
	}
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
	unit, ok := units[text[len(text)-1]]
	if err != nil || !ok || n == 0 {
		return nil, fault.At("--expires", "--expires must be like 12h, 60d, 8w or 2027-01-31, not %q.", text)
	}
	return new(now.Add(time.Duration(n) * unit).UnixMilli()), nil
}
