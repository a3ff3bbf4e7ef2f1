package account

import (
	"context"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// Logins lists the logins a caller may know: everybody's to one who sees everybody's
// activity, its own to an admin. Errors: unauthenticated, denied.
func (s *Service) Logins(ctx context.Context) ([]string, error) {
	if p := access.From(ctx); !p.SeesAll() {
		if _, err := access.Require(ctx, access.Admin); err != nil {
			return nil, err
		}
		return []string{p.Login}, nil
	}
	records, err := s.store.Users(ctx)
	if err != nil {
		return nil, failed(err)
	}
	logins := make([]string, len(records))
	for i, r := range records {
		logins[i] = r.Login
	}
	return logins, nil
}

// UserNamed returns the user of a login, to itself and to one who sees everybody's
// activity. Errors: unauthenticated, denied, not_found.
func (s *Service) UserNamed(ctx context.Context, login string) (User, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return User{}, err
	}
	if !p.SeesAll() && loginKey(login) != loginKey(p.Login) {
		return User{}, fault.New(fault.Denied, "Only a super user may look at other users.").Blame("login")
	}
	r, ok, err := byLogin(ctx, s.store, login)
	if err != nil {
		return User{}, failed(err)
	}
	if !ok {
		return User{}, noUser()
	}
	user, err := s.show(ctx, s.store, r)
	return user, failed(err)
}
