package account

import (
	"context"
	"strconv"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// failure returns the body of a failed sign-in.
func (s *Service) failure(a attempt, more params) activity.Body {
	by, all := a.p, params{}
	if a.user.ID != 0 {
		by.UserID, by.Login, by.Owner = a.user.ID, a.user.Login, false
		all["login"] = a.user.Login
	} else {
		by.UserID, by.Owner = 0, false
		if a.hash != "" {
			all["login_hash"] = a.hash
		}
	}
	for name, value := range more {
		all[name] = value
	}
	b := Begin(by, s.now(), "UserFailedToLogIn")
	b.Result = activity.Failed
	if a.user.ID != 0 {
		b.Object = &activity.Object{Kind: activity.KindUser, ID: strconv.FormatInt(a.user.ID, 10), Name: a.user.Login}
	}
	b.Parameters = JSON(all)
	return b
}

// recordFailure records an evaluated try that failed: by itself, or, after twenty in
// a row, in the summary of the minute.
func (s *Service) recordFailure(ctx context.Context, a attempt) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		for _, scope := range a.scopes {
			t, _, err := tx.Tries(ctx, scope)
			if err != nil {
				return err
			}
			if t.Failures > singly {
				t.Skipped++
				return s.summarise(ctx, tx, a, t)
			}
		}
		_, err := tx.Record(ctx, s.failure(a, nil))
		return err
	})
	return failed(err)
}

// summarise keeps the count and, once a minute, records it.
func (s *Service) summarise(ctx context.Context, tx Tx, a attempt, t Tries) error {
	now := s.ms()
	if now-t.Summary < summaryEvery.Milliseconds() {
		return tx.SaveTries(ctx, t)
	}
	count := t.Skipped + s.takeBlocked(t.Scope)
	if count == 0 {
		return nil
	}
	if _, err := tx.Record(ctx, s.failure(a.of(t.Scope), params{"count": count})); err != nil {
		return err
	}
	t.Summary, t.Skipped = now, 0
	return tx.SaveTries(ctx, t)
}

// noteBlocked counts a try that was refused unevaluated and passes on why. Only one
// of them a minute reaches the database: a flood must not fill the log.
func (s *Service) noteBlocked(ctx context.Context, a attempt, why error) error {
	scope, t, err := s.blockedScope(ctx, a)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	s.blocked[scope]++
	s.mu.Unlock()
	if s.ms()-t.Summary < summaryEvery.Milliseconds() {
		return why
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		t, _, err := tx.Tries(ctx, scope)
		if err != nil {
			return err
		}
		t.Scope = scope
		return s.summarise(ctx, tx, a, t)
	})
	if err != nil {
		return failed(err)
	}
	return why
}

// blockedScope returns the first scope of the attempt that has to wait.
func (s *Service) blockedScope(ctx context.Context, a attempt) (string, Tries, error) {
	for _, scope := range a.scopes {
		t, ok, err := s.store.Tries(ctx, scope)
		if err != nil {
			return "", t, err
		}
		if ok && t.Until > s.ms() {
			return scope, t, nil
		}
	}
	return a.scopes[0], Tries{}, nil
}

func (s *Service) takeBlocked(scope string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.blocked[scope]
	delete(s.blocked, scope)
	return n
}

// forgive ends the counting after a success; what was not told yet is told first.
func (s *Service) forgive(ctx context.Context, tx Tx, a attempt) error {
	for _, scope := range a.scopes {
		t, ok, err := tx.Tries(ctx, scope)
		if err != nil {
			return err
		}
		if count := t.Skipped + s.takeBlocked(scope); ok && count > 0 {
			if _, err := tx.Record(ctx, s.failure(a.of(scope), params{"count": count})); err != nil {
				return err
			}
		}
		if err := tx.ForgetTries(ctx, scope); err != nil {
			return err
		}
	}
	return nil
}

// of returns the attempt as its summary for one scope tells it: that of a source
// names no login.
func (a attempt) of(scope string) attempt {
	if strings.HasPrefix(scope, "source:") {
		a.user, a.hash = Record{}, ""
	}
	return a
}

// ReportFailures records the summaries that are due although nobody tries any more.
// The program calls it once a minute and before it ends. Cost: one read when there
// is nothing to tell.
func (s *Service) ReportFailures(ctx context.Context) error {
	now := s.ms()
	due, err := s.store.Untold(ctx, now-summaryEvery.Milliseconds())
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	for scope := range s.blocked {
		due = append(due, Tries{Scope: scope})
	}
	s.mu.Unlock()
	if len(due) == 0 {
		return nil
	}
	return failed(s.store.Update(ctx, func(tx Tx) error {
		for _, d := range due {
			t, _, err := tx.Tries(ctx, d.Scope)
			if err != nil {
				return err
			}
			t.Scope = d.Scope
			a, err := attemptOf(ctx, tx, d.Scope)
			if err != nil {
				return err
			}
			if err := s.summarise(ctx, tx, a, t); err != nil {
				return err
			}
		}
		return nil
	}))
}

// attemptOf returns an attempt that stands for a scope, without who tried last.
func attemptOf(ctx context.Context, v View, scope string) (attempt, error) {
	kind, value, _ := strings.Cut(scope, ":")
	a := attempt{scopes: []string{scope}}
	switch kind {
	case "account":
		user, _, err := v.UserByID(ctx, parseID(value))
		a.user = user
		return a, err
	case "login":
		a.hash = value
	case "source":
		a.p = access.Principal{IP: value}
	}
	return a, nil
}
