package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// An erasedRun is a row of erasure.
type erasedRun struct{ lo, hi, by int64 }

// A purgedPrefix is a row of purge.
type purgedPrefix struct {
	by, upto    int64
	certificate string
	size        int64 // that the certificate is for
}

func (v *verification) readErasures(ctx context.Context, conn fullConn) error {
	err := each(ctx, conn, func(s *scan) error {
		var e erasedRun
		e.lo, _ = s.int(0)
		e.hi, _ = s.int(1)
		e.by, _ = s.int(2)
		v.erased = append(v.erased, e)
		return nil
	}, "SELECT lo, hi, by FROM erasure ORDER BY lo")
	if err != nil {
		return err
	}
	return each(ctx, conn, func(s *scan) error {
		p := purgedPrefix{certificate: s.text(2)}
		p.by, _ = s.int(0)
		p.upto, _ = s.int(1)
		v.purged = append(v.purged, p)
		v.start = max(v.start, p.upto)
		return nil
	}, "SELECT by, upto, certificate FROM purge ORDER BY by")
}

// prefix checks that no more was dropped than there was.
func (v *verification) prefix() {
	if v.start > v.size || v.start > ledger.MaxSize {
		v.add(ledger.KindErasure, "purge", "upto", "%d entries are said to be dropped; the log has %d.", v.start, v.size)
		v.start = 0
	}
}

// certificate checks the checkpoint that was signed before a prefix was dropped.
func (v *verification) certificate(p *purgedPrefix) {
	signed, err := v.keys.Open(p.certificate)
	p.size = signed.Size
	if err != nil || signed.Size < p.upto || signed.Size > p.by {
		v.add(ledger.KindErasure, "purge", "certificate", "The certificate of the compaction in entry %d does not cover the %d entries that it dropped.", p.by, p.upto)
		return
	}
	if signed.Size >= v.start {
		v.sign(signed, ledger.Problem{
			Kind: ledger.KindErasure, Table: "purge", Column: "certificate", Seq: &p.by,
			Text: fmt.Sprintf("The tree of the first %d entries is not the one that was signed before the compaction in entry %d.", signed.Size, p.by),
		})
	}
}

// bodies checks that exactly the entries without a body are covered by an erasure.
func (v *verification) bodies() {
	if v.off["bodies"] || v.size-v.start > farBit {
		return
	}
	i, missing := 0, int64(0)
	for seq := v.start; seq < v.size; seq++ {
		for i < len(v.erased) && v.erased[i].hi < seq {
			i++
		}
		covered := i < len(v.erased) && v.erased[i].lo <= seq
		switch has := v.rows.bodies.has(seq); {
		case has && covered:
			v.found.Add(ledger.Problem{
				Kind: ledger.KindErasure, Table: "erasure", Seq: &seq,
				Text: fmt.Sprintf("Entry %d is said to be erased, but its activity is there.", seq),
			})
		case has || covered || v.tree.missing.has(seq):
		case missing == maxPending:
			v.found.Count(1)
		default:
			missing++
			v.found.Add(ledger.Problem{
				Kind: ledger.KindMissing, Table: "activity", Column: "seq", Seq: &seq,
				Text: fmt.Sprintf("The activity of entry %d is missing, and no erasure says why.", seq),
			})
		}
	}
}

// accounts holds erasures and compactions against the activities that say so, which
// are never erased themselves and so never part of a dropped prefix.
func (v *verification) accounts() {
	if v.off["accounts"] {
		return
	}
	said, inTable := map[int64][]erasedRun{}, map[erasedRun]bool{}
	upto := map[int64]int64{}
	for _, k := range v.rows.kept {
		switch k.body.Type {
		case "LogErased":
			said[k.seq] = runsOf(k.seq, k.body)
		case "LogPurged":
			upto[k.seq] = uptoOf(k.body)
		}
	}
	for i, e := range v.erased {
		inTable[e] = true
		bad := e.lo > e.hi || e.lo < 0 || e.hi >= v.size || i > 0 && e.lo <= v.erased[i-1].hi
		if bad || !slices.Contains(said[e.by], e) {
			v.add(ledger.KindErasure, "erasure", "", "Entry %d does not say that the entries %d to %d were erased.", e.by, e.lo, e.hi)
		}
	}
	for _, p := range v.purged {
		if n, ok := upto[p.by]; !ok || n != p.upto {
			v.add(ledger.KindErasure, "purge", "upto", "Entry %d does not say that the first %d entries were dropped.", p.by, p.upto)
		}
	}
	for seq, runs := range said {
		for _, run := range runs {
			if !inTable[run] && run.hi >= v.start {
				v.found.Add(ledger.Problem{
					Kind: ledger.KindErasure, Table: "erasure", Seq: &seq,
					Text: fmt.Sprintf("Entry %d says that the entries %d to %d were erased; there is no record of it.", seq, run.lo, run.hi),
				})
			}
		}
	}
}

// runsOf returns what a LogErased says: its parameter runs is [[first, last], …] in
// places of the ledger.
func runsOf(seq int64, b activity.Body) []erasedRun {
	var p struct {
		Runs [][2]int64 `json:"runs"`
	}
	if err := json.Unmarshal(b.Parameters, &p); err != nil {
		return nil
	}
	runs := make([]erasedRun, len(p.Runs))
	for i, r := range p.Runs {
		runs[i] = erasedRun{lo: r[0], hi: r[1], by: seq}
	}
	return runs
}

// uptoOf returns what a LogPurged says: its parameter upto, exclusive.
func uptoOf(b activity.Body) int64 {
	var p struct {
		Upto int64 `json:"upto"`
	}
	if err := json.Unmarshal(b.Parameters, &p); err != nil {
		return none
	}
	return p.Upto
}
