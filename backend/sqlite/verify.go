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
	"sync/atomic"
	"time"

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
	links      replayedLinks

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
	if code := resultCode(err); code != codeError && code != codeCorrupt && code != codeNotADB ||
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
	for _, table := range []string{"log", "head"} {
		if err := v.single(ctx, s.tree, table); err != nil {
			return err
		}
	}
	if err := v.readKeys(ctx, s.tree); err != nil {
		return err
	}
	rows := int64(0)
	err := each(ctx, s.tree, func(r *scan) error {
		v.head = head{root: hashOf(r.bytes(1)), note: r.text(2)}
		v.head.size, _ = r.int(0)
		v.head.counted, _ = r.int(3)
		rows, _ = r.int(4)
		return nil
	}, "SELECT h.size, h.root, h.note, h.counted, coalesce((SELECT max(seq) + 1 FROM entry), (SELECT max(upto) FROM purge), 0) FROM (SELECT 1) LEFT JOIN head h ON h.one = 1")
	if err != nil {
		return err
	}
	if err := v.readErasures(ctx, s.tree); err != nil {
		return err
	}
	v.tree = &treeCheck{v: v}
	v.headNote(rows)
	v.prefix()
	v.headCounted()
	v.mark()
	for _, k := range v.keys.Keys() {
		if handed, err := ledger.OpenNote(k.Handover, k.Text); k.Handover != "" && err == nil {
			v.sign(handed, ledger.Problem{
				Kind: ledger.KindLogKey, Table: "log_key", Column: "handover",
				Text: fmt.Sprintf("The tree of the first %d entries is not the one over which key %d took over.", handed.Size, k.N),
			})
		}
	}
	for i := range v.purged {
		v.certificate(&v.purged[i])
	}
	slices.SortStableFunc(v.tree.signed, func(a, b signedRoot) int { return cmp.Compare(a.Size, b.Size) })
	return nil
}

func (v *verification) sign(c ledger.Checkpoint, p ledger.Problem) {
	v.tree.signed = append(v.tree.signed, signedRoot{Checkpoint: c, problem: p})
}
