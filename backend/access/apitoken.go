package access

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// A Scope is what an API token may do at most. What it may do now is that and what
// its maker may: see [Principal].
type Scope string

// The scopes.
const (
	ReadOwn Scope = "read:own" // list, count and export its maker's own activity
	ReadAll Scope = "read:all" // the same for everybody's, while its maker is a super user
	Ingest  Scope = "ingest"   // record activity, while its maker may
	Widget  Scope = "widget"   // open widgets
)

// Scopes lists the scopes in the order to show them.
func Scopes() []Scope { return []Scope{ReadOwn, ReadAll, Ingest, Widget} }

// A Token is the API token that a call stands on.
type Token struct {
	ID     int64
	Name   string
	Scopes []Scope
	Maker  Role   // of the maker now; the local owner's is super
	Widget string // the only widget it opens; "" with the scope widget: each of its maker's
}

// Has reports whether the token has a scope.
func (t *Token) Has(s Scope) bool { return t != nil && slices.Contains(t.Scopes, s) }

// Source is the source of what is recorded through the token.
func (t *Token) Source() string { return "api:" + strconv.FormatInt(t.ID, 10) }

// Role is what the token may do at most as a caller of the operations: view if it
// may read and its maker may, else none.
func (t *Token) Role() Role {
	if t.Maker.AtLeast(View) && (t.Has(ReadOwn) || t.Has(ReadAll)) {
		return View
	}
	return None
}

// An API token is al_, 43 characters that stand for 32 random bytes, and 6 for a
// CRC-32 of all before, so that scanners for leaked secrets know a real one.
const (
	apiPrefix  = "al_"
	apiRandom  = 43 // 62^43 > 2^256
	apiSum     = 6  // 62^6 > 2^32
	apiLength  = len(apiPrefix) + apiRandom + apiSum
	apiSymbols = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// NewAPIToken makes one. It is shown once; only [HashAPIToken] of it is kept.
func NewAPIToken() string {
	var secret [32]byte
	rand.Read(secret[:]) // never fails, see crypto/rand
	text := apiPrefix + base62(new(big.Int).SetBytes(secret[:]), apiRandom)
	return text + checksum(text)
}

// IsAPIToken reports whether a text has the form of an API token, checksum included.
func IsAPIToken(text string) bool {
	if len(text) != apiLength || !strings.HasPrefix(text, apiPrefix) {
		return false
	}
	return checksum(text[:apiLength-apiSum]) == text[apiLength-apiSum:]
}

// HashAPIToken is what is kept of a token. It has 256 random bits, so a plain SHA-256
// cannot be tried out (OWASP ASVS 5.0, 6.5.2).
func HashAPIToken(text string) [sha256.Size]byte { return sha256.Sum256([]byte(text)) }

func checksum(text string) string {
	return base62(new(big.Int).SetUint64(uint64(crc32.ChecksumIEEE([]byte(text)))), apiSum)
}

func base62(n *big.Int, width int) string {
	out := make([]byte, width)
	base, digit := big.NewInt(int64(len(apiSymbols))), new(big.Int)
	for i := width - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		out[i] = apiSymbols[digit.Int64()]
	}
	return string(out)
}
