package sqlite

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/netip"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// An activityRow is a row of activity with the commitment of its entry.
type activityRow struct {
	key, seq, actor, typ, site, source, object, ip, result, offset int64
	salt, body, commitment                                         []byte
	odd                                                            string // a column that holds no such value
}

// activityColumns are read by key: row order is time order, and the file's order.
const activityColumns = `SELECT a.key, a.seq, a.actor, a.type, a.site, a.source, a.object, a.ip, a.result, a.offset_min, a.salt, a.body, e.commitment
  FROM activity a NOT INDEXED LEFT JOIN entry e ON e.seq = a.seq`

var activityNames = []string{"key", "seq", "actor", "type", "site", "source", "object", "ip", "result", "offset_min"}

func (r *activityRow) fill(s *scan) {
	*r = activityRow{salt: s.bytes(10), body: s.bytes(11), commitment: s.bytes(12)}
	for i, into := range []*int64{&r.key, &r.seq, &r.actor, &r.typ, &r.site, &r.source, &r.object, &r.ip, &r.result, &r.offset} {
		var ok bool
		if *into, ok = s.int(i); !ok {
			r.odd = activityNames[i]
		}
	}
	if len(r.salt) != ledger.SaltSize { // the hash does not tell where it ends
		r.odd = "salt"
	}
	if r.body == nil {
		r.odd = "body"
	}
}

// rowsAtOnce is how many rows the reading goroutine hands over at a time.
const rowsAtOnce = 256

// A rowCheck goes through all activities by time and holds each against its body,
// its entry and the dictionaries, while it counts slots and external ids again.
type rowCheck struct {
	v     *verification
	found ledger.Findings
	dicts []*dictionaryCheck
	slots *slotCheck
	seen  *seenCheck
	words *tally // ranges of keys for the second pass

	bodies      bitset // seqs that have a body
	count       int64
	commitments []int64 // seqs whose body does not fit the entry, until the tree tells which side is wrong
	lastMS      int64
	lastSeq     int64
	lastN       int64
	kept        []keptBody // of types that are replayed
	view        bodyView
	lastIP      string
	lastPrefix  netip.Prefix
}

// A keptBody is an activity that says something about the log itself.
type keptBody struct {
	seq  int64
	body activity.Body
}

func newRowCheck(v *verification) *rowCheck {
	c := &rowCheck{v: v, slots: newSlotCheck(v.head.counted), seen: newSeenCheck(v), words: newTally(), lastMS: none}
	seed := maphash.MakeSeed()
	for _, shape := range dictionaryShapes {
		c.dicts = append(c.dicts, newDictionaryCheck(shape, seed))
	}
	return c
}

// run reads on one goroutine and checks on this one.
func (c *rowCheck) run(ctx context.Context, conn fullConn) error {
	for _, d := range c.dicts {
		if err := d.load(ctx, conn); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	batches, free := make(chan []activityRow, 4), make(chan []activityRow, 6)
	var failed error
	go func() {
		defer close(batches)
		failed = readActivities(ctx, conn, batches, free)
	}()
	for batch := range batches {
		for i := range batch {
			c.check(&batch[i])
		}
		c.v.progress(int64(len(batch)))
		select {
		case free <- batch[:0]:
		default:
		}
	}
	c.slots.flush()
	return failed
}

func readActivities(ctx context.Context, conn fullConn, batches chan<- []activityRow, free <-chan []activityRow) error {
	var batch []activityRow
	send := func() error {
		select {
		case batches <- batch:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case batch = <-free:
		default:
			batch = make([]activityRow, 0, rowsAtOnce)
		}
		return nil
	}
	err := each(ctx, conn, func(s *scan) error {
		batch = append(batch, activityRow{})
		batch[len(batch)-1].fill(s)
		if len(batch) < rowsAtOnce {
			return nil
		}
		return send()
	}, activityColumns+" ORDER BY a.key")
	if err != nil || len(batch) == 0 {
		return err
	}
	return send()
}

func (c *rowCheck) check(r *activityRow) {
	if c.count++; c.count%rowsAtOnce == 0 {
		c.words.cut(r.key)
	}
	if r.odd != "" {
		c.column(r, r.odd, fmt.Sprintf("The activity of entry %d has no valid %s.", r.seq, r.odd))
	}
	c.place(r)
	c.slots.count(r)
	c.commitment(r)
	if !c.view.read(r.body) {
		c.column(r, "body", fmt.Sprintf("The body of entry %d has not the form of an activity.", r.seq))
		c.refer(r)
		return
	}
	c.time(r)
	c.columns(r)
	c.external(r)
	c.keep(r)
}

// place checks the row's seq: it must be of an entry that no other row has. That the
// entry itself is there is the tree's to check.
func (c *rowCheck) place(r *activityRow) {
	seq := r.seq // the row's memory is used again
	switch {
	case r.seq < c.v.start || r.seq >= c.v.size:
		c.found.Add(ledger.Problem{
			Kind: ledger.KindExtra, Table: "activity", Column: "seq", Seq: &seq,
			Text: fmt.Sprintf("There is an activity for entry %d, but no such entry.", r.seq),
		})
	case c.bodies.has(r.seq):
		c.found.Add(ledger.Problem{
			Kind: ledger.KindExtra, Table: "activity", Column: "seq", Seq: &seq,
			Text: fmt.Sprintf("Entry %d has two activities.", r.seq),
		})
	default:
		c.bodies.set(r.seq)
	}
}

func (c *rowCheck) commitment(r *activityRow) {
	if c.v.off["commitment"] || r.commitment == nil {
		return
	}
	if got := ledger.Commitment(r.salt, r.body); string(got[:]) == string(r.commitment) {
		return
	}
	if len(c.commitments) < maxPending {
		c.commitments = append(c.commitments, r.seq)
	} else {
		c.found.Count(1)
	}
}

// time checks the key: the time is the body's, and within a millisecond the numbers
// follow the ledger without a gap (where something was erased, gaps are allowed).
func (c *rowCheck) time(r *activityRow) {
	ms, n := r.key>>keyBits, r.key&keyMask
	if c.v.off["key_time"] {
		return
	}
	if ms != c.view.occurredAt {
		c.keyTime(r, fmt.Sprintf("The activity of entry %d stands at %d ms, but its body says %d.", r.seq, ms, c.view.occurredAt))
	}
	if ms != c.lastMS {
		c.lastMS, c.lastSeq, c.lastN = ms, -1, -1
	}
	if r.seq <= c.lastSeq || n != c.lastN+1 && len(c.v.erased) == 0 {
		c.keyTime(r, fmt.Sprintf("The activity of entry %d has not the number of its place within the millisecond.", r.seq))
	}
	c.lastSeq, c.lastN = r.seq, n
}

func (c *rowCheck) keyTime(r *activityRow, text string) {
	seq := r.seq
	c.found.Add(ledger.Problem{Kind: ledger.KindKeyTime, Table: "activity", Column: "key", Seq: &seq, Text: text})
}

func (c *rowCheck) column(r *activityRow, column, text string) {
	seq := r.seq
	c.found.Add(ledger.Problem{Kind: ledger.KindColumn, Table: "activity", Column: column, Seq: &seq, Text: text})
}

// refer notes what the row uses where the body cannot be compared.
func (c *rowCheck) refer(r *activityRow) {
	for i, id := range []int64{r.actor, r.typ, r.source, r.site, r.object, r.ip} {
		if id != none {
			c.dicts[i].refer(id)
		}
	}
}

func (c *rowCheck) external(r *activityRow) {
	if c.view.external != nil {
		c.seen.expect(r.seq, c.view.source, c.view.external)
	}
}

// keep puts by what the log says about itself: erasures, compactions, users and links.
func (c *rowCheck) keep(r *activityRow) {
	if s := string(c.view.source); s != self && s != "cli" {
		return
	}
	switch string(c.view.typ) {
	case "LogErased", "LogPurged", "ActorLinked", "UserRemoved":
		if b, err := activity.DecodeBody(r.body); err == nil {
			c.kept = append(c.kept, keptBody{r.seq, b})
		}
	}
}
