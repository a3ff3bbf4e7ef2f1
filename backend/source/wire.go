package source

import (
	"activitylog/backend/activity"
	"activitylog/backend/job"
)

// A Handle stands for a file (or folder) that a person chose: in the window by its
// dialog or by dropping, over HTTP by uploading bytes. Paths never reach the page.
type Handle struct {
	ID     string `json:"id"`
	Name   string `json:"name"` // base name
	Size   int64  `json:"size"` // bytes; 0 for a folder
	Folder bool   `json:"folder"`
}

// PreviewIn asks what an import would do. Nothing is written.
type PreviewIn struct {
	Handles []string `json:"handles"`
	Format  string   `json:"format"` // auto, ndjson, cloudtrail, git, matomo, csv, matomo-server
	Name    string   `json:"name"`   // of the source; "" is the format's default
	// Mapping says what the columns of a CSV are; null has one suggested.
	Mapping *Mapping `json:"mapping"`
	Server  *Server  `json:"server"` // what to read in place of files
}

// A Server is a Matomo server that runs, and what opens its activity log. The token is
// sent to that address only, and is stored nowhere.
type Server struct {
	Address string `json:"address"` // of the folder that Matomo is in; https, but on this machine
	Token   string `json:"token"`   // token_auth of a super user
	// All reads the log to its end. Otherwise, once a reading came to the end, the ones
	// after it stop where all is known.
	All bool `json:"all"`
}

// A Preview shows how the first records map.
type Preview struct {
	Format     string              `json:"format"` // as detected
	Source     string              `json:"source"` // import:<format>/<name>
	Read       int64               `json:"read"`   // records looked at
	Items      []activity.Activity `json:"items"`  // the first 20, ids ""
	Rejections []Sample            `json:"rejections"`
	Columns    []Column            `json:"columns"` // of a CSV's first file; otherwise none
	Mapping    *Mapping            `json:"mapping"` // of a CSV: the one given, or a suggestion
}

// A Column is one of a table, with values to know it by.
type Column struct {
	Name   string   `json:"name"`
	Values []string `json:"values"` // of the first records, shortened
}

// A Sample is a record that would not go in, and why.
type Sample struct {
	File   string `json:"file"`
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
}

// ImportIn starts an import; the answer is its job.
type ImportIn struct {
	Handles []string `json:"handles"`
	Format  string   `json:"format"`
	Name    string   `json:"name"`
	Mapping *Mapping `json:"mapping"` // needed for CSV; the preview suggests one
	Server  *Server  `json:"server"`  // what to read in place of files
}

// ImportsIn asks for the imports there were.
type ImportsIn struct{}

// Imports is the answer: the newest 100, newest first.
type Imports struct {
	Imports []PastImport `json:"imports"`
}

// A PastImport is an import that was begun, by whichever process.
type PastImport struct {
	ID         string      `json:"id"`
	Source     string      `json:"source"` // import:<format>/<name>
	State      string      `json:"state"`  // running (also of a program that was killed), done, cancelled, failed, undoing, undone
	StartedAt  int64       `json:"startedAt"`
	FinishedAt *int64      `json:"finishedAt"`
	By         string      `json:"by"`     // login; "" for the local owner and for users who are gone
	Report     *job.Report `json:"report"` // null until it ends
}

// UndoImportIn erases the activities of an import.
type UndoImportIn struct {
	ID string `json:"id"`
}

// A SavedMapping is a mapping under a name.
type SavedMapping struct {
	Name    string  `json:"name"`
	Mapping Mapping `json:"mapping"`
	SavedAt int64   `json:"savedAt"` // ms
}

// MappingsIn asks for the mappings that were saved.
type MappingsIn struct{}

// Mappings is the answer, by name.
type Mappings struct {
	Mappings []SavedMapping `json:"mappings"`
}

// SaveMappingIn saves a mapping, in place of the one that has the name.
type SaveMappingIn struct {
	Name    string  `json:"name"` // 1 to 100 characters
	Mapping Mapping `json:"mapping"`
}

// RemoveMappingIn removes a saved mapping.
type RemoveMappingIn struct {
	Name string `json:"name"`
}

// A Mapping says what the columns of a table are. What it does not name is a parameter.
type Mapping struct {
	Type       string         `json:"type"`       // of records whose column says none
	ObjectKind string         `json:"objectKind"` // likewise; "" is "object"
	TimeOrder  string         `json:"timeOrder"`  // of days with slashes or dots: dmy, mdy; "" is dmy
	Zone       string         `json:"zone"`       // IANA name, of times without their own; "" is UTC
	Columns    []MappedColumn `json:"columns"`
}

// A MappedColumn says what one column is.
type MappedColumn struct {
	Name  string `json:"name"`  // as in the first line
	Field string `json:"field"` // one of Fields
}

// A Schedule is a Matomo server whose log is read again and again, while the window or
// a server is open. Its token is in a file of its own and is never shown.
type Schedule struct {
	Name    string `json:"name"`    // of the source: import:matomo/<name>
	Address string `json:"address"` // of the server
	Minutes int    `json:"minutes"` // between two readings
	By      string `json:"by"`      // login of who saved it
	SavedAt int64  `json:"savedAt"` // ms
	RanAt   *int64 `json:"ranAt"`   // ms, end of the last reading; null: none yet
	State   string `json:"state"`   // of the last reading: done, failed; "": none yet
	New     int64  `json:"new"`     // how many activities it brought
	Error   string `json:"error"`   // what it failed with, or ""
}

// SchedulesIn asks for the servers that are followed.
type SchedulesIn struct{}

// Schedules is the answer, by name.
type Schedules struct {
	Schedules []Schedule `json:"schedules"`
}

// SaveScheduleIn has a server followed, in place of the one of that name.
type SaveScheduleIn struct {
	Name    string `json:"name"`    // of the source; "" is main
	Address string `json:"address"` // of the folder that Matomo is in; https, but on this machine
	Token   string `json:"token"`   // token_auth of a super user; "" keeps the one of the same name and address
	Minutes int    `json:"minutes"` // between two readings, 5 to 1440
}

// RunScheduleIn reads a followed server now; the answer is the job.
type RunScheduleIn struct {
	Name string `json:"name"`
}

// RemoveScheduleIn ends that a server is followed, and removes its token.
type RemoveScheduleIn struct {
	Name string `json:"name"`
}
