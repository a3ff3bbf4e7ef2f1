//go:build bench

package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
)

const (
	recordRounds = 5
	recordEach   = 1000
)

var (
	asSuper = access.Principal{UserID: 1, Login: "ann", Role: access.Super, Door: access.HTTP}
	asBo    = access.Principal{UserID: 2, Login: "bo", Role: access.View, Door: access.HTTP}
)

// record times single durable records through the service, in rounds, against the
// same rows put into plain SQLite, one transaction each.
func record(t testing.TB, s *sheet, db *DB, beats *beats, cat *catalog.Catalog, p *plain, maker *plainMaker) {
	now := figureEnd
	service := activity.NewService(db, cat, activity.Options{
		Now:    func() time.Time { now = now.Add(1373 * time.Millisecond); return now },
		Caller: account.Actor,
	})
	ctx := access.With(t.Context(), asSuper)
	var p50, p99, plain50, plain99, ratio50, ratio99 []float64
	for round := range recordRounds + 1 {
		drafts := figureDrafts(round)
		var ids []string
		var ours, others []time.Duration
		rest(db)
		beats.start()
		for _, d := range drafts {
			begin := time.Now()
			receipt, err := service.Record(ctx, d)
			ours = append(ours, time.Since(begin))
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, receipt.ID)
		}
		beats.stop()
		rest(db)
		for _, row := range storedAs(t, db, maker, ids) {
			begin := time.Now()
			p.insert(t, []plainRow{row})
			others = append(others, time.Since(begin))
		}
		if round == 0 {
			continue // files and caches were cold
		}
		a, b := sorted(ours), sorted(others)
		p50, p99 = append(p50, a.at(50)), append(p99, a.at(99))
		plain50, plain99 = append(plain50, b.at(50)), append(plain99, b.at(99))
		ratio50, ratio99 = append(ratio50, a.at(50)/b.at(50)), append(ratio99, a.at(99)/b.at(99))
	}
	s.title("Durable record through the service, one at a time, %d rounds of %d", recordRounds, recordEach)
	s.compare("p50, ms", spreadOf(p50), spreadOf(plain50), spreadOf(ratio50), atMost(1.5))
	s.compare("p99, ms", spreadOf(p99), spreadOf(plain99), spreadOf(ratio99), atMost(0.5))
}

// figureDrafts are like the other rows.
func figureDrafts(round int) []activity.Draft {
	r := rand.New(rand.NewPCG(2, uint64(round)))
	list := make([]activity.Draft, recordEach)
	for i := range list {
		b := figureBody(r, 1_000_000, i)
		list[i] = activity.Draft{
			Type: "GoalChanged", Site: &b.Site.Name, Object: b.Object, Changes: b.Changes, Parameters: b.Parameters,
			Result: b.Result, IP: b.IP, UserAgent: b.UserAgent, ExternalID: new(fmt.Sprintf("single-%d-%d", round, i)),
		}
	}
	return list
}

// storedAs makes rows for plain SQLite of what was stored.
func storedAs(t testing.TB, db *DB, maker *plainMaker, ids []string) []plainRow {
	t.Helper()
	rows := make([]plainRow, len(ids))
	for i, id := range ids {
		seq, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		stored, _, err := db.Find(context.Background(), activity.Scope{All: true}, seq-1)
		if err != nil {
			t.Fatal(err)
		}
		rows[i] = maker.row(t, stored.Body, int64(stored.Key))
	}
	return rows
}

// durations are sorted; at gives a percentile in milliseconds.
type durations []time.Duration

func sorted(d []time.Duration) durations {
	slices.Sort(d)
	return d
}

func (d durations) at(percent int) float64 {
	return float64(d[min(len(d)*percent/100, len(d)-1)]) / 1e6
}
