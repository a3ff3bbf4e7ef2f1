package cli

import (
	"os"
	"strings"
	"time"

	"github.com/thlib/go-timezone-local/tzlocal"
)

// LocalZone returns where this machine is, by a name that the log understands: Go
// calls the system's own zone "Local", and Windows has names of its own.
func LocalZone() *time.Location {
	system, err := tzlocal.RuntimeTZ()
	if err != nil {
		system = ""
	}
	debian, err := os.ReadFile("/etc/timezone") // where /etc/localtime is a copy, as in containers
	if err != nil {
		debian = nil
	}
	return firstZone(time.Local.String(), system, strings.TrimSpace(string(debian)))
}

// firstZone returns the first zone that is one by its name, or by the end of the path
// of its file; UTC if none is.
func firstZone(names ...string) *time.Location {
	for _, name := range names {
		if _, end, found := strings.Cut(name, "zoneinfo/"); found {
			name = end
		}
		if name == "" || name == "Local" {
			continue
		}
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return time.UTC
}

func zoneName(zone *time.Location) string {
	if zone == nil {
		return "UTC"
	}
	return zone.String()
}
