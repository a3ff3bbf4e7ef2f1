package access

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"activitylog/backend/fault"

	"github.com/golang-jwt/jwt/v5"
)

// TokenLife is how long a token is accepted. A session outlives it and is renewed.
const TokenLife = 15 * time.Minute

const (
	tokenType     = "at+jwt"
	tokenAudience = "app"
	tokenLeeway   = 30 * time.Second
	maxToken      = 4096 // bytes; a token of ours has about 400
	minKey        = 32   // bytes
)

// Claims are what a token says. They are checked against the database on every
// call and never believed on their own: see account.Service.Authenticate.
type Claims struct {
	UserID  int64  // sub
	Session string // sid
	Version int64  // ver: the user's token version when it was made
	Role    Role   // role: the effective role when it was made
}

// An Issuer makes and checks the tokens of one log. It is safe for concurrent use.
type Issuer struct {
	issuer string
	kid    string
	keys   map[string][]byte
	parser *jwt.Parser
	now    func() time.Time
}

// wireClaims is the JSON form.
type wireClaims struct {
	jwt.RegisteredClaims
	Session string `json:"sid"`
	Version *int64 `json:"ver"`
	Role    Role   `json:"role"`
}

// NewIssuer returns the issuer of the log with that id. New tokens are signed with
// the first key; tokens signed with a further one are still accepted, which is how
// a key is replaced. A key shorter than 32 bytes is refused.
func NewIssuer(logID string, now func() time.Time, key []byte, older ...[]byte) (*Issuer, error) {
	if logID == "" {
		return nil, errors.New("token issuer: the log has no id")
	}
	i := &Issuer{issuer: "activitylog/" + logID, keys: map[string][]byte{}, now: now}
	for n, k := range append([][]byte{key}, older...) {
		if len(k) < minKey {
			return nil, errors.New("token issuer: the key is shorter than 32 bytes")
		}
		kid := keyID(k)
		if n == 0 {
			i.kid = kid
		}
		i.keys[kid] = append([]byte(nil), k...)
	}
	i.parser = jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(i.issuer),
		jwt.WithAudience(tokenAudience),
		jwt.WithExpirationRequired(),
		jwt.WithNotBeforeRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(tokenLeeway),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(now),
	)
	return i, nil
}

// keyID names a key without giving it away.
func keyID(key []byte) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:4])
}

// Issue returns a token for the claims and the moment it ends: after [TokenLife],
// but never after until, the end of the session.
func (i *Issuer) Issue(c Claims, until time.Time) (string, time.Time, error) {
	now := i.now().Truncate(time.Second)
	end := now.Add(TokenLife)
	if until.Before(end) {
		end = until.Truncate(time.Second)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, wireClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    i.issuer,
			Subject:   strconv.FormatInt(c.UserID, 10),
			Audience:  jwt.ClaimStrings{tokenAudience},
			ExpiresAt: jwt.NewNumericDate(end),
			NotBefore: jwt.NewNumericDate(now),
			IssuedAt:  jwt.NewNumericDate(now),
		},
		Session: c.Session,
		Version: &c.Version,
		Role:    c.Role,
	})
	token.Header["typ"] = tokenType
	token.Header["kid"] = i.kid
	signed, err := token.SignedString(i.keys[i.kid])
	if err != nil {
		return "", time.Time{}, err
	}
	return signed, end, nil
}

// Verify returns what the token says if this log made it and it is valid now.
// Any other token gets the one answer unauthenticated, whatever is wrong with it.
func (i *Issuer) Verify(token string) (Claims, error) {
	refused := fault.New(fault.Unauthenticated, "The session is over. Sign in again.")
	if len(token) == 0 || len(token) > maxToken {
		return Claims{}, refused
	}
	var w wireClaims
	parsed, err := i.parser.ParseWithClaims(token, &w, i.key)
	if err != nil || !parsed.Valid {
		return Claims{}, refused
	}
	c, ok := w.claims()
	if !ok || !w.written(token) {
		return Claims{}, refused
	}
	return c, nil
}

// key looks the header's kid up in the fixed map. Nothing else in a header is
// followed: a header that asks for it is refused.
func (i *Issuer) key(t *jwt.Token) (any, error) {
	if len(t.Header) != 3 || t.Header["typ"] != tokenType {
		return nil, errors.New("token: not a header of ours")
	}
	kid, _ := t.Header["kid"].(string)
	key, ok := i.keys[kid]
	if !ok {
		return nil, errors.New("token: unknown key")
	}
	return key, nil
}

// written reports whether the token's payload is exactly what Issue writes for
// these claims. The library also takes numbers in quotes, unknown claims and line
// breaks inside the base64.
func (w wireClaims) written(token string) bool {
	want, err := json.Marshal(w)
	if err != nil {
		return false
	}
	parts := strings.Split(token, ".")
	signature := base64.RawURLEncoding.EncodedLen(sha256.Size)
	return len(parts) == 3 && parts[1] == base64.RawURLEncoding.EncodeToString(want) && len(parts[2]) == signature
}

// claims checks what the library does not: our own claims.
func (w wireClaims) claims() (Claims, bool) {
	id, err := strconv.ParseInt(w.Subject, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != w.Subject {
		return Claims{}, false
	}
	known := false
	for _, r := range Roles() {
		known = known || r == w.Role
	}
	if !known || w.Session == "" || w.Version == nil || w.IssuedAt == nil || len(w.Audience) != 1 {
		return Claims{}, false
	}
	if w.ExpiresAt.Sub(w.IssuedAt.Time) > TokenLife {
		return Claims{}, false
	}
	return Claims{UserID: id, Session: w.Session, Version: *w.Version, Role: w.Role}, true
}
