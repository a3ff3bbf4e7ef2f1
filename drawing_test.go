package main

import (
	"os"
	"testing"
)

func TestBlankWindowTriesTheOtherWay(t *testing.T) {
	data := t.TempDir()
	start := func(want string, again bool) drawing {
		t.Helper()
		d := chooseDrawing(data, byDMABUF)
		if d.chosen != want || d.again != again {
			t.Errorf("chosen %q, again %v, want %q, %v", d.chosen, d.again, want, again)
		}
		d.begun()
		return d
	}
	start(byDMABUF, false).painted()
	start(byDMABUF, false) // stays blank
	start(byMemory, true)  // stays blank too
	start(byDMABUF, true)  // stays blank
	start(byMemory, true).painted()
	start(byMemory, false).painted()
	start(byMemory, false) // no more
	start(byDMABUF, true).painted()
	if _, err := os.Stat(chooseDrawing(data, byDMABUF).file); !os.IsNotExist(err) {
		t.Errorf("a mark is left: %v", err)
	}
}

func TestNonsenseMarkIsNone(t *testing.T) {
	data := t.TempDir()
	for _, text := range []string{"", "trying", "trying harder", "kept memory", "\x00"} {
		if err := os.WriteFile(chooseDrawing(data, byMemory).file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if d := chooseDrawing(data, byMemory); d.chosen != byMemory || d.again {
			t.Errorf("%q: %+v", text, d)
		}
	}
	drawing{chosen: byMemory, usual: byDMABUF}.painted() // not ours: nothing is written
}
