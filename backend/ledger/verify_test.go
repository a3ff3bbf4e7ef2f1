package ledger

import (
	"strconv"
	"testing"
)

func at(seq int64) *int64 { return &seq }

func TestFindingsKeepTheFirstInOrderAndCountTheRest(t *testing.T) {
	var f Findings
	for i := int64(299); i >= 0; i-- {
		f.Add(Problem{Kind: KindLeaf, Seq: at(i), Text: strconv.FormatInt(i, 10)})
	}
	f.Add(Problem{Kind: KindUnused, Table: "actor"})
	f.Add(Problem{Kind: KindSchema, Text: "first"})
	f.Count(7)
	first, more := f.Problems()
	if len(first) != MaxProblems || more != 302+7-MaxProblems {
		t.Fatalf("%d named, %d more", len(first), more)
	}
	if first[0].Text != "first" {
		t.Errorf("what has no place comes first, got %q", first[0].Text)
	}
	for i, p := range first[1:] {
		if *p.Seq != int64(i) {
			t.Fatalf("place %d has seq %d", i, *p.Seq)
		}
	}
}

func TestFindingsMerge(t *testing.T) {
	var a, b Findings
	for i := range int64(150) {
		a.Add(Problem{Kind: KindLeaf, Seq: at(2 * i)})
		b.Add(Problem{Kind: KindLeaf, Seq: at(2*i + 1)})
	}
	a.Merge(&b)
	first, more := a.Problems()
	if len(first) != MaxProblems || more != 200 {
		t.Fatalf("%d named, %d more", len(first), more)
	}
	for i, p := range first {
		if *p.Seq != int64(i) {
			t.Fatalf("place %d has seq %d", i, *p.Seq)
		}
	}
}

func TestFindingsWithoutProblems(t *testing.T) {
	var f Findings
	if first, more := f.Problems(); first == nil || len(first) != 0 || more != 0 || f.Altered() {
		t.Errorf("%v, %d more, altered %v", first, more, f.Altered())
	}
}

func TestTheWorstStateWins(t *testing.T) {
	leaf, mark := Problem{Kind: KindLeaf}, Problem{Kind: KindMark}
	for _, c := range []struct {
		name    string
		found   []Problem
		missing bool
		sealed  int64
		state   string
		exit    int
	}{
		{"sound", nil, false, 10, Verified, 0},
		{"tail", nil, false, 9, Unsealed, 2},
		{"no key", nil, true, 9, KeyMissing, 5},
		{"mark", []Problem{mark}, true, 9, RolledBack, 3},
		{"leaf and mark", []Problem{mark, leaf}, true, 9, Altered, 4},
		{"leaf", []Problem{leaf}, false, 10, Altered, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f Findings
			for _, p := range c.found {
				f.Add(p)
			}
			r := Report{State: StateOf(&f, c.missing, c.sealed, 10)}
			if r.State != c.state || r.ExitStatus() != c.exit {
				t.Errorf("%s, exit %d; want %s, %d", r.State, r.ExitStatus(), c.state, c.exit)
			}
		})
	}
	if (Report{State: "?"}).ExitStatus() != 4 {
		t.Error("an unknown state must not pass for a good one")
	}
}
