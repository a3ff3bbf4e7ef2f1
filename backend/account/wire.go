package account

// A User is an account of this log, as super users (and the user) see it.
type User struct {
	ID        string   `json:"id"` // permanent, never used again
	Login     string   `json:"login"`
	Email     string   `json:"email"`
	Name      string   `json:"name"` // "" shows the login
	Super     bool     `json:"super"`
	Disabled  bool     `json:"disabled"`
	Role      string   `json:"role"` // effective: none, view, write, admin, super
	Access    []Access `json:"access"`
	CreatedAt int64    `json:"createdAt"`
	SeenAt    *int64   `json:"seenAt"`
	// Identities are the actors linked to this user, besides its own.
	Identities []Identity `json:"identities"`
}

// An Access is a level on a site.
type Access struct {
	Site  string `json:"site"`  // id
	Level string `json:"level"` // view, write, admin
}

// An Identity is an actor linked to a user.
type Identity struct {
	Actor  string `json:"actor"` // id
	Kind   string `json:"kind"`
	Source string `json:"source"`
	Name   string `json:"name"`
}

// SetUpIn makes the first super user. Token is the set-up token of serve; the
// window and the command line need none.
type SetUpIn struct {
	Token    string `json:"token"`
	Login    string `json:"login"`
	Email    string `json:"email"`
	Name     string `json:"name"`
	Password string `json:"password"`
	Language string `json:"language"`
	Zone     string `json:"zone"`
}

// SignInIn is who wants in.
type SignInIn struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

// A Session is a running session. In the window Token is always "": it stays in Go.
type Session struct {
	Token     string `json:"token"`     // JWT, to be sent as Bearer
	ExpiresAt int64  `json:"expiresAt"` // of the token; renew before
	EndsAt    int64  `json:"endsAt"`    // of the session
	Me        Me     `json:"me"`
}

// RenewIn asks for a fresh token of the running session.
type RenewIn struct{}

// SignOutIn ends the running session, or all of the user's.
type SignOutIn struct {
	Everywhere bool `json:"everywhere"`
}

// MeIn asks who is signed in.
type MeIn struct{}

// Me is the caller. User is null while nobody is signed in.
type Me struct {
	User        *User       `json:"user"`
	Role        string      `json:"role"`
	Ready       bool        `json:"ready"` // false until a first super user exists
	Preferences Preferences `json:"preferences"`
	Host        string      `json:"host"` // window or http
	Version     string      `json:"version"`
}

// ChangePasswordIn changes the caller's own password. All other sessions end.
type ChangePasswordIn struct {
	Current string `json:"current"`
	New     string `json:"new"`
}

// PreferencesIn asks for the caller's preferences.
type PreferencesIn struct{}

// Preferences are a user's own. The first four are recorded as UserSettingsUpdated,
// the others as UserPreferenceSet.
type Preferences struct {
	Language   string `json:"language"`   // en, de; "" follows the log
	Zone       string `json:"zone"`       // IANA; "" follows the system
	Theme      string `json:"theme"`      // auto, light, dark
	Density    string `json:"density"`    // compact, comfortable, airy
	StartView  string `json:"startView"`  // timeline, mine
	HideOwn    bool   `json:"hideOwn"`    // start with own activity hidden
	SingleKeys bool   `json:"singleKeys"` // one-letter shortcuts
	TimeForm   string `json:"timeForm"`   // absolute, relative, utc
	// Columns are what the timeline shows beside the sentence: type, site, object, result,
	// source, ip, offset, id.
	Columns []string `json:"columns"`
}

// PreferIn changes preferences; null leaves one as it is.
type PreferIn struct {
	Language   *string   `json:"language"`
	Zone       *string   `json:"zone"`
	Theme      *string   `json:"theme"`
	Density    *string   `json:"density"`
	StartView  *string   `json:"startView"`
	HideOwn    *bool     `json:"hideOwn"`
	SingleKeys *bool     `json:"singleKeys"`
	TimeForm   *string   `json:"timeForm"`
	Columns    *[]string `json:"columns"`
}

// UsersIn asks for all users.
type UsersIn struct{}

// UserList is the answer of Users.
type UserList struct {
	Users []User `json:"users"`
}

// CreateUserIn makes a user. Level is its access to site 1.
type CreateUserIn struct {
	Login    string `json:"login"`
	Email    string `json:"email"`
	Name     string `json:"name"`
	Password string `json:"password"`
	Level    string `json:"level"` // none, view, write, admin; "" is view
}

// ChangeUserIn changes a user; null leaves a field as it is. A new password or
// disabling ends all of the user's sessions.
type ChangeUserIn struct {
	ID       string  `json:"id"`
	Email    *string `json:"email"`
	Name     *string `json:"name"`
	Password *string `json:"password"`
	Disabled *bool   `json:"disabled"`
}

// RemoveUserIn removes a user. Its activities stay and keep its name.
type RemoveUserIn struct {
	ID string `json:"id"`
}

// GrantSuperIn grants or revokes super user access.
type GrantSuperIn struct {
	ID    string `json:"id"`
	Super bool   `json:"super"`
}

// SetAccessIn sets a user's access to a site; level none takes it away.
type SetAccessIn struct {
	ID    string `json:"id"`
	Site  string `json:"site"`
	Level string `json:"level"`
}

// LinkActorIn links an identity of another source to a user, or to none (User null).
type LinkActorIn struct {
	Actor string  `json:"actor"` // id
	User  *string `json:"user"`  // id
}

// Done is the answer of operations that have nothing to say.
type Done struct {
	Done bool `json:"done"`
}
