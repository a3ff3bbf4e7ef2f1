package cli

import (
	"os"
	"strings"
	"time"
)

// LocalZone returns where this machine is, by a name that the log understands: Go
// calls the system's own zone "Local".
func LocalZone() *time.Location {
	if name := time.Local.String(); name != "Local" {
		return time.Local
	}
	target, err := os.Readlink("/etc/localtime")
	if err != nil {
		return time.UTC
	}
	_, name, found := strings.Cut(target, "zoneinfo/")
	if zone, err := time.LoadLocation(name); found && err == nil {
		return zone
	}
	return time.UTC
}

func zoneName(zone *time.Location) string {
	if zone == nil {
		return "UTC"
	}
	return zone.String()
}
