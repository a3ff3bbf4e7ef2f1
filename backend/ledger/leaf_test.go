package ledger

import (
	"encoding/hex"
	"regexp"
	"testing"
)

// The bytes were computed with another program: sha256 over the layout that package ledger documents.
func TestHashedBytes(t *testing.T) {
	salt := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	id := LogID{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x4d, 0xef, 0x81, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}
	c := Commitment(salt, []byte(`{"v":1}`))
	if got, want := hex.EncodeToString(c[:]), "78be844b09ae507f17c0bdda4b1ed8c987b82c65cd4dba08b1a95e46c22576f2"; got != want {
		t.Errorf("commitment %s, want %s", got, want)
	}
	leaf := Leaf(id, 258, -1, c)
	if got, want := hex.EncodeToString(leaf[:]), "198dbb9159fcc47a4646cfbfe8d6a74fd7521ff3bdfb3709beaa52462c093d6b"; got != want {
		t.Errorf("leaf %s, want %s", got, want)
	}
	if got, want := Origin(id), "activitylog.local/01234567-89ab-4def-8123-456789abcdef"; got != want {
		t.Errorf("origin %s, want %s", got, want)
	}
}

func TestLeafDependsOnEachPart(t *testing.T) {
	c := Commitment(make([]byte, SaltSize), nil)
	base := Leaf(LogID{}, 0, 0, c)
	for name, leaf := range map[string][32]byte{
		"id":          Leaf(LogID{15: 1}, 0, 0, c),
		"seq":         Leaf(LogID{}, 1, 0, c),
		"recorded at": Leaf(LogID{}, 0, 1, c),
		"salt":        Leaf(LogID{}, 0, 0, Commitment([]byte("0123456789abcdef"), nil)),
		"body":        Leaf(LogID{}, 0, 0, Commitment(make([]byte, SaltSize), []byte("x"))),
	} {
		if leaf == base {
			t.Errorf("the leaf does not depend on the %s", name)
		}
	}
}

func TestLogID(t *testing.T) {
	a, b := NewLogID(), NewLogID()
	if a == b {
		t.Errorf("two new ids are equal: %s", a)
	}
	if ok, _ := regexp.MatchString(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, a.String()); !ok {
		t.Errorf("%s is no random UUID", a)
	}
	if got, err := LogIDFromBytes(a[:]); err != nil || got != a {
		t.Errorf("LogIDFromBytes = %v, %v", got, err)
	}
	if _, err := LogIDFromBytes(a[:15]); err == nil {
		t.Error("15 bytes were taken for an id")
	}
}
