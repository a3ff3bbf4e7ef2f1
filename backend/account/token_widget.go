package account

import (
	"context"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// BindToken makes, within a change, the token that opens one widget for its maker, who
// is r.User, and nothing else. Errors: invalid (field expiresAt).
func (s *Service) BindToken(ctx context.Context, tx Tx, p access.Principal, r TokenRecord) (NewToken, error) {
	if err := s.checkExpiry(r.ExpiresAt); err != nil {
		return NewToken{}, err
	}
	r.Scopes, r.AllowGet, r.CreatedAt = []access.Scope{access.Widget}, false, s.ms()
	return s.makeToken(ctx, tx, p, r)
}

// EndToken revokes a token within a change, if that has not been done.
func (s *Service) EndToken(ctx context.Context, tx Tx, p access.Principal, id int64) error {
	r, ok, err := tx.TokenByID(ctx, id)
	if err != nil || !ok || r.RevokedAt != nil {
		return err
	}
	return s.revokeToken(ctx, tx, p, r)
}

// TokenID is the id of a token as the store knows it.
func TokenID(t APIToken) (int64, error) { return strconv.ParseInt(t.ID, 10, 64) }

// ShowToken is a token as operations answer with it.
func (s *Service) ShowToken(r TokenRecord) APIToken { return r.show(s.ms()) }

// checkBound refuses what would make another token of one that is a widget's.
func checkBound(in ChangeTokenIn) error {
	switch {
	case in.Scopes != nil && (len(*in.Scopes) != 1 || (*in.Scopes)[0] != string(access.Widget)):
		return fault.At("scopes", "The token of a widget opens that widget and nothing else. Make another token.")
	case in.AllowGet != nil && *in.AllowGet:
		return fault.At("allowGet", "The token of a widget is never sent in an address.")
	}
	return nil
}
