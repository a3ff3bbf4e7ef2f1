//go:build !production && !dev && !bindings

package main

import (
	"fmt"
	"io"
	"io/fs"

	"activitylog/backend"
)

// openWindow says that there is none: without Wails' build tags the same source
// needs no GTK, for servers, tests and the command line.
func openWindow(_ windowOptions, _ backend.Config, _ fs.FS, err io.Writer) int {
	fmt.Fprintln(err, "activitylog: This build has no window. Serve it to a browser with: activitylog serve")
	fmt.Fprintln(err, "All commands: activitylog help")
	return 2
}
