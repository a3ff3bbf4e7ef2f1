//go:build production || dev || bindings

package main

import (
	"os"
	"path/filepath"
	"runtime"

	"github.com/wailsapp/wails/v2/pkg/options/linux"

	"activitylog/backend"
)

// gpuPolicy decides how WebKitGTK draws, on Linux only. Without a policy said
// explicitly, passing any Linux options at all would switch acceleration on, and
// windows stay blank on machines where it does not work.
//
//   - off: no acceleration, and not WebKit's DMABUF way either
//   - on: acceleration always
//   - auto: no acceleration; DMABUF is left alone unless there is no GPU, or one
//     with the driver it fails with. Switching it off everywhere breaks others.
//
// A variable that the user has set (chosen) is never touched.
func gpuPolicy(choice string, chosen bool) linux.WebviewGpuPolicy {
	if choice == "on" {
		// Wails hands the figure on as it is, and WebKit's side reads 0 as "always"
		// although Wails calls it OnDemand. Either meaning accelerates.
		return linux.WebviewGpuPolicyOnDemand
	}
	if !chosen && runtime.GOOS == "linux" && (choice == "off" || !dmabufWorks()) {
		_ = os.Setenv(backend.EnvNoDMABUF, "1") // fails only for names that cannot be
	}
	return linux.WebviewGpuPolicyNever
}

// dmabufWorks reports whether there is a GPU, and none of the kind whose driver
// leaves the window blank.
func dmabufWorks() bool {
	nodes, err := filepath.Glob("/dev/dri/renderD*")
	if err != nil || len(nodes) == 0 {
		return false
	}
	_, err = os.Stat("/sys/module/nvidia")
	return os.IsNotExist(err)
}
