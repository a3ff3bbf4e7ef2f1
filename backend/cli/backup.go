package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"activitylog/backend/fault"
)

// A backedUp is what backup --json prints.
type backedUp struct {
	File string   `json:"file"`
	Keys []string `json:"keys"` // files that are not in it and belong to it
}

var backupCommand = &command{
	name: "backup", args: "FILE", about: "write a verified copy of the log to a new file",
	more: "The keys are not in it. The files it names then belong to it: keep them elsewhere, and safe.",
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		file, err := filepath.Abs(c.args[0])
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "%s cannot be used as a path.", c.args[0])
		}
		if err := c.app.Integrity.Backup(ctx, file); err != nil {
			return err
		}
		made := backedUp{File: file, Keys: c.app.Integrity.KeyFiles()}
		if c.json {
			c.printJSON(made)
			return nil
		}
		fmt.Fprintf(c.Out, "backed up to %s\nnot in it, and needed with it:\n", Plain(made.File))
		for _, key := range made.Keys {
			fmt.Fprintln(c.Out, "  "+Plain(key))
		}
		return nil
	},
}
