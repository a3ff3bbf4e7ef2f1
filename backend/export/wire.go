package export

// In asks for everything the query shows, oldest first.
type In struct {
	Query string `json:"query"`
	// Zone is the IANA name of the zone in which dates in the query are read and times
	// are written; "" is the caller's own.
	Zone    string   `json:"zone"`
	Format  string   `json:"format"`  // csv, ndjson, json
	Columns []string `json:"columns"` // by name, in this order; none: the format's own
}

// Out is a ticket: good once, for 60 seconds. A browser gets the bytes from
// /api/v1/download/<ticket>; the window asks for a file name and saves them there.
type Out struct {
	Ticket string `json:"ticket"`
	Name   string `json:"name"` // proposed file name
}
