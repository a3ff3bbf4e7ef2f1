package sqlite

import (
	"fmt"
	"testing"

	"activitylog/backend/ledger"
)

// vanish takes an activity out with all that was made of it, as an erasure would: its
// words, its counts if they are kept yet, and the rows of dictionaries that nothing else uses.
func vanish(seq int) []string {
	gone := fmt.Sprintf("(SELECT * FROM activity WHERE seq = %d AND seq < (SELECT counted FROM head))", seq)
	slot := "(g.key >> 21) / 900000 - ((g.key >> 21) % 900000 < 0)"
	var list []string
	for table, on := range map[string]string{
		"slot_all": "", "slot_actor": " AND g.actor = t.actor", "slot_type": " AND g.type = t.type",
		"slot_site": " AND g.site = t.site", "slot_actor_type": " AND g.actor = t.actor AND g.type = t.type",
	} {
		list = append(list, fmt.Sprintf("UPDATE %s AS t SET n = n - (SELECT count(*) FROM %s g WHERE t.slot = %s%s)", table, gone, slot, on), fmt.Sprintf("DELETE FROM %s WHERE n = 0", table))
	}
	list = append(list, fmt.Sprintf("DELETE FROM words WHERE rowid = (SELECT key FROM activity WHERE seq = %d)", seq), fmt.Sprintf("DELETE FROM activity WHERE seq = %d", seq))
	for _, table := range []string{"actor", "type", "source", "site", "object", "ip"} {
		list = append(list, fmt.Sprintf("DELETE FROM %s WHERE id NOT IN (SELECT %s FROM activity WHERE %s IS NOT NULL)", table, table, table))
	}
	return list
}

// vanishings leave nothing of an activity but its entry, and an erasure that is said
// to cover it by an entry that says nothing of the kind.
func vanishings() []attack {
	var list []attack
	for _, by := range []string{"-1", "7", "50", "102", "103", "1 << 60"} {
		list = append(list, attack{
			name: "vanished by " + by,
			sql:  append(vanish(victim), fmt.Sprintf("INSERT INTO erasure VALUES (%d, %d, %s)", victim, victim, by)),
			want: finding{"erasure", "erasure", "", -1}, off: "accounts",
		})
	}
	return list
}

// One who knows the log well enough to leave no other trace is still noticed, and by
// nothing else.
func TestVerifyMissesAVanishedActivity(t *testing.T) {
	for i, base := range []string{sampleOf(t).dir, compactedLog(t)} {
		for _, a := range vanishings() {
			dir := copyLog(t, base)
			tamper(t, dir, a.sql...)
			if r := verifyIn(t, dir); r.State != ledger.Altered || !a.want.in(r) || len(r.Problems) != 1 {
				t.Errorf("log %d, %s: %s\n%s", i, a.name, r.State, listed(r))
			}
			if r := verifyIn(t, dir, a.off); r.State != ledger.Verified {
				t.Errorf("log %d, %s: noticed without the check of %s: %s\n%s", i, a.name, a.off, r.State, listed(r))
			}
		}
	}
	dir := copyLog(t, sampleOf(t).dir)
	tamper(t, dir, vanish(victim)...)
	if r := verifyIn(t, dir); len(r.Problems) != 1 || !(finding{"missing", "activity", "seq", victim}).in(r) {
		t.Errorf("without a word of an erasure: %s\n%s", r.State, listed(r))
	}
}
