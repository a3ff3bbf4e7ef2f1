//go:build (production || dev || bindings) && !linux

package main

import (
	"context"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// theme makes the window's frame as dark as the page. "auto" is what the system says.
func (native) theme(ctx context.Context, name string) {
	switch name {
	case "light":
		runtime.WindowSetLightTheme(ctx)
	case "dark":
		runtime.WindowSetDarkTheme(ctx)
	default:
		runtime.WindowSetSystemDefaultTheme(ctx)
	}
}
