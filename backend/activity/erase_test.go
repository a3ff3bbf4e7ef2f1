package activity

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
)

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCutRuns(t *testing.T) {
	for _, c := range []struct {
		runs        string
		places      int64
		pieces      int
		taken, left string
	}{
		{"[]", 5, 5, "null", "[]"},
		{"[[0,3]]", 5, 5, "[[0,3]]", "[]"},
		{"[[0,9]]", 4, 5, "[[0,3]]", "[[4,9]]"},
		{"[[0,1],[3,3],[7,20]]", 4, 5, "[[0,1],[3,3],[7,7]]", "[[8,20]]"},
		{"[[0,1],[3,3],[7,20]]", 4, 2, "[[0,1],[3,3]]", "[[7,20]]"},
		{"[[0,1],[3,3],[7,20]]", 3, 5, "[[0,1],[3,3]]", "[[7,20]]"},
	} {
		var runs [][2]int64
		if err := json.Unmarshal([]byte(c.runs), &runs); err != nil {
			t.Fatal(err)
		}
		taken, left := cutRuns(runs, c.places, c.pieces)
		if a, b := mustJSON(t, taken), mustJSON(t, left); a != c.taken || b != c.left {
			t.Errorf("%s by %d in %d: %s and %s", c.runs, c.places, c.pieces, a, b)
		}
	}
}

func TestEraseInSteps(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var steps [][][2]int64
	err := EraseInSteps(ctx, [][2]int64{{0, 2999}, {4000, 4001}}, func(runs [][2]int64) error {
		steps = append(steps, runs)
		return nil
	})
	if got := mustJSON(t, steps); err != nil || got != "[[[0,2499]],[[2500,2999],[4000,4001]]]" {
		t.Errorf("%s, %v", got, err)
	}
	n := 0
	err = EraseInSteps(ctx, [][2]int64{{0, 9999}}, func([][2]int64) error {
		n++
		cancel()
		return nil
	})
	if n != 1 || err == nil {
		t.Errorf("cancelled, it went on %d times, %v", n, err)
	}
}

// Heeding goes on as long as something is erased between two changes of the holds, and
// gives up where nothing is.
func TestHeeding(t *testing.T) {
	other := errors.New("the disk is away")
	for _, c := range []struct {
		what  string
		do    func(n int, done *int64) error
		tries int
		err   error
	}{
		{"at once", func(int, *int64) error { return nil }, 1, nil},
		{"another failure", func(int, *int64) error { return other }, 1, other},
		{"after one change", func(n int, _ *int64) error {
			if n == 1 {
				return ErrHolds
			}
			return nil
		}, 2, nil},
		{"progress", func(n int, done *int64) error {
			*done++
			if n < 100 {
				return ErrHolds
			}
			return nil
		}, 100, nil},
		{"none", func(int, *int64) error { return ErrHolds }, 20, ErrHolds},
	} {
		done, tries := int64(0), 0
		err := Heeding(&done, func() error { tries++; return c.do(tries, &done) })
		if !errors.Is(err, c.err) || tries != c.tries {
			t.Errorf("%s: %d tries, %v", c.what, tries, err)
		}
	}
}
