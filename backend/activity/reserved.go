package activity

import "slices"

// reserved are the types by which the log speaks of itself. Verification replays
// some of them (links, removed users, erasures, compactions) and people trust the
// others, so that nobody records one by hand, at no door: a single line at the
// command line would have every later verification report an altered log.
var reserved = []string{
	"ActorLinked", "KeyRotated", "LegalHoldLifted", "LegalHoldSet", "LogBackedUp", "LogErased", "LogExported", "LogImported",
	"LogPurged", "LogRestored", "LogSealed", "LogVerified", "OldReportsDeleted", "RetentionStopped", "UserRemoved",
}

// Reserved reports whether only the program itself may record a type.
func Reserved(name string) bool { return slices.Contains(reserved, name) }
