package account

import (
	"context"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

func over() error {
	return fault.New(fault.Unauthenticated, "The session is over. Sign in again.")
}

// Authenticate returns who a token stands for: a session's, or an API token. Beyond
// the token itself it reads the session and the user: a session that ended, a disabled or removed user, another
// role or another token version are refused at once. Door, address and agent are
// taken from ctx's principal. Errors: unauthenticated. Cost: one read, and once a
// minute of a session one write of when it was last seen.
func (s *Service) Authenticate(ctx context.Context, token string) (access.Principal, error) {
	if access.IsAPIToken(token) {
		return s.authenticateToken(ctx, token)
	}
	if access.From(ctx).Exposed {
		return access.Principal{}, fault.New(fault.Unauthenticated, "A session's token may not stand in an address. Send it as Authorization: Bearer.")
	}
	c, err := s.issuer.Verify(token)
	if err != nil {
		return access.Principal{}, err
	}
	live, err := s.live(ctx, c.Session)
	if err != nil {
		return access.Principal{}, err
	}
	p := principal(access.From(ctx), live)
	if live.User.ID != c.UserID || live.User.Version != c.Version || p.Role != c.Role {
		return access.Principal{}, over()
	}
	s.touch(ctx, live)
	return p, nil
}

// Still returns a principal as it is now; the local owner, who has no session, stays.
// Errors: unauthenticated (the session is over, the token has ended, or the role is
// another one).
func (s *Service) Still(ctx context.Context, p access.Principal) (access.Principal, error) {
	if p.Token != nil {
		return s.stillToken(ctx, p)
	}
	if p.Session == "" {
		return p, nil
	}
	live, err := s.live(ctx, p.Session)
	if err != nil {
		return access.Principal{}, err
	}
	now := principal(p, live)
	if now.UserID != p.UserID || now.Role != p.Role {
		return access.Principal{}, over()
	}
	return now, nil
}

// Standing says whether work that somebody began may go on without them: they may sign
// out, but not lose the role they had. Cost: two reads. Errors: denied.
func (s *Service) Standing(ctx context.Context, p access.Principal) error {
	if p.UserID == 0 {
		return nil // the local owner
	}
	r, ok, err := s.store.UserByID(ctx, p.UserID)
	if err != nil {
		return failed(err)
	}
	grants, err := s.store.Grants(ctx, p.UserID)
	if err != nil {
		return failed(err)
	}
	if !ok || r.Disabled || !role(r.Super, highest(grants)).AtLeast(p.Role) {
		return fault.New(fault.Denied, "Whoever began this may no longer do it. What is committed stays.")
	}
	return nil
}

// live returns a session that is not over, of a user who may be here.
func (s *Service) live(ctx context.Context, session string) (Live, error) {
	live, ok, err := s.store.Live(ctx, session)
	if err != nil {
		return Live{}, failed(err)
	}
	now := s.ms()
	if !ok || live.User.Disabled || now >= live.Session.ExpiresAt || now-live.Session.SeenAt >= SessionIdle.Milliseconds() {
		return Live{}, over()
	}
	return live, nil
}

// touch remembers that the session is in use. It is no activity, and failing to
// write it (the disk is full) must not keep anybody from reading: the session then
// just ends sooner.
func (s *Service) touch(ctx context.Context, live Live) {
	now := s.ms()
	if now-live.Session.SeenAt < touchEvery.Milliseconds() {
		return
	}
	_ = s.store.Update(ctx, func(tx Tx) error { return tx.Touch(ctx, live.Session.ID, now) })
}

// principal returns who the session's user is, seen through the caller's door.
func principal(at access.Principal, live Live) access.Principal {
	return access.Principal{
		UserID: live.User.ID, Login: live.User.Login, Role: role(live.User.Super, live.Level), Session: live.Session.ID,
		Door: at.Door, Language: live.Language, Zone: live.Zone, IP: at.IP, Agent: at.Agent, DoNotTrack: at.DoNotTrack,
	}
}

// Renew returns a fresh token of the running session. Errors: unauthenticated.
func (s *Service) Renew(ctx context.Context, _ RenewIn) (Session, error) {
	p, err := access.Require(ctx, access.None)
	if err != nil {
		return Session{}, err
	}
	live, err := s.live(ctx, p.Session)
	if err != nil {
		return Session{}, err
	}
	return s.session(ctx, p, live)
}

// SignOut ends the running session, or with Everywhere all of the user's. Errors:
// unauthenticated, denied (the local owner is not signed in).
func (s *Service) SignOut(ctx context.Context, in SignOutIn) (Done, error) {
	p, err := access.Require(ctx, access.None)
	if err != nil {
		return Done{}, err
	}
	if p.Owner {
		return Done{}, fault.New(fault.Denied, "The command line is not signed in: it acts as the owner of the data directory.")
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		user, ok, err := tx.UserByID(ctx, p.UserID)
		if err != nil || !ok {
			return err
		}
		if in.Everywhere {
			err = s.revoke(ctx, tx, &user, "")
		} else {
			err = tx.EndSession(ctx, p.Session)
		}
		if err != nil {
			return err
		}
		b := Begin(p, s.now(), "UserLoggedOut")
		b.Parameters = JSON(params{"everywhere": in.Everywhere})
		_, err = tx.Record(ctx, b)
		return err
	})
	return Done{Done: err == nil}, failed(err)
}

// revoke makes all tokens and, but for one, all sessions of the user worthless.
func (s *Service) revoke(ctx context.Context, tx Tx, r *Record, except string) error {
	r.Version++
	if err := tx.SaveUser(ctx, *r); err != nil {
		return err
	}
	return tx.EndSessions(ctx, r.ID, except)
}
