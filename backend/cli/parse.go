package cli

import (
	"errors"
	"flag"
	"io"
	"slices"
	"strings"

	"activitylog/backend/fault"
)

// parse reads flags and arguments in any order; after "--" everything is an
// argument. --data and --json belong to every command.
func (c *call) parse(words []string) error {
	set := flag.NewFlagSet(c.command.name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&c.Config.Data, "data", c.Config.Data, "data `directory`")
	set.BoolVar(&c.json, "json", false, "print what HTTP would send")
	if c.command.flags != nil {
		c.flags = c.command.flags(set)
	}
	var after []string
	if at := slices.Index(words, "--"); at >= 0 {
		words, after = words[:at], words[at+1:]
	}
	for len(words) > 0 {
		if err := set.Parse(words); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return flag.ErrHelp
			}
			return usage(c.command, err)
		}
		words = set.Args()
		if len(words) > 0 {
			c.args, words = append(c.args, words[0]), words[1:]
		}
	}
	c.args = append(c.args, after...)
	return nil
}

// usage turns a complaint of package flag into a fault that names the flag.
func usage(cmd *command, err error) error {
	text := err.Error()
	field := ""
	if at := strings.LastIndex(text, "-"); at >= 0 {
		field, _, _ = strings.Cut(text[at:], ":")
	}
	if strings.HasPrefix(text, "flag provided but not defined") {
		return fault.At(field, "%s has no flag %s. See: activitylog help %s", cmd.name, field, cmd.name)
	}
	return fault.At(field, "%s%s. See: activitylog help %s", strings.ToUpper(text[:1]), text[1:], cmd.name)
}

// exactly refuses another number of arguments.
func (c *call) exactly(n int) error {
	if len(c.args) == n {
		return nil
	}
	return fault.At("arguments", "Usage: activitylog %s %s", c.command.name, c.command.args)
}

// query joins the arguments to the text of the search box.
func (c *call) query() string { return strings.Join(c.args, " ") }

// pairs collects a flag that may stand several times.
type pairs []string

func (p *pairs) String() string { return strings.Join(*p, ", ") }

// Set appends a value; package flag calls it.
func (p *pairs) Set(value string) error {
	*p = append(*p, value)
	return nil
}
