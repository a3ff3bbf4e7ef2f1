package sqlite

import "testing"

func TestNetworkFileSystems(t *testing.T) {
	if name := networkFS(t.TempDir()); name != "" {
		t.Errorf("the directory for temporary files lies on %s", name)
	}
	if name := networkFS("/no/such/directory"); name != "" {
		t.Errorf("what is not there lies on %s", name)
	}
	for magic, name := range map[int64]string{0x6969: "NFS", 0xfe534d42: "SMB2", 0xef53: "", 0x01021994: ""} { // the last two: ext4, tmpfs
		if got := networkTypes[magic]; got != name {
			t.Errorf("%#x is %q, want %q", magic, got, name)
		}
	}
}
