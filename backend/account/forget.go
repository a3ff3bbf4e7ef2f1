package account

import (
	"context"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// Removable refuses what RemoveUser would refuse of an account, and the caller's own.
// Errors: conflict.
func (s *Service) Removable(ctx context.Context, p access.Principal, r Record) error {
	if r.ID == p.UserID {
		return fault.New(fault.Conflict, "You cannot erase yourself. Ask another super user to do it.")
	}
	return failed(keepSuper(ctx, s.store, r))
}

// LoginHash is how failed sign-ins with a login that nobody has name it.
func (s *Service) LoginHash(login string) string { return s.loginHash(login) }

// ForgetFailures forgets what this process counted of failed sign-ins and has not told
// yet: of an account, of logins by their hashes, and from addresses.
func (s *Service) ForgetFailures(user int64, hashes, addresses []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.blocked, "account:"+strconv.FormatInt(user, 10))
	for _, hash := range hashes {
		delete(s.blocked, "login:"+hash)
	}
	for _, address := range addresses {
		delete(s.blocked, "source:"+address)
	}
}
