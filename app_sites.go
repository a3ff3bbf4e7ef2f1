package main

import "activitylog/backend/site"

// Sites lists the sites the caller has access to.
func (a *App) Sites(in site.SitesIn) (site.List, error) { return call(a, a.open().Sites.Sites, in) }

// CreateSite makes a site.
func (a *App) CreateSite(in site.CreateIn) (site.Site, error) {
	return call(a, a.open().Sites.CreateSite, in)
}

// ConfigureSite changes a site's settings.
func (a *App) ConfigureSite(in site.ConfigureIn) (site.Site, error) {
	return call(a, a.open().Sites.ConfigureSite, in)
}

// RemoveSite removes a site.
func (a *App) RemoveSite(in site.RemoveIn) (site.Removed, error) {
	return call(a, a.open().Sites.RemoveSite, in)
}

// ChangeSite changes a site.
func (a *App) ChangeSite(in site.ChangeIn) (site.Site, error) {
	return call(a, a.open().Sites.ChangeSite, in)
}
