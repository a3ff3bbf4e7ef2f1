package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"activitylog/backend/activity"
)

// The benchmarks compare the store with plain SQLite: the same rows, indexes and
// words, by prepared statements, in the same run. They print ratios; see `make bench`.

const (
	benchSlice   = 5000
	benchSlices  = 20
	benchSingles = 2000
)

// benchBodies are out of order within a slice, as imports are.
func benchBodies(slice int) []activity.Body {
	list := bodies(slice*benchSlice, benchSlice)
	for i := range list {
		list[i].Parameters = fmt.Appendf(nil, `{"number":%d,"pattern":"contains","region":"eu-central-%d","resources":["arn:aws:s3:::bucket-%d","arn:aws:iam::account:role/role-%d"],"requestId":"%016x"}`,
			i, i%4, i%900, i%300, rand.Uint64())
	}
	r := rand.New(rand.NewPCG(1, uint64(slice)))
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// benchOptions tick as outside of tests, so that housekeeping takes its part.
func benchOptions(b *testing.B) Options {
	o := testOptions(b.TempDir())
	o.Tick = nil
	return o
}

func BenchmarkBulk(b *testing.B) {
	for b.Loop() {
		ours, plain := openTest(b, benchOptions(b)), newPlain(b)
		var tOurs, tPlain time.Duration
		for slice := range benchSlices {
			list := benchBodies(slice)
			begin := time.Now()
			appendAll(b, ours, list)
			tOurs += time.Since(begin)
			begin = time.Now()
			plain.insert(b, list)
			tPlain += time.Since(begin)
		}
		rows := float64(benchSlice * benchSlices)
		b.ReportMetric(rows/tOurs.Seconds(), "rows/s")
		b.ReportMetric(rows/tPlain.Seconds(), "plain-rows/s")
		b.ReportMetric(tPlain.Seconds()/tOurs.Seconds(), "speed-ratio")
		b.ReportMetric(0, "ns/op")
		plain.close(b)
	}
}

func BenchmarkSingle(b *testing.B) {
	for b.Loop() {
		ours, plain := openTest(b, benchOptions(b)), newPlain(b)
		appendAll(b, ours, benchBodies(0))
		plain.insert(b, benchBodies(0))
		var tOurs, tPlain []time.Duration
		for i := range benchSingles {
			one := []activity.Body{bodyAt(1_000_000+i, start.Add(time.Duration(1_000_000+i)*time.Second))}
			begin := time.Now()
			appendAll(b, ours, one)
			tOurs = append(tOurs, time.Since(begin))
			begin = time.Now()
			plain.insert(b, one)
			tPlain = append(tPlain, time.Since(begin))
		}
		slices.Sort(tOurs)
		slices.Sort(tPlain)
		p50, p99 := benchSingles/2, benchSingles*99/100
		b.ReportMetric(float64(tOurs[p50].Microseconds()), "p50-µs")
		b.ReportMetric(float64(tPlain[p50].Microseconds()), "plain-p50-µs")
		b.ReportMetric(float64(tOurs[p99].Microseconds()), "p99-µs")
		b.ReportMetric(float64(tPlain[p99].Microseconds()), "plain-p99-µs")
		b.ReportMetric(float64(tOurs[p50])/float64(tPlain[p50]), "p50-ratio")
		b.ReportMetric(float64(tOurs[p99])/float64(tPlain[p99]), "p99-ratio")
		b.ReportMetric(0, "ns/op")
		plain.close(b)
	}
}

// A plain store has the same tables, indexes and words, with SQLite's own
// checkpoints, and no triggers, tree, counts or signature.
type plain struct {
	pool                       *sql.DB
	conn                       *sql.Conn
	entry, activity, seen, fts *sql.Stmt
	next                       int64
}

func newPlain(b *testing.B) *plain {
	b.Helper()
	o := testOptions(b.TempDir())
	if err := openTest(b, o).Close(); err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	pool, err := forWriting.open(o.Path, 1)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	p := &plain{pool: pool, conn: conn}
	for _, q := range []string{
		"PRAGMA wal_autocheckpoint = 1000",
		"DROP TRIGGER entry_insert", "DROP TRIGGER entry_update", "DROP TRIGGER entry_delete",
		"DROP TRIGGER activity_insert", "DROP TRIGGER activity_update", "DROP TRIGGER activity_delete",
	} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			b.Fatalf("%s: %v", q, err)
		}
	}
	prepare := func(query string) *sql.Stmt {
		s, err := conn.PrepareContext(ctx, query)
		if err != nil {
			b.Fatalf("%s: %v", query, err)
		}
		return s
	}
	p.entry = prepare("INSERT INTO entry (seq, recorded_at, commitment) VALUES (?, ?, ?)")
	p.activity = prepare("INSERT INTO activity (key, seq, actor, type, site, source, object, ip, result, offset_min, batch, salt, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	p.seen = prepare("INSERT INTO seen (ext, seq) VALUES (?, ?)")
	p.fts = prepare("INSERT INTO words (rowid, text, facets) VALUES (?, ?, ?)")
	return p
}

// insert stores the rows in one transaction, in the order given.
func (p *plain) insert(b *testing.B, list []activity.Body) {
	b.Helper()
	ctx := context.Background()
	check := func(_ sql.Result, err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	check(p.conn.ExecContext(ctx, "BEGIN IMMEDIATE"))
	var hash [32]byte
	for i, body := range list {
		seq, key := p.next, body.OccurredAt<<keyBits
		p.next++
		data, err := body.Encode()
		if err != nil {
			b.Fatal(err)
		}
		hash[0], hash[1], hash[2], hash[3] = byte(seq), byte(seq>>8), byte(seq>>16), byte(seq*7)
		check(p.entry.ExecContext(ctx, seq, body.OccurredAt, hash[:]))
		check(p.activity.ExecContext(ctx, key, seq, i%7+1, i%5+1, i%3+1, 1, i%50+1, i%250+1, 0, 0, nil, hash[:16], data))
		check(p.seen.ExecContext(ctx, hash[:16], seq))
		check(p.fts.ExecContext(ctx, key, activity.Words(body), fmt.Sprintf("z a%d y%d s%d o%d d1 r0", i%7+1, i%5+1, i%3+1, i%50+1)))
	}
	check(p.conn.ExecContext(ctx, "COMMIT"))
}

func (p *plain) close(b *testing.B) {
	b.Helper()
	if err := p.conn.Close(); err != nil {
		b.Error(err)
	}
	if err := p.pool.Close(); err != nil {
		b.Error(err)
	}
}
