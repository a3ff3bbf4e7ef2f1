package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"activitylog/backend/fault"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Params say how much work a password hash is.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// Strong is what the program uses: 64 MiB, three passes.
func Strong() Params { return Params{Memory: 64 << 10, Time: 3, Threads: 1} }

const (
	saltLen = 16
	tagLen  = 32
	atOnce  = 2 // hashes computed at the same time: each takes Params.Memory
)

// Passwords hashes passwords with argon2id and checks them. It is safe for
// concurrent use and computes at most two hashes at once; further callers wait.
type Passwords struct {
	params Params
	slots  chan struct{}
	dummy  string
	worked atomic.Uint64
}

// NewPasswords returns a hasher of that strength. Tests take a weak one.
func NewPasswords(p Params) *Passwords {
	h := &Passwords{params: p, slots: make(chan struct{}, atOnce)}
	h.dummy = encodePHC(p, make([]byte, saltLen), make([]byte, tagLen))
	return h
}

// Computed returns how many hashes were computed so far. That every kind of
// refused sign-in costs the same number is tested with it.
func (h *Passwords) Computed() uint64 { return h.worked.Load() }

// Hash returns the PHC string of a password. It fails only when ctx ends first.
func (h *Passwords) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails
	tag, err := h.compute(ctx, password, h.params, salt, tagLen)
	if err != nil {
		return "", err
	}
	return encodePHC(h.params, salt, tag), nil
}

// Verify reports whether the password belongs to the PHC string, and whether that
// string is stale: made with other parameters, to be made anew now that the password
// is at hand. An empty or damaged string takes as long as a good one and never
// matches. It fails only when ctx ends first.
func (h *Passwords) Verify(ctx context.Context, phc, password string) (ok, stale bool, err error) {
	p, salt, tag, err := decodePHC(phc)
	known := err == nil
	if !known {
		p, salt, tag, _ = decodePHC(h.dummy)
	}
	got, err := h.compute(ctx, password, p, salt, len(tag))
	if err != nil {
		return false, false, err
	}
	same := subtle.ConstantTimeCompare(got, tag) == 1
	return same && known && len(password) <= MaxPassword, p != h.params, nil
}

func (h *Passwords) compute(ctx context.Context, password string, p Params, salt []byte, n int) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "The program is busy. Try again.")
	}
	defer func() { <-h.slots }()
	h.worked.Add(1)
	if len(password) > MaxPassword {
		password = password[:MaxPassword] // the same work, for nothing
	}
	return argon2.IDKey(norm.NFKC.Bytes([]byte(password)), salt, p.Time, p.Memory, p.Threads, uint32(n)), nil
}

// encodePHC writes the form $argon2id$v=19$m=65536,t=3,p=1$salt$tag.
func encodePHC(p Params, salt, tag []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Time, p.Threads,
		b64.EncodeToString(salt), b64.EncodeToString(tag))
}

// decodePHC reads what encodePHC writes and nothing else. Its bounds keep a
// tampered string from taking the machine's memory.
func decodePHC(phc string) (Params, []byte, []byte, error) {
	bad := errors.New("not an argon2id hash of ours")
	parts := strings.Split(phc, "$")
	if len(parts) != 6 {
		return Params{}, nil, nil, bad
	}
	var p Params
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); err != nil {
		return Params{}, nil, nil, bad
	}
	if p.Memory == 0 || p.Memory > 256<<10 || p.Time == 0 || p.Time > 16 || p.Threads == 0 || p.Threads > 16 {
		return Params{}, nil, nil, bad
	}
	salt, err := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	if err != nil || len(salt) != saltLen {
		return Params{}, nil, nil, bad
	}
	tag, err := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if err != nil || len(tag) != tagLen || encodePHC(p, salt, tag) != phc {
		return Params{}, nil, nil, bad
	}
	return p, salt, tag, nil
}
