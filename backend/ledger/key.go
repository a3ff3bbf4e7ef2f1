package ledger

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/mod/sumdb/note"
)

// A Key signs checkpoints of one log (Ed25519).
type Key struct {
	signer note.Signer
	vkey   string
}

// Public returns the verifier key in note's form: what people pin.
func (k *Key) Public() string { return k.vkey }

// Sign returns the checkpoint's text with the key's signature. A key signs for its
// own origin only.
func (k *Key) Sign(c Checkpoint) (string, error) {
	if c.Origin != k.signer.Name() {
		return "", fmt.Errorf("ledger: the key of %s does not sign for %s", k.signer.Name(), c.Origin)
	}
	signed, err := note.Sign(&note.Note{Text: c.Text()}, k.signer)
	if err != nil {
		return "", fmt.Errorf("ledger: sign: %w", err)
	}
	return string(signed), nil
}

// CreateKey makes a key for the log and writes it to a new file, 0600, in a
// directory made 0700 if it is not there. An existing file is an error: a key is
// never replaced silently.
func CreateKey(path string, id LogID) (*Key, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, Origin(id))
	if err != nil {
		return nil, fmt.Errorf("ledger: generate a key: %w", err)
	}
	if err := createSecretFile(path, []byte(skey+"\n"+vkey+"\n")); err != nil {
		return nil, fmt.Errorf("ledger: write the key: %w", err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, fmt.Errorf("ledger: use the key: %w", err)
	}
	return &Key{signer: signer, vkey: vkey}, nil
}

// LoadKey reads a key file. An error that is fs.ErrNotExist means that there is
// none; a file that others may read is refused.
func LoadKey(path string) (*Key, error) {
	data, err := readSecretFile(path)
	if err != nil {
		return nil, fmt.Errorf("ledger: read the key: %w", err)
	}
	skey, rest, _ := bytes.Cut(data, []byte("\n"))
	vkey, rest, ok := bytes.Cut(rest, []byte("\n"))
	if !ok || len(rest) != 0 {
		return nil, fmt.Errorf("ledger: %s is not a key file", path)
	}
	signer, err := note.NewSigner(string(skey))
	if err != nil {
		return nil, fmt.Errorf("ledger: %s: %w", path, err)
	}
	verifier, err := note.NewVerifier(string(vkey))
	if err != nil || verifier.Name() != signer.Name() || verifier.KeyHash() != signer.KeyHash() {
		return nil, fmt.Errorf("ledger: the two halves of %s do not belong together", path)
	}
	return &Key{signer: signer, vkey: string(vkey)}, nil
}

// SecretSize is the length of the log secret in bytes.
const SecretSize = 32

// CreateSecret makes the log secret, with which external ids are keyed, and writes
// it to a new file, 0600.
func CreateSecret(path string) ([]byte, error) {
	secret := make([]byte, SecretSize)
	rand.Read(secret) // never fails, see crypto/rand
	if err := createSecretFile(path, secret); err != nil {
		return nil, fmt.Errorf("ledger: write the log secret: %w", err)
	}
	return secret, nil
}

// LoadSecret reads the log secret. An error that is fs.ErrNotExist means that there
// is none; a file that others may read is refused.
func LoadSecret(path string) ([]byte, error) {
	secret, err := readSecretFile(path)
	if err != nil {
		return nil, fmt.Errorf("ledger: read the log secret: %w", err)
	}
	if len(secret) != SecretSize {
		return nil, fmt.Errorf("ledger: %s has %d bytes, not %d", path, len(secret), SecretSize)
	}
	return secret, nil
}

func createSecretFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return syncDir(filepath.Dir(path))
}

func readSecretFile(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a plain file", path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read by others; run: chmod 600 %s", path, path)
	}
	if info.Size() > maxNote {
		return nil, fmt.Errorf("%s is too large: %d bytes", path, info.Size())
	}
	return os.ReadFile(path)
}

// syncDir makes a rename or a new file in dir durable. Windows has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// IsMissing reports whether err says that a key, secret or mark file is not there.
func IsMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
