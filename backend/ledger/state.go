package ledger

// The states of a log, as they are shown everywhere.
const (
	Verified   = "verified"    // recomputed in this process up to some size
	Sealed     = "sealed"      // not verified yet; all entries are under a signed head
	Unsealed   = "unsealed"    // the newest entries are not under a signature yet
	RolledBack = "rolled_back" // behind the high-water mark, or not consistent with it
	Altered    = "altered"     // something differs from what was hashed
	KeyMissing = "key_missing" // the key is not there: entries go on unsigned
)
