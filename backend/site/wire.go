package site

// A Site is a measurable: a website, app or system. Site 1 is this log.
type Site struct {
	ID        string   `json:"id"`   // permanent, never used again
	Kind      string   `json:"kind"` // website, mobileapp, intranet, server, other
	Name      string   `json:"name"`
	Zone      string   `json:"zone"`      // IANA
	Addresses []string `json:"addresses"` // http and https, the main one first
	Settings  Settings `json:"settings"`
	CreatedAt int64    `json:"createdAt"`
	// Level is the caller's own on it: view, write, admin, super.
	Level string `json:"level"`
	// People is how many users have access to it, besides super users. Only super users
	// are told; null for others.
	People *int `json:"people"`
}

// Settings are what a site's admins set.
type Settings struct {
	Description string `json:"description"` // shown with its activities; "" is none
	// ObjectLink is where its objects are found: an address with {id}, and {kind} or
	// {name} if need be, that becomes a link beside each object. "" is none.
	ObjectLink string `json:"objectLink"`
	// Offered says whether it is offered where activity is recorded by hand.
	Offered bool `json:"offered"`
}

// SitesIn asks for the sites the caller has access to.
type SitesIn struct{}

// List is the answer of Sites. Seen are the names of foreign sites in the
// activities a super user sees (empty for everybody else).
type List struct {
	Sites []Site   `json:"sites"`
	Seen  []string `json:"seen"`
}

// CreateIn makes a site. Only the name is required.
type CreateIn struct {
	Name      string   `json:"name"`
	Kind      string   `json:"kind"` // "" is website
	Zone      string   `json:"zone"` // "" is that of this log
	Addresses []string `json:"addresses"`
}

// ChangeIn changes a site; null leaves a field as it is.
type ChangeIn struct {
	ID        string    `json:"id"`
	Name      *string   `json:"name"`
	Kind      *string   `json:"kind"`
	Zone      *string   `json:"zone"`
	Addresses *[]string `json:"addresses"` // all of them from now on
}

// ConfigureIn changes a site's settings; null leaves one as it is.
type ConfigureIn struct {
	ID          string  `json:"id"`
	Description *string `json:"description"`
	ObjectLink  *string `json:"objectLink"`
	Offered     *bool   `json:"offered"`
}

// RemoveIn removes a site. Try answers what would go and changes nothing.
type RemoveIn struct {
	ID  string `json:"id"`
	Try bool   `json:"try"`
}

// Removed says what went, or would go, with a site. Its activities stay.
type Removed struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Lost []Lost `json:"lost"` // whose access went, by login
}

// A Lost is the access of a user that goes with a site.
type Lost struct {
	User  string `json:"user"` // id
	Login string `json:"login"`
	Level string `json:"level"` // on the site
	Role  string `json:"role"`  // effective, from then on
	// Ends says that its sessions end, since its role changes.
	Ends bool `json:"ends"`
}
