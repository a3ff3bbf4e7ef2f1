package matomo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"testing"
)

// A million rows need no more memory than a thousand, in every format.
func TestLargeAnswersAreNotHeld(t *testing.T) {
	if testing.Short() {
		t.Skip("a million rows in every format")
	}
	const most = 8 << 20
	renderers := map[string]renderer{"original serialized": original{serialized: true}, "csv as utf-16": newCSV(params{}, ',')}
	for name, newRenderer := range formats {
		if name != "rss" {
			renderers[name] = newRenderer(parse("convertToUnicode=0"))
		}
	}
	for name, out := range renderers {
		t.Run(name, func(t *testing.T) {
			var heap runtime.MemStats
			var least, peak uint64
			rows := &Rows{columns: []string{"id", "text", "number"}, all: func(context.Context) iter.Seq2[Map, error] {
				return func(yield func(Map, error) bool) {
					for i := range int64(1_000_000) {
						if i%100_000 == 1000 {
							runtime.GC()
							runtime.ReadMemStats(&heap)
							if least == 0 {
								least = heap.HeapAlloc
							}
							peak = max(peak, heap.HeapAlloc)
						}
						if !yield(Map{{"id", i}, {"text", fmt.Sprintf("row %d of <b>many</b>", i)}, {"number", int64(7)}}, nil) {
							return
						}
					}
				}
			}}
			if err := write(t.Context(), out, io.Discard, rows.sliced(5, 2_000_000)); err != nil {
				t.Fatal(err)
			}
			if least == 0 || peak > least+most {
				t.Errorf("from %d to %d bytes", least, peak)
			}
			t.Logf("grew by %d KiB", (int64(peak)-int64(least))>>10)
		})
	}
}

// An answer whose rows cannot be read to the end is broken off, in every format.
func TestBrokenRows(t *testing.T) {
	gone := errors.New("gone")
	for name, newRenderer := range formats {
		rows := &Rows{columns: []string{"id"}, all: func(context.Context) iter.Seq2[Map, error] {
			return func(yield func(Map, error) bool) {
				if yield(Map{{"id", int64(1)}}, nil) {
					yield(nil, gone)
				}
			}
		}}
		for kind, v := range map[string]any{"as they are": rows, "filtered and cut": rows.sliced(0, 9).picked(func(string) bool { return true })} {
			if err := write(t.Context(), newRenderer(params{}), io.Discard, v); !errors.Is(err, gone) {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
		}
		if err := write(t.Context(), original{serialized: true}, io.Discard, rows); !errors.Is(err, gone) {
			t.Errorf("serialized: %v", err)
		}
	}
}

// The length that was sent before the rows holds, whatever came or went meanwhile.
func TestSerializedLengthHolds(t *testing.T) {
	for _, c := range []struct {
		first, second int
		want          error
	}{{3, 3, nil}, {3, 5, nil}, {3, 2, errFewer}} {
		left := []int{c.first, c.second}
		rows := &Rows{columns: []string{"id"}, all: func(context.Context) iter.Seq2[Map, error] {
			n := left[0]
			left = left[1:]
			return func(yield func(Map, error) bool) {
				for i := range n {
					if !yield(Map{{"id", int64(i)}}, nil) {
						return
					}
				}
			}
		}}
		if err := write(t.Context(), original{serialized: true}, io.Discard, rows); !errors.Is(err, c.want) {
			t.Errorf("%d, then %d: %v", c.first, c.second, err)
		}
	}
}
