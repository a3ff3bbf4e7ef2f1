package account

import (
	"context"
	"crypto/rand"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// How long a session lives.
const (
	SessionLife = 12 * time.Hour   // in all
	SessionIdle = 30 * time.Minute // without a call
	touchEvery  = time.Minute      // how exactly the last call is known
)

// SignIn checks a login and its password and begins a session. An unknown login, a
// wrong password and a disabled user get the same answer after the same work.
// Errors: unauthenticated (one of these), unavailable (throttled; the message says
// how many seconds to wait).
func (s *Service) SignIn(ctx context.Context, in SignInIn) (Session, error) {
	p := access.From(ctx)
	user, known, err := byLogin(ctx, s.store, in.Login)
	if err != nil {
		return Session{}, failed(err)
	}
	a := s.attempt(p, in.Login, user)
	if err := s.admit(ctx, a); err != nil {
		return Session{}, err
	}
	ok, stale, err := s.passwords.Verify(ctx, user.Password, in.Password)
	if err != nil {
		return Session{}, err
	}
	if !ok || !known || user.Disabled {
		if err := s.recordFailure(ctx, a); err != nil {
			return Session{}, err
		}
		return Session{}, refused()
	}
	fresh := user.Password
	if stale {
		if fresh, err = s.passwords.Hash(ctx, in.Password); err != nil {
			return Session{}, err
		}
	}
	live, err := s.enter(ctx, a, fresh)
	if err != nil {
		return Session{}, failed(err)
	}
	return s.session(ctx, p, live)
}

func refused() error {
	return fault.New(fault.Unauthenticated, "The login or the password is wrong. Check both and try again.")
}

// enter begins the session of a user whose password was right, unless the user was
// changed since it was looked at.
func (s *Service) enter(ctx context.Context, a attempt, password string) (Live, error) {
	var id string
	var live Live
	err := s.store.Update(ctx, func(tx Tx) error {
		user, ok, err := tx.UserByID(ctx, a.user.ID)
		if err != nil {
			return err
		}
		if !ok || user.Disabled || user.Password != a.user.Password {
			return refused()
		}
		if err := s.forgive(ctx, tx, a); err != nil {
			return err
		}
		now := s.ms()
		user.Password, user.SeenAt = password, &now
		if err := tx.SaveUser(ctx, user); err != nil {
			return err
		}
		self := a.p
		self.UserID, self.Login, self.Owner = user.ID, user.Login, false
		running, err := s.begin(ctx, tx, self)
		if err != nil {
			return err
		}
		id = running.ID
		live, _, err = tx.Live(ctx, id)
		return err
	})
	return live, err
}

// begin starts a session of the principal's user and records that it logged in.
func (s *Service) begin(ctx context.Context, tx Tx, p access.Principal) (Running, error) {
	now := s.now()
	r := Running{
		ID: rand.Text(), User: p.UserID, CreatedAt: now.UnixMilli(), SeenAt: now.UnixMilli(),
		ExpiresAt: now.Add(SessionLife).UnixMilli(), Door: string(p.Door), Agent: clip(p.Agent),
	}
	if err := tx.EndExpired(ctx, now.UnixMilli(), now.Add(-SessionIdle).UnixMilli()); err != nil {
		return r, err
	}
	if err := tx.AddSession(ctx, r); err != nil {
		return r, err
	}
	_, err := tx.Record(ctx, Begin(p, now, "UserLoggedIn"))
	return r, err
}

// session shows a session to its owner, with a token made now. Without a session
// (the local owner) only Me is filled.
func (s *Service) session(ctx context.Context, p access.Principal, live Live) (Session, error) {
	if live.Session.ID == "" {
		me, err := s.me(ctx, p)
		return Session{Me: me}, err
	}
	p = principal(p, live)
	end := time.UnixMilli(live.Session.ExpiresAt)
	token, until, err := s.issuer.Issue(access.Claims{
		UserID: live.User.ID, Session: live.Session.ID, Version: live.User.Version, Role: p.Role,
	}, end)
	if err != nil {
		return Session{}, failed(err)
	}
	me, err := s.me(ctx, p)
	return Session{Token: token, ExpiresAt: until.UnixMilli(), EndsAt: end.UnixMilli(), Me: me}, err
}
