package main

import (
	"activitylog/backend/erasure"
	"activitylog/backend/job"
)

// ErasePlan lists what goes if an activity or a person is erased.
func (a *App) ErasePlan(in erasure.PlanIn) (erasure.Plan, error) {
	return call(a, a.open().Erasure.ErasePlan, in)
}

// Erase erases an activity or a person.
func (a *App) Erase(in erasure.In) (job.Job, error) { return call(a, a.open().Erasure.Erase, in) }
