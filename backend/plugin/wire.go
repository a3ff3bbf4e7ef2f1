package plugin

// A Plugin brings types of activity: one of the program's own, or one that was installed.
type Plugin struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Label   string `json:"label"`
	Bundled bool   `json:"bundled"` // part of the program: it cannot be removed
	Active  bool   `json:"active"`  // false: its types are not offered, and not recorded
	// Essential is true of a bundled plugin with types that the program records of itself.
	// It cannot be deactivated.
	Essential bool   `json:"essential"`
	Types     []Type `json:"types"`
}

// A Type is one that a plugin brings, in the reader's language.
type Type struct {
	ID         string      `json:"id"`
	Label      string      `json:"label"`
	Category   string      `json:"category"` // its label
	Icon       string      `json:"icon"`
	Tone       string      `json:"tone"`     // create, update, delete, access, system
	Sentence   string      `json:"sentence"` // how it reads, with what stands in it between ‹ and ›
	Parameters []Parameter `json:"parameters"`
	// Recordable is false for what only this program may record of itself.
	Recordable bool `json:"recordable"`
}

// A Parameter is one value that activities of a type carry.
type Parameter struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Kind     string `json:"kind"` // text, number, flag, date, list, entity
	Required bool   `json:"required"`
	Secret   bool   `json:"secret"` // masked before it is stored
}

// ListIn asks for the plugins.
type ListIn struct{}

// List is the answer of Plugins: by label.
type List struct {
	Plugins []Plugin `json:"plugins"`
}

// CheckIn names a chosen folder or zip. Nothing is installed.
type CheckIn struct {
	Handle string `json:"handle"`
}

// A Check is what a folder or zip would bring, and what is wrong with it.
type Check struct {
	Plugin   *Plugin   `json:"plugin"`   // null where it could not be read so far
	Problems []Problem `json:"problems"` // none: it can be installed, or updated to
	// Installed is the version of the plugin of that name that is installed; null: none.
	Installed *string `json:"installed"`
	Newer     bool    `json:"newer"` // than the installed one
}

// A Problem is something that is wrong with a plugin.
type Problem struct {
	File   string `json:"file"`  // its path in the plugin
	Field  string `json:"field"` // in the file; "file" is all of it
	Reason string `json:"reason"`
}

// InstallIn installs what was chosen.
type InstallIn struct {
	Handle string `json:"handle"`
}

// UpdateIn puts what was chosen in the place of the plugin of that name.
type UpdateIn struct {
	Handle string `json:"handle"`
	// Downgrade takes it also if its version is not newer.
	Downgrade bool `json:"downgrade"`
}

// NameIn names a plugin.
type NameIn struct {
	Name string `json:"name"`
}
