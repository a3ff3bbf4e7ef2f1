package account

// An APIToken lets a program in. Its secret is shown once, when it is made.
type APIToken struct {
	ID        string   `json:"id"` // permanent, never used again; what it records has the source api:<id>
	Name      string   `json:"name"`
	Scopes    []string `json:"scopes"`   // read:own, read:all, ingest, widget
	AllowGet  bool     `json:"allowGet"` // may stand in an address
	Widget    *string  `json:"widget"`   // id of the only widget it opens; null: it is no widget's
	User      *string  `json:"user"`     // id of its maker; null: made at the command line
	Maker     string   `json:"maker"`    // the maker's login, "" if there is no such user any more
	CreatedAt int64    `json:"createdAt"`
	ExpiresAt *int64   `json:"expiresAt"` // null: never
	SeenAt    *int64   `json:"seenAt"`    // last use, to the minute
	RevokedAt *int64   `json:"revokedAt"`
	// State is active, expired, revoked, or dead: its maker is gone, disabled, or may
	// itself do nothing of what the token may.
	State string `json:"state"`
}

// TokensIn asks for the caller's API tokens; a super user gets everybody's.
type TokensIn struct{}

// TokenList is the answer of Tokens: those that work first, newest first.
type TokenList struct {
	Tokens []APIToken `json:"tokens"`
}

// CreateTokenIn makes a token for the caller.
type CreateTokenIn struct {
	Name      string   `json:"name"`
	Scopes    []string `json:"scopes"`
	AllowGet  bool     `json:"allowGet"`
	ExpiresAt *int64   `json:"expiresAt"` // ms; null: never
}

// A NewToken is a token that was just made, and the only time its secret is seen.
type NewToken struct {
	Token  APIToken `json:"token"`
	Secret string   `json:"secret"`
}

// ChangeTokenIn changes a token; null leaves a field as it is.
type ChangeTokenIn struct {
	ID        string    `json:"id"`
	Name      *string   `json:"name"`
	Scopes    *[]string `json:"scopes"`
	AllowGet  *bool     `json:"allowGet"`
	ExpiresAt *int64    `json:"expiresAt"` // ms; 0: never
}

// RevokeTokenIn ends a token for good.
type RevokeTokenIn struct {
	ID string `json:"id"`
}
