package activity

import (
	"slices"
	"strings"

	"activitylog/backend/fault"
)

// Columns lists what a list of activities can show beside the sentence and the time,
// in the order in which it is shown.
func Columns() []string {
	return []string{"type", "site", "object", "result", "source", "ip", "offset", "id"}
}

// DefaultColumns are those shown to who chose none.
func DefaultColumns() []string { return []string{"source", "ip"} }

// CheckColumns returns the columns named, each once and in the order of [Columns]; never
// nil. Errors: invalid (the field).
func CheckColumns(field string, named []string) ([]string, error) {
	for _, name := range named {
		if !slices.Contains(Columns(), name) {
			return nil, fault.At(field, "There is no column %q. There are: %s.", clip(name), strings.Join(Columns(), ", "))
		}
	}
	return slices.DeleteFunc(Columns(), func(name string) bool { return !slices.Contains(named, name) }), nil
}
