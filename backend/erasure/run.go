package erasure

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// A note is what is kept of an erasing while it is under way, so that it goes on after
// the program was killed. It says who is erased, and is emptied before the file is
// cleaned.
type note struct {
	// Who asked. The local owner has no user.
	User  int64  `json:"user"`
	Login string `json:"login"`
	Zone  string `json:"zone"`

	Wanted *Wanted  `json:"wanted"` // nil: only the file is left to be cleaned
	Who    *Who     `json:"who"`    // of a person
	Emails []string `json:"emails"`
	Tokens []string `json:"tokens"` // files of servers that were followed; they may be there yet
	State  string   `json:"state"`  // how it is to end
}

func (n note) encode() []byte { return account.JSON(n) }

func (n note) principal() access.Principal {
	return access.Principal{UserID: n.User, Owner: n.User == 0, Login: n.Login, Zone: n.Zone, Role: access.Super}
}

// rounds bounds how often the log is searched again: others go on naming the person.
const rounds = 20

// Erase starts erasing what a plan lists and returns the job. An account is removed
// first. Then each commit that erases says so by a LogErased, without a name. What comes
// in while it runs goes too. Killed, it goes on by itself; cancelled, what went is gone.
// Errors: as [Service.ErasePlan]; conflict (more would go than was agreed to, some of it is under legal hold,
// another erasing runs, there is nothing to erase).
func (s *Service) Erase(ctx context.Context, in In) (job.Job, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return job.Job{}, err
	}
	w, err := s.want(ctx, p, in.plan())
	if err != nil {
		return job.Job{}, err
	}
	plan, err := s.plan(ctx, w)
	if err != nil {
		return job.Job{}, err
	}
	if err := plan.agreed(in.Total); err != nil {
		return job.Job{}, err
	}
	n := note{User: p.UserID, Login: p.Login, Zone: p.Zone, Wanted: &w.Wanted, State: activity.ErasingDone}
	if w.kind == KindPerson {
		who := w.who()
		n.Who, n.Emails = &who, w.emails()
	}
	e := activity.Erasing{Kind: w.kind, StartedAt: s.options.Now().UnixMilli(), Plan: n.encode()}
	if p.UserID != 0 {
		e.ByUser = &p.UserID
	}
	if err := s.goOn(ctx, w.kind); err != nil { // with one that was killed
		return job.Job{}, err
	}
	release, err := s.alone(w.kind)
	if err != nil {
		return job.Job{}, err
	}
	if e.ID, err = s.store.BeginErasing(ctx, e); err != nil {
		return job.Job{}, errors.Join(err, release())
	}
	total := plan.Total
	if plan.User != nil {
		total++ // that the account was removed is recorded, and erased with the rest
	}
	started, err := s.options.Jobs.Start(ctx, jobOf(&total), func(ctx context.Context, task *job.Task) error {
		return errors.Join(s.run(ctx, running{Erasing: e, note: n, progress: task.Progress}), release())
	})
	if err != nil { // the program ends: nothing began
		n.State = activity.ErasingStopped
		return job.Job{}, errors.Join(err, s.clean(context.WithoutCancel(ctx), running{Erasing: e, note: n}), release())
	}
	return started, nil
}

// jobOf is a job without a name: the list of jobs outlives it.
func jobOf(total *int64) job.Plan {
	return job.Plan{Kind: job.KindErase, Unit: job.UnitRows, Total: total}
}

// A running is an erasing at work.
type running struct {
	activity.Erasing
	note
	progress func(int64)
}

// run erases until nothing is left, and cleans the file.
func (s *Service) run(ctx context.Context, r running) error {
	var err error
	if r.Wanted != nil {
		err = s.erase(ctx, r)
		_, cancelled := job.CancelledBy(ctx)
		switch {
		case ctx.Err() != nil && !cancelled, ctx.Err() == nil && fault.CodeOf(err) == fault.Unavailable:
			return err // it goes on with the next start, or in a minute
		case err != nil:
			r.note.State = activity.ErasingStopped
		}
	}
	return errors.Join(err, s.clean(context.WithoutCancel(ctx), r))
}

// clean forgets who was erased and cleans the file. Also where the erasing was stopped:
// what is gone must be gone from the file too.
func (s *Service) clean(ctx context.Context, r running) error {
	r.note = note{User: r.User, State: r.note.State} // also not who asked: they may be erased later
	err := s.store.Forgetting(ctx, func(tx Tx) error { return tx.Replan(ctx, r.ID, r.encode()) })
	if err == nil {
		err = s.store.Scrub(ctx)
	}
	if err != nil {
		return err
	}
	if r.Freed, err = s.store.GiveBack(ctx); err != nil {
		return err
	}
	now := s.options.Now().UnixMilli()
	r.Erasing.State, r.FinishedAt = r.note.State, &now
	return s.store.EndErasing(ctx, r.Erasing, nil)
}

// erase erases until a search finds nothing more.
func (s *Service) erase(ctx context.Context, r running) error {
	kind := KindActivity
	if r.Who != nil {
		kind = KindPerson
		// Before the account goes too: not half of a person.
		err := activity.Heeding(new(int64), func() error {
			mark, err := s.unheld(ctx, *r.Wanted)
			if err != nil {
				return err
			}
			return s.forget(ctx, &r, &mark)
		})
		if err != nil {
			return err
		}
	}
	var done int64
	for range rounds {
		var found int64
		err := activity.Heeding(&done, func() (err error) {
			found, err = s.eraseFound(ctx, r, kind, &done)
			return err
		})
		if err != nil {
			return err
		}
		if found == 0 {
			break
		}
	}
	if r.Who == nil {
		return nil
	}
	if err := s.forget(ctx, &r, nil); err != nil { // what others made meanwhile
		return err
	}
	return s.store.Unname(ctx, r.Wanted.Identities)
}

// eraseFound searches once and erases what it finds, unless some of it is under hold. It
// returns how much it found, and adds to done what it erased.
func (s *Service) eraseFound(ctx context.Context, r running, kind string, done *int64) (int64, error) {
	found, err := s.store.Erasable(ctx, *r.Wanted)
	if err != nil || found.Total == 0 {
		return 0, err
	}
	if err := found.whole(); err != nil {
		return 0, err
	}
	holds, held, err := s.held(ctx, found.Runs)
	if err == nil && held > 0 {
		err = underHold(held)
	}
	if err != nil {
		return 0, err
	}
	p := r.principal()
	return found.Total, activity.EraseInSteps(ctx, found.Runs, func(runs [][2]int64) error {
		if err := s.options.Accounts.Standing(ctx, p); err != nil {
			return err
		}
		erased, _, err := s.store.EraseRuns(ctx, r.ID, holds, runs, s.says(p, erased{Kind: kind}))
		*done += erased
		r.progress(*done)
		return err
	})
}

// erased are what LogErased says.
type erased struct {
	Kind    string           `json:"kind"`
	Count   int64            `json:"count"`
	Runs    [][2]int64       `json:"runs"` // places in the ledger, from 0, both ends included
	Account bool             `json:"account,omitempty"`
	Traces  map[string]int64 `json:"traces,omitempty"`
}

// says makes the activity that says what one commit erased.
func (s *Service) says(p access.Principal, what erased) activity.Said {
	return func(n int64, runs [][2]int64) activity.Body {
		what.Count, what.Runs = n, runs
		b := account.BeginLasting(p, s.options.Now(), "LogErased")
		data, err := json.Marshal(what)
		if err != nil {
			panic("erasure: " + err.Error()) // it has only numbers and plain words
		}
		b.Parameters = data
		return b
	}
}

// forget removes the account and what the person left outside of the activities, with
// the activities that say so, in one commit. It can be called again. The files that go
// after that commit are in the note by then, for a program that goes on. With the mark of
// the holds it is done only while they are those.
func (s *Service) forget(ctx context.Context, r *running, holds *string) error {
	n, p := &r.note, r.principal()
	if err := s.options.Accounts.Standing(ctx, p); err != nil {
		return err
	}
	var left Forgotten
	err := s.store.Forgetting(ctx, func(tx Tx) error {
		if holds != nil {
			if err := tx.UnderHolds(ctx, *holds); err != nil {
				return err
			}
		}
		_, there, err := tx.UserByID(ctx, n.Who.UserID)
		if err != nil {
			return err
		}
		if left, err = tx.Forget(ctx, *n.Who); err != nil {
			return err
		}
		if there {
			if err := s.options.Accounts.Remove(ctx, tx, p, strconv.FormatInt(n.Who.UserID, 10)); err != nil {
				return err
			}
		}
		if len(left.Tokens) > 0 {
			n.Tokens = append(n.Tokens, left.Tokens...)
			if err := tx.Replan(ctx, r.ID, n.encode()); err != nil {
				return err
			}
		}
		if !there && len(left.Traces) == 0 {
			return nil
		}
		what := erased{Kind: KindPerson, Account: there, Traces: map[string]int64{}}
		for _, t := range left.Traces {
			what.Traces[t.Kind] += t.N
		}
		_, err = tx.Record(ctx, s.says(p, what)(0, [][2]int64{}))
		return err
	})
	if err != nil {
		return err
	}
	s.options.Accounts.ForgetFailures(n.Who.UserID, n.Who.Hashes, n.Who.Addresses)
	return errors.Join(s.options.Pictures(n.Emails), s.options.Tokens(n.Tokens))
}
