package main

import (
	"activitylog/backend/job"
	"activitylog/backend/source"
)

// Schedules lists the Matomo servers that are followed.
func (a *App) Schedules(in source.SchedulesIn) (source.Schedules, error) {
	return call(a, a.open().Sources.Schedules, in)
}

// SaveSchedule has a Matomo server followed.
func (a *App) SaveSchedule(in source.SaveScheduleIn) (source.Schedule, error) {
	return call(a, a.open().Sources.SaveSchedule, in)
}

// RunSchedule reads a followed server now.
func (a *App) RunSchedule(in source.RunScheduleIn) (job.Job, error) {
	return call(a, a.open().Sources.RunSchedule, in)
}

// RemoveSchedule ends that a server is followed.
func (a *App) RemoveSchedule(in source.RemoveScheduleIn) (source.Schedule, error) {
	return call(a, a.open().Sources.RemoveSchedule, in)
}
