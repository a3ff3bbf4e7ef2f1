package access

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"hash"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"activitylog/backend/fault"
)

var (
	testNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	testKey = []byte("0123456789abcdef0123456789abcdef")
	b64     = base64.RawURLEncoding
)

func testClock() time.Time { return testNow }

func testIssuer(t testing.TB) *Issuer {
	t.Helper()
	i, err := NewIssuer("log-1", testClock, testKey)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func goodClaims() Claims { return Claims{UserID: 7, Session: "s1", Version: 3, Role: Write} }

func goodToken(t testing.TB) string {
	t.Helper()
	token, _, err := testIssuer(t).Issue(goodClaims(), testNow.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// forge signs any header and payload with any hash, so that only the one thing a
// case changes can be why it is refused.
func forge(header, payload any, key []byte, h func() hash.Hash) string {
	text := segment(header) + "." + segment(payload)
	mac := hmac.New(h, key)
	mac.Write([]byte(text))
	return text + "." + b64.EncodeToString(mac.Sum(nil))
}

func segment(v any) string {
	if s, ok := v.(string); ok {
		return b64.EncodeToString([]byte(s))
	}
	if o, ok := v.(object); ok {
		return b64.EncodeToString(ordered(o))
	}
	return b64.EncodeToString(mustJSON(v))
}

type object = map[string]any

// ordered writes the keys as Issue does, unknown ones last.
func ordered(o object) []byte {
	names := []string{"iss", "sub", "aud", "exp", "nbf", "iat", "sid", "ver", "role"}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var out []string
	for _, name := range names {
		if value, ok := o[name]; ok {
			out = append(out, string(mustJSON(name))+":"+string(mustJSON(value)))
		}
	}
	return []byte("{" + strings.Join(out, ",") + "}")
}

func goodHeader() object {
	return object{"alg": "HS256", "typ": "at+jwt", "kid": keyID(testKey)}
}

func goodPayload() object {
	return object{
		"iss": "activitylog/log-1", "aud": []string{"app"}, "sub": "7", "sid": "s1", "ver": 3, "role": "write",
		"iat": testNow.Unix(), "nbf": testNow.Unix(), "exp": testNow.Add(TokenLife).Unix(),
	}
}

func with(o object, name string, value any) object {
	if value == nil {
		delete(o, name)
	} else {
		o[name] = value
	}
	return o
}

func TestIssueVerify(t *testing.T) {
	i := testIssuer(t)
	token, end, err := i.Issue(goodClaims(), testNow.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := i.Verify(token); err != nil || got != goodClaims() {
		t.Fatalf("Verify = %+v, %v", got, err)
	}
	if want := testNow.Add(TokenLife); !end.Equal(want) {
		t.Errorf("ends at %v, want %v", end, want)
	}
	_, end, err = i.Issue(goodClaims(), testNow.Add(time.Minute))
	if want := testNow.Add(time.Minute); err != nil || !end.Equal(want) {
		t.Errorf("a token outlives its session: ends at %v, want %v (%v)", end, want, err)
	}
	if _, err := i.Verify(forge(goodHeader(), goodPayload(), testKey, sha256.New)); err != nil {
		t.Fatalf("the forge itself is wrong: %v", err)
	}
}

// forgeries returns tokens that differ from a valid one in one thing each.
func forgeries(t testing.TB) map[string]string {
	h256, h384, h512 := sha256.New, sha512.New384, sha512.New
	f := map[string]string{}
	valid := goodToken(t)
	parts := strings.Split(valid, ".")
	header := func(name string, value any) string {
		return forge(with(goodHeader(), name, value), goodPayload(), testKey, h256)
	}
	payload := func(name string, value any) string {
		return forge(goodHeader(), with(goodPayload(), name, value), testKey, h256)
	}
	for _, alg := range []any{"none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256", 256, nil} {
		name, _ := json.Marshal(alg)
		f["alg "+string(name)] = header("alg", alg)
	}
	f["HS384 signature"] = forge(with(goodHeader(), "alg", "HS384"), goodPayload(), testKey, h384)
	f["HS512 signature"] = forge(with(goodHeader(), "alg", "HS512"), goodPayload(), testKey, h512)
	f["none, no signature"] = segment(with(goodHeader(), "alg", "none")) + "." + parts[1] + "."
	f["stripped signature"] = parts[0] + "." + parts[1] + "."
	f["no signature segment"] = parts[0] + "." + parts[1]
	f["signature of another"] = parts[0] + "." + segment(with(goodPayload(), "sub", "1")) + "." + parts[2]
	_, foreign, _ := ed25519.GenerateKey(rand.Reader)
	text := segment(with(goodHeader(), "alg", "EdDSA")) + "." + parts[1]
	f["EdDSA by a foreign key"] = text + "." + b64.EncodeToString(ed25519.Sign(foreign, []byte(text)))
	f["foreign key"] = forge(goodHeader(), goodPayload(), []byte("another key of thirty-two bytes!"), h256)
	f["empty key"] = forge(goodHeader(), goodPayload(), nil, h256)
	f["key id as key"] = forge(goodHeader(), goodPayload(), []byte(keyID(testKey)), h256)

	for name, value := range map[string]any{
		"kid": "ffffffff", "typ": "JWT", "jku": "https://x.example/k", "x5u": "https://x.example/c",
		"jwk": object{"kty": "oct", "k": "AA"}, "x5c": []string{"AA"}, "crit": []string{"exp"}, "b64": false, "zip": "DEF", "cty": "JWT",
	} {
		f["header "+name] = header(name, value)
	}
	f["no kid"], f["kid number"], f["kid path"] = header("kid", nil), header("kid", 1), header("kid", "../../dev/null")
	f["no typ"], f["typ list"] = header("typ", nil), header("typ", []string{"at+jwt"})
	f["typ upper case"] = header("typ", "AT+JWT")

	for _, name := range []string{"iss", "aud", "sub", "sid", "ver", "role", "iat", "nbf", "exp"} {
		f["no "+name] = payload(name, nil)
	}
	later, earlier := testNow.Add(31*time.Second).Unix(), testNow.Add(-31*time.Second).Unix()
	for name, value := range map[string]any{
		"iss another log": "activitylog/log-2", "iss prefix": "activitylog/", "iss list": []string{"activitylog/log-1"},
		"aud widget": "widget", "aud ingest": []string{"ingest"}, "aud two": []string{"app", "widget"}, "aud empty": []string{},
		"sub zero": "0", "sub negative": "-1", "sub word": "ann", "sub number": 7, "sub padded": "07", "sub plus": "+7", "sub space": " 7", "sub huge": "99999999999999999999",
		"sid empty": "", "sid number": 1, "ver string": "3", "ver fraction": 3.5,
		"role unknown": "root", "role empty": "", "role list": []string{"super"},
		"exp past": earlier, "exp string": "99999999999", "exp far": testNow.Add(time.Hour).Unix(), "exp zero": 0,
		"nbf future": later, "nbf string": "1", "iat future": later, "iat string": "1",
	} {
		f[name] = payload(strings.Fields(name)[0], value)
	}
	f["empty"], f["dots"], f["many dots"] = "", "..", strings.Repeat(".", 100_000)
	f["four segments"] = valid + ".AA"
	f["padding"] = valid + "="
	f["space before"], f["newline after"] = " "+valid, valid+"\n"
	f["Bearer"] = "Bearer " + valid
	f["standard alphabet"] = strings.NewReplacer("-", "+", "_", "/").Replace(valid) + "+"
	f["too long"] = forge(goodHeader(), with(goodPayload(), "x", strings.Repeat("x", 4096)), testKey, h256)
	f["payload no object"] = forge(goodHeader(), `"7"`, testKey, h256)
	f["payload cut"] = forge(goodHeader(), `{"sub":"7"`, testKey, h256)
	f["payload null"] = forge(goodHeader(), `null`, testKey, h256)
	f["payload twice"] = forge(goodHeader(), string(mustJSON(goodPayload()))+"{}", testKey, h256)
	f["header no object"] = forge(`[]`, goodPayload(), testKey, h256)
	return f
}

func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func TestVerifyRefusesForgedTokens(t *testing.T) {
	i, cases := testIssuer(t), forgeries(t)
	if len(cases) < 60 {
		t.Fatalf("only %d forgeries", len(cases))
	}
	for name, token := range cases {
		if c, err := i.Verify(token); fault.CodeOf(err) != fault.Unauthenticated {
			t.Errorf("%s: accepted as %+v (%v)", name, c, err)
		}
	}
}

func TestVerifyRefusesEveryVariedCharacter(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ "
	i, token := testIssuer(t), goodToken(t)
	tried := 0
	for at := range len(token) {
		for _, c := range []byte(alphabet) {
			if c == token[at] {
				continue
			}
			tried++
			if _, err := i.Verify(token[:at] + string(c) + token[at+1:]); err == nil {
				t.Fatalf("accepted with %q at %d", c, at)
			}
		}
		if _, err := i.Verify(token[:at]); err == nil {
			t.Fatalf("accepted when cut at %d", at)
		}
	}
	if tried < 15_000 {
		t.Fatalf("only %d variants tried", tried)
	}
}

func TestVerifyLeeway(t *testing.T) {
	now := testNow
	i, err := NewIssuer("log-1", func() time.Time { return now }, testKey)
	if err != nil {
		t.Fatal(err)
	}
	token := goodToken(t)
	for _, c := range []struct {
		after time.Duration
		ok    bool
	}{{0, true}, {-29 * time.Second, true}, {-31 * time.Second, false}, {TokenLife + 29*time.Second, true}, {TokenLife + 31*time.Second, false}} {
		now = testNow.Add(c.after)
		if _, err := i.Verify(token); (err == nil) != c.ok {
			t.Errorf("after %v: %v, want accepted = %v", c.after, err, c.ok)
		}
	}
}

func TestKeysAreReplaced(t *testing.T) {
	old := goodToken(t)
	fresh := []byte("another key of thirty-two bytes!")
	both, err := NewIssuer("log-1", testClock, fresh, testKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := both.Verify(old); err != nil {
		t.Errorf("a token of the older key is refused: %v", err)
	}
	token, _, err := both.Issue(goodClaims(), testNow.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := testIssuer(t).Verify(token); err == nil {
		t.Error("a new token is signed with the older key")
	}
	if _, err := NewIssuer("log-1", testClock, fresh[:31]); err == nil {
		t.Error("a short key is accepted")
	}
	if _, err := NewIssuer("", testClock, fresh); err == nil {
		t.Error("a log without id is accepted")
	}
}

func FuzzVerify(f *testing.F) {
	i, valid := testIssuer(f), goodToken(f)
	f.Add(valid)
	f.Add("..")
	f.Add(segment(goodHeader()) + ".e30.AA")
	f.Fuzz(func(t *testing.T, token string) {
		if c, err := i.Verify(token); err == nil && token != valid {
			t.Fatalf("accepted %q as %+v", token, c)
		}
	})
}
