package sqlite

import "syscall"

const mntLocal = 0x1000 // MNT_LOCAL in sys/mount.h

// networkFS names the network file system that dir lies on, or returns "".
func networkFS(dir string) string {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil || s.Flags&mntLocal != 0 {
		return ""
	}
	var name []byte
	for _, c := range s.Fstypename {
		if c == 0 {
			break
		}
		name = append(name, byte(c))
	}
	return string(name)
}
