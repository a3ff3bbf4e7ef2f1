package main

import "activitylog/backend/plugin"

// Plugins lists the plugins and what each brings.
func (a *App) Plugins(in plugin.ListIn) (plugin.List, error) {
	return call(a, a.open().Plugins.Plugins, in)
}

// CheckPlugin says what a chosen folder or zip would bring, and what is wrong with it.
func (a *App) CheckPlugin(in plugin.CheckIn) (plugin.Check, error) {
	return call(a, a.open().Plugins.CheckPlugin, in)
}

// InstallPlugin installs what was chosen.
func (a *App) InstallPlugin(in plugin.InstallIn) (plugin.Plugin, error) {
	return call(a, a.open().Plugins.InstallPlugin, in)
}

// UpdatePlugin puts what was chosen in the place of the plugin of that name.
func (a *App) UpdatePlugin(in plugin.UpdateIn) (plugin.Plugin, error) {
	return call(a, a.open().Plugins.UpdatePlugin, in)
}

// RemovePlugin removes a plugin that was installed.
func (a *App) RemovePlugin(in plugin.NameIn) (plugin.Plugin, error) {
	return call(a, a.open().Plugins.RemovePlugin, in)
}

// ActivatePlugin has a plugin's types be offered again.
func (a *App) ActivatePlugin(in plugin.NameIn) (plugin.Plugin, error) {
	return call(a, a.open().Plugins.ActivatePlugin, in)
}

// DeactivatePlugin has a plugin's types be offered no longer.
func (a *App) DeactivatePlugin(in plugin.NameIn) (plugin.Plugin, error) {
	return call(a, a.open().Plugins.DeactivatePlugin, in)
}
