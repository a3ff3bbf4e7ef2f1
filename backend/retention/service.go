// Package retention removes old activities: by rules that say how long what is kept, by
// itself every so often or when somebody runs it. What it removes is erased for good;
// that it was, when, and how many, stays in the ledger.
package retention

import (
	"context"
	"encoding/json"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// setting is the name under which the rules are stored.
const setting = "retention"

// A Tx is one transaction that changes the rules.
type Tx interface {
	Settings(ctx context.Context) (map[string]json.RawMessage, error)
	SetSetting(ctx context.Context, name string, value json.RawMessage) error
	Record(ctx context.Context, b activity.Body) (activity.Receipt, error)
}

// A Store keeps rules and runs, and erases. The sqlite package implements it.
type Store interface {
	// Settings reads the values that were ever set.
	Settings(ctx context.Context) (map[string]json.RawMessage, error)
	// Update stores all of change or nothing.
	Update(ctx context.Context, change func(Tx) error) error
	// Sift finds what is to go, as of one moment.
	Sift(ctx context.Context, sieve activity.Sieve) (activity.Sifted, error)
	// Clocks returns when checkpoints were signed: the first of all, the last between two
	// times, and the last of all. 0: none.
	Clocks(ctx context.Context, from, to int64) (first, between, last int64, err error)
	// BeginErasing, EraseUnder, Scrub, GiveBack and EndErasing erase; see the sqlite package.
	BeginErasing(ctx context.Context, e activity.Erasing) (int64, error)
	// EraseUnder erases unless the named setting, or the mark of the holds, is no longer
	// that: then conflict.
	EraseUnder(ctx context.Context, erasing int64, setting string, value json.RawMessage, holds string, runs [][2]int64, say activity.Said) (erased int64, err error)
	Scrub(ctx context.Context) error
	GiveBack(ctx context.Context) (freed int64, err error)
	EndErasing(ctx context.Context, e activity.Erasing, ended *activity.Body) error
	Erasings(ctx context.Context, kind string, limit int) ([]activity.Erasing, error)
	// OldReports counts the reports of imports, and the ended erasings of a kind, that ended
	// before a time, and DropReports drops them.
	OldReports(ctx context.Context, kind string, before int64) (int64, error)
	DropReports(ctx context.Context, erasing int64, kind string, before int64, say activity.Said) (int64, error)
	// Alone has this process be the only one that does a job until release is called, or
	// ends. It does not wait: held is false where another is at it.
	Alone(job string) (release func() error, held bool, err error)
}

// Options are what the service needs besides its store.
type Options struct {
	Now        func() time.Time
	Jobs       *job.Registry
	Categories func(id string) (types []string, ok bool)
	// Holds returns what must not be erased.
	Holds func(ctx context.Context) (activity.Holds, error)
	// View returns the query of a shared view, which means the same whoever asks; false if
	// there is none. Invalid: it does not.
	View func(ctx context.Context, id string) (activity.Query, bool, error)
	// Standing says whether somebody who began a run may have it go on.
	Standing func(ctx context.Context, p access.Principal) error
}

// A Service keeps the rules and runs them. Only super users may.
type Service struct {
	store   Store
	options Options
}

// New returns a service over a store.
func New(store Store, o Options) *Service { return &Service{store: store, options: o} }

// config reads the rules, also as they are stored.
func (s *Service) config(ctx context.Context) (Config, json.RawMessage, error) {
	stored, err := s.store.Settings(ctx)
	if err != nil {
		return Config{}, nil, err
	}
	c, err := read(stored[setting])
	return c, stored[setting], err
}

// Retention returns the rules, when they are applied next, and the run that is under
// way. Errors: denied, unavailable.
func (s *Service) Retention(ctx context.Context, _ GetIn) (State, error) {
	if _, err := access.Require(ctx, access.Super); err != nil {
		return State{}, err
	}
	return s.state(ctx)
}

func (s *Service) state(ctx context.Context) (State, error) {
	c, _, err := s.config(ctx)
	if err != nil {
		return State{}, failed(err)
	}
	runs, err := s.store.Erasings(ctx, kind, 1)
	if err != nil {
		return State{}, failed(err)
	}
	state := State{Config: c}
	var last *activity.Erasing
	if len(runs) > 0 {
		last = &runs[0]
		if last.State == activity.ErasingRunning {
			state.Running = new(shown(*last))
		}
	}
	if c.Enabled {
		state.NextAt = new(c.next(last))
	}
	clock, at, err := s.clock(ctx)
	if clock != "" {
		state.Clock, state.ClockAt = clock, &at
	}
	return state, failed(err)
}

// next is when the rules are applied by themselves: so long after they were saved, or
// after the last run began, that somebody who looks at them can still change them.
func (c Config) next(last *activity.Erasing) int64 {
	from := c.SavedAt
	if last != nil {
		from = max(from, last.StartedAt)
	}
	at := time.UnixMilli(from).UTC()
	switch c.Every {
	case Daily:
		at = at.AddDate(0, 0, 1)
	case Weekly:
		at = at.AddDate(0, 0, 7)
	default:
		at = at.AddDate(0, 1, 0)
	}
	return at.UnixMilli()
}

// ConfigureRetention changes the rules, whether and how often they are applied, and what
// happens to reports. Each of the three is recorded with old → new. A run that is under
// way ends before its next step. Errors: denied, invalid (fields every, rules, reports).
func (s *Service) ConfigureRetention(ctx context.Context, in ConfigureIn) (State, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return State{}, err
	}
	if err := s.check(ctx, &in); err != nil {
		return State{}, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		// Again, where no view can change meanwhile.
		if err := s.check(ctx, &in); err != nil {
			return err
		}
		stored, err := tx.Settings(ctx)
		if err != nil {
			return err
		}
		before, err := read(stored[setting])
		if err != nil {
			return err
		}
		return s.configure(ctx, tx, p, before, in)
	})
	if err != nil {
		return State{}, failed(err)
	}
	return s.state(ctx)
}

func (s *Service) check(ctx context.Context, in *ConfigureIn) error {
	if in.Every != nil && *in.Every != Daily && *in.Every != Weekly && *in.Every != Monthly {
		return fault.At("every", "Old activities are removed daily, weekly or monthly, not %q.", *in.Every)
	}
	if in.Reports != nil && (in.Reports.Months < 1 || in.Reports.Months > 1200) {
		return fault.At("reports", "Reports are kept for 1 to 1200 months.")
	}
	if in.Rules == nil {
		return nil
	}
	return s.checkRules(ctx, *in.Rules)
}

func (s *Service) configure(ctx context.Context, tx Tx, p access.Principal, before Config, in ConfigureIn) error {
	c := before
	take(&c.Enabled, in.Enabled)
	take(&c.Every, in.Every)
	take(&c.Rules, in.Rules)
	take(&c.Reports, in.Reports)
	list := s.changes(p, before, c)
	if len(list) == 0 {
		return nil
	}
	c.SavedAt = s.options.Now().UnixMilli()
	if err := tx.SetSetting(ctx, setting, account.JSON(c)); err != nil {
		return err
	}
	for _, b := range list {
		if _, err := tx.Record(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func take[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// changes are the activities that say what changed, one for each of Matomo's types.
func (s *Service) changes(p access.Principal, old, c Config) (list []activity.Body) {
	now := s.options.Now()
	say := func(typ string, parameters any, changes ...activity.Change) {
		b := account.Begin(p, now, typ)
		b.Parameters = account.JSON(parameters)
		for _, change := range changes {
			if string(change.Old) != string(change.New) {
				b.Changes = append(b.Changes, change)
			}
		}
		if len(b.Changes) > 0 {
			list = append(list, b)
		}
	}
	logs := map[string]any{"enableDeleteLogs": c.Enabled}
	if n := days(c.Rules, now); n != nil {
		logs["deleteLogsOlderThan"] = *n
	}
	say("PrivacyDeleteLogsSet", logs,
		account.Changed("enableDeleteLogs", old.Enabled, c.Enabled), account.Changed("rules", said(old.Rules), said(c.Rules)))
	say("PrivacyScheduleDeletionSet", map[string]any{"deleteLowestInterval": map[string]int{Daily: 1, Weekly: 7, Monthly: 30}[c.Every]},
		account.Changed("every", old.Every, c.Every))
	say("PrivacyDeleteReportsSet", map[string]any{"enableDeleteReports": c.Reports.Enabled, "deleteReportsOlderThan": c.Reports.Months},
		account.Changed("enableDeleteReports", old.Reports.Enabled, c.Reports.Enabled), account.Changed("deleteReportsOlderThan", old.Reports.Months, c.Reports.Months))
	return list
}

func failed(err error) error {
	return fault.Else(err, fault.Internal, "Retention could not be read or changed. The program's log says why.")
}
