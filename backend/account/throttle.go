package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"strconv"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

const (
	freeTries    = 5 // in a row, before anybody has to wait
	longestWait  = 300 * time.Second
	singly       = 20 // failures in a row that are recorded one by one
	summaryEvery = time.Minute
	maxTyped     = 1024           // bytes of an unknown login that count
	forgiven     = 24 * time.Hour // without a try, after which counting starts anew
)

// errBlocked is the cause of a refusal by the throttle.
var errBlocked = errors.New("sign-in throttled")

// wait returns how long the next try has to wait after n tries in a row.
func wait(n int) time.Duration {
	if n < freeTries {
		return 0
	}
	if n-freeTries > 8 {
		return longestWait
	}
	return min(time.Second<<(n-freeTries), longestWait)
}

// An attempt is one try to sign in: what it counts against, and how to record it.
type attempt struct {
	p      access.Principal
	user   Record // zero for an unknown login
	hash   string // of an unknown login
	scopes []string
}

// attempt returns the try of a caller with what was typed as login.
func (s *Service) attempt(p access.Principal, typed string, user Record) attempt {
	a := attempt{p: p, user: user}
	if user.ID != 0 {
		a.scopes = append(a.scopes, "account:"+strconv.FormatInt(user.ID, 10))
	} else {
		a.hash = s.loginHash(typed)
		a.scopes = append(a.scopes, "login:"+a.hash)
	}
	source := string(p.Door)
	if ip, err := netip.ParseAddr(p.IP); err == nil {
		source = ip.Unmap().WithZone("").String()
	}
	a.scopes = append(a.scopes, "source:"+source)
	return a
}

// loginHash returns a keyed hash of an unknown login: equal for equal logins, and
// telling nothing without the log's secret, since people type passwords here.
func (s *Service) loginHash(typed string) string {
	mac := hmac.New(sha256.New, s.secret)
	if len(typed) > maxTyped {
		typed = typed[:maxTyped]
	}
	mac.Write([]byte("login/v1\x00" + loginKey(typed)))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// admit counts the try and lets it go on, or refuses it unevaluated: unavailable,
// with the seconds to wait. It counts before the password is looked at, so that
// many tries at once are not more than one after the other.
func (s *Service) admit(ctx context.Context, a attempt) error {
	if err := s.refuseBlocked(ctx, s.store, a); errors.Is(err, errBlocked) {
		return s.noteBlocked(ctx, a, err)
	} else if err != nil {
		return err
	}
	now := s.ms()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := s.refuseBlocked(ctx, tx, a); err != nil {
			return err
		}
		if err := tx.ForgetTriesBefore(ctx, now-forgiven.Milliseconds()); err != nil {
			return err
		}
		for _, scope := range a.scopes {
			t, _, err := tx.Tries(ctx, scope)
			if err != nil {
				return err
			}
			t.Scope = scope
			t.Failures++
			t.Until = now + wait(t.Failures).Milliseconds()
			if err := tx.SaveTries(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errBlocked) {
		return s.noteBlocked(ctx, a, err)
	}
	return failed(err)
}

// refuseBlocked fails while one of the scopes has to wait.
func (s *Service) refuseBlocked(ctx context.Context, v View, a attempt) error {
	var until int64
	for _, scope := range a.scopes {
		t, _, err := v.Tries(ctx, scope)
		if err != nil {
			return failed(err)
		}
		until = max(until, t.Until)
	}
	left := until - s.ms()
	if left <= 0 {
		return nil
	}
	seconds := (left + 999) / 1000
	unit := "seconds"
	if seconds == 1 {
		unit = "second"
	}
	return fault.Wrap(errBlocked, fault.Unavailable, "Too many failed tries. Wait %d %s, then try again.", seconds, unit)
}
