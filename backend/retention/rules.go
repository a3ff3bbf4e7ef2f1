package retention

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// The scopes of rules, the units of ages and how often rules are applied.
const (
	ScopeAll      = "all"
	ScopeCategory = "category"
	ScopeView     = "view"

	Days   = "days"
	Months = "months"
	Years  = "years"

	Daily   = "daily"
	Weekly  = "weekly"
	Monthly = "monthly"
)

const (
	maxRules = 50
	maxName  = 80
	maxAge   = 36500 // days; of months and years less
)

// defaults are what retention is until somebody changes it.
func defaults() Config {
	return Config{Every: Monthly, Rules: []Rule{}, Reports: Reports{Months: 24}}
}

// read returns what is stored over the defaults.
func read(stored json.RawMessage) (Config, error) {
	c := defaults()
	if stored == nil {
		return c, nil
	}
	if err := json.Unmarshal(stored, &c); err != nil {
		return c, fmt.Errorf("the rules of retention cannot be read: %w", err)
	}
	return c, nil
}

// checkRules refuses rules that could not be applied, and tidies the others.
func (s *Service) checkRules(ctx context.Context, rules []Rule) error {
	if len(rules) > maxRules {
		return fault.At("rules", "There can be %d rules at most.", maxRules)
	}
	names := map[string]bool{}
	for i := range rules {
		if err := s.checkRule(ctx, &rules[i]); err != nil {
			return err
		}
		key := strings.ToLower(rules[i].Name)
		if names[key] {
			return fault.At("rules", "Two rules are called %q. Give each a name of its own.", rules[i].Name)
		}
		names[key] = true
	}
	return nil
}

func (s *Service) checkRule(ctx context.Context, r *Rule) error {
	r.Name = strings.TrimSpace(r.Name)
	if r.Name == "" {
		return fault.At("rules", "Give each rule a name.")
	}
	if err := account.CheckLine("rules", "name", r.Name, maxName); err != nil {
		return err
	}
	switch r.Scope {
	case ScopeAll:
		r.Value = ""
	case ScopeCategory:
		if _, ok := s.options.Categories(r.Value); !ok {
			return fault.At("rules", "The rule %q is for the category %q, which does not exist.", r.Name, r.Value)
		}
	case ScopeView:
		if _, ok, err := s.options.View(ctx, r.Value); fault.CodeOf(err) == fault.Unavailable {
			return err
		} else if err != nil {
			return fault.At("rules", "The rule %q is for a view that cannot be used: %s", r.Name, fault.Public(err).Message)
		} else if !ok {
			return fault.At("rules", "The rule %q is for the view %q, which does not exist or is not shared.", r.Name, r.Value)
		}
	default:
		return fault.At("rules", "The rule %q is for %q. A rule is for all, for a category or for a view.", r.Name, r.Scope)
	}
	return r.checkAge()
}

// checkAge refuses an age that is none.
func (r *Rule) checkAge() error {
	if r.Keep {
		r.Age, r.Unit = 0, ""
		return nil
	}
	most, ok := map[string]int{Days: maxAge, Months: maxAge / 31, Years: maxAge / 366}[r.Unit]
	if !ok {
		return fault.At("rules", "The age of the rule %q is in days, months or years, not in %q.", r.Name, r.Unit)
	}
	if r.Age < 1 || r.Age > most {
		return fault.At("rules", "The age of the rule %q must lie between 1 and %d %s.", r.Name, most, r.Unit)
	}
	return nil
}

// before is the time before which what comes under the rule goes, ms.
func (r Rule) before(now time.Time) int64 {
	now = now.UTC()
	switch r.Unit {
	case Years:
		return back(now, 12*r.Age).UnixMilli()
	case Months:
		return back(now, r.Age).UnixMilli()
	}
	return now.AddDate(0, 0, -r.Age).UnixMilli()
}

// back is so many months before, on the month's last day where it has no such day:
// AddDate would go on into the next month, and remove too much.
func back(now time.Time, months int) time.Time {
	first := time.Date(now.Year(), now.Month()-time.Month(months), 1, now.Hour(), now.Minute(), now.Second(), now.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(now.Day(), last)-1)
}

// stays are the types that no rule removes: they say what became of the log, or whose
// an identity is, which verification replays, or what was under hold.
func stays() []string {
	return append(activity.NeverErased(), "ActorLinked", "UserRemoved", "LegalHoldSet", "LegalHoldLifted")
}

// sieve is what the rules let go of at a time.
func (s *Service) sieve(ctx context.Context, rules []Rule, at time.Time) (activity.Sieve, error) {
	by := activity.Sieve{Stay: stays()}
	for _, r := range rules {
		part := activity.SievePart{Keep: r.Keep}
		if !r.Keep {
			part.Before = r.before(at)
		}
		switch r.Scope {
		case ScopeCategory:
			types, ok := s.options.Categories(r.Value)
			if !ok {
				return by, fault.New(fault.Conflict, "The rule %q is for the category %q, which does not exist any more. Change the rule first.", r.Name, r.Value)
			}
			part.Query.Filters = []activity.Filter{{Field: activity.ByCategory, Value: r.Value, Types: slices.Clone(types)}}
		case ScopeView:
			query, ok, err := s.options.View(ctx, r.Value)
			if fault.CodeOf(err) == fault.Unavailable {
				return by, err
			}
			if err != nil || !ok {
				return by, fault.New(fault.Conflict, "The rule %q is for a view that cannot be used any more. Change the rule first.", r.Name)
			}
			part.Query = query
		}
		by.Parts = append(by.Parts, part)
	}
	return by, nil
}

// days is what Matomo's parameter says: after how many days all the rest goes, nil
// where no rule says that.
func days(rules []Rule, now time.Time) *int64 {
	for _, r := range rules {
		if r.Scope == ScopeAll && !r.Keep {
			return new((now.UnixMilli() - r.before(now)) / (24 * time.Hour).Milliseconds())
		}
	}
	return nil
}
