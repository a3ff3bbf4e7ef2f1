package cli

import (
	"strings"
	"testing"
	"time"
)

// A zone is only of use by a name that any machine knows: queries are read in it.
func TestFirstZone(t *testing.T) {
	for names, want := range map[string]string{
		"":                                   "UTC",
		"Local":                              "UTC",
		"Local,Europe/Berlin":                "Europe/Berlin",
		"Local,,Asia/Kathmandu":              "Asia/Kathmandu",
		"America/New_York,Europe/Berlin":     "America/New_York",
		"/usr/share/zoneinfo/Europe/Berlin":  "Europe/Berlin",
		"/no/such/file,Mars/Olympus,Etc/UTC": "Etc/UTC",
	} {
		if got := firstZone(strings.Split(names, ",")...); got.String() != want {
			t.Errorf("%q: %s, want %s", names, got, want)
		}
	}
	if _, err := time.LoadLocation(LocalZone().String()); err != nil {
		t.Errorf("this machine's zone: %v", err)
	}
}
