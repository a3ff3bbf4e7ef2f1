// Command activitylog keeps the record of who did what and when. Without a command
// it opens its window; with one it does that and ends.
package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // zones by name also where the system has none

	"golang.org/x/term"

	"activitylog/backend"
	"activitylog/backend/cli"
	"activitylog/backend/fault"
)

// version is stamped in by the build.
var version = "dev"

// dist is the built interface. Without a front-end build it is empty, and the
// program says so where the page should be.
//
//go:embed all:frontend/dist
var dist embed.FS

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run does what the arguments say and returns the exit status.
func run(args []string, in io.Reader, out, err io.Writer) int {
	config := backend.LoadConfig()
	config.Version = version
	window, ok, wrong := windowArgs(args, &config)
	if ok && wrong == nil {
		wrong = config.Located()
	}
	if wrong != nil {
		fmt.Fprintln(err, "activitylog: "+fault.Public(wrong).Message)
		return cli.Status(wrong)
	}
	if ok {
		return openWindow(window, config, page(), err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, args, cli.Env{
		In: in, Out: out, Err: err, Watched: terminal(out), ErrWatched: terminal(err), Ask: asker(in, err),
		Page: page(), Config: config, Version: version, Now: time.Now, Zone: cli.LocalZone(),
	})
}

// windowOptions are what the window can be started with.
type windowOptions struct {
	gpu string // auto, on, off
}

// windowArgs reports whether the arguments ask for the window: none at all, or only
// --data and --gpu. Errors: invalid (a flag's value).
func windowArgs(args []string, config *backend.Config) (o windowOptions, ok bool, err error) {
	o.gpu = "auto"
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if !strings.HasPrefix(args[i], "-") || name != "data" && name != "gpu" {
			return o, false, nil
		}
		if !joined {
			if i++; i < len(args) {
				value, joined = args[i], true
			}
		}
		switch {
		case name == "data" && !joined:
			return o, false, fault.At("--data", "--data needs a directory.")
		case name == "data":
			config.Data = value
		default:
			if o.gpu = value; value != "auto" && value != "on" && value != "off" {
				return o, false, fault.At("--gpu", "--gpu is auto, on or off.")
			}
		}
	}
	config.Create = true
	return o, true, nil
}

// page is the built interface, index.html at its top.
func page() fs.FS {
	files, err := fs.Sub(dist, "frontend/dist")
	if err != nil {
		panic(err) // the path is valid, and that is all Sub checks
	}
	return files
}

func terminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// asker reads passwords from a terminal without showing them; nil if there is none.
func asker(in io.Reader, out io.Writer) func(string) (string, error) {
	if !terminal(in) {
		return nil
	}
	file := in.(*os.File)
	return func(prompt string) (string, error) {
		fmt.Fprint(out, prompt)
		defer fmt.Fprintln(out)
		text, err := term.ReadPassword(int(file.Fd()))
		return string(text), err
	}
}
