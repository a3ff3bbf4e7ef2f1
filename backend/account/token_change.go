package account

import (
	"context"
	"slices"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// ChangeToken changes a token of the caller, or anybody's for a super user. Scopes
// are bounded by the caller's and the maker's. Errors: as CreateToken; not_found,
// conflict (it is revoked).
func (s *Service) ChangeToken(ctx context.Context, in ChangeTokenIn) (APIToken, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return APIToken{}, err
	}
	return s.changedToken(ctx, p, in.ID, func(tx Tx, r TokenRecord) error {
		b := aboutToken(p, s, "TokenChanged", r)
		if err := s.changeToken(p, &r, in, &b); err != nil || len(b.Changes) == 0 {
			return err
		}
		if err := tx.SaveToken(ctx, r); err != nil {
			return err
		}
		_, err := tx.Record(ctx, b)
		return err
	})
}

func (s *Service) changeToken(p access.Principal, r *TokenRecord, in ChangeTokenIn, b *activity.Body) error {
	if r.Widget != "" {
		if err := checkBound(in); err != nil {
			return err
		}
	}
	if in.Name != nil {
		name, err := checkTokenName(*in.Name)
		if err != nil {
			return err
		}
		if name != r.Name {
			b.Changes = append(b.Changes, Changed("name", r.Name, name))
			r.Name = name
		}
	}
	if in.Scopes != nil {
		scopes, err := checkScopes(p, r.User, *in.Scopes)
		if err != nil {
			return err
		}
		if !slices.Equal(scopes, r.Scopes) {
			b.Changes = append(b.Changes, Changed("scopes", scopeNames(r.Scopes), scopeNames(scopes)))
			r.Scopes = scopes
		}
	}
	if in.AllowGet != nil && *in.AllowGet != r.AllowGet {
		b.Changes = append(b.Changes, Changed("allowGet", r.AllowGet, *in.AllowGet))
		r.AllowGet = *in.AllowGet
	}
	if in.ExpiresAt == nil {
		return nil
	}
	end := in.ExpiresAt
	if *end == 0 {
		end = nil
	}
	if err := s.checkExpiry(end); err != nil {
		return err
	}
	if old := r.ExpiresAt; (old == nil) != (end == nil) || old != nil && *old != *end {
		b.Changes = append(b.Changes, Changed("expiresAt", old, end))
		r.ExpiresAt = end
	}
	return nil
}

// RevokeToken ends a token of the caller, or anybody's for a super user. What it has
// recorded stays. Errors: unauthenticated, denied, not_found, conflict (it is revoked).
func (s *Service) RevokeToken(ctx context.Context, in RevokeTokenIn) (APIToken, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return APIToken{}, err
	}
	return s.changedToken(ctx, p, in.ID, func(tx Tx, r TokenRecord) error {
		return s.revokeToken(ctx, tx, p, r)
	})
}

func (s *Service) revokeToken(ctx context.Context, tx Tx, p access.Principal, r TokenRecord) error {
	r.RevokedAt = new(s.ms())
	if err := tx.SaveToken(ctx, r); err != nil {
		return err
	}
	_, err := tx.Record(ctx, aboutToken(p, s, "TokenRevoked", r))
	return err
}

// changedToken runs a change of a token that is not revoked and shows what became of it.
func (s *Service) changedToken(ctx context.Context, p access.Principal, id string, change func(Tx, TokenRecord) error) (APIToken, error) {
	var shown APIToken
	err := s.store.Update(ctx, func(tx Tx) error {
		r, err := findToken(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if r.RevokedAt != nil {
			return fault.New(fault.Conflict, "The token %q is revoked. Make a new one.", r.Name)
		}
		if err := change(tx, r); err != nil {
			return err
		}
		now, err := findToken(ctx, tx, p, id)
		shown = now.show(s.ms())
		return err
	})
	return shown, failed(err)
}
