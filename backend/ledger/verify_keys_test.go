package ledger

import (
	"crypto/rand"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// A pair of keys of one log, the second handed over at 10 entries.
type handedOver struct {
	id            LogID
	first, second *Key
	keys          []PublicKey
}

func newHandedOver(t *testing.T) handedOver {
	t.Helper()
	h := handedOver{id: NewLogID()}
	for _, k := range []**Key{&h.first, &h.second} {
		var err error
		if *k, err = CreateKey(filepath.Join(t.TempDir(), "key"), h.id); err != nil {
			t.Fatal(err)
		}
	}
	h.keys = []PublicKey{
		{N: 1, Text: h.first.Public()},
		{N: 2, Text: h.second.Public(), FromSize: 10, Handover: h.sign(t, 10, h.first, h.second)},
	}
	return h
}

func (h handedOver) sign(t *testing.T, size int64, keys ...*Key) string {
	t.Helper()
	var signers []note.Signer
	for _, k := range keys {
		signers = append(signers, k.signer)
	}
	signed, err := note.Sign(&note.Note{Text: Checkpoint{Origin: Origin(h.id), Size: size}.Text()}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

func TestAKeyIsGoodForItsSizesOnly(t *testing.T) {
	h := newHandedOver(t)
	c, wrong := NewKeyChain(Origin(h.id), h.keys)
	if len(wrong) != 0 || c.Newest() != h.second.Public() || len(c.Keys()) != 2 {
		t.Fatalf("%v", wrong)
	}
	for _, w := range []struct {
		size int64
		key  *Key
		good bool
	}{{0, h.first, true}, {9, h.first, true}, {10, h.first, true}, {11, h.first, false}, {9, h.second, false}, {10, h.second, true}, {11, h.second, true}} {
		if _, err := c.Open(h.sign(t, w.size, w.key)); (err == nil) != w.good {
			t.Errorf("size %d, newer key %v: %v", w.size, w.key == h.second, err)
		}
	}
}

func TestAKeyChainNamesWhatIsWrong(t *testing.T) {
	other := newHandedOver(t)
	for _, c := range []struct {
		name   string
		change func(h handedOver, t *testing.T) []PublicKey
		says   string
	}{
		{"none", func(handedOver, *testing.T) []PublicKey { return nil }, "no key"},
		{"garbled", func(h handedOver, _ *testing.T) []PublicKey { h.keys[0].Text += "x"; return h.keys[:1] }, "cannot be read"},
		{"another log's", func(handedOver, *testing.T) []PublicKey { return other.keys[:1] }, "it is of"},
		{"first missing", func(h handedOver, _ *testing.T) []PublicKey { return h.keys[1:] }, "number should be 1"},
		{"first later", func(h handedOver, _ *testing.T) []PublicKey { h.keys[0].FromSize = 1; return h.keys[:1] }, "from the beginning"},
		{"first handed over", func(h handedOver, _ *testing.T) []PublicKey { h.keys[0].Handover = "x"; return h.keys[:1] }, "by nobody"},
		{"other size", func(h handedOver, _ *testing.T) []PublicKey { h.keys[1].FromSize = 11; return h.keys }, "handover is for 10"},
		{"not later", func(h handedOver, _ *testing.T) []PublicKey { h.keys[1].FromSize = 0; return h.keys }, "the one before from"},
		{"no handover", func(h handedOver, _ *testing.T) []PublicKey { h.keys[1].Handover = ""; return h.keys }, "handover"},
		{"signed by the new key only", func(h handedOver, t *testing.T) []PublicKey {
			h.keys[1].Handover = h.sign(t, 10, h.second)
			return h.keys
		}, "handover"},
		{"signed by the old key only", func(h handedOver, t *testing.T) []PublicKey {
			h.keys[1].Handover = h.sign(t, 10, h.first)
			return h.keys
		}, "handover"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHandedOver(t)
			if _, wrong := NewKeyChain(Origin(h.id), c.change(h, t)); !strings.Contains(strings.Join(wrong, " "), c.says) {
				t.Errorf("%q, want %q", wrong, c.says)
			}
		})
	}
}

func TestASignedCheckpointHasOneSpelling(t *testing.T) {
	h := newHandedOver(t)
	c, _ := NewKeyChain(Origin(h.id), h.keys)
	signed := h.sign(t, 7, h.first)
	if got, err := c.Open(signed); err != nil || got.Size != 7 {
		t.Fatal(got, err)
	}
	for i := range len(signed) * 8 {
		b := []byte(signed)
		b[i/8] ^= 1 << (i % 8)
		if _, err := c.Open(string(b)); err == nil {
			t.Fatalf("bit %d flipped is accepted: %q", i, b)
		}
	}
	skey, _, err := note.GenerateKey(rand.Reader, "somebody.else")
	if err != nil {
		t.Fatal(err)
	}
	more, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	two, err := note.Sign(&note.Note{Text: textOf(signed)}, h.first.signer, more)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"", signed + "\n", signed[:len(signed)-1], string(two), signed + signed[strings.LastIndex(signed, "\n— ")+1:], strings.ReplaceAll(signed, "\n\n", "\n\n\n")} {
		if _, err := c.Open(other); err == nil {
			t.Errorf("%q is accepted", other)
		}
	}
}

func TestAnOriginNamesItsLog(t *testing.T) {
	id := NewLogID()
	if got, err := ParseOrigin(Origin(id)); err != nil || got != id {
		t.Error(got, err)
	}
	for _, other := range []string{"", id.String(), Origin(id) + "0", strings.ToUpper(Origin(id)), strings.ReplaceAll(Origin(id), "-", "")} {
		if _, err := ParseOrigin(other); err == nil {
			t.Errorf("%q passes for an origin", other)
		}
	}
}
