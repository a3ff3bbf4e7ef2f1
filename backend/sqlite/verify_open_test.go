package sqlite

import (
	"context"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// beyondOpening are the attacks after which there is no log to open; VerifyFile still
// says what is wrong.
var beyondOpening = []string{"log.one", "everything deleted", "table of the head dropped", "table of checkpoints dropped", "table with the hashes dropped", "marks changed", "version changed"}

// What was changed is named also by a program that opens the log as usual, which
// looks at some of it before it verifies.
func TestLargeAnAlteredLogOpensAndIsNamed(t *testing.T) {
	if testing.Short() {
		t.Skip("many attacks")
	}
	looked := []string{"", "log", "log_key", "entry", "node", "head", "checkpoint", "purge", "erasure", "setting"} // at by opening
	for _, a := range slices.Concat(cellAttacks(), rowAttacks()) {
		if !slices.Contains(looked, a.want.table) {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			dir := copyLog(t, sampleOf(t).dir)
			tamper(t, dir, a.sql...)
			verify := func(ctx context.Context, o VerifyOptions) (ledger.Report, error) {
				return VerifyFile(ctx, testOptions(dir), o)
			}
			db, err := Open(t.Context(), testOptions(dir))
			if opens := !slices.Contains(beyondOpening, a.name); (err == nil) != opens {
				t.Errorf("%q: %v, should it open: %v", a.sql, err, opens)
			}
			if err == nil {
				verify = db.Verify
			}
			r, err := verify(t.Context(), VerifyOptions{Words: strings.HasPrefix(a.name, "words")})
			if err != nil || r.State != ledger.Altered || !a.want.in(r) {
				t.Errorf("%q: %s %v\n%s", a.sql, r.State, err, listed(r))
			}
			if db != nil {
				if err := db.Close(); err != nil {
					t.Logf("close: %v", err)
				}
			}
		})
	}
}

// Of a newer version's file this program knows too little to call it altered.
func TestANewerLogIsNotCalledAltered(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	tamper(t, dir, "PRAGMA user_version = 1000")
	if r, err := VerifyFile(t.Context(), testOptions(dir), VerifyOptions{}); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("%s, %v", r.State, err)
	}
	tamper(t, dir, "PRAGMA user_version = 1") // the control
	if r, err := VerifyFile(t.Context(), testOptions(dir), VerifyOptions{}); err != nil || r.State != ledger.Altered {
		t.Errorf("%s, %v", r.State, err)
	}
}
