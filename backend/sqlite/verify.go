package sqlite

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"activitylog/backend/ledger"
)

// VerifyOptions say how far a verification goes.
type VerifyOptions struct {
	// Words compares the index of words too, which takes about as long again for
	// every few words of an activity.
	Words bool
	// Progress is told now and then how many activities are done; nil is not told.
	// With Words each counts twice.
	Progress func(done, total int64)
}

// Verify recomputes everything that the signatures vouch for and names what differs.
// It reads only, from one moment's state; others go on writing meanwhile. Cost: about
// 5 µs an activity on two cores, and a bit and eight bytes a dictionary row of memory;
// with words another 50 µs.
// Errors: unavailable (cancelled, the file cannot be read). What is wrong with the
// log is no error but in the report.
func (db *DB) Verify(ctx context.Context, o VerifyOptions) (ledger.Report, error) {
	return verifyFile(ctx, db.evidence(), o)
}

// evidence gathers what lies outside the database. The mark is read first: the
// database may only grow until it is looked at.
func (db *DB) evidence() evidence {
	in := evidence{
		path: db.options.Path, now: db.options.Now,
		keyFile:    func(id ledger.LogID) string { return keyPath(db.options, id) },
		secretFile: func(id ledger.LogID) string { return secretPath(db.options, id) },
	}
	if in.mark, in.markErr = db.mark.Read(); db.state.unmarked {
		in.markErr = fs.ErrNotExist
	}
	return in
}

// evidence is what a database is held against.
type evidence struct {
	path       string
	keyFile    func(ledger.LogID) string
	secretFile func(ledger.LogID) string
	mark       string // signed checkpoint
	markErr    error
	noMark     bool // a copy, which no mark was made for
	now        func() time.Time
	off        map[string]bool // checks left out, by the tests that show what depends on them
}

// A verification is one run.
type verification struct {
	in    evidence
	o     VerifyOptions
	off   map[string]bool
	found ledger.Findings

	id         ledger.LogID
	createdAt  int64
	head       head
	size       int64 // entries, from 0
	start      int64 // entries before were dropped by compaction
	sealed     int64 // entries under the head's signature
	keys       ledger.KeyChain
	keyMissing bool
	secret     []byte // nil if missing: external ids are not compared
	erased     []erasedRun
	purged     []purgedPrefix
	rows       *rowCheck
	tree       *treeCheck

	done, total atomic.Int64
}

func verifyFile(ctx context.Context, in evidence, o VerifyOptions) (ledger.Report, error) {
	v := &verification{in: in, o: o, off: in.off}
	report, err := v.run(ctx)
	return report, translate(err)
}

func (v *verification) run(ctx context.Context) (r ledger.Report, err error) {
	began := v.in.now()
	s, err := openStill(ctx, v.in.path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := v.guard(v.schema(ctx, s)); err != nil {
		return r, err
	}
	steps := []func(context.Context, *still) error{v.readLog, v.rowsAndTree, v.compareRows}
	for _, step := range steps {
		err := step(ctx, s)
		if err := v.guard(err); err != nil {
			return r, err
		}
		if err != nil {
			break // what follows would only tell of the consequences
		}
	}
	r.Millis = v.in.now().Sub(began).Milliseconds()
	began = v.in.now()
	if err := v.guard(v.file(ctx, s)); err != nil {
		return r, err
	}
	r.FileMillis = v.in.now().Sub(began).Milliseconds()
	if v.o.Words {
		began = v.in.now()
		if err := v.guard(v.words(ctx, s)); err != nil {
			return r, err
		}
		r.WordMillis = new(v.in.now().Sub(began).Milliseconds())
	}
	v.fill(&r)
	return r, nil
}

// guard makes a finding of what the database says while it is read: a table that is
// gone or a page that is damaged must not end the verification.
func (v *verification) guard(err error) error {
	const noSuchTable = 1 // SQLite's general error
	if code := resultCode(err); code != noSuchTable && code != codeCorrupt && code != codeNotADB ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	v.found.Add(ledger.Problem{Kind: ledger.KindFile, Text: fmt.Sprintf("The database cannot be read in full: %v.", err)})
	return nil
}

func (v *verification) fill(r *ledger.Report) {
	r.State = ledger.StateOf(&v.found, v.keyMissing, v.sealed, v.size)
	r.Size, r.Sealed = strconv.FormatInt(v.size, 10), strconv.FormatInt(min(v.sealed, v.size), 10)
	r.Root = base64.StdEncoding.EncodeToString(v.head.root[:])
	r.At = v.in.now().UnixMilli()
	r.Entries = v.size - v.start
	if v.rows != nil {
		r.Activities = v.rows.count
	}
	for _, e := range v.erased {
		r.Erased += e.hi - e.lo + 1
	}
	r.Problems, r.More = v.found.Problems()
	r.Key, r.Checkpoint = v.keys.Newest(), v.head.note
}

func (v *verification) progress(n int64) {
	if done := v.done.Add(n); v.o.Progress != nil {
		v.o.Progress(min(done, v.total.Load()), v.total.Load())
	}
}

func (v *verification) add(kind, table, column, format string, args ...any) {
	v.found.Add(ledger.Problem{Kind: kind, Table: table, Column: column, Text: fmt.Sprintf(format, args...)})
}

// readLog reads the small tables that say what the rest must be.
func (v *verification) readLog(ctx context.Context, s *still) error {
	if err := v.readKeys(ctx, s.tree); err != nil {
		return err
	}
	rows := int64(0)
	err := each(ctx, s.tree, func(r *scan) error {
		v.head = head{root: hashOf(r.bytes(1)), note: r.text(2)}
		v.head.size, _ = r.int(0)
		rows, _ = r.int(3)
		return nil
	}, "SELECT h.size, h.root, h.note, coalesce((SELECT max(seq) + 1 FROM entry), (SELECT max(upto) FROM purge), 0) FROM (SELECT 1) LEFT JOIN head h")
	if err != nil {
		return err
	}
	if err := v.readErasures(ctx, s.tree); err != nil {
		return err
	}
	v.tree = &treeCheck{v: v}
	v.headNote(rows)
	v.mark()
	for _, k := range v.keys.Keys() {
		if handed, err := ledger.OpenNote(k.Handover, k.Text); k.Handover != "" && err == nil {
			v.sign(handed, ledger.Problem{
				Kind: ledger.KindLogKey, Table: "log_key", Column: "handover",
				Text: fmt.Sprintf("The tree of the first %d entries is not the one over which key %d took over.", handed.Size, k.N),
			})
		}
	}
	for _, p := range v.purged {
		v.certificate(p)
	}
	slices.SortStableFunc(v.tree.signed, func(a, b signedRoot) int { return cmp.Compare(a.Size, b.Size) })
	return nil
}

func (v *verification) sign(c ledger.Checkpoint, p ledger.Problem) {
	v.tree.signed = append(v.tree.signed, signedRoot{Checkpoint: c, problem: p})
}

// readKeys reads the log's id and keys. The name inside the first key says which log
// it was made for.
func (v *verification) readKeys(ctx context.Context, conn fullConn) error {
	var stored []byte
	err := each(ctx, conn, func(r *scan) error {
		stored = r.bytes(0)
		v.createdAt, _ = r.int(1)
		return nil
	}, "SELECT id, created_at FROM log")
	if err != nil {
		return err
	}
	var keys []ledger.PublicKey
	err = each(ctx, conn, func(r *scan) error {
		k := ledger.PublicKey{Text: r.text(1), Handover: r.text(3)}
		k.N, _ = r.int(0)
		k.FromSize, _ = r.int(2)
		keys = append(keys, k)
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
		return len(v.purged) > 0
	}
	return kind == "regular" && size > 0 && !rotated
}
