package cli

import (
	"context"
	"fmt"
	"runtime"
)

// A versionInfo is what version --json prints.
type versionInfo struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

var versionCommand = &command{
	name: "version", about: "print the version", offline: true,
	run: func(_ context.Context, c *call) error {
		v := versionInfo{Version: c.Version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
		if c.json {
			c.printJSON(v)
			return nil
		}
		fmt.Fprintf(c.Out, "activitylog %s (%s, %s)\n", v.Version, v.Go, v.System)
		return nil
	},
}
