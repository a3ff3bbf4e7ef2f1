package retention

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

const (
	kind     = "retention" // of erasings, and what only one process does
	runsMost = 100
)

// A plan is what a run is about, as it is kept: it goes on with the same after the
// program was killed.
type plan struct {
	At        int64  `json:"at"` // ms: ages are reckoned from here
	Rules     []Rule `json:"rules"`
	Scheduled bool   `json:"scheduled"`
}

// errChanged ends a run whose rules were changed.
var errChanged = fault.New(fault.Conflict, "The rules were changed while they were applied. What was removed stays removed; run them again.")

// RunRetention removes what the saved rules let go of, as a job, or goes on with a run
// that was interrupted. Each step is recorded as LogErased in the commit that erases.
// Errors: denied, conflict (no rules, others than those of savedAt, one runs, the clock is ahead or behind and anyClock
// is off, a rule is for what is gone), unavailable.
func (s *Service) RunRetention(ctx context.Context, in RunIn) (job.Job, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return job.Job{}, err
	}
	c, _, err := s.config(ctx)
	if err != nil {
		return job.Job{}, failed(err)
	}
	if len(c.Rules) == 0 && !c.Reports.Enabled {
		return job.Job{}, fault.New(fault.Conflict, "There is no rule yet. Add one first: without rules nothing is removed.")
	}
	if in.SavedAt != nil && *in.SavedAt != c.SavedAt {
		return job.Job{}, fault.New(fault.Conflict, "The rules were changed since they were looked at. Look at what they remove by now first.").Blame("savedAt")
	}
	if err := s.trusted(ctx, in.AnyClock); err != nil {
		return job.Job{}, err
	}
	release, held, err := s.store.Alone(kind)
	if err == nil && !held {
		err = fault.New(fault.Conflict, "Old activities are being removed at the moment, by another process or window.")
	}
	if err != nil {
		return job.Job{}, failed(err)
	}
	r, err := s.begin(ctx, p, c, false)
	if err != nil {
		return job.Job{}, errors.Join(failed(err), release())
	}
	started, err := s.options.Jobs.Start(ctx, r.job(), func(ctx context.Context, task *job.Task) error {
		return errors.Join(s.run(ctx, r, task), release())
	})
	if err != nil {
		return job.Job{}, errors.Join(err, release())
	}
	return started, nil
}

// trusted refuses a clock that would make too much old, or too little.
func (s *Service) trusted(ctx context.Context, anyway bool) error {
	state, at, err := s.clock(ctx)
	if err != nil || state == "" || anyway {
		return failed(err)
	}
	day, last := s.options.Now().UTC().Format(time.DateOnly), time.UnixMilli(at).UTC().Format(time.DateOnly)
	if state == clockBehind {
		return fault.New(fault.Conflict, "The clock says %s, but the log has activity recorded on %s. Set the clock right, or say that it is.", day, last).Blame("anyClock")
	}
	return fault.New(fault.Conflict, "The clock says %s, but nothing was recorded from %s until yesterday. If the clock is right, say so.", day, last).Blame("anyClock")
}

// A running is a run that this process does.
type running struct {
	activity.Erasing
	plan
	by access.Principal // nobody: the program itself
}

func (r running) job() job.Plan { return job.Plan{Kind: job.KindRetention, Unit: job.UnitRows} }

// begin begins a run, or finds the one that goes on. The caller is alone.
func (s *Service) begin(ctx context.Context, p access.Principal, c Config, scheduled bool) (running, error) {
	last, err := s.store.Erasings(ctx, kind, 1)
	if err != nil {
		return running{}, err
	}
	if len(last) > 0 && last[0].State == activity.ErasingRunning {
		r, err := resumed(last[0])
		r.by = p
		return r, err
	}
	now := s.options.Now()
	r := running{plan: plan{At: now.UnixMilli(), Rules: c.Rules, Scheduled: scheduled}, by: p}
	r.Erasing = activity.Erasing{Kind: kind, State: activity.ErasingRunning, StartedAt: r.At, Plan: account.JSON(r.plan)}
	if p.UserID != 0 {
		r.ByUser = &p.UserID
	}
	r.ID, err = s.store.BeginErasing(ctx, r.Erasing)
	return r, err
}

// resumed is a run that was interrupted, in the name of who began it: of nobody, which is
// the program itself, where that was the local owner.
func resumed(e activity.Erasing) (running, error) {
	r := running{Erasing: e}
	if err := json.Unmarshal(e.Plan, &r.plan); err != nil {
		return r, err
	}
	if e.ByUser != nil {
		r.by = access.Principal{UserID: *e.ByUser, Login: e.By, Role: access.Super}
	}
	return r, nil
}

// run erases what is to go. Stopped from outside, or because its rules are others by
// now, it cleans up and ends; where the program ends or fails, it goes on later.
func (s *Service) run(ctx context.Context, r running, task *job.Task) error {
	var ended *activity.Body
	err := s.erase(ctx, &r, task)
	if err == nil {
		err = s.dropReports(ctx, r)
	}
	if err == nil {
		err = s.clean(ctx, &r.Erasing)
	}
	by, cancelled := job.CancelledBy(ctx)
	switch {
	case err == nil:
		r.State = activity.ErasingDone
	case cancelled, fault.CodeOf(err) == fault.Conflict, fault.CodeOf(err) == fault.Denied:
		// What was erased is to be gone from the file too: nothing goes on with this run.
		r.State = activity.ErasingStopped
		if cancelled {
			ended = s.stopped(by, r.Erasing)
		}
		err = errors.Join(err, s.clean(context.WithoutCancel(ctx), &r.Erasing))
	default:
		return err
	}
	r.FinishedAt = new(s.options.Now().UnixMilli())
	return errors.Join(err, s.store.EndErasing(context.WithoutCancel(ctx), r.Erasing, ended))
}

func (s *Service) erase(ctx context.Context, r *running, task *job.Task) error {
	c, stored, err := s.config(ctx)
	if err != nil {
		return err
	}
	if !slices.Equal(c.Rules, r.Rules) {
		return errChanged
	}
	done := r.Erased
	return activity.Heeding(&done, func() error {
		found, holds, err := s.sift(ctx, r.Rules, time.UnixMilli(r.At))
		if err != nil {
			return err
		}
		task.Total(done + found.Count)
		return activity.EraseInSteps(ctx, found.Runs, func(some [][2]int64) error {
			if err := s.options.Standing(ctx, r.by); err != nil {
				return err
			}
			n, err := s.store.EraseUnder(ctx, r.ID, setting, stored, holds, some, r.say(s.options.Now))
			done += n
			task.Progress(done)
			return err
		})
	})
}

// dropReports drops what reports are too old to keep.
func (s *Service) dropReports(ctx context.Context, r running) error {
	c, _, err := s.config(ctx)
	if err != nil || !c.Reports.Enabled {
		return err
	}
	if err := s.options.Standing(ctx, r.by); err != nil {
		return err
	}
	_, err = s.store.DropReports(ctx, r.ID, kind, c.Reports.before(time.UnixMilli(r.At)), func(n int64, _ [][2]int64) activity.Body {
		b := r.begins(s.options.Now(), "OldReportsDeleted")
		b.Parameters = account.JSON(dropped{n, ofRun{r.ID}})
		return b
	})
	return err
}

// dropped are what OldReportsDeleted carries.
type dropped struct {
	Count int64 `json:"count"`
	ofRun
}

// clean removes what is left in the file of the words of what was erased, and gives the
// space back.
func (s *Service) clean(ctx context.Context, e *activity.Erasing) (err error) {
	if err := s.store.Scrub(ctx); err != nil {
		return err
	}
	e.Freed, err = s.store.GiveBack(ctx)
	return err
}

// say makes the activity that says what one step erased. It is never erased itself, so a
// user is in it by number only.
func (r running) say(now func() time.Time) activity.Said {
	return func(n int64, runs [][2]int64) activity.Body {
		b := r.begins(now(), "LogErased")
		b.Parameters = account.JSON(erased{Count: n, Runs: runs, ofRun: ofRun{r.ID}})
		return b
	}
}

// begins begins an activity of whoever began the run, or of the program itself.
func (r running) begins(now time.Time, typ string) activity.Body {
	b := account.BeginLasting(r.by, now, typ)
	if r.by.UserID == 0 && !r.by.Owner {
		b.Actor = activity.BodyActor{Kind: activity.KindSystem, Source: account.SourceSelf, Name: new("activitylog")}
	}
	return b
}

// ofRun says which run an activity is about.
type ofRun struct {
	Retention int64 `json:"retention"`
}

// erased are what LogErased carries.
type erased struct {
	Count int64      `json:"count"`
	Runs  [][2]int64 `json:"runs"` // places in the ledger, from 0, both ends included
	ofRun
}

// RetentionRuns lists the runs there were. Errors: denied, unavailable.
func (s *Service) RetentionRuns(ctx context.Context, _ RunsIn) (Runs, error) {
	if _, err := access.Require(ctx, access.Super); err != nil {
		return Runs{}, err
	}
	list, err := s.store.Erasings(ctx, kind, runsMost)
	out := Runs{Runs: make([]Run, len(list))}
	for i, e := range list {
		out.Runs[i] = shown(e)
	}
	return out, failed(err)
}

func shown(e activity.Erasing) Run {
	var p plan
	_ = json.Unmarshal(e.Plan, &p) // then it was not scheduled
	return Run{
		ID: strconv.FormatInt(e.ID, 10), State: e.State, Scheduled: p.Scheduled, By: e.By,
		StartedAt: e.StartedAt, FinishedAt: e.FinishedAt, Erased: e.Erased, Freed: e.Freed,
	}
}
