package access

import (
	"context"
	"strings"
	"testing"

	"activitylog/backend/fault"
)

func quick() *Passwords { return NewPasswords(Params{Memory: 64, Time: 1, Threads: 1}) }

func TestHashVerify(t *testing.T) {
	ctx, h := t.Context(), quick()
	phc, err := h.Hash(ctx, "blue whale sings low")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("hash is %q", phc)
	}
	again, _ := h.Hash(ctx, "blue whale sings low")
	if again == phc {
		t.Error("two hashes of one password are equal: the salt is missing")
	}
	long := strings.Repeat("x", MaxPassword)
	longPHC, _ := h.Hash(ctx, long)
	for _, c := range []struct {
		name, phc, password string
		ok                  bool
	}{
		{"right", phc, "blue whale sings low", true},
		{"wrong", phc, "blue whale sings lot", false},
		{"empty", phc, "", false},
		{"no hash", "", "blue whale sings low", false},
		{"no hash, no password", "", "", false},
		{"damaged hash", phc[:len(phc)-1], "blue whale sings low", false},
		{"longest", longPHC, long, true},
		{"too long", longPHC, long + "x", false},
	} {
		before := h.Computed()
		ok, stale, err := h.Verify(ctx, c.phc, c.password)
		if err != nil || ok != c.ok || stale {
			t.Errorf("%s: ok %v stale %v err %v", c.name, ok, stale, err)
		}
		if n := h.Computed() - before; n != 1 {
			t.Errorf("%s: %d hashes computed, want 1 as for every other case", c.name, n)
		}
	}
}

func TestVerifyNormalises(t *testing.T) {
	h := quick()
	phc, err := h.Hash(t.Context(), "Ça va, Zoe\u0308 ?")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, _ := h.Verify(t.Context(), phc, "C\u0327a va, Zo\u00eb ?"); !ok {
		t.Error("the same characters in another Unicode form are refused")
	}
	if ok, _, _ := h.Verify(t.Context(), phc, "ça va, Zoë ?"); ok {
		t.Error("case is ignored")
	}
}

func TestVerifyStale(t *testing.T) {
	phc, _ := quick().Hash(t.Context(), "blue whale sings low")
	stronger := NewPasswords(Params{Memory: 128, Time: 1, Threads: 1})
	ok, stale, err := stronger.Verify(t.Context(), phc, "blue whale sings low")
	if err != nil || !ok || !stale {
		t.Errorf("ok %v stale %v err %v, want a match that is stale", ok, stale, err)
	}
}

func TestHashWaitsForASlot(t *testing.T) {
	h := quick()
	h.slots <- struct{}{}
	h.slots <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "blue whale sings low"); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a third hash runs at once: %v", err)
	}
	<-h.slots
	if _, err := h.Hash(t.Context(), "blue whale sings low"); err != nil {
		t.Errorf("with a free slot: %v", err)
	}
}

func TestCheckPassword(t *testing.T) {
	for _, c := range []struct {
		password string
		ok       bool
	}{
		{"blue whale sings low", true},
		{"correct horse battery staple", true},
		{"kRk3!vv9Qm2#", true},
		{"Überraschung im Garten", true},
		{"雨の日は本を読んで過ごすのが好き", true},
		{"kRk3!vv9Qm2", false}, // eleven
		{"short", false},
		{"", false},
		{strings.Repeat("ab7Qx9", 171), false},    // 1,026 bytes
		{"ｋＲｋ３!vv9Qm\xff", false},                 // not UTF-8
		{"unbelievable", false},                   // in the list
		{"UnBelievable", false},                   // and in any case
		{"ｕｎｂｅｌｉｅｖａｂｌｅ", false},                   // and in any form
		{"administrator2024!", false},             // a weak word and little else
		{"password1234", false},                   //
		{"activitylog-2026", false},               // the product
		{"ann.lee@example.com", false},            // the address
		{"Ann.Lee@Example.COM", false},            //
		{"ann-lee-1999", true},                    // not the login itself
		{"wonderwoman!1", false},                  // the login and two characters
		{"aaaaaaaaaaaaaaaa", false},               // one character
		{"abababababababab", false},               // two
		{"abcdefghijklmnop", false},               // a row
		{"zyxwvutsrqponml", false},                // read backwards
		{"12345678901234567890", false},           //
		{"qwertyuiopasdfghjkl", false},            // keys
		{"abcd1234abcd1234abcd", false},           // rows, again and again
		{"blue blue blue blue blue", false},       // a word, again and again
		{"              ", false},                 // spaces
		{"one two three one two three one", true}, // short words, but several
	} {
		err := CheckPassword("new", c.password, "WonderWoman", "ann.lee@example.com")
		if (err == nil) != c.ok {
			t.Errorf("%q: %v, want allowed = %v", c.password, err, c.ok)
		}
		if err != nil && (fault.Public(err).Field != "new" || fault.CodeOf(err) != fault.Invalid) {
			t.Errorf("%q: blames %q with %s", c.password, fault.Public(err).Field, fault.CodeOf(err))
		}
	}
}

func TestEveryCommonPasswordIsRefused(t *testing.T) {
	if len(common()) < 300 {
		t.Fatalf("the list has %d entries", len(common()))
	}
	for password := range common() {
		if CheckPassword("new", password, "ann", "") == nil {
			t.Errorf("%q is allowed", password)
		}
	}
}

func FuzzDecodePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=64,t=1,p=1$$")
	f.Add("")
	f.Fuzz(func(t *testing.T, phc string) {
		p, salt, tag, err := decodePHC(phc)
		if err == nil && encodePHC(p, salt, tag) != phc {
			t.Fatalf("%q is read as something else", phc)
		}
		_ = CheckPassword("new", phc, phc, phc)
	})
}
