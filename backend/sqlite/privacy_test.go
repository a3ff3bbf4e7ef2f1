package sqlite

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// setIPMask is what super users set, in a transaction of its own.
func setIPMask(t *testing.T, db *DB, value string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *Tx) error {
		return settingTx{settingView{tx.Bun()}, tx}.SetSetting(context.Background(), "ipMask", json.RawMessage(value))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func addressed(id, ip string) activity.Body {
	b := bodyAt(1, start)
	b.ExternalID, b.IP = &id, &ip
	b.Parameters = json.RawMessage(`{"seen":"at ` + ip + `"}`)
	return b
}

// A masked address is in no table and no index, is found by its prefix, and the log stays
// verified. Another process that has the log open masks from the next commit on.
func TestAddressesAreMaskedBeforeTheyAreStored(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, testOptions(dir))
	other := openTest(t, testOptions(dir))
	appendAll(t, other, []activity.Body{addressed("whole", "198.51.100.9")})
	setIPMask(t, db, "1")
	appendAll(t, other, []activity.Body{addressed("masked", "203.0.113.7"), addressed("six", "2001:db8:1234:5678:9abc::1")})
	for _, gone := range []string{"203.0.113.7", "9abc::1"} {
		if in := holds(t, dir, gone); len(in) != 0 {
			t.Errorf("%s is in %v", gone, in)
		}
	}
	if in := holds(t, dir, "198.51.100.9"); len(in) == 0 {
		t.Error("what was recorded before is nowhere: this test proves nothing")
	}
	for text, want := range map[string]int64{"ip:203.0.113.0/24": 1, "ip:203.0.0.0/8": 1, "ip:203.0.113.7": 0, "ip:2001:db8:1234:5678::/64": 1, "ip:198.51.100.9": 1} {
		q, err := activity.ParseQuery(text, activity.ParseOptions{Now: start})
		if err != nil {
			t.Fatal(err)
		}
		n, err := db.Count(t.Context(), activity.Selection{Scope: activity.Scope{All: true}, Query: q}, true)
		if err != nil || n.N != want {
			t.Errorf("%s: %+v, %v, want %d", text, n, err, want)
		}
	}
	for _, value := range []string{"9", "-1", `"2"`, "null"} { // no such setting: nothing masked, nothing broken
		setIPMask(t, db, value)
		appendAll(t, db, []activity.Body{addressed("with "+strings.Trim(value, `"`), "192.0.2.5")})
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified {
		t.Errorf("%s\n%s", r.State, listed(r))
	}
}

// The same record is the same, whatever was masked when it came first and when it comes again.
func TestMaskedRecordsAreKnown(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	for i, masks := range [][2]string{{"0", "0"}, {"0", "1"}, {"1", "0"}, {"1", "3"}, {"3", "2"}} {
		id := strings.Repeat("x", i+1)
		for k, mask := range masks {
			setIPMask(t, db, mask)
			got, err := db.Append(t.Context(), []activity.Body{addressed(id, "203.0.113.7")})
			if err != nil || got[0].Err != nil || got[0].Receipt.Duplicate != (k == 1) || got[0].Conflict {
				t.Errorf("%v, time %d: %+v, %v", masks, k+1, got, err)
			}
		}
		got, err := db.Append(t.Context(), []activity.Body{addressed(id, "192.0.2.1")})
		if err != nil || !got[0].Conflict {
			t.Errorf("%v: another address is the same: %+v, %v", masks, got, err)
		}
	}
}
