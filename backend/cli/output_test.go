package cli

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"activitylog/backend/fault"
)

// A narrow writer takes so many bytes and then no more.
type narrow struct{ room int }

func (w *narrow) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestALostAnswerIsAFailure(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"version", "--json"}, {"help"}, {"help", "user"}, {"list", "--help"}} {
		for room, want := range map[int]int{1 << 20: 0, 1: 6} {
			var errs bytes.Buffer
			if got := Run(t.Context(), args, Env{Out: &narrow{room}, Err: &errs}); got != want || (want == 0) != (errs.Len() == 0) {
				t.Errorf("%v with room for %d bytes: status %d, %s", args, room, got, errs.String())
			}
		}
	}
}

func TestAReasonOfItsOwnStays(t *testing.T) {
	lost := &output{failed: errors.New("no space left")}
	own := fault.New(fault.Conflict, "It exists already.")
	for _, c := range []struct {
		o         *output
		err, want error
	}{{&output{}, nil, nil}, {&output{}, own, own}, {lost, own, own}, {lost, &exit{4}, &exit{4}}} {
		if got := c.o.judge(c.err); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%v, %v: %v", c.o.failed, c.err, got)
		}
	}
	for _, err := range []error{nil, lost.failed, fmt.Errorf("export: %w", lost.failed)} {
		if got := lost.judge(err); fault.CodeOf(got) != fault.Unavailable {
			t.Errorf("%v: %v", err, got)
		}
	}
}
