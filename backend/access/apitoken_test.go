package access

import (
	"strings"
	"testing"
)

func TestAPIToken_HasItsFormAndIsNew(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token := NewAPIToken()
		if len(token) != apiLength || !IsAPIToken(token) || seen[token] {
			t.Fatalf("%q is no new token", token)
		}
		seen[token] = true
	}
}

// Each character is covered by the checksum, so that a mistyped token is told from a
// revoked one without asking the database.
func TestAPIToken_EachCharacterCounts(t *testing.T) {
	token := NewAPIToken()
	for i := range token {
		for _, c := range []byte(apiSymbols + "-_. \x00") {
			if c == token[i] {
				continue
			}
			if other := token[:i] + string(c) + token[i+1:]; IsAPIToken(other) {
				t.Errorf("%q passes for a token, character %d was changed", other, i)
			}
		}
	}
	for _, text := range []string{"", "al_", token[1:], token + "0", strings.ToUpper(token), "Bearer " + token} {
		if IsAPIToken(text) {
			t.Errorf("%q passes for a token", text)
		}
	}
}

func TestToken_MayWhatItsMakerMayNow(t *testing.T) {
	for _, test := range []struct {
		scopes []Scope
		maker  Role
		role   Role
		all    bool
		record bool
		names  bool
	}{
		{[]Scope{ReadOwn}, Super, View, false, false, false},
		{[]Scope{ReadAll}, Super, View, true, false, false},
		{[]Scope{ReadAll}, Admin, View, false, false, false},
		{[]Scope{ReadAll}, None, None, false, false, false},
		{[]Scope{Ingest}, Super, None, false, true, true},
		{[]Scope{Ingest}, Write, None, false, true, false},
		{[]Scope{Ingest}, View, None, false, false, false},
		{[]Scope{Widget}, Super, None, false, false, false},
		{[]Scope{ReadOwn, Ingest}, Write, View, false, true, false},
		{nil, Super, None, false, false, false},
	} {
		token := &Token{ID: 1, Scopes: test.scopes, Maker: test.maker}
		p := Principal{UserID: 7, Role: token.Role(), Token: token}
		if p.Role != test.role || p.SeesAll() != test.all || p.MayRecord() != test.record || p.MayNameOthers() != test.names {
			t.Errorf("%v of a %s: role %s, all %v, record %v, others %v; want %+v", test.scopes, test.maker, p.Role, p.SeesAll(), p.MayRecord(), p.MayNameOthers(), test)
		}
		ctx := With(t.Context(), p)
		for _, least := range Roles() {
			_, err := Require(ctx, least)
			if (err == nil) != (least == View && test.role == View) {
				t.Errorf("%v of a %s: Require(%s) says %v", test.scopes, test.maker, least, err)
			}
		}
		if _, err := RequirePerson(ctx, None); err == nil {
			t.Errorf("%v of a %s passes for a person", test.scopes, test.maker)
		}
	}
}
