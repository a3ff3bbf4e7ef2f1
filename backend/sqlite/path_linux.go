package sqlite

import "syscall"

// networkTypes are the f_type values of network file systems, from linux/magic.h
// and the sources of those that are not in it. FUSE is not among them: it serves
// encrypted local directories too.
var networkTypes = map[int64]string{
	0x6969:     "NFS",
	0x517b:     "SMB",
	0xff534d42: "CIFS",
	0xfe534d42: "SMB2",
	0x5346414f: "AFS",
	0x73757245: "Coda",
	0x01021997: "9P",
	0x00c36400: "Ceph",
	0x0bd00bd0: "Lustre",
	0x564c:     "NCP",
	0x47504653: "GPFS",
	0x7461636f: "OCFS2",
	0x01161970: "GFS2",
}

// networkFS names the network file system that dir lies on, or returns "".
func networkFS(dir string) string {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return ""
	}
	return networkTypes[int64(uint32(s.Type))]
}
