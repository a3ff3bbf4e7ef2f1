// Package cli is the command line: one table of commands, one file each.
//
// It is a front: it acts as the operating-system account that owns the data
// directory (scope super, source cli), or as the API token in the environment, passes flags on as an operation's input and
// prints the answer. With --json it prints exactly what HTTP would send. What it
// prints to a terminal carries no control characters of the log's content; the
// fuzz test in plain_test.go is the proof.
package cli

import (
	"context"
	"errors"
	"flag"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"activitylog/backend"
	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// An Env is what a command line runs in.
type Env struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
	// Watched says that a person is looking at Out; ErrWatched, at Err.
	Watched    bool
	ErrWatched bool
	// Ask reads a line that is not shown while it is typed. Nil: nobody to ask.
	Ask func(prompt string) (string, error)
	// Page is the interface that serve serves.
	Page    fs.FS
	Config  backend.Config
	Version string
	Now     func() time.Time
	// Zone is where the reader is: dates are read and times shown in it.
	Zone *time.Location
}

// A command is one verb of the command line.
type command struct {
	name    string   // "user add"
	args    string   // what follows, as shown by help
	about   string   // one line
	more    string   // further lines of its help, or ""
	ops     []string // the operations it calls
	offline bool     // needs no database
	create  bool     // makes the data directory if there is none
	fails   int      // the status of errors that are not the program's own; 0: by their code
	flags   func(*flag.FlagSet) any
	run     func(context.Context, *call) error
	// closed runs instead where the log cannot be opened, with the reason. Nil for most.
	closed func(ctx context.Context, c *call, why error) error
}

// A call is one run of a command.
type call struct {
	Env
	command *command
	json    bool
	flags   any // what command.flags returned
	args    []string
	app     *backend.App // nil where the command is offline
	log     *slog.Logger
}

// commands lists every command once, in the order of the help.
func commands() []*command {
	return []*command{
		initCommand, serveCommand, recordCommand, runCommand, followCommand, listCommand, countCommand, typesCommand,
		importCommand, importsList, importsUndo, exportCommand,
		userList, userAdd, userChange, userRemove, userPassword, userSuper, userAccess, userLink,
		siteList, siteAdd, siteChange, siteSettings, siteRemove,
		tokenCreate, tokenList, tokenRevoke,
		viewList, viewSave, viewChange, viewRemove, viewHold, viewRelease, viewExport, viewImport,
		pluginNew, pluginCheck, pluginInstall, pluginUpdate, pluginList, pluginShow, pluginActivate, pluginDeactivate, pluginRemove,
		eraseActivity, erasePerson, eraseContinue,
		retentionShow, retentionSet, retentionDryRun, retentionRun, retentionStop, retentionHistory,
		settingsGet, settingsSet, verifyCommand, backupCommand, versionCommand,
	}
}

// Run runs one command line and returns its exit status; see [Status].
func Run(ctx context.Context, args []string, env Env) int {
	out := &output{to: env.Out}
	env.Out = out
	c := &call{Env: env, log: slog.New(slog.NewTextHandler(env.Err, nil))}
	err := c.start(ctx, args)
	return c.end(ctx, out.judge(err))
}

func (c *call) start(ctx context.Context, args []string) error {
	cmd, rest, err := find(args)
	if err != nil || cmd == nil {
		return c.help(args, err)
	}
	c.command = cmd
	if err := c.parse(rest); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return c.helpOf(cmd)
		}
		return err
	}
	if cmd.offline {
		return cmd.run(ctx, c)
	}
	c.Config.Create = cmd.create
	c.Config.Version, c.Config.Log = c.Version, c.log
	app, err := backend.Open(ctx, c.Config)
	if err != nil && cmd.closed != nil && c.Config.Token == "" {
		return cmd.closed(ctx, c, err)
	}
	if err != nil {
		return err
	}
	c.app = app
	caller, runErr := c.caller(ctx)
	if runErr == nil {
		runErr = cmd.run(access.With(ctx, caller), c)
	}
	if err := app.Close(); err != nil && runErr == nil {
		return err
	}
	return runErr
}

// find returns the command that the words begin with, and what follows it. Global
// flags may stand before it. No words at all, and help, are nil.
func find(args []string) (*command, []string, error) {
	words, before := args, []string{}
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		switch name, _, joined := strings.Cut(strings.TrimLeft(words[0], "-"), "="); {
		case name == "h" || name == "help":
			return nil, nil, nil
		case name == "version":
			return versionCommand, words[1:], nil
		case name == "data" && !joined && len(words) > 1:
			before, words = append(before, words[:2]...), words[2:]
		default:
			before, words = append(before, words[0]), words[1:]
		}
	}
	if len(words) == 0 || words[0] == "help" {
		return nil, nil, nil
	}
	for _, cmd := range commands() {
		name := strings.Fields(cmd.name)
		if len(words) >= len(name) && strings.Join(words[:len(name)], " ") == cmd.name {
			return cmd, append(before, words[len(name):]...), nil
		}
	}
	if words[0] == "settings" && (len(words) == 1 || strings.HasPrefix(words[1], "-")) {
		return settingsGet, append(before, words[1:]...), nil
	}
	return nil, nil, unknownCommand(words)
}

// unknownCommand names what there is instead.
func unknownCommand(words []string) error {
	var below []string
	for _, cmd := range commands() {
		if group, rest, nested := strings.Cut(cmd.name, " "); nested && group == words[0] {
			below = append(below, rest)
		}
	}
	if len(below) > 0 {
		return fault.At("command", "%s needs one of: %s.", words[0], strings.Join(below, ", "))
	}
	return fault.At("command", "There is no command %q. See: activitylog help", words[0])
}
