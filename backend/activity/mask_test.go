package activity

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestMaskByTheWordsOfAKey(t *testing.T) {
	secret := strings.Fields(`password Password PASSWORD passwd pwd userPwd passphrase secret token authorization Authorization
		Proxy-Authorization cookie Set-Cookie cookies credential credentials apiKey api_key api-key x.api.key APIKey apikey accessKey
		privateKey private_key secretAccessKey sessionToken session_token x-amz-security-token masterUserPassword master_user_password passwort Benutzerpasswort neuesKennwort otp totp_2
		newpassword password2 secretString secretBinary clientSecret client_secret accessToken refresh_token idToken token_code jwt
		keyMaterial passwordHash passwordResetToken requestToken clientToken secrets`)
	plain := strings.Fields(`secretId secretArn secretName secretIdList nextToken NextToken continuationToken page_token
		paginationToken clientRequestToken client-request-token httpTokens tokenId tokenArn tokenName tokenType tokenExpiration accessKeyId
		access_key_id accessKeyIds passwordPolicy minimumPasswordLength passwordLastUsed passwordChangedAt maxTokens totalTokens
		cookieless forceCookielessTracking authorizer authorized publicKey keyId keyName compass passenger tokenize secretary
		secretsManagerArn credentialId privacy bypass monkey key keys`)
	for _, key := range secret {
		if got := mask1(t, key, `"s3cr3t"`, nil); got != maskedJSON {
			t.Errorf("%s is not masked: %s", key, got)
		}
	}
	for _, key := range plain {
		if got := mask1(t, key, `"s3cr3t"`, nil); got != `"s3cr3t"` {
			t.Errorf("%s is masked: %s", key, got)
		}
	}
	if got := mask1(t, "goal", `"s3cr3t"`, []string{"Goal"}); got != maskedJSON {
		t.Errorf("an extra name is not masked: %s", got)
	}
}

// mask1 masks {key: value} and returns what became of the value.
func mask1(t *testing.T, key, value string, extra []string) string {
	t.Helper()
	name, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	out := MaskJSON([]byte("{"+string(name)+":"+value+"}"), extra)
	var m map[string]json.RawMessage
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return string(m[key])
}

func TestMaskJSON(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing to mask keeps every byte", ` { "b" : 9007199254740993.10 , "a" : [ 1e5 , "é\u0000" ] } `, ` { "b" : 9007199254740993.10 , "a" : [ 1e5 , "é\u0000" ] } `},
		{"the rest keeps order and digits", `{"z": 1.50, "pwd": "x", "a": 18446744073709551616}`, `{"z": 1.50, "pwd": "***masked***", "a": 18446744073709551616}`},
		{"deep down", `{"a": [{"b": {"token": "x"}}]}`, `{"a": [{"b": {"token": "***masked***"}}]}`},
		{"numbers", `{"password": 1234}`, `{"password": "***masked***"}`},
		{"a count of tokens", `{"tokens": 12, "usedTokens": "x"}`, `{"tokens": 12, "usedTokens": "***masked***"}`},
		{"flags and null stay", `{"password": true, "token": null}`, `{"password": true, "token": null}`},
		{"lists", `{"cookies": ["a", {"name": "n", "value": "v"}]}`, `{"cookies": ["***masked***", {"name": "n", "value": "***masked***"}]}`},
		{
			"an object of credentials", `{"credentials": {"accessKeyId": "AKIA", "sessionToken": "s", "expiration": "soon", "x": {"y": 1}}}`,
			`{"credentials": {"accessKeyId": "AKIA", "sessionToken": "***masked***", "expiration": "soon", "x": {"y": "***masked***"}}}`,
		},
		{"a key in escapes", `{"\u0070assword": "x"}`, `{"\u0070assword": "***masked***"}`},
		{"values are not judged", `{"action": "GetPasswordData", "list": ["password"]}`, `{"action": "GetPasswordData", "list": ["password"]}`},
		{"quotes and braces in strings", `{"a": "}\"{", "pwd": "\\\"}", "b": 1}`, `{"a": "}\"{", "pwd": "***masked***", "b": 1}`},
		{"not an object", `"password"`, `"password"`},
		{"not JSON", `{"password": x}`, `{"password": x}`},
		{"nothing", ``, ``},
	}
	for _, tt := range tests {
		if got := string(MaskJSON([]byte(tt.in), nil)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	got := string(MaskJSON([]byte(`{"a": 1, "clientSecret": {"id": [1, "}"]}, "b": null}`), []string{"clientsecret", "b"}))
	if want := `{"a": 1, "clientSecret": "***masked***", "b": null}`; got != want {
		t.Errorf("extra names: got %s, want %s", got, want)
	}
}

func TestMaskingTwiceIsMaskingOnce(t *testing.T) {
	in := []byte(`{"credentials": {"id": 1, "k": ["v"]}, "token": 5}`)
	once := MaskJSON(in, nil)
	if twice := MaskJSON(once, nil); !bytes.Equal(once, twice) {
		t.Errorf("once %s, twice %s", once, twice)
	}
}

func FuzzMaskJSON(f *testing.F) {
	f.Add([]byte(`{"password": "s3cr3t", "a": [1, {"token": {"id": 1, "v": "s3cr3t"}}]}`), "extra")
	f.Add([]byte(`[{"\u0070wd": "x"}, -1.5e+7, "\ud83d\ude00"]`), "")
	f.Add([]byte(`{"a":`), "a")
	f.Fuzz(func(t *testing.T, in []byte, extra string) {
		before := bytes.Clone(in)
		out := MaskJSON(in, []string{extra})
		if !bytes.Equal(in, before) {
			t.Fatal("the input was changed")
		}
		if json.Valid(in) != json.Valid(out) {
			t.Fatalf("%q became %q", in, out)
		}
		if !json.Valid(in) && !bytes.Equal(in, out) {
			t.Fatalf("what is not JSON was changed: %q became %q", in, out)
		}
		if again := MaskJSON(out, []string{extra}); !bytes.Equal(again, out) {
			t.Fatalf("%q masked again is %q", out, again)
		}
	})
}
