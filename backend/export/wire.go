package export

// In asks for everything the query shows, oldest first.
type In struct {
	Query string `json:"query"`
	// Zone is the IANA name of the zone in which dates in the query are read and times
	// are written; "" is the caller's own.
	Zone    string   `json:"zone"`
	Format  string   `json:"format"`  // csv, ndjson, json, html, sqlite
	Columns []string `json:"columns"` // by name, in this order; none: the format's own
}

// Out is a ticket: good once, for 60 seconds. A browser gets the bytes from
// /api/v1/download/<ticket>; the window asks for a file name and saves them there.
type Out struct {
	Ticket string `json:"ticket"`
	Name   string `json:"name"` // proposed file name
	// Manifest is the ticket of the [Manifest]: asked for before the file is complete,
	// it waits for that. Good once, for ten minutes after. A file that is saved has it
	// beside itself.
	Manifest string `json:"manifest"`
}

// A Manifest says what a file holds and how it came about, so that whoever gets it can
// tell whether it is complete and unchanged. Times are RFC 3339 in Zone.
type Manifest struct {
	File     string   `json:"file"`
	Format   string   `json:"format"`
	Bytes    int64    `json:"bytes"`
	SHA256   string   `json:"sha256"` // of the file, hex
	Query    string   `json:"query"`
	Zone     string   `json:"zone"`
	Language string   `json:"language"` // of sentences and labels
	Columns  []string `json:"columns"`  // none: whole activities
	Count    int64    `json:"count"`
	First    *End     `json:"first"` // the oldest; null where there is none
	Last     *End     `json:"last"`
	By       By       `json:"by"`
	Scope    string   `json:"scope"` // all: everybody's activity; own: only that of By
	Began    string   `json:"began"` // what was recorded before is in the file
	Finished string   `json:"finished"`
	Export   string   `json:"export"` // the activity that says that it began
	Log      Log      `json:"log"`
	Program  string   `json:"program"` // version
}

// An End is the first or last activity of a file.
type End struct {
	ID         string `json:"id"`
	OccurredAt string `json:"occurredAt"`
}

// By is who exported, as an activity names its actor.
type By struct {
	Kind   string  `json:"kind"`
	Source string  `json:"source"`
	Name   string  `json:"name"`
	User   *string `json:"user"` // id of the user of this log
}

// A Log is the ledger as it was when an export began, that activity included. Size and
// Root are null for who may not know them.
type Log struct {
	Origin string  `json:"origin"`
	Size   *string `json:"size"`
	Root   *string `json:"root"` // base64, as in checkpoints
}
