// Package erasure erases one activity, or one person: what they did, what was done to
// them, and what names them. First it lists what goes; then a job erases it in commits
// that each say so by a LogErased, without a name.
//
// # What is recorded
//
//	type         parameters                                                                when
//	UserRemoved  user{id,name}                                                             a person with an account; erased with the rest
//	LogErased    kind{person} count{0} runs{[]} account traces{widget,token,session …}      what went outside of the activities
//	LogErased    kind{activity,person} count runs[[first,last] …]                           each commit that erases
package erasure

import (
	"context"
	"strconv"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// The kinds of erasing.
const (
	KindActivity = "activity"
	KindPerson   = "person"
)

// Limits of what may be asked for.
const (
	maxActivities = 1000
	maxTexts      = 50
	maxText       = 256 // bytes
	maxKeep       = 10_000
)

// Options are what a [Service] stands on.
type Options struct {
	Store    Store
	Accounts *account.Service
	Log      Log
	Jobs     *job.Registry
	Now      func() time.Time
	// Own are the types that this log records of itself.
	Own func() []string
	// Holds returns what must not be erased.
	Holds func(ctx context.Context) (activity.Holds, error)
	// Pictures removes what is kept of people with these e-mail addresses.
	Pictures func(emails []string) error
	// Tokens removes files with tokens of servers that are no longer followed.
	Tokens func(files []string) error
}

// A Log shows activities.
type Log interface {
	Show(ctx context.Context, row activity.Stored) activity.Activity
	Type(ctx context.Context, name string) activity.TypeInfo
}

// A Service lists what is to be erased, and erases it. Only super users may.
type Service struct {
	options Options
	store   Store
}

// New returns a service.
func New(o Options) *Service { return &Service{options: o, store: o.Store} }

func failed(err error) error {
	return fault.Else(err, fault.Internal, "What is to be erased could not be found out. The program's log says why.")
}

// ErasePlan lists what goes if it is erased now, and changes nothing.
// Cost: for activities a few look-ups; for a person a look at each activity of the log.
// Errors: unauthenticated, denied, not_found (user, actor), conflict (the last super
// user, oneself, an identity that is linked to an account, some of it is in an import
// that is being undone), invalid (field activities,
// user, actor, also, without, keep), unavailable.
func (s *Service) ErasePlan(ctx context.Context, in PlanIn) (Plan, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return Plan{}, err
	}
	w, err := s.want(ctx, p, in)
	if err != nil {
		return Plan{}, err
	}
	return s.plan(ctx, w)
}

func (s *Service) plan(ctx context.Context, w *wanted) (Plan, error) {
	found, err := s.store.Erasable(ctx, w.Wanted)
	if err != nil {
		return Plan{}, failed(err)
	}
	if err := found.whole(); err != nil {
		return Plan{}, err
	}
	plan := Plan{
		Kind: w.kind, Total: found.Total, By: found.By, About: found.About, Naming: found.Naming,
		Identities: []Identity{}, Names: []Name{}, Samples: []Sample{}, Lasting: []Lasting{}, Gone: []string{}, Traces: []Trace{}, Left: []Trace{},
	}
	if _, plan.Held, err = s.held(ctx, found.Runs); err != nil {
		return plan, failed(err)
	}
	if found.Total > 0 {
		plan.Oldest, plan.Newest = &found.Oldest, &found.Newest
	}
	for name, l := range found.Lasting {
		plan.Lasting = append(plan.Lasting, Lasting{Type: name, Label: s.options.Log.Type(ctx, name).Label, N: l.N, Names: l.Names})
	}
	for _, sample := range found.Samples {
		if shown, ok := s.show(ctx, sample.Place); ok {
			plan.Samples = append(plan.Samples, Sample{Why: sample.Why, Activity: shown})
		}
	}
	if w.kind == KindActivity {
		plan.Gone, err = s.gone(ctx, w.Places)
		return plan, failed(err)
	}
	return plan, s.planPerson(ctx, &plan, w, found)
}

// show returns an activity in the caller's language; false if it is gone meanwhile.
func (s *Service) show(ctx context.Context, place int64) (activity.Activity, bool) {
	row, _, err := s.store.Find(ctx, activity.Scope{All: true}, place)
	if err != nil {
		return activity.Activity{}, false
	}
	return s.options.Log.Show(ctx, row), true
}

// gone returns the ids of the places that have no activity.
func (s *Service) gone(ctx context.Context, places []int64) ([]string, error) {
	list := []string{}
	for _, place := range places {
		_, _, err := s.store.Find(ctx, activity.Scope{All: true}, place)
		if fault.CodeOf(err) == fault.NotFound {
			list = append(list, strconv.FormatInt(place+1, 10))
		} else if err != nil {
			return list, err
		}
	}
	return list, nil
}

// planPerson adds what is there only for a person.
func (s *Service) planPerson(ctx context.Context, plan *Plan, w *wanted, found Found) error {
	plan.Label = w.label
	if u := w.person.User; u != nil {
		plan.User = &Account{ID: strconv.FormatInt(u.ID, 10), Login: u.Login, Email: u.Email, Name: u.Name}
	}
	for _, link := range w.person.Identities {
		plan.Identities = append(plan.Identities, Identity{Actor: strconv.FormatInt(link.Actor, 10), Kind: link.Kind, Source: link.Source, Name: link.Name})
	}
	for i, text := range w.Texts {
		name := Name{Text: text, Kind: w.kinds[i], N: found.Names[i].N, Counts: !w.Without[i], Samples: []activity.Activity{}}
		for _, place := range found.Names[i].Samples {
			if shown, ok := s.show(ctx, place); ok {
				name.Samples = append(name.Samples, shown)
			}
		}
		plan.Names = append(plan.Names, name)
	}
	left, err := s.store.Left(ctx, w.who())
	if err != nil {
		return failed(err)
	}
	plan.Traces, plan.Left = append(plan.Traces, left.Traces...), append(plan.Left, left.Left...)
	return nil
}
