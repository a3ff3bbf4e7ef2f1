package main

import (
	"os"

	"activitylog/backend/fault"
	"activitylog/backend/view"
)

// Views lists views.
func (a *App) Views(in view.ListIn) (view.List, error) {
	return call(a, a.open().Views.Views, in)
}

// SaveView makes or changes a view.
func (a *App) SaveView(in view.SaveIn) (view.View, error) {
	return call(a, a.open().Views.SaveView, in)
}

// RemoveView removes a view.
func (a *App) RemoveView(in view.RemoveIn) (view.Removed, error) {
	return call(a, a.open().Views.RemoveView, in)
}

// HoldView puts a view under legal hold, or lifts it.
func (a *App) HoldView(in view.HoldIn) (view.View, error) {
	return call(a, a.open().Views.HoldView, in)
}

// PinView pins a view to the side bar.
func (a *App) PinView(in view.PinIn) (view.View, error) {
	return call(a, a.open().Views.PinView, in)
}

// SeeView says that somebody sees a view.
func (a *App) SeeView(in view.SeeIn) (view.Seen, error) {
	return call(a, a.open().Views.SeeView, in)
}

// ExportViews returns views as a file.
func (a *App) ExportViews(in view.FileIn) (view.File, error) {
	return call(a, a.open().Views.ExportViews, in)
}

// ImportViews takes views out of a file.
func (a *App) ImportViews(in view.ImportIn) (view.Imported, error) {
	return call(a, a.open().Views.ImportViews, in)
}

// SaveViews asks where a file of views, all without ids, shall go and writes it there;
// false if the person chose nothing.
func (a *App) SaveViews(ids []string) (bool, error) {
	file, err := call(a, a.open().Views.ExportViews, view.FileIn{IDs: ids})
	if err != nil {
		return false, err
	}
	path, err := a.desktop.saveFile(a.ctx, "Export", file.Name)
	if err != nil {
		return false, dialogFault(err)
	}
	if path == "" {
		return false, nil
	}
	if err := os.WriteFile(path, []byte(file.Content), 0o600); err != nil {
		return false, fault.Wrap(err, fault.Unavailable, "The file could not be written. Choose another place.")
	}
	return true, nil
}
