package source

import "activitylog/backend/activity"

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
	Format  string   `json:"format"` // auto, ndjson, cloudtrail, git, matomo
	Name    string   `json:"name"`   // of the source; "" is the format's default
}

// A Preview shows how the first records map.
type Preview struct {
	Format     string              `json:"format"` // as detected
	Source     string              `json:"source"` // import:<format>/<name>
	Read       int64               `json:"read"`   // records looked at
	Items      []activity.Activity `json:"items"`  // the first 20, ids ""
	Rejections []Sample            `json:"rejections"`
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
}
