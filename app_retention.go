package main

import (
	"activitylog/backend/job"
	"activitylog/backend/retention"
)

// Retention returns the rules of retention and what comes of them next.
func (a *App) Retention(in retention.GetIn) (retention.State, error) {
	return call(a, a.open().Retention.Retention, in)
}

// ConfigureRetention changes the rules.
func (a *App) ConfigureRetention(in retention.ConfigureIn) (retention.State, error) {
	return call(a, a.open().Retention.ConfigureRetention, in)
}

// RetentionDryRun says what a run would remove now.
func (a *App) RetentionDryRun(in retention.DryRunIn) (retention.DryRun, error) {
	return call(a, a.open().Retention.RetentionDryRun, in)
}

// RunRetention removes what the rules let go of, as a job.
func (a *App) RunRetention(in retention.RunIn) (job.Job, error) {
	return call(a, a.open().Retention.RunRetention, in)
}

// StopRetention ends the run that is under way.
func (a *App) StopRetention(in retention.StopIn) (retention.State, error) {
	return call(a, a.open().Retention.StopRetention, in)
}

// RetentionRuns lists the runs there were.
func (a *App) RetentionRuns(in retention.RunsIn) (retention.Runs, error) {
	return call(a, a.open().Retention.RetentionRuns, in)
}
