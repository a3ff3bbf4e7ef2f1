package sqlite

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/ledger"
)

// checkLedger computes everything again from the rows, by hand and by tlog, and
// returns the number of entries.
func checkLedger(t testing.TB, db *DB) int64 {
	t.Helper()
	rows, err := db.read.QueryContext(t.Context(), `SELECT e.seq, e.recorded_at, e.commitment, a.salt, a.body
		FROM entry e LEFT JOIN activity a ON a.seq = e.seq ORDER BY e.seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	stored := map[int64]tlog.Hash{}
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	id := db.LogID()
	size := int64(0)
	for ; rows.Next(); size++ {
		var seq, recordedAt int64
		var commitment, salt, body []byte
		if err := rows.Scan(&seq, &recordedAt, &commitment, &salt, &body); err != nil {
			t.Fatal(err)
		}
		if seq != size {
			t.Fatalf("entry %d stands where %d should", seq, size)
		}
		want := sha256.Sum256(append(append([]byte("activity-body/v1\n"), salt...), body...))
		if string(want[:]) != string(commitment) {
			t.Fatalf("entry %d has another commitment than its body", seq)
		}
		data := append([]byte("activity-leaf/v1\n"), id[:]...)
		data = binary.BigEndian.AppendUint64(data, uint64(seq))
		data = binary.BigEndian.AppendUint64(data, uint64(recordedAt))
		hashes, err := tlog.StoredHashes(seq, append(data, want[:]...), reader)
		if err != nil {
			t.Fatal(err)
		}
		for i, h := range hashes {
			stored[tlog.StoredHashIndex(0, seq)+int64(i)] = h
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		t.Fatal(err)
	}
	checkHead(t, db, ledger.Checkpoint{Origin: ledger.Origin(id), Size: size, Root: root})
	checkNodes(t, db, stored)
	checkCounts(t, db, size)
	return size
}

func checkHead(t testing.TB, db *DB, want ledger.Checkpoint) {
	t.Helper()
	h, err := readHead(t.Context(), db.read)
	if err != nil {
		t.Fatal(err)
	}
	if h.size != want.Size || h.root != want.Root {
		t.Fatalf("the head is %d %v, computed %d %v", h.size, h.root, want.Size, want.Root)
	}
	if signed, err := ledger.OpenNote(h.note, db.log.vkeys...); err != nil || db.log.key != nil && signed != want {
		t.Fatalf("the note says %+v, %v; computed %+v", signed, err, want)
	}
}

func checkNodes(t testing.TB, db *DB, stored map[int64]tlog.Hash) {
	t.Helper()
	rows, err := db.read.QueryContext(t.Context(), "SELECT idx, hash FROM node")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var index int64
		var hash []byte
		if err := rows.Scan(&index, &hash); err != nil {
			t.Fatal(err)
		}
		if h, ok := stored[index]; !ok || string(h[:]) != string(hash) {
			t.Fatalf("node %d differs", index)
		}
	}
	interior := 0
	for index := range stored {
		if level, _ := tlog.SplitStoredHashIndex(index); level > 0 {
			interior++
		}
	}
	if n != interior {
		t.Fatalf("%d nodes are stored, there are %d", n, interior)
	}
}

// checkCounts compares the counts with the rows they count.
func checkCounts(t testing.TB, db *DB, size int64) {
	t.Helper()
	if n := count(t, db, "SELECT count(*) FROM words"); n != size {
		t.Errorf("words count %d of %d", n, size)
	}
	counted := count(t, db, "SELECT counted FROM head")
	if counted < 0 || counted > size || size-counted >= uncountedMost {
		t.Errorf("%d of %d are counted", counted, size)
	}
	for _, table := range []string{"slot_all", "slot_actor", "slot_type", "slot_actor_type"} {
		if n := count(t, db, "SELECT coalesce(sum(n), 0) FROM "+table); n != counted {
			t.Errorf("%s counts %d of %d", table, n, counted)
		}
	}
	const counts = "count(*) AS c FROM activity WHERE seq < (SELECT counted FROM head)"
	for name, query := range map[string]string{
		"slot_all": `SELECT count(*) FROM (SELECT (key >> 21) / 900000 - ((key >> 21) % 900000 < 0) AS s, ` + counts + ` GROUP BY s)
			x LEFT JOIN slot_all ON slot = s WHERE n IS NOT c`,
		"slot_actor_type": `SELECT count(*) FROM (SELECT actor AS a, type AS y, (key >> 21) / 900000 - ((key >> 21) % 900000 < 0) AS s, ` + counts + ` GROUP BY a, y, s)
			x LEFT JOIN slot_actor_type ON actor = a AND type = y AND slot = s WHERE n IS NOT c`,
		"slot_site": `SELECT count(*) FROM (SELECT site AS t, (key >> 21) / 900000 - ((key >> 21) % 900000 < 0) AS s, ` + counts + ` AND site IS NOT NULL GROUP BY t, s)
			x LEFT JOIN slot_site ON site = t AND slot = s WHERE n IS NOT c`,
	} {
		if n := count(t, db, query); n != 0 {
			t.Errorf("%s: %d slots differ from the rows", name, n)
		}
	}
}
