package ledger

// VerifyIn asks for a verification. Words asks for the second, slower pass too.
type VerifyIn struct {
	Words bool `json:"words"`
}

// A Report is what a verification found.
type Report struct {
	State      string    `json:"state"`  // verified, unsealed, rolled_back, altered, key_missing
	Size       string    `json:"size"`   // entries
	Root       string    `json:"root"`   // base64
	Sealed     string    `json:"sealed"` // entries under the last signature
	At         int64     `json:"at"`     // ms
	Entries    int64     `json:"entries"`
	Activities int64     `json:"activities"`
	Erased     int64     `json:"erased"`
	Millis     int64     `json:"millis"`     // rows, tree, dictionaries, slots
	FileMillis int64     `json:"fileMillis"` // SQLite's own check of pages and indexes
	WordMillis *int64    `json:"wordMillis"` // second pass; null if not asked for
	Problems   []Problem `json:"problems"`   // the first 100, in order of place
	More       int64     `json:"more"`       // problems beyond those
	Key        string    `json:"key"`        // public verifier key to pin
	Checkpoint string    `json:"checkpoint"` // the newest signed one
}

// A Problem is one thing that differs.
type Problem struct {
	Kind   string `json:"kind"`   // what was compared, see the constants Kind…
	Table  string `json:"table"`  // entry, activity, node, …
	Column string `json:"column"` // or ""
	Seq    *int64 `json:"seq"`    // ledger place, where there is one
	Text   string `json:"text"`   // one sentence: what differs
}

// HealthIn asks whether the log works.
type HealthIn struct{}

// Health says whether the log works now: it answers, it can be written, and nothing
// known speaks against its entries.
type Health struct {
	OK       bool     `json:"ok"`
	State    string   `json:"state"` // as in Status
	Size     int64    `json:"size"`  // entries
	Problems []string `json:"problems"`
}
