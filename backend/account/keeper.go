package account

import (
	"context"
	"sync"

	"activitylog/backend/access"
)

// A Keeper keeps the window's session in this process's memory, so that the page
// never holds a token. It renews the token by itself while the session lives. The
// zero value is nobody's. It is safe for concurrent use.
type Keeper struct {
	mu      sync.Mutex
	session string
	token   string
	expires int64
}

// Keep remembers the session's token and returns the session as the page may see
// it: without the token. A session without a token (none) leaves all as it was.
func (k *Keeper) Keep(s *Service, in Session) Session {
	if in.Token == "" {
		return in
	}
	if c, err := s.issuer.Verify(in.Token); err == nil {
		k.mu.Lock()
		k.session, k.token, k.expires = c.Session, in.Token, in.ExpiresAt
		k.mu.Unlock()
	}
	in.Token = ""
	return in
}

// renewed keeps a fresh token in place of the old one, unless another is kept by now:
// somebody may have signed out, or in, or changed the password meanwhile.
func (k *Keeper) renewed(old string, fresh Session) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.token == old {
		k.token, k.expires = fresh.Token, fresh.ExpiresAt
	}
}

// Forget ends the keeping, after SignOut.
func (k *Keeper) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.session, k.token, k.expires = "", "", 0
}

// Principal returns who sits at the window: ctx's principal (door, agent) with the
// kept session's user, or as it is when nobody is signed in or the session is over.
func (k *Keeper) Principal(ctx context.Context, s *Service) access.Principal {
	k.mu.Lock()
	token, session, expires := k.token, k.session, k.expires
	k.mu.Unlock()
	nobody := access.From(ctx)
	if token == "" {
		return nobody
	}
	if s.now().UnixMilli() > expires-access.TokenLife.Milliseconds()/2 {
		fresh, err := s.renewKept(ctx, session)
		if err != nil {
			return nobody
		}
		k.renewed(token, fresh)
		token = fresh.Token
	}
	p, err := s.Authenticate(ctx, token)
	if err != nil {
		return nobody
	}
	return p
}

// renewKept makes a token for a session this process holds itself. That the
// computer slept longer than a token lives does not end the session.
func (s *Service) renewKept(ctx context.Context, session string) (Session, error) {
	live, err := s.live(ctx, session)
	if err != nil {
		return Session{}, err
	}
	return s.session(ctx, access.From(ctx), live)
}
