package account

import (
	"context"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// ChangePassword changes the caller's own password. All other sessions end; the
// running one goes on with the token returned. Wrong tries count like sign-ins.
// Errors: unauthenticated, invalid (field current, new), conflict (changed
// meanwhile), unavailable (throttled), denied (the local owner has none).
func (s *Service) ChangePassword(ctx context.Context, in ChangePasswordIn) (Session, error) {
	p, err := access.Require(ctx, access.None)
	if err != nil {
		return Session{}, err
	}
	if p.UserID == 0 {
		return Session{}, fault.New(fault.Denied, "The command line has no password of its own. Use: activitylog user password LOGIN.")
	}
	r, ok, err := s.store.UserByID(ctx, p.UserID)
	if err != nil {
		return Session{}, failed(err)
	}
	if !ok {
		return Session{}, over()
	}
	if err := access.CheckPassword("new", in.New, r.Login, r.Email); err != nil {
		return Session{}, err
	}
	a := s.attempt(p, r.Login, r)
	if err := s.checkCurrent(ctx, a, in.Current); err != nil {
		return Session{}, err
	}
	hash, err := s.passwords.Hash(ctx, in.New)
	if err != nil {
		return Session{}, err
	}
	var live Live
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := s.forgive(ctx, tx, a); err != nil {
			return err
		}
		if err := s.replacePassword(ctx, tx, p, r, hash); err != nil {
			return err
		}
		live, ok, err = tx.Live(ctx, p.Session)
		if err == nil && !ok {
			return over()
		}
		return err
	})
	if err != nil {
		return Session{}, failed(err)
	}
	return s.session(ctx, p, live)
}

// checkCurrent checks the caller's present password under the throttle.
func (s *Service) checkCurrent(ctx context.Context, a attempt, current string) error {
	if err := s.admit(ctx, a); err != nil {
		return err
	}
	ok, _, err := s.passwords.Verify(ctx, a.user.Password, current)
	if err != nil || ok {
		return err
	}
	if err := s.recordFailure(ctx, a); err != nil {
		return err
	}
	return fault.At("current", "The present password is wrong.")
}

// replacePassword stores a new hash for a user that is still as it was read, ends
// its other sessions and records it.
func (s *Service) replacePassword(ctx context.Context, tx Tx, p access.Principal, was Record, hash string) error {
	r, ok, err := tx.UserByID(ctx, was.ID)
	if err != nil {
		return err
	}
	if !ok || r.Password != was.Password {
		return fault.New(fault.Conflict, "The account was changed meanwhile. Try again.")
	}
	r.Password = hash
	if err := s.revoke(ctx, tx, &r, p.Session); err != nil {
		return err
	}
	b := about(p, s.now(), "UserChanged", r, params{"passwordChanged": true})
	b.Changes = append(b.Changes, Changed("password", nil, "changed"))
	_, err = tx.Record(ctx, b)
	return err
}

// SetPasswordIn names a user by login and its new password.
type SetPasswordIn struct {
	Login    string
	Password string
}

// SetPassword sets a lost password. Only the owner of the data directory may, at the
// command line; it is always recorded, ends all of the user's sessions and its
// waiting time. Errors: denied, not_found, invalid (field password).
func (s *Service) SetPassword(ctx context.Context, in SetPasswordIn) (Done, error) {
	p := access.From(ctx)
	if !p.Owner {
		return Done{}, fault.New(fault.Denied, "Only the owner of the data directory may do this, at the command line.")
	}
	r, ok, err := byLogin(ctx, s.store, in.Login)
	if err != nil {
		return Done{}, failed(err)
	}
	if !ok {
		return Done{}, noUser()
	}
	if err := access.CheckPassword("password", in.Password, r.Login, r.Email); err != nil {
		return Done{}, err
	}
	hash, err := s.passwords.Hash(ctx, in.Password)
	if err != nil {
		return Done{}, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := tx.ForgetTries(ctx, s.attempt(p, "", r).scopes[0]); err != nil {
			return err
		}
		return s.replacePassword(ctx, tx, p, r, hash)
	})
	return Done{Done: err == nil}, failed(err)
}
