package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// A windowPlace is how large the window was, and whether it was dark. Positions are left to the window
// manager: they mean nothing on some systems, and the screen may be gone.
type windowPlace struct {
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	Maximised bool `json:"maximised"`
	Dark      bool `json:"dark"`
}

// defaultPlace is the window's size at first.
var defaultPlace = windowPlace{Width: 1280, Height: 800}

// loadPlace reads the size kept in the data directory. Whatever is wrong with it,
// the window opens in its first size.
func loadPlace(data string) windowPlace {
	text, err := os.ReadFile(placeFile(data))
	if err != nil {
		return defaultPlace
	}
	var p windowPlace
	if json.Unmarshal(text, &p) != nil || p.Width < 640 || p.Height < 480 || p.Width > 16384 || p.Height > 16384 {
		return defaultPlace
	}
	return p
}

// panel is the height that most desktops keep for themselves.
const panel = 64

// within is the size on a screen of so many logical pixels: a window that is larger would
// hide its edges where the window manager lets it. Then there is room for a panel, too.
func (p windowPlace) within(width, height int) windowPlace {
	p.Width = min(p.Width, width)
	if p.Height > height {
		p.Height = max(height-panel, height*3/4)
	}
	return p
}

// savePlace keeps the size. A maximised window keeps the size it had before.
func savePlace(data string, p windowPlace) {
	if p.Maximised {
		before := loadPlace(data)
		p.Width, p.Height = before.Width, before.Height
	}
	text, err := json.Marshal(p)
	if err != nil {
		return
	}
	_ = os.WriteFile(placeFile(data), append(text, '\n'), 0o600) // the size is not worth a message
}

func placeFile(data string) string { return filepath.Join(data, "window.json") }
