package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxNote bounds what is parsed: a checkpoint with a few signatures has 200 bytes.
const maxNote = 16 << 10

// A Checkpoint says that a log had Size entries with this root. Its text is that of
// C2SP tlog-checkpoint without extension lines.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Text returns the three lines that are signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// ParseCheckpoint reads what Text wrote, and nothing else: one spelling for each
// checkpoint, so that equal checkpoints have equal bytes.
func ParseCheckpoint(text string) (Checkpoint, error) {
	var c Checkpoint
	lines := strings.Split(text, "\n")
	if len(text) > maxNote || len(lines) != 4 || lines[3] != "" {
		return c, errors.New("ledger: a checkpoint has three lines")
	}
	if lines[0] == "" {
		return c, errors.New("ledger: the checkpoint names no origin")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return c, fmt.Errorf("ledger: %q is not a checkpoint's size", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize || base64.StdEncoding.EncodeToString(root) != lines[2] {
		return c, fmt.Errorf("ledger: %q is not a checkpoint's root", lines[2])
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: tlog.Hash(root)}, nil
}

// OpenNote checks a signed checkpoint against public keys and returns what it says.
// One good signature by any of the keys suffices; a bad one by a known key fails.
func OpenNote(signed string, vkeys ...string) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, fmt.Errorf("ledger: the signed checkpoint has %d bytes", len(signed))
	}
	verifiers := make([]note.Verifier, 0, len(vkeys))
	for _, k := range vkeys {
		v, err := note.NewVerifier(k)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("ledger: public key %q: %w", k, err)
		}
		verifiers = append(verifiers, v)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("ledger: open the signed checkpoint: %w", err)
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if name := n.Sigs[0].Name; name != c.Origin {
		return Checkpoint{}, fmt.Errorf("ledger: %s signed for %s", name, c.Origin)
	}
	return c, nil
}
