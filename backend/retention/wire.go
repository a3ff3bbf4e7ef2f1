package retention

// A Rule says how long activities are kept. Each activity comes under the first rule
// whose scope it is in.
type Rule struct {
	Name  string `json:"name"`
	Scope string `json:"scope"` // all, category, view
	Value string `json:"value"` // of category and view: its id; of all: ""
	Keep  bool   `json:"keep"`  // for ever; age and unit do not count
	Age   int    `json:"age"`   // what occurred longer ago is removed
	Unit  string `json:"unit"`  // days, months, years
}

// Reports says how long the reports of imports and the history of runs are kept.
type Reports struct {
	Enabled bool `json:"enabled"`
	Months  int  `json:"months"` // since they ended, 1 to 1200
}

// A Config is what retention does. Nothing is removed until it is switched on or run.
type Config struct {
	Enabled bool    `json:"enabled"` // by itself, every so often; off by default
	Every   string  `json:"every"`   // daily, weekly, monthly
	Rules   []Rule  `json:"rules"`   // in their order
	Reports Reports `json:"reports"`
	SavedAt int64   `json:"savedAt"` // ms, 0: never
}

// GetIn asks for retention as it is.
type GetIn struct{}

// A State is retention as it is.
type State struct {
	Config  Config `json:"config"`
	NextAt  *int64 `json:"nextAt"`  // ms: when it runs by itself; null: it does not
	Running *Run   `json:"running"` // null: none
	Clock   string `json:"clock"`   // "", ahead, behind: it does not run by itself while the clock is
	ClockAt *int64 `json:"clockAt"` // ms: what the clock is ahead of or behind
}

// ConfigureIn changes retention; null leaves a part as it is. Super users only.
type ConfigureIn struct {
	Enabled *bool    `json:"enabled"`
	Every   *string  `json:"every"`
	Rules   *[]Rule  `json:"rules"`
	Reports *Reports `json:"reports"`
}

// DryRunIn asks what a run would remove now.
type DryRunIn struct {
	Rules *[]Rule `json:"rules"` // to try; null: those that are saved
}

// A DryRun is what a run would remove now.
type DryRun struct {
	At      int64     `json:"at"` // ms
	Count   int64     `json:"count"`
	Held    int64     `json:"held"`   // would go, but is under hold
	Oldest  *int64    `json:"oldest"` // ms; null: nothing goes
	Bytes   int64     `json:"bytes"`  // about so many are freed
	Reports int64     `json:"reports"`
	Rules   []DryRule `json:"rules"` // one for each rule, in their order
}

// A DryRule is what one rule would remove now.
type DryRule struct {
	Before *int64 `json:"before"` // ms: what occurred before; null: it keeps everything
	Count  int64  `json:"count"`
	Held   int64  `json:"held"`
	Oldest *int64 `json:"oldest"`
}

// RunIn starts a run, or goes on with one that was interrupted.
type RunIn struct {
	AnyClock bool `json:"anyClock"` // although the clock is ahead or behind
	// SavedAt is config.savedAt of the rules that were looked at: others are not applied.
	// null: whatever they are by now.
	SavedAt *int64 `json:"savedAt"`
}

// StopIn ends the run that is under way. What it removed stays removed.
type StopIn struct{}

// RunsIn asks for the runs there were.
type RunsIn struct{}

// Runs are the last 100 runs, newest first.
type Runs struct {
	Runs []Run `json:"runs"`
}

// A Run is one run of retention.
type Run struct {
	ID         string `json:"id"`
	State      string `json:"state"`     // running, done, stopped
	Scheduled  bool   `json:"scheduled"` // by itself
	By         string `json:"by"`        // login of who ran it; "": the command line, or by itself
	StartedAt  int64  `json:"startedAt"` // ms
	FinishedAt *int64 `json:"finishedAt"`
	Erased     int64  `json:"erased"` // activities
	Freed      int64  `json:"freed"`  // bytes given back
}
