//go:build bench

package sqlite

import (
	"context"
	"testing"
)

const verifyRounds = 3

// verifying prints activities a second of each pass of a verification.
func verifying(t testing.TB, s *sheet, db *DB) {
	s.title("Verification, %d rounds; the words once", verifyRounds)
	var first, file []float64
	for round := range verifyRounds {
		last := round == verifyRounds-1
		r, err := db.Verify(context.Background(), VerifyOptions{Words: last})
		if err != nil || r.State != "verified" {
			t.Fatal(r.State, r.Problems, err)
		}
		n := float64(r.Activities) * 1000
		first, file = append(first, n/float64(max(r.Millis, 1))), append(file, n/float64(max(r.FileMillis, 1)))
		if last {
			s.several("rows, tree, dictionaries, slots; a second", spreadOf(first).whole(), atLeast(100_000))
			s.several("SQLite's own check of the file; a second", spreadOf(file).whole(), nil)
			s.value("words; a second", n/float64(max(*r.WordMillis, 1)), atLeast(10_000))
		}
	}
}
