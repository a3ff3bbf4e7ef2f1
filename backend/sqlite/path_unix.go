//go:build unix

package sqlite

import (
	"os"
	"syscall"
)

// linkCount returns how many names the file has.
func linkCount(info os.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Nlink)
	}
	return 1
}
