package retention

import (
	"context"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// RetentionDryRun says what a run would remove now, by the saved rules or by others.
// Cost: for each rule and hold, 1 to 3 µs for each activity that it matches and that is
// older than the shortest age. Errors: denied, invalid
// (field rules), conflict (a rule is for what is gone), unavailable.
func (s *Service) RetentionDryRun(ctx context.Context, in DryRunIn) (DryRun, error) {
	if _, err := access.Require(ctx, access.Super); err != nil {
		return DryRun{}, err
	}
	c, _, err := s.config(ctx)
	if err != nil {
		return DryRun{}, failed(err)
	}
	if in.Rules != nil {
		if err := s.checkRules(ctx, *in.Rules); err != nil {
			return DryRun{}, err
		}
		c.Rules = *in.Rules
	}
	now := s.options.Now()
	found, _, err := s.sift(ctx, c.Rules, now)
	if err != nil {
		return DryRun{}, failed(err)
	}
	out := DryRun{At: now.UnixMilli(), Count: found.Count, Bytes: found.Count * freed(found.Body), Rules: make([]DryRule, len(c.Rules))}
	for i, part := range found.Parts {
		rule := DryRule{Count: part.Count, Held: part.Held, Oldest: part.Oldest}
		if !c.Rules[i].Keep {
			rule.Before = new(c.Rules[i].before(now))
		}
		out.Rules[i] = rule
		out.Held += part.Held
		if part.Oldest != nil && (out.Oldest == nil || *part.Oldest < *out.Oldest) {
			out.Oldest = part.Oldest
		}
	}
	if c.Reports.Enabled {
		out.Reports, err = s.store.OldReports(ctx, kind, c.Reports.before(now))
	}
	return out, failed(err)
}

func (r Reports) before(now time.Time) int64 { return back(now.UTC(), r.Months).UnixMilli() }

// freed is about how many bytes an activity takes besides its places in the ledger: its
// body, its row, its words and counts.
func freed(body int64) int64 { return body + body/2 + 60 }

// sift finds what the rules let go of, and the mark of the holds that it respects.
func (s *Service) sift(ctx context.Context, rules []Rule, at time.Time) (out activity.Sifted, holds string, err error) {
	by, err := s.sieve(ctx, rules, at)
	if err != nil {
		return out, "", err
	}
	if by.Hold, err = s.options.Holds(ctx); err != nil {
		return out, "", err
	}
	out, err = s.store.Sift(ctx, by)
	return out, by.Hold.Mark, err
}
