package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"activitylog/backend/ledger"
)

// readKeys reads the log's id and keys. The name inside the first key says which log
// it was made for.
func (v *verification) readKeys(ctx context.Context, conn fullConn) error {
	var stored []byte
	err := each(ctx, conn, func(r *scan) error {
		stored = r.bytes(0)
		v.createdAt, _ = r.int(1)
		return nil
	}, "SELECT id, created_at FROM log WHERE one = 1")
	if err != nil {
		return err
	}
	var keys []ledger.PublicKey
	err = each(ctx, conn, func(r *scan) error {
		k := ledger.PublicKey{Text: r.text(1), Handover: r.text(3)}
		k.N, _ = r.int(0)
		k.FromSize, _ = r.int(2)
		if keys = append(keys, k); r.v[3] != nil && k.Handover == "" {
			v.add(ledger.KindLogKey, "log_key", "handover", "Key %d is said to be handed over, by nothing.", k.N)
		}
		return nil
	}, "SELECT n, vkey, from_size, handover FROM log_key ORDER BY n")
	if err != nil {
		return err
	}
	id, err := ledger.LogIDFromBytes(stored)
	if signed, ok := signedID(keys); ok && (err != nil || signed != id) {
		v.add(ledger.KindColumn, "log", "id", "The log calls itself %x, but its key was made for %s.", stored, signed)
		id = signed
	} else if err != nil {
		v.add(ledger.KindColumn, "log", "id", "The log has no valid id.")
	}
	v.id = id
	var wrong []string
	v.keys, wrong = ledger.NewKeyChain(ledger.Origin(id), keys)
	for _, text := range wrong {
		v.add(ledger.KindLogKey, "log_key", "", "%s", text)
	}
	v.pin()
	return nil
}

// single checks that a table has no row but the one that is read. To a connection that
// may not write SQLite gives no CHECK constraints, so its own check does not look.
func (v *verification) single(ctx context.Context, conn fullConn, table string) error {
	return each(ctx, conn, func(r *scan) error {
		if one, _ := r.int(0); one != 1 {
			v.add(ledger.KindExtra, table, "one", "There is a row %d of %s, which has only one.", one, table)
		}
		return nil
	}, "SELECT one FROM "+table)
}

// signedID returns the log id in the name of the first key.
func signedID(keys []ledger.PublicKey) (ledger.LogID, bool) {
	if len(keys) == 0 {
		return ledger.LogID{}, false
	}
	verifier, err := note.NewVerifier(keys[0].Text)
	if err != nil {
		return ledger.LogID{}, false
	}
	id, err := ledger.ParseOrigin(verifier.Name())
	return id, err == nil
}

// pin holds the newest public key against the key file, and reads the log secret.
func (v *verification) pin() {
	key, err := ledger.LoadKey(v.in.keyFile(v.id))
	secret, secretErr := ledger.LoadSecret(v.in.secretFile(v.id))
	v.secret, v.keyMissing = secret, err != nil || secretErr != nil
	if err == nil && key.Public() != v.keys.Newest() {
		v.add(ledger.KindLogKey, "log_key", "vkey", "The newest key of the log is not the one in the key file.")
	}
}

// headNote opens the head's signature and settles how many entries there should be.
// Rows is how many the table has.
func (v *verification) headNote(rows int64) {
	v.size = v.head.size
	opened, err := v.keys.Open(v.head.note)
	if err != nil && !v.off["note"] {
		v.add(ledger.KindNote, "head", "note", "The head is not signed by the log's key: %s.", strings.TrimPrefix(err.Error(), "ledger: "))
	}
	if err == nil {
		v.sealed = opened.Size
	}
	if v.size != rows && (err == nil && opened.Size == rows || v.size < 0 || v.size-rows > maxGap) {
		v.add(ledger.KindRoot, "head", "size", "The head says %d entries; %d are there.", v.size, rows)
		v.size = rows
	}
	if err != nil || v.off["note"] {
		return
	}
	if opened.Size > v.size {
		v.add(ledger.KindNote, "head", "note", "%d entries were signed, but the head has only %d.", opened.Size, v.size)
		return
	}
	v.sign(opened, ledger.Problem{
		Kind: ledger.KindNote, Table: "head", Column: "note",
		Text: fmt.Sprintf("The tree of the %d entries is not the one that was signed.", opened.Size),
	})
	v.tree.signed[len(v.tree.signed)-1].isNote = opened.Size == v.size
}

// headCounted checks how many entries are said to be in the kept counts. Whether they
// are is the slots' to check; but a log whose entries are all left to be counted when
// somebody asks would answer as if there were no kept counts at all.
func (v *verification) headCounted() {
	if n := v.head.counted; !v.off["counted"] && (n < 0 || n > v.size || v.size-n >= uncountedMost) {
		v.add(ledger.KindSlot, "head", "counted", "The head says that %d of %d entries are in the kept counts; all but %d at most must be.", n, v.size, uncountedMost-1)
	}
}

// mark holds the log against the high-water mark. It must be at least as long, and
// begin with the tree in the mark.
func (v *verification) mark() {
	p := ledger.Problem{Kind: ledger.KindMark}
	if v.in.noMark || v.off["mark"] {
		return
	}
	if v.in.markErr != nil {
		p.Text = "The high-water mark cannot be read, so an older copy of the log would not be noticed."
		if ledger.IsMissing(v.in.markErr) {
			p.Text = "There is no high-water mark, so an older copy of the log would not be noticed."
		}
		v.found.Add(p)
		return
	}
	marked, err := v.keys.Open(v.in.mark)
	switch {
	case err != nil:
		p.Text = "The high-water mark is damaged, or not signed by a key of this log."
		v.found.Add(p)
	case marked.Size > v.size:
		p.Text = fmt.Sprintf("The log had %d entries once and has %d now: an older copy was put back, or entries were cut off.", marked.Size, v.size)
		v.found.Add(p)
	default:
		p.Text = fmt.Sprintf("The tree of the first %d entries is not the one in the high-water mark.", marked.Size)
		v.sign(marked, p)
	}
}

// kindFits reports whether a kept checkpoint may be of that kind.
func (v *verification) kindFits(kind string, size int64) bool {
	rotated := slices.ContainsFunc(v.keys.Keys(), func(k ledger.PublicKey) bool { return k.N > 1 && k.FromSize == size })
	switch kind {
	case "first":
		return size == 0
	case "rotation":
		return rotated
	case "purge":
		return slices.ContainsFunc(v.purged, func(p purgedPrefix) bool { return p.size == size && size > 0 })
	}
	return kind == "regular" && size > 0 && !rotated
}
