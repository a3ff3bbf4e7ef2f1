package site

// A Site is a measurable: a website, app or system. Site 1 is this log.
type Site struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // website, mobileapp, intranet, server, other
	Name string `json:"name"`
	Zone string `json:"zone"` // IANA
	// Level is the caller's own on it: view, write, admin, super.
	Level string `json:"level"`
}

// SitesIn asks for the sites the caller has access to.
type SitesIn struct{}

// List is the answer of Sites. Seen are the names of foreign sites in the
// activities a super user sees (empty for everybody else).
type List struct {
	Sites []Site   `json:"sites"`
	Seen  []string `json:"seen"`
}

// ChangeIn changes a site; null leaves a field as it is.
type ChangeIn struct {
	ID   string  `json:"id"`
	Name *string `json:"name"`
	Zone *string `json:"zone"`
}
