package account

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// maxTokens bounds the working tokens of one maker.
const maxTokens = 200

// The states of a token.
const (
	tokenActive  = "active"
	tokenExpired = "expired"
	tokenRevoked = "revoked"
	tokenDead    = "dead"
)

// A TokenRecord is an API token as stored, with its maker as it is now.
type TokenRecord struct {
	ID        int64
	User      int64 // its maker; 0: the local owner
	Name      string
	Scopes    []access.Scope
	AllowGet  bool
	Widget    string // the only widget it opens, "" for other tokens
	CreatedAt int64
	ExpiresAt *int64
	SeenAt    *int64
	RevokedAt *int64

	// What follows is read from the maker and never stored with the token.

	Maker    *Record // nil: no such user, or the local owner
	Level    string  // the maker's highest on any site
	Language string
	Zone     string
}

// Role is the maker's effective role now; none of one who is gone or disabled.
func (r TokenRecord) Role() access.Role {
	switch {
	case r.User == 0:
		return access.Super
	case r.Maker == nil || r.Maker.Disabled:
		return access.None
	}
	return role(r.Maker.Super, r.Level)
}

func (r TokenRecord) token() *access.Token {
	return &access.Token{ID: r.ID, Name: r.Name, Scopes: r.Scopes, Maker: r.Role(), Widget: r.Widget}
}

// state says whether a token works now.
func (r TokenRecord) state(now int64) string {
	t := r.token()
	p := access.Principal{Token: t}
	switch {
	case r.RevokedAt != nil:
		return tokenRevoked
	case r.ExpiresAt != nil && now >= *r.ExpiresAt:
		return tokenExpired
	case r.User != 0 && (r.Maker == nil || r.Maker.Disabled):
		return tokenDead
	case t.Role() == access.View || p.MayRecord() || t.Has(access.Widget) && t.Maker.AtLeast(access.View):
		return tokenActive
	}
	return tokenDead
}

func (r TokenRecord) show(now int64) APIToken {
	t := APIToken{
		ID: strconv.FormatInt(r.ID, 10), Name: r.Name, Scopes: scopeNames(r.Scopes), AllowGet: r.AllowGet,
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, SeenAt: r.SeenAt, RevokedAt: r.RevokedAt, State: r.state(now),
	}
	if r.Widget != "" {
		t.Widget = new(r.Widget)
	}
	if r.User != 0 {
		t.User = new(strconv.FormatInt(r.User, 10))
	}
	if r.Maker != nil {
		t.Maker = r.Maker.Login
	}
	return t
}

func scopeNames(scopes []access.Scope) []string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return names
}

// Tokens lists the caller's API tokens, or everybody's for a super user.
// Errors: unauthenticated, denied.
func (s *Service) Tokens(ctx context.Context, _ TokensIn) (TokenList, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return TokenList{}, err
	}
	rows, err := s.store.Tokens(ctx)
	if err != nil {
		return TokenList{}, failed(err)
	}
	list := TokenList{Tokens: []APIToken{}}
	for _, r := range rows {
		if p.SeesAll() || r.User == p.UserID {
			list.Tokens = append(list.Tokens, r.show(s.ms()))
		}
	}
	slices.SortStableFunc(list.Tokens, func(a, b APIToken) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.CreatedAt, a.CreatedAt))
	})
	return list, nil
}

func rank(t APIToken) int {
	return slices.Index([]string{tokenActive, tokenDead, tokenExpired, tokenRevoked}, t.State)
}

// CreateToken makes an API token for the caller. Its secret is in the answer and
// nowhere else. Errors: unauthenticated, denied (a scope the caller has not),
// invalid (field name, scopes, expiresAt), conflict (too many).
func (s *Service) CreateToken(ctx context.Context, in CreateTokenIn) (NewToken, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return NewToken{}, err
	}
	r := TokenRecord{User: p.UserID, AllowGet: in.AllowGet, CreatedAt: s.ms(), ExpiresAt: in.ExpiresAt}
	if r.Name, err = checkTokenName(in.Name); err != nil {
		return NewToken{}, err
	}
	if r.Scopes, err = checkScopes(p, p.UserID, in.Scopes); err != nil {
		return NewToken{}, err
	}
	if err := s.checkExpiry(r.ExpiresAt); err != nil {
		return NewToken{}, err
	}
	var made NewToken
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := s.refuseMany(ctx, tx, r.User); err != nil {
			return err
		}
		made, err = s.makeToken(ctx, tx, p, r)
		return err
	})
	if err != nil {
		return NewToken{}, failed(err)
	}
	return made, nil
}

// makeToken stores a new token and records it.
func (s *Service) makeToken(ctx context.Context, tx Tx, p access.Principal, r TokenRecord) (NewToken, error) {
	made := NewToken{Secret: access.NewAPIToken()}
	hash := access.HashAPIToken(made.Secret)
	var err error
	if r.ID, err = tx.AddToken(ctx, r, hash[:]); err != nil {
		return NewToken{}, err
	}
	b := aboutToken(p, s, "TokenCreated", r)
	b.Changes = append(b.Changes, Changed("scopes", nil, scopeNames(r.Scopes)), Changed("allowGet", nil, r.AllowGet))
	if r.ExpiresAt != nil {
		b.Changes = append(b.Changes, Changed("expiresAt", nil, *r.ExpiresAt))
	}
	if _, err := tx.Record(ctx, b); err != nil {
		return NewToken{}, err
	}
	r, err = findToken(ctx, tx, p, strconv.FormatInt(r.ID, 10))
	made.Token = r.show(s.ms())
	return made, err
}

func (s *Service) refuseMany(ctx context.Context, v View, user int64) error {
	rows, err := v.Tokens(ctx)
	if err != nil {
		return err
	}
	n := 0
	for _, r := range rows {
		if r.User == user && r.state(s.ms()) == tokenActive {
			n++
		}
	}
	if n >= maxTokens {
		return fault.New(fault.Conflict, "There are %d tokens of yours already. Revoke those that are not used.", n)
	}
	return nil
}

func checkTokenName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return "", fault.At("name", "Give the token a name that says which program uses it.")
	}
	return name, CheckLine("name", "name", name, maxLogin)
}

// checkScopes returns the scopes in their order, without repeats. Nobody gives away
// what they do not have.
func checkScopes(p access.Principal, maker int64, names []string) ([]access.Scope, error) {
	if len(names) == 0 {
		return nil, fault.At("scopes", "A token needs at least one scope: read:own, read:all, ingest, widget.")
	}
	var scopes []access.Scope
	for _, s := range access.Scopes() {
		if slices.Contains(names, string(s)) {
			scopes = append(scopes, s)
		}
	}
	for _, name := range names {
		if !slices.Contains(access.Scopes(), access.Scope(name)) {
			return nil, fault.At("scopes", "There is no scope %q. There are read:own, read:all, ingest and widget.", name)
		}
	}
	switch {
	case slices.Contains(scopes, access.ReadAll) && !p.SeesAll():
		return nil, fault.New(fault.Denied, "Only a super user may let a program read everybody's activity. Use read:own.").Blame("scopes")
	case slices.Contains(scopes, access.Ingest) && !p.MayRecord():
		return nil, fault.New(fault.Denied, "Your role may not record, so a token of yours may not either.").Blame("scopes")
	case slices.Contains(scopes, access.ReadOwn) && maker == 0:
		return nil, fault.At("scopes", "The command line has no activity of a user's own. Use read:all, or make the token as that user.")
	}
	return scopes, nil
}

func (s *Service) checkExpiry(at *int64) error {
	if at != nil && *at <= s.ms() {
		return fault.At("expiresAt", "The token's end lies in the past.")
	}
	return nil
}

// findToken returns the token an input names; somebody else's is as absent.
func findToken(ctx context.Context, v View, p access.Principal, id string) (TokenRecord, error) {
	missing := fault.New(fault.NotFound, "There is no such token.")
	n := parseID(id)
	if n == 0 {
		return TokenRecord{}, missing
	}
	r, ok, err := v.TokenByID(ctx, n)
	if err != nil {
		return TokenRecord{}, err
	}
	if !ok || !p.SeesAll() && r.User != p.UserID {
		return TokenRecord{}, missing
	}
	return r, nil
}

// aboutToken returns the body of what the caller does to a token.
func aboutToken(p access.Principal, s *Service, typ string, r TokenRecord) activity.Body {
	b := Begin(p, s.now(), typ)
	id := strconv.FormatInt(r.ID, 10)
	b.Object = &activity.Object{Kind: "token", ID: id, Name: r.Name}
	b.Parameters = JSON(params{"token": entity{ID: id, Name: r.Name}})
	return b
}
