package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// The statuses of run that are not the command's own, as other programs that run
// programs have them (env, nohup, timeout; POSIX.1-2024, "Exit Status for Commands").
const (
	notRecorded   = 125
	notExecutable = 126
	notFound      = 127
)

type runFlags struct {
	actor, site string
	bare        bool
}

var runCommand = &command{
	name: "run", args: "[flags] -- COMMAND [ARGUMENT…]", about: "run a command, and record that it ran",
	more: `  activitylog run -- rsync -a /srv/shop backup:/srv/
  activitylog run --no-arguments -- psql "$DATABASE"

The command has this one's input, outputs, signals and exit status. It is recorded as CommandRun when it
has ended: who ran it, when, where, with which arguments, for how long and how it ended.
If it is clear beforehand that it could not be recorded, it is not run: status 125. It is 125 too if the command
succeeded but was not recorded; 126 if it cannot be executed, 127 if it is not found, 128 and
the signal's number if a signal ended it.

Arguments whose name says that a secret follows (--password X, TOKEN=X, https://me:X@host) are
masked. Others are not: leave them out with --no-arguments.`,
	ops: []string{"Record"}, fails: notRecorded,
	flags: func(set *flag.FlagSet) any {
		f := &runFlags{}
		set.StringVar(&f.actor, "actor", "", "`name` of who did it; this account if left out")
		set.StringVar(&f.site, "site", "", "id, address or `name` of the site it was done to")
		set.BoolVar(&f.bare, "no-arguments", false, "record the command's name only")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) == 0 {
			return fault.At("arguments", "Say what to run, for example: activitylog run -- rsync -a from to")
		}
		draft := c.runDraft(c.flags.(*runFlags))
		if err := c.app.Log.Check(ctx, draft); err != nil {
			return err
		}
		end := c.runAndWait(ctx)
		// Whoever stops it stops the command. That it ran is recorded all the same.
		return c.recordRun(context.WithoutCancel(ctx), draft, end)
	},
}

// runDraft is what is known before the command has run.
func (c *call) runDraft(f *runFlags) activity.Draft {
	d := activity.Draft{Type: "CommandRun", Site: given(f.site)}
	if f.actor != "" {
		d.Actor = &activity.DraftActor{Kind: activity.KindUser, Name: f.actor}
	}
	name := text(filepath.Base(c.args[0]))
	d.Object = &activity.Object{Kind: "command", ID: text(c.args[0]), Name: name}
	about := map[string]any{"command": map[string]string{"name": name}}
	if !f.bare {
		about["line"] = text(commandLine(c.args))
	}
	if host, err := os.Hostname(); err == nil {
		about["host"] = text(host)
	}
	if dir, err := os.Getwd(); err == nil {
		about["directory"] = text(dir)
	}
	d.Parameters = account.JSON(about)
	return d
}

// ended is how a command ended.
type ended struct {
	began  time.Time
	took   time.Duration
	status int    // to end with
	signal string // that ended it, or ""
	failed error  // why it did not begin, or nil
}

// runAndWait runs the command with this one's input and outputs, passes signals on and
// waits for its end.
func (c *call) runAndWait(ctx context.Context) ended {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), c.args[0], c.args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.In, bare(c.Out), c.Err
	signals := make(chan os.Signal, 16)
	for _, s := range passedOn() {
		if !signal.Ignored(s) { // nohup's wish is the command's too
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)
	end := ended{began: c.Now()}
	if err := cmd.Start(); err != nil {
		end.failed, end.status = err, notExecutable
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
			end.status = notFound
		}
		return end
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the state says how it ended
		close(done)
	}()
	for {
		select {
		case s := <-signals:
			if !reached(s) {
				_ = cmd.Process.Signal(s) // it has ended
			}
			continue
		case <-done:
		}
		end.took = c.Now().Sub(end.began)
		end.status, end.signal = endOf(cmd.ProcessState)
		return end
	}
}

// recordRun records the command and returns its status.
func (c *call) recordRun(ctx context.Context, d activity.Draft, end ended) error {
	about := map[string]any{}
	if err := json.Unmarshal(d.Parameters, &about); err != nil {
		return err
	}
	about["durationMs"], about["exitStatus"] = end.took.Milliseconds(), end.status
	if end.signal != "" {
		about["signal"] = end.signal
	}
	if end.failed != nil {
		about["error"] = text(end.failed.Error())
		c.complain(ctx, "", fault.New(fault.NotFound, "%s cannot be run: %s.", c.args[0], end.failed))
	}
	if end.status != 0 {
		d.Result = activity.Failed
	}
	at := end.began.Format(time.RFC3339Nano)
	d.OccurredAt, d.Parameters = &at, account.JSON(about)
	receipt, err := c.app.Log.Record(ctx, d)
	if err != nil {
		c.complain(ctx, fmt.Sprintf("%s ended with status %d, but that is not recorded: ", Plain(c.args[0]), end.status), err)
		return &exit{cmp.Or(end.status, notRecorded)}
	}
	if c.json {
		c.printTo(c.Err, c.ErrWatched, receipt)
	}
	if end.status != 0 {
		return &exit{end.status}
	}
	return nil
}

// bare is the output itself, so that a command sees a terminal where there is one.
func bare(out io.Writer) io.Writer {
	if o, ok := out.(*output); ok {
		return o.to
	}
	return out
}

// maxText bounds what of a command's own texts is recorded.
const maxText = 4 << 10

// text is a text as it may stand in an activity.
func text(s string) string {
	if len(s) > maxText {
		s = s[:maxText] + "…"
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
}
