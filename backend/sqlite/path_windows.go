package sqlite

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// networkFS names the network file system that dir lies on, or returns "".
func networkFS(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(abs) + `\`)
	if err != nil || windows.GetDriveType(root) != windows.DRIVE_REMOTE {
		return ""
	}
	return "network drive"
}

// linkCount returns 1: Windows tells the number of links only of an open file, and
// hard links to a database are not usual there.
func linkCount(os.FileInfo) uint64 { return 1 }
