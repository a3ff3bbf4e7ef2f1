package activity

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"activitylog/backend/catalog"
)

// Masked stands where a secret stood.
const Masked = "***masked***"

const maskedJSON = `"` + Masked + `"`

// Keys are judged by their whole words: sessionToken and master_user_password hold
// secrets, tokenId and passwordPolicy do not.
var (
	// A key with one of these words holds a secret. Words written together are one.
	secretWords = set(`password passwd pwd passwort kennwort passphrase passcode otp totp secret secrets token tokens jwt bearer
		authorization authorisation cookie cookies credential credentials
		apikey accesskey secretkey privatekey accesstoken refreshtoken sessiontoken authtoken`)
	// So does one with these two beside each other.
	secretPairs = set(`api.key api.keys access.key access.keys private.key private.keys key.material`)
	// But not if one of these follows: then it is about a secret, not the secret.
	aboutWords = set(`id ids identifier identifiers arn arns name names type types kind count length age policy
		version versions status state expiration expiry expires expired date time created updated changed last
		reset required rotation url uri endpoint manager scope scopes enabled disabled strength algorithm
		provider config configuration settings store limit ttl`)
	// Nor if one of these stands before a token: places in a list and counts.
	countedTokens = set(`next previous prev continuation page pagination idempotency http max min total`)
	// In an object under such a key everything is a secret but what is named so.
	plainWords = set(`id ids arn name type kind version status state date time expiration expiry expires at user login`)
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// MaskJSON replaces secrets in a JSON value by [Masked]: what stands under keys that
// name secrets, at any depth, and all that stands under one of the extra names (in
// any case). true, false and null stay, since they give nothing away. Everything
// else keeps its bytes: order of keys, digits of numbers, spacing. What is not valid
// JSON is returned as it is. The answer depends on nothing else. Cost: one pass; no
// copy if nothing is masked.
func MaskJSON(raw json.RawMessage, extraSecretNames []string) json.RawMessage {
	if len(raw) == 0 || !json.Valid(raw) {
		return raw
	}
	m := masker{in: raw, extra: extraSecretNames}
	m.space()
	m.value(open)
	if m.out == nil {
		return raw
	}
	return append(m.out, m.in[m.copied:]...)
}

// How a value is to be treated.
type treatment int

const (
	open    treatment = iota // by its own keys
	hidden                   // a secret, but for what is named as plain inside
	blotted                  // wholly a secret
)

// A masker walks over valid JSON.
type masker struct {
	in     []byte
	out    []byte
	at     int // the next byte to read
	copied int // in[:copied] is in out
	extra  []string
}

// value steps over the value that begins here.
func (m *masker) value(t treatment) {
	start := m.at
	switch c := m.in[m.at]; {
	case c == '{' && t != blotted:
		m.object(t)
		return
	case c == '[' && t != blotted:
		m.array(t)
		return
	case c == 't' || c == 'f' || c == 'n':
		m.scalar()
		return
	case c == '{' || c == '[':
		m.skipNested()
	case c == '"':
		m.text()
	default:
		m.scalar()
	}
	if t == open {
		return
	}
	m.out = append(m.out, m.in[m.copied:start]...)
	m.out = append(m.out, maskedJSON...)
	m.copied = m.at
}

func (m *masker) object(t treatment) {
	m.at++
	for m.space(); m.in[m.at] != '}'; m.space() {
		if m.in[m.at] == ',' {
			m.at++
			m.space()
		}
		key := m.text()
		m.space()
		m.at++ // the colon
		m.space()
		m.value(m.judge(key, t))
	}
	m.at++
}

func (m *masker) array(t treatment) {
	m.at++
	for m.space(); m.in[m.at] != ']'; m.space() {
		if m.in[m.at] == ',' {
			m.at++
			m.space()
		}
		m.value(t)
	}
	m.at++
}

func (m *masker) space() {
	for m.at < len(m.in) && strings.IndexByte(" \t\r\n", m.in[m.at]) >= 0 {
		m.at++
	}
}

// text steps over a string and returns it with its quotes.
func (m *masker) text() []byte {
	start := m.at
	for m.at++; m.in[m.at] != '"'; m.at++ {
		if m.in[m.at] == '\\' {
			m.at++
		}
	}
	m.at++
	return m.in[start:m.at]
}

func (m *masker) scalar() {
	for m.at < len(m.in) && strings.IndexByte(" \t\r\n,]}", m.in[m.at]) < 0 {
		m.at++
	}
}

func (m *masker) skipNested() {
	depth := 0
	for {
		switch m.in[m.at] {
		case '"':
			m.text()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		m.at++
		if depth == 0 {
			return
		}
	}
}

// judge says how the value under a key is treated, in an object treated so itself.
func (m *masker) judge(quoted []byte, around treatment) treatment {
	key := string(quoted[1 : len(quoted)-1])
	if strings.IndexByte(key, '\\') >= 0 && json.Unmarshal(quoted, &key) != nil {
		return hidden
	}
	if slices.ContainsFunc(m.extra, func(name string) bool { return strings.EqualFold(name, key) }) {
		return blotted
	}
	if around == open && !mayHoldSecret(key) {
		return open
	}
	words := keyWords(key)
	numeric := m.at < len(m.in) && (m.in[m.at] == '-' || m.in[m.at] >= '0' && m.in[m.at] <= '9')
	switch {
	case holdsSecret(words, numeric):
		return hidden
	case around == hidden && (len(words) == 0 || !plainWords[words[len(words)-1]]):
		return hidden
	}
	return open
}

// mayHoldSecret is a quick look that spares most keys the splitting.
func mayHoldSecret(key string) bool {
	var buf [64]byte
	lower := buf[:0]
	for i := 0; i < len(key); i++ {
		c := key[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower = append(lower, c)
	}
	for _, stem := range [...]string{"pass", "pwd", "secret", "token", "key", "credential", "cookie", "authori", "jwt", "bearer", "kennwort", "otp"} {
		if bytes.Contains(lower, []byte(stem)) {
			return true
		}
	}
	return false
}

func keyWords(key string) []string {
	words := catalog.Words(key)
	for i, w := range words {
		words[i] = strings.TrimRight(strings.ToLower(w), "0123456789")
	}
	return words
}

// holdsSecret reports whether a key of these words names a secret. A number under
// a key of tokens counts them.
func holdsSecret(words []string, numeric bool) bool {
	for i, w := range words {
		end := i + 1
		if i+1 < len(words) && secretPairs[w+"."+words[i+1]] {
			end = i + 2
		} else if !secretWords[w] && !namesPassword(w) {
			continue
		}
		if end < len(words) && aboutWords[words[end]] {
			continue
		}
		if (w == "token" || w == "tokens") && i > 0 && (countedTokens[words[i-1]] || clientRequest(words[:i])) {
			continue
		}
		if w == "tokens" && numeric {
			continue
		}
		return true
	}
	return false
}

// namesPassword reports whether a word is composed with one for password, in the
// languages of the log: mypassword, Benutzerpasswort.
func namesPassword(word string) bool {
	return strings.HasSuffix(word, "password") || strings.HasSuffix(word, "passwort") || strings.HasSuffix(word, "kennwort")
}

// clientRequest reports whether a token only makes a request safe to repeat.
func clientRequest(before []string) bool {
	n := len(before)
	return n >= 2 && before[n-2] == "client" && before[n-1] == "request"
}
