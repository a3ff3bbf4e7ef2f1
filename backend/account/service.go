package account

import (
	"context"
	"crypto/rand"
	"strconv"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// Options are what a [Service] stands on.
type Options struct {
	Store     Store
	Issuer    *access.Issuer
	Passwords *access.Passwords
	Secret    []byte // keys the hash of unknown logins; empty (the file is missing): a new one each time
	Version   string // of the program, for Me
	Now       func() time.Time
}

// A Service does everything with accounts. It is safe for concurrent use.
type Service struct {
	store     Store
	issuer    *access.Issuer
	passwords *access.Passwords
	secret    []byte
	version   string
	now       func() time.Time

	mu      sync.Mutex
	setup   setupToken
	blocked map[string]int  // tries refused unevaluated, by scope, since the last summary
	touched map[int64]int64 // ms at which a token's use was last written
}

// New returns a service.
func New(o Options) *Service {
	secret := o.Secret
	if len(secret) == 0 {
		secret = []byte(rand.Text())
	}
	return &Service{
		store: o.Store, issuer: o.Issuer, passwords: o.Passwords, secret: secret, version: o.Version, now: o.Now,
		blocked: map[string]int{}, touched: map[int64]int64{},
	}
}

func (s *Service) ms() int64 { return s.now().UnixMilli() }

// failed gives an error of the store a code; one of ours stays as it is.
func failed(err error) error {
	return fault.Else(err, fault.Internal, "The accounts could not be read or changed. The program's log says why.")
}

func noUser() error { return fault.New(fault.NotFound, "There is no such user.") }

// parseID reads an id as this program writes it; anything else is the id of nothing.
func parseID(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0
	}
	return id
}

// byLogin returns the user with a login as typed. What cannot be a login is nobody's,
// and never reaches the store.
func byLogin(ctx context.Context, v View, typed string) (Record, bool, error) {
	if len(typed) > 8*maxLogin || CheckLine("login", "login", typed, 2*maxLogin) != nil {
		return Record{}, false, nil
	}
	return v.UserByKey(ctx, loginKey(typed))
}

// find returns the user an input names, or not_found.
func find(ctx context.Context, v View, id string) (Record, error) {
	n := parseID(id)
	if n == 0 {
		return Record{}, noUser()
	}
	r, ok, err := v.UserByID(ctx, n)
	if err != nil {
		return Record{}, err
	}
	if !ok {
		return Record{}, noUser()
	}
	return r, nil
}

// role returns the effective role of a user with that highest level.
func role(super bool, level string) access.Role {
	if super {
		return access.Super
	}
	if r := access.Role(level); r.Rank() > 0 {
		return r
	}
	return access.None
}

// highest returns the highest level among grants, "" without any.
func highest(grants []Grant) string {
	best := ""
	for _, g := range grants {
		if access.Role(g.Level).Rank() > access.Role(best).Rank() {
			best = g.Level
		}
	}
	return best
}
