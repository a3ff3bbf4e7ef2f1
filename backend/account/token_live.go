package account

import (
	"context"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

func badToken() error {
	return fault.New(fault.Unauthenticated, "This API token is not valid, or no longer. Make a new one.")
}

// authenticateToken returns who an API token stands for: its maker, bounded by its
// scopes. A token in an address is refused unless it was made for that. Cost: one
// read, and once a minute of a token one write of when it was last used.
func (s *Service) authenticateToken(ctx context.Context, text string) (access.Principal, error) {
	hash := access.HashAPIToken(text)
	r, ok, err := s.store.TokenByHash(ctx, hash[:])
	if err != nil {
		return access.Principal{}, failed(err)
	}
	now := s.ms()
	if !ok || r.state(now) != tokenActive {
		return access.Principal{}, badToken()
	}
	at := access.From(ctx)
	if at.Exposed && !r.AllowGet {
		return access.Principal{}, fault.New(fault.Unauthenticated,
			"This API token may not stand in an address. Send it by POST or as Authorization: Bearer, or allow GET for it.")
	}
	if (r.SeenAt == nil || now-*r.SeenAt >= touchEvery.Milliseconds()) && s.touches(r.ID, now) {
		// Failing to write it must not keep a program from reading.
		_ = s.store.Update(ctx, func(tx Tx) error { return tx.TouchToken(ctx, r.ID, now) })
	}
	return tokenPrincipal(at, r), nil
}

// touches reports whether this call is the one that writes that a token was used: of a
// hundred at once it is one.
func (s *Service) touches(id, now int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.touched[id]; ok && now-last < touchEvery.Milliseconds() {
		return false
	}
	s.touched[id] = now
	return true
}

// stillToken returns the principal of a token as it is now.
func (s *Service) stillToken(ctx context.Context, p access.Principal) (access.Principal, error) {
	r, ok, err := s.store.TokenByID(ctx, p.Token.ID)
	if err != nil {
		return access.Principal{}, failed(err)
	}
	if !ok || r.state(s.ms()) != tokenActive {
		return access.Principal{}, badToken()
	}
	now := tokenPrincipal(p, r)
	if now.UserID != p.UserID || now.Role != p.Role || now.SeesAll() != p.SeesAll() {
		return access.Principal{}, badToken()
	}
	return now, nil
}

// tokenPrincipal is a token's maker, seen through the caller's door. What the token
// may do is in its scopes; the role only says whether it may read.
func tokenPrincipal(at access.Principal, r TokenRecord) access.Principal {
	p := access.Principal{
		UserID: r.User, Token: r.token(), Door: at.Door, Exposed: at.Exposed,
		Language: r.Language, Zone: r.Zone, IP: at.IP, Agent: at.Agent,
	}
	p.Role = p.Token.Role()
	if r.Maker != nil {
		p.Login = r.Maker.Login
	}
	return p
}
