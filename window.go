//go:build production || dev || bindings

package main

import (
	"context"
	"crypto/sha256"
	_ "embed" // for the icon
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"activitylog/backend"
	"activitylog/backend/cli"
	"activitylog/backend/fault"
	"activitylog/backend/httpapi"
)

//go:embed build/appicon.png
var icon []byte

// openWindow runs the window until it is closed. Nothing is opened before startup:
// Wails' binding step runs this too.
func openWindow(o windowOptions, config backend.Config, page fs.FS, errOut io.Writer) (status int) {
	defer sayNoDisplay(errOut, &status)
	policy, drawing := gpuPolicy(o.gpu, config, errOut)
	app := NewApp(config, page, native{drawing}, slog.New(slog.NewTextHandler(errOut, nil)))
	place := loadPlace(config.Data)
	app.dark.Store(place.Dark)
	ending, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	app.ending = ending
	opened := time.Now()
	settings := &options.App{
		Title: "Activity Log",
		Width: place.Width, Height: place.Height, MinWidth: 640, MinHeight: 480,
		BackgroundColour: background(place.Dark),
		AssetServer:      &assetserver.Options{Assets: page, Middleware: httpapi.Secure},
		OnStartup: func(ctx context.Context) {
			fit(ctx, place)
			app.startup(ctx)
			if !app.failed.Load() {
				drawing.begun()
			}
		},
		OnBeforeClose: func(ctx context.Context) bool {
			width, height := runtime.WindowGetSize(ctx)
			savePlace(config.Data, windowPlace{Width: width, Height: height, Maximised: runtime.WindowIsMaximised(ctx), Dark: app.dark.Load()})
			if !app.painted.Load() && time.Since(opened) < impatience {
				drawing.painted()
			}
			return !app.mayClose()
		},
		OnShutdown:         app.shutdown,
		Bind:               []any{app},
		ErrorFormatter:     told,
		LogLevelProduction: logger.ERROR,
		DragAndDrop:        &options.DragAndDrop{EnableFileDrop: true},
		SingleInstanceLock: &options.SingleInstanceLock{
			UniqueId: instanceID(config.Data),
			OnSecondInstanceLaunch: func(options.SecondInstanceData) {
				app.open()
				runtime.WindowUnminimise(app.ctx)
				runtime.WindowShow(app.ctx)
			},
		},
		Linux:   &linux.Options{Icon: icon, ProgramName: "activitylog", WebviewGpuPolicy: policy},
		Windows: &windows.Options{WebviewUserDataPath: filepath.Join(config.Data, "webview")},
	}
	if place.Maximised {
		settings.WindowStartState = options.Maximised
	}
	if err := wails.Run(settings); err != nil {
		fmt.Fprintln(errOut, "activitylog: The window could not be opened: "+err.Error())
		return 1
	}
	if app.failed.Load() {
		return 1
	}
	return 0
}

// fit makes a window that is larger than its screen smaller.
func fit(ctx context.Context, place windowPlace) {
	screens, err := runtime.ScreenGetAll(ctx)
	if err != nil || place.Maximised {
		return // it opens as large as it was asked to
	}
	for _, s := range screens {
		if !s.IsCurrent || s.Size.Width <= 0 || s.Size.Height <= 0 {
			continue
		}
		if fits := place.within(s.Size.Width, s.Size.Height); fits != place {
			runtime.WindowSetSize(ctx, fits.Width, fits.Height)
			runtime.WindowCenter(ctx)
		}
	}
}

// sayNoDisplay is deferred: Wails' answer to a display that cannot be opened is a panic.
func sayNoDisplay(errOut io.Writer, status *int) {
	reason := recover()
	if reason == nil {
		return
	}
	if fmt.Sprint(reason) != "failed to init GTK" {
		panic(reason)
	}
	fmt.Fprintln(errOut, "activitylog: There is no display here that a window could be opened on. Serve it to a browser with: activitylog serve")
	*status = cli.Status(fault.New(fault.Unavailable, "no display"))
}

// background is the page's own (--bg in tokens.css), so that the window does not
// flash before the page is painted.
func background(dark bool) *options.RGBA {
	if dark {
		return options.NewRGB(13, 17, 22)
	}
	return options.NewRGB(250, 251, 253)
}

// instanceID is one a data directory: two logs may be open at once, one log twice not.
func instanceID(data string) string {
	if absolute, err := filepath.Abs(data); err == nil {
		data = absolute
	}
	sum := sha256.Sum256([]byte(data))
	return "activitylog-" + hex.EncodeToString(sum[:8])
}

// native is the desktop as the App uses it, by Wails.
type native struct{ drawing drawing }

func (native) emit(ctx context.Context, name string, data ...any) {
	runtime.EventsEmit(ctx, name, data...)
}

func (native) onDrop(ctx context.Context, drop func(paths []string)) {
	runtime.OnFileDrop(ctx, func(_, _ int, paths []string) { drop(paths) })
}

func (native) openFiles(ctx context.Context, title string) ([]string, error) {
	return runtime.OpenMultipleFilesDialog(ctx, runtime.OpenDialogOptions{Title: title})
}

func (native) openFolder(ctx context.Context, title string) (string, error) {
	return runtime.OpenDirectoryDialog(ctx, runtime.OpenDialogOptions{Title: title})
}

func (native) saveFile(ctx context.Context, title, name string) (string, error) {
	return runtime.SaveFileDialog(ctx, runtime.SaveDialogOptions{Title: title, DefaultFilename: name})
}

func (native) openURL(ctx context.Context, url string) { runtime.BrowserOpenURL(ctx, url) }

// tell says in a dialog what went wrong.
func (native) tell(ctx context.Context, message string) {
	_, err := runtime.MessageDialog(ctx, runtime.MessageDialogOptions{
		Type: runtime.ErrorDialog, Title: "Activity Log", Message: message,
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		runtime.LogError(ctx, err.Error())
	}
}

func (native) quit(ctx context.Context) { runtime.Quit(ctx) }
