package sqlite

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"activitylog/backend/ledger"
)

// contents returns a hash of everything that can be read of the tables that are
// proven, or an error where something cannot.
func contents(t *testing.T, dir string) (string, error) {
	t.Helper()
	pool := plainPool(t, dir)
	defer pool.Close()
	s, h := &second{pool: pool}, sha256.New()
	for _, table := range []string{
		"log", "entry", "node", "head", "checkpoint", "log_key", "erasure", "purge", "seen", "activity",
		"actor", "type", "source", "site", "object", "slot_all", "slot_actor", "slot_type", "slot_site", "slot_actor_type",
	} {
		if err := s.rows("SELECT * FROM "+table, func(v []any) error { fmt.Fprintln(h, table, v); return nil }); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// A bit that a bad disk turns is found, unless it lies where nothing is.
func TestLargeVerifyFindsTurnedBits(t *testing.T) {
	if testing.Short() {
		t.Skip("many verifications")
	}
	base := sampleOf(t).dir
	whole, err := contents(t, copyLog(t, base))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(base, "activity.db"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 5))
	dir := copyLog(t, base)
	found := 0
	const flips = 200
	for range flips {
		bit := r.IntN(len(file) * 8)
		turned := append([]byte{}, file...)
		turned[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(filepath.Join(dir, "activity.db"), turned, 0o600); err != nil {
			t.Fatal(err)
		}
		report, err := verifyFile(t.Context(), evidenceIn(t, dir), VerifyOptions{})
		if err != nil || report.State != ledger.Verified {
			found++
			continue
		}
		if got, err := contents(t, dir); err != nil || got != whole {
			t.Errorf("bit %d is turned, the log reads differently (%v), and is verified", bit, err)
		}
	}
	if found < flips/4 {
		t.Errorf("only %d of %d are found", found, flips)
	}
}
