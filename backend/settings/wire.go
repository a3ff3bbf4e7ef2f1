package settings

// Settings are the system settings. Every change is recorded with old → new.
type Settings struct {
	Gravatar bool   `json:"gravatar"` // off by default: nothing leaves this machine
	Language string `json:"language"` // of users who chose none: en, de
	Serve    bool   `json:"serve"`    // the window serves browsers and programs of this machine while it is open; off by default
	Port     int    `json:"port"`     // where it does
	// Bytes of addresses that are masked when activity is recorded: 0 to 3, see docs/privacy.md.
	IPMask int `json:"ipMask"`
	// Leave address and browser out of what somebody does whose browser asks for it
	// (Sec-GPC, DNT), except sign-ins, access and security.
	DoNotTrack bool `json:"doNotTrack"`
	// What each API token, or person, may send to ingest and record in a minute.
	IngestRequests int64 `json:"ingestRequests"`
	IngestRecords  int64 `json:"ingestRecords"`
}

// GetIn asks for the settings.
type GetIn struct{}

// ConfigureIn changes settings; null leaves one as it is. Super users only.
type ConfigureIn struct {
	Gravatar       *bool   `json:"gravatar"`
	Language       *string `json:"language"`
	Serve          *bool   `json:"serve"`
	Port           *int    `json:"port"`   // 1 to 65535
	IPMask         *int    `json:"ipMask"` // 0 to 3
	DoNotTrack     *bool   `json:"doNotTrack"`
	IngestRequests *int64  `json:"ingestRequests"` // 1 to 1,000,000,000
	IngestRecords  *int64  `json:"ingestRecords"`
}
