package main

import (
	"os"
	"path/filepath"
	"strings"
)

// The two ways in which WebKitGTK hands over what it has drawn. On some machines the
// window stays blank with the one, on some with the other.
const (
	byDMABUF = "dmabuf"
	byMemory = "memory"
)

// A drawing is the way that this start of the window uses. A start that never got
// its page painted leaves a mark, and the next one tries the other way.
type drawing struct {
	file   string // the mark; "" where the way is not ours to choose
	usual  string
	chosen string
	again  bool // the start before left its mark
}

// chooseDrawing reads the mark in the data directory: "trying WAY" of a start that
// was not painted, "keep WAY" of one that was, in the other than the usual way.
func chooseDrawing(data, usual string) drawing {
	d := drawing{file: filepath.Join(data, "drawing"), usual: usual, chosen: usual}
	text, err := os.ReadFile(d.file)
	if err != nil {
		return d
	}
	state, way, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	if way != byDMABUF && way != byMemory {
		return d
	}
	switch state {
	case "keep":
		d.chosen = way
	case "trying":
		d.chosen, d.again = byDMABUF, true
		if way == byDMABUF {
			d.chosen = byMemory
		}
	}
	return d
}

// begun leaves the mark; the log is open, and the window about to show.
func (d drawing) begun() { d.write("trying " + d.chosen) }

// painted takes the mark away, or keeps the way that worked where the usual did not.
func (d drawing) painted() {
	if d.chosen != d.usual {
		d.write("keep " + d.chosen)
	} else if d.file != "" {
		_ = os.Remove(d.file) // what stays makes the next start try the other way
	}
}

func (d drawing) write(text string) {
	if d.file != "" {
		_ = os.WriteFile(d.file, []byte(text+"\n"), 0o600) // without it nothing is tried
	}
}
