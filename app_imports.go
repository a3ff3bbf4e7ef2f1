package main

import (
	"activitylog/backend/job"
	"activitylog/backend/source"
)

// Imports lists the imports there were.
func (a *App) Imports(in source.ImportsIn) (source.Imports, error) {
	return call(a, a.open().Sources.Imports, in)
}

// UndoImport erases the activities of an import, as a job.
func (a *App) UndoImport(in source.UndoImportIn) (job.Job, error) {
	return call(a, a.open().Sources.UndoImport, in)
}

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
