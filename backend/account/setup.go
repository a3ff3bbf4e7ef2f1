package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// setupLife is how long a set-up token is accepted.
const setupLife = 30 * time.Minute

// A setupToken lets whoever holds it make the first super user over HTTP. It lives
// in memory only.
type setupToken struct {
	text  string
	until time.Time
}

// SetUpToken makes the token with which a first super user can be made over HTTP
// once, within 30 minutes; an earlier one is no longer accepted. It is for the
// program that serves, not for a caller. Errors: conflict when there is a super
// user already.
func (s *Service) SetUpToken(ctx context.Context) (string, error) {
	if err := s.refuseSecondSetUp(ctx, s.store); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setup = setupToken{text: rand.Text(), until: s.now().Add(setupLife)}
	return s.setup.text, nil
}

// Ready reports whether there is a super user. Until then only SetUp does anything.
func (s *Service) Ready(ctx context.Context) (bool, error) {
	ready, err := s.store.HasSuper(ctx)
	return ready, failed(err)
}

func (s *Service) refuseSecondSetUp(ctx context.Context, v View) error {
	ready, err := v.HasSuper(ctx)
	if err != nil {
		return failed(err)
	}
	if ready {
		return fault.New(fault.Conflict, "This log has a super user already. Sign in, or ask one of them for an account.")
	}
	return nil
}

// maySetUp says whether the caller may make the first super user: somebody at the
// window, the local owner, or over HTTP who holds the token.
func (s *Service) maySetUp(p access.Principal, token string) error {
	if p.Owner || p.Door == access.Window {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fits := subtle.ConstantTimeCompare([]byte(token), []byte(s.setup.text)) == 1
	if s.setup.text == "" || !fits || !s.now().Before(s.setup.until) {
		return fault.New(fault.Denied, "This set-up address is not valid, or no longer. Start the server again and open the address it prints.")
	}
	return nil
}

// SetUp makes the first super user and, at the window and over HTTP, signs it in.
// Of two at once one succeeds. Errors: conflict (there is one already), denied (no
// valid token over HTTP), invalid (field login, email, name, password, language, zone).
func (s *Service) SetUp(ctx context.Context, in SetUpIn) (Session, error) {
	p := access.From(ctx)
	if err := s.refuseSecondSetUp(ctx, s.store); err != nil {
		return Session{}, err
	}
	if err := s.maySetUp(p, in.Token); err != nil {
		return Session{}, err
	}
	r, err := s.newRecord(ctx, CreateUserIn{Login: in.Login, Email: in.Email, Name: in.Name, Password: in.Password})
	if err != nil {
		return Session{}, err
	}
	r.Super = true
	want := PreferIn{Language: &in.Language, Zone: &in.Zone}
	if err := want.check(); err != nil {
		return Session{}, err
	}
	var live Live
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := s.refuseSecondSetUp(ctx, tx); err != nil {
			return err
		}
		live, err = s.setUp(ctx, tx, p, r, want)
		return err
	})
	if err != nil {
		return Session{}, failed(err)
	}
	s.mu.Lock()
	s.setup = setupToken{}
	s.mu.Unlock()
	return s.session(ctx, p, live)
}

// setUp does it in the transaction. The person at the window is the user from the
// first moment; the local owner stays who it is and is not signed in.
func (s *Service) setUp(ctx context.Context, tx Tx, p access.Principal, r Record, want PreferIn) (Live, error) {
	if err := s.addUser(ctx, tx, &p, &r, ""); err != nil {
		return Live{}, err
	}
	granted := about(p, s.now(), "SuperUserAccessChanged", r, params{"hasSuperUserAccess": true})
	granted.Changes = append(granted.Changes, Changed("super", false, true))
	if _, err := tx.Record(ctx, granted); err != nil {
		return Live{}, err
	}
	self := p
	self.UserID, self.Login, self.Role, self.Owner = r.ID, r.Login, access.Super, false
	if err := s.prefer(ctx, tx, self, want); err != nil {
		return Live{}, err
	}
	if p.Owner {
		return Live{User: r, Language: *want.Language, Zone: *want.Zone}, nil
	}
	running, err := s.begin(ctx, tx, self)
	return Live{Session: running, User: r, Language: *want.Language, Zone: *want.Zone}, err
}
