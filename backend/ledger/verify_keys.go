package ledger

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A PublicKey is one of the keys a log was signed with, in the order of N from 1.
type PublicKey struct {
	N        int64
	Text     string // verifier key in note's form
	FromSize int64
	Handover string // checkpoint of size FromSize signed by the key before and this one; "" for the first
}

// A KeyChain is the list of a log's keys. Each is good for the trees from its
// FromSize to the next one's; where one is handed over to the next both are.
type KeyChain struct {
	origin string
	keys   []PublicKey
}

// NewKeyChain checks a log's keys and returns the chain of those that are sound.
// What is wrong comes as sentences. The roots in the handovers are not checked here.
func NewKeyChain(origin string, keys []PublicKey) (KeyChain, []string) {
	c := KeyChain{origin: origin}
	var wrong []string
	for i, k := range keys {
		if err := c.next(int64(i+1), k); err != nil {
			wrong = append(wrong, fmt.Sprintf("Key %d: %v.", k.N, err))
			continue
		}
		c.keys = append(c.keys, k)
	}
	if len(keys) == 0 {
		wrong = append(wrong, "The log has no key.")
	}
	return c, wrong
}

func (c *KeyChain) next(n int64, k PublicKey) error {
	v, err := note.NewVerifier(k.Text)
	if err != nil {
		return fmt.Errorf("it cannot be read: %w", err)
	}
	switch {
	case v.Name() != c.origin:
		return fmt.Errorf("it is of %s", v.Name())
	case k.N != n:
		return fmt.Errorf("its number should be %d", n)
	case n == 1 && (k.FromSize != 0 || k.Handover != ""):
		return errors.New("the first key is good from the beginning and was handed over by nobody")
	case n == 1:
		return nil
	case len(c.keys) == 0:
		return fmt.Errorf("there is no key before it")
	}
	before := c.keys[len(c.keys)-1]
	if k.FromSize <= before.FromSize {
		return fmt.Errorf("it is good from %d entries, the one before from %d", k.FromSize, before.FromSize)
	}
	for _, signer := range []string{before.Text, k.Text} {
		handed, err := openExactly(k.Handover, 2, signer)
		if err != nil {
			return fmt.Errorf("its handover: %w", err)
		}
		if handed.Size != k.FromSize || handed.Origin != c.origin {
			return fmt.Errorf("its handover is for %d entries of %s", handed.Size, handed.Origin)
		}
	}
	return nil
}

// Newest returns the newest key's text, "" if there is none.
func (c KeyChain) Newest() string {
	if len(c.keys) == 0 {
		return ""
	}
	return c.keys[len(c.keys)-1].Text
}

// Keys returns the sound keys.
func (c KeyChain) Keys() []PublicKey { return slices.Clone(c.keys) }

// Open checks a signed checkpoint as [OpenNote] does, and more strictly: it must be
// of this log, signed once, by the key that was good at its size, and spelled as
// signing spells it.
func (c KeyChain) Open(signed string) (Checkpoint, error) {
	claimed, err := ParseCheckpoint(textOf(signed))
	if err != nil {
		return Checkpoint{}, err
	}
	var last error
	for i, k := range c.keys {
		if k.FromSize > claimed.Size || i+1 < len(c.keys) && c.keys[i+1].FromSize < claimed.Size {
			continue
		}
		opened, err := openExactly(signed, 1, k.Text)
		if err != nil {
			last = err
			continue
		}
		if opened.Origin != c.origin {
			return Checkpoint{}, fmt.Errorf("ledger: it is of %s", opened.Origin)
		}
		return opened, nil
	}
	if last == nil {
		last = fmt.Errorf("ledger: no key is good at %d entries", claimed.Size)
	}
	return Checkpoint{}, last
}

// textOf returns the signed part of a note.
func textOf(signed string) string {
	if i := strings.LastIndex(signed, "\n\n"); i >= 0 {
		return signed[:i+1]
	}
	return ""
}

// openExactly is OpenNote for one key and a note that has so many signatures, and no
// byte that signing would not have written.
func openExactly(signed string, signatures int, vkey string) (Checkpoint, error) {
	opened, err := OpenNote(signed, vkey)
	if err != nil {
		return opened, err
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return opened, err
	}
	n, err := note.Open([]byte(signed), note.VerifierList(v))
	if err != nil {
		return opened, err
	}
	if got := len(n.Sigs) + len(n.UnverifiedSigs); got != signatures {
		return opened, fmt.Errorf("ledger: it has %d signatures, not %d", got, signatures)
	}
	length := len(n.Text) + 1
	for _, s := range append(n.Sigs, n.UnverifiedSigs...) {
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		line := "— " + s.Name + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
		if length += len(line); err != nil || !strings.Contains(signed, "\n"+line) {
			return opened, fmt.Errorf("ledger: a signature is not spelled as signing spells it")
		}
	}
	if length != len(signed) {
		return opened, fmt.Errorf("ledger: a signature is there twice")
	}
	return opened, nil
}

// ParseOrigin returns the id of the log whose checkpoints are signed under that name.
func ParseOrigin(origin string) (LogID, error) {
	var id LogID
	raw, err := hex.DecodeString(strings.ReplaceAll(strings.TrimPrefix(origin, "activitylog.local/"), "-", ""))
	if err == nil {
		id, err = LogIDFromBytes(raw)
	}
	if err != nil || Origin(id) != origin {
		return LogID{}, fmt.Errorf("ledger: %q is not a log's origin", origin)
	}
	return id, nil
}
