//go:build production || dev || bindings

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/wailsapp/wails/v2/pkg/options/linux"

	"activitylog/backend"
)

// impatience is how soon a window may be closed before its page is there without
// that being a sign that it stayed blank.
const impatience = 5 * time.Second

// gpuPolicy decides how WebKitGTK draws, on Linux only. Without a policy said
// explicitly, passing any Linux options at all would switch acceleration on, and
// windows stay blank on machines where it does not work.
//
//   - off: no acceleration, and not WebKit's DMABUF way either
//   - on: acceleration always
//   - auto: no acceleration; DMABUF is left alone unless there is no GPU, or one
//     with the driver it fails with. Switching it off everywhere breaks others.
//     Where the last start stayed blank, it is the other way round.
//
// A variable that the user has set (config.DrawingChosen) is never touched.
func gpuPolicy(choice string, config backend.Config, out io.Writer) (linux.WebviewGpuPolicy, drawing) {
	if choice == "on" {
		// Wails hands the figure on as it is, and WebKit's side reads 0 as "always"
		// although Wails calls it OnDemand. Either meaning accelerates.
		return linux.WebviewGpuPolicyOnDemand, drawing{}
	}
	if config.DrawingChosen || runtime.GOOS != "linux" {
		return linux.WebviewGpuPolicyNever, drawing{}
	}
	d := drawing{chosen: byMemory}
	if choice == "auto" {
		d = chooseDrawing(config.Data, usualDrawing())
		if d.again {
			fmt.Fprintf(out, "activitylog: The window stayed blank last time. Drawing by %s now; --gpu chooses for good.\n", d.chosen)
		}
	}
	if d.chosen == byMemory {
		_ = os.Setenv(backend.EnvNoDMABUF, "1") // fails only for names that cannot be
	}
	return linux.WebviewGpuPolicyNever, d
}

// usualDrawing is DMABUF where there is a GPU, and none of the kind whose driver
// leaves the window blank.
func usualDrawing() string {
	nodes, err := filepath.Glob("/dev/dri/renderD*")
	if err != nil || len(nodes) == 0 {
		return byMemory
	}
	if _, err = os.Stat("/sys/module/nvidia"); !os.IsNotExist(err) {
		return byMemory
	}
	return byDMABUF
}
