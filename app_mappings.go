package main

import "activitylog/backend/source"

// Mappings lists the saved mappings.
func (a *App) Mappings(in source.MappingsIn) (source.Mappings, error) {
	return call(a, a.open().Sources.Mappings, in)
}

// SaveMapping saves a mapping for imports.
func (a *App) SaveMapping(in source.SaveMappingIn) (source.SavedMapping, error) {
	return call(a, a.open().Sources.SaveMapping, in)
}

// RemoveMapping removes a saved mapping.
func (a *App) RemoveMapping(in source.RemoveMappingIn) (source.SavedMapping, error) {
	return call(a, a.open().Sources.RemoveMapping, in)
}
