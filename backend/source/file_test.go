package source

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestCompressedFilesDoNotExpandWithoutEnd(t *testing.T) {
	tests := []struct {
		name     string
		packed   int64
		expanded int
		free     int64
		want     error
	}{
		{"few bytes", 1, 1000, 1000, nil},
		{"many, but not for its size", 10, 2000, 1000, nil},
		{"too many for its size", 1, 2000, 1000, errBomb},
	}
	for _, tt := range tests {
		packed := &counter{}
		packed.n.Store(tt.packed)
		b := &bounded{from: strings.NewReader(strings.Repeat("x", tt.expanded)), packed: packed, free: tt.free}
		if _, err := io.Copy(io.Discard, b); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestEqualDraftsStayApart(t *testing.T) {
	id := func(r *repeats, record string) string { return *r.id([]byte(record)) }
	var r repeats
	a, b, again := id(&r, "a"), id(&r, "b"), id(&r, "a")
	if a == b || a == again || again != a+":2" {
		t.Errorf("ids %s, %s, %s", a, b, again)
	}
	var next repeats
	if id(&next, "a") != a || id(&next, "a") != again {
		t.Error("the next import gives other ids")
	}
}

func TestRepeatsKeepTheirMemoryBounded(t *testing.T) {
	var r repeats
	first := *r.id([]byte("first"))
	for i := range generation + 1 {
		r.id([]byte{byte(i), byte(i >> 8), byte(i >> 16), 1})
	}
	if got := *r.id([]byte("first")); got != first+":2" {
		t.Errorf("after one generation: %s", got)
	}
	if n := len(r.young) + len(r.old); n > 2*generation {
		t.Errorf("%d are remembered", n)
	}
}
