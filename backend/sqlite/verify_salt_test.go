package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// The hash of salt and body does not tell where one ends. Somebody who had an activity
// recorded that carries another one inside could have the beginning of the body counted
// to the salt later: what is left reads almost like the one inside.
func TestVerifySeesWhereTheSaltEnds(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, testOptions(dir))
	body := bodyAt(1, start)
	inner, err := body.Encode()
	if err != nil {
		t.Fatal(err)
	}
	body.Parameters, body.Raw = json.RawMessage(`{"what":"really happened"}`), inner
	appendAll(t, db, verifyBodies(2, 10, start))
	appendAll(t, db, []activity.Body{body})
	outer, err := body.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified {
		t.Fatalf("%s\n%s", r.State, listed(r))
	}
	n := bytes.Index(outer, inner)
	if n < 0 || !bytes.HasSuffix(outer, append(inner, '}')) {
		t.Fatalf("there is no other body at the end of %s", outer)
	}
	const last = "(SELECT max(seq) FROM entry)"
	tamper(t, dir, "PRAGMA ignore_check_constraints = ON", "DELETE FROM words WHERE rowid = (SELECT key FROM activity WHERE seq = "+last+")",
		fmt.Sprintf("UPDATE activity SET salt = CAST(salt || substr(body, 1, %d) AS BLOB), body = substr(body, %d) WHERE seq = %s", n, n+1, last))
	r := verifyIn(t, dir)
	for _, f := range []finding{{"column", "activity", "salt", 10}, {"column", "activity", "body", 10}} {
		if r.State != ledger.Altered || !f.in(r) {
			t.Errorf("%s, not %+v:\n%s", r.State, f, listed(r))
		}
	}
	if (finding{"commitment", "", "", -1}).in(r) || (finding{"commitment", "activity", "body", 10}).in(r) {
		t.Errorf("the hash tells:\n%s", listed(r))
	}
}
