package cli

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

const synopsis = `Activity Log keeps the record of who did what and when.

  activitylog                  opens the window
  activitylog COMMAND …        does one thing and ends

Every command takes --data DIR (or ACTIVITYLOG_DATA) for the data directory and
--json to print exactly what HTTP would send. After -- everything is an argument.

Commands:
`

// help prints all commands, or after "help" one of them. A wrong command is said
// with the status of a wrong input.
func (c *call) help(args []string, wrong error) error {
	if wrong != nil {
		return wrong
	}
	var words []string
	for _, word := range args {
		if word != "help" && !strings.HasPrefix(word, "-") {
			words = append(words, word)
		}
	}
	if len(words) > 0 {
		var of []*command
		for _, cmd := range commands() {
			if cmd.name == strings.Join(words, " ") || strings.HasPrefix(cmd.name, strings.Join(words, " ")+" ") {
				of = append(of, cmd)
			}
		}
		if len(of) == 0 {
			return unknownCommand(words)
		}
		for i, cmd := range of {
			if i > 0 {
				fmt.Fprintln(c.Out)
			}
			if err := c.helpOf(cmd); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Fprint(c.Out, synopsis)
	table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	for _, cmd := range commands() {
		fmt.Fprintf(table, "  %s\t%s\n", strings.TrimSpace(cmd.name+" "+cmd.args), cmd.about)
	}
	return table.Flush()
}

// helpOf prints one command with its flags.
func (c *call) helpOf(cmd *command) error {
	fmt.Fprintf(c.Out, "activitylog %s\n\n%s\n", strings.TrimSpace(cmd.name+" "+cmd.args), cmd.about)
	if cmd.more != "" {
		fmt.Fprintf(c.Out, "\n%s\n", strings.TrimSpace(cmd.more))
	}
	if cmd.flags == nil {
		return nil
	}
	set := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	cmd.flags(set)
	fmt.Fprintln(c.Out)
	table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	set.VisitAll(func(f *flag.Flag) {
		value, about := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			about += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(table, "  --%s %s\t%s\n", f.Name, value, about)
	})
	return table.Flush()
}
