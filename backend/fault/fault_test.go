package fault

import (
	"errors"
	"fmt"
	"testing"
)

func TestElse(t *testing.T) {
	if err := Else(nil, Internal, "x"); err != nil {
		t.Errorf("nil became %v", err)
	}
	known := fmt.Errorf("while reading: %w", At("name", "Too long."))
	if err := Else(known, Internal, "x"); !errors.Is(err, known) || CodeOf(err) != Invalid || Public(err).Field != "name" {
		t.Errorf("a known one became %v", err)
	}
	cause := errors.New("disk gone")
	if err := Else(cause, Unavailable, "Try %s.", "again"); CodeOf(err) != Unavailable || !errors.Is(err, cause) || Public(err).Message != "Try again." {
		t.Errorf("another became %v", err)
	}
}
