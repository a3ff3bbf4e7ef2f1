package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/ledger"
)

func secondVerdict(t *testing.T, dir string) string {
	t.Helper()
	pool := plainPool(t, dir)
	defer pool.Close()
	s := &second{pool: pool, bodies: map[int64]map[string]any{}}
	for _, step := range []func(string) error{s.readLeaves, s.nodes, s.signatures, s.activities, s.counts, s.used, s.linked} {
		if err := step(dir); errors.Is(err, errBehind) {
			return ledger.RolledBack
		} else if err != nil {
			t.Logf("second verifier: %v", err)
			return ledger.Altered
		}
	}
	return ledger.Verified
}

func agree(t *testing.T, dir string) {
	t.Helper()
	first := verifyIn(t, dir, "words", "schema").State
	if second := secondVerdict(t, dir); second != first {
		t.Errorf("the first says %s, the second %s", first, second)
	}
}

func TestASecondVerifierSaysTheSame(t *testing.T) {
	s := sampleOf(t)
	for _, dir := range []string{s.dir, s.half} {
		agree(t, copyLog(t, dir))
	}
	dir := copyLog(t, s.half)
	if err := os.CopyFS(filepath.Join(dir, "newer"), os.DirFS(filepath.Join(s.dir, "state"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "newer", "head"), filepath.Join(dir, "state", "head")); err != nil {
		t.Fatal(err)
	}
	agree(t, dir)
	agreeAfter(t, 5)
}

func TestLargeASecondVerifierSaysTheSameOfEveryAttack(t *testing.T) {
	if testing.Short() {
		t.Skip("many attacks")
	}
	agreeAfter(t, 1)
}

// agreeAfter lets both verifiers judge every step-th attack. What the second one does
// not look at is left out: dates and kinds of checkpoints, external ids, words, the
// schema, erasures and the numbers within a millisecond.
func agreeAfter(t *testing.T, step int) {
	t.Helper()
	skip := []string{"log.created_at", "checkpoint.kind", "checkpoint.created_at", "seen.ext", "seen.seq", "words", "marks", "version", "view", "trigger", "index dropped", "external id", "first checkpoint", "erasure without one", "compaction without measure", "compaction of more than there are"}
	for i, a := range slices.Concat(cellAttacks(), rowAttacks()) {
		if i%step != 0 || slices.ContainsFunc(skip, func(p string) bool { return strings.HasPrefix(a.name, p) }) || strings.Contains(strings.Join(a.sql, ""), "key + 1 ") {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			dir := copyLog(t, sampleOf(t).dir)
			tamper(t, dir, a.sql...)
			agree(t, dir)
		})
	}
}
