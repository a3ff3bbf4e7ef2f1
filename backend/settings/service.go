// Package settings keeps the system settings. Each change is stored together with
// the activity that says old → new: SystemSettingsUpdated, or one of its own for what is
// about privacy. A change that changes nothing records nothing.
package settings

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// A View reads what is stored: JSON values by name, only those that were ever set.
// Cost: one read of a few rows.
type View interface {
	Settings(ctx context.Context) (map[string]json.RawMessage, error)
}

// A Tx is a View of one transaction that also writes.
type Tx interface {
	View
	SetSetting(ctx context.Context, name string, value json.RawMessage) error
	Record(ctx context.Context, b activity.Body) (activity.Receipt, error)
}

// A Store keeps settings. Update stores all of change or nothing. The sqlite package
// implements it.
type Store interface {
	View
	Update(ctx context.Context, change func(Tx) error) error
}

// A Service reads and changes the settings.
type Service struct {
	store Store
	now   func() time.Time
}

// New returns a service.
func New(store Store, now func() time.Time) *Service { return &Service{store: store, now: now} }

// Current returns the settings for the program's own use, whoever calls. Cost: one read
// of a few rows. Errors: unavailable.
func (s *Service) Current(ctx context.Context) (Settings, error) {
	stored, err := s.store.Settings(ctx)
	if err != nil {
		return Settings{}, failed(err)
	}
	return read(stored), nil
}

// Settings returns the settings. Errors: unauthenticated, denied (role none).
func (s *Service) Settings(ctx context.Context, _ GetIn) (Settings, error) {
	if _, err := access.Require(ctx, access.View); err != nil {
		return Settings{}, err
	}
	return s.Current(ctx)
}

// Defaults are the settings of a log in which none was ever set.
func Defaults() Settings {
	return Settings{Language: "en", Port: 8765, IngestRequests: 6_000, IngestRecords: 100_000}
}

// maxQuota bounds the quotas; so many come from nobody in a minute.
const maxQuota = 1_000_000_000

// Configure changes settings and returns them all. Errors: unauthenticated, denied,
// invalid (field language, port, ipMask, ingestRequests, ingestRecords).
func (s *Service) Configure(ctx context.Context, in ConfigureIn) (Settings, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Settings{}, err
	}
	if in.Language != nil && !slices.Contains(account.Languages(), *in.Language) {
		return Settings{}, fault.At("language", "The language is one of %q, not %q.", account.Languages(), *in.Language)
	}
	if in.Port != nil && (*in.Port < 1 || *in.Port > 65535) {
		return Settings{}, fault.At("port", "The port is a number from 1 to 65535, not %d.", *in.Port)
	}
	if in.IPMask != nil && (*in.IPMask < 0 || *in.IPMask > activity.MostMasked) {
		return Settings{}, fault.At("ipMask", "ipMask is the number of bytes to mask: 0 (none) to %d, not %d.", activity.MostMasked, *in.IPMask)
	}
	for name, quota := range map[string]*int64{"ingestRequests": in.IngestRequests, "ingestRecords": in.IngestRecords} {
		if quota != nil && (*quota < 1 || *quota > maxQuota) {
			return Settings{}, fault.At(name, "%s must lie between 1 and %d a minute.", name, maxQuota)
		}
	}
	var now Settings
	err = s.store.Update(ctx, func(tx Tx) error {
		stored, err := tx.Settings(ctx)
		if err != nil {
			return err
		}
		now = read(stored)
		return s.configure(ctx, tx, p, &now, in)
	})
	return now, failed(err)
}

func (s *Service) configure(ctx context.Context, tx Tx, p access.Principal, now *Settings, in ConfigureIn) error {
	system := slices.Concat(
		change("gravatar", &now.Gravatar, in.Gravatar), change("language", &now.Language, in.Language),
		change("serve", &now.Serve, in.Serve), change("port", &now.Port, in.Port),
		change("ingestRequests", &now.IngestRequests, in.IngestRequests), change("ingestRecords", &now.IngestRecords, in.IngestRecords),
	)
	if err := s.save(ctx, tx, p, "SystemSettingsUpdated", system, nil); err != nil {
		return err
	}
	ip := change("ipMask", &now.IPMask, in.IPMask)
	said := map[string]any{"enabled": now.IPMask > 0, "maskLength": now.IPMask}
	if err := s.save(ctx, tx, p, "PrivacyAnonymizeIpSet", ip, said); err != nil {
		return err
	}
	track, typ := change("doNotTrack", &now.DoNotTrack, in.DoNotTrack), "PrivacyDntDisabled"
	if now.DoNotTrack {
		typ = "PrivacyDntEnabled"
	}
	return s.save(ctx, tx, p, typ, track, nil)
}

// save stores changes together with the activity that tells of them, if there are any.
func (s *Service) save(ctx context.Context, tx Tx, p access.Principal, typ string, changes []activity.Change, said map[string]any) error {
	if len(changes) == 0 {
		return nil
	}
	for _, c := range changes {
		if err := tx.SetSetting(ctx, c.Field, c.New); err != nil {
			return err
		}
	}
	b := account.Begin(p, s.now(), typ)
	b.Changes = changes
	if said != nil {
		b.Parameters = account.JSON(said)
	}
	_, err := tx.Record(ctx, b)
	return err
}

// change takes a value over, if there is one and it is another, and says so.
func change[T comparable](name string, now, to *T) []activity.Change {
	if to == nil || *to == *now {
		return nil
	}
	said := account.Changed(name, *now, *to)
	*now = *to
	return []activity.Change{said}
}

// read returns stored values over the defaults. A value of another kind counts as
// not set.
func read(stored map[string]json.RawMessage) Settings {
	now := Defaults()
	quota := func(n int64) bool { return n >= 1 && n <= maxQuota }
	take(stored, "gravatar", &now.Gravatar, func(bool) bool { return true })
	take(stored, "language", &now.Language, func(l string) bool { return slices.Contains(account.Languages(), l) })
	take(stored, "serve", &now.Serve, func(bool) bool { return true })
	take(stored, "port", &now.Port, func(p int) bool { return p > 0 && p <= 65535 })
	take(stored, "ipMask", &now.IPMask, func(n int) bool { return n >= 0 && n <= activity.MostMasked })
	take(stored, "doNotTrack", &now.DoNotTrack, func(bool) bool { return true })
	take(stored, "ingestRequests", &now.IngestRequests, quota)
	take(stored, "ingestRecords", &now.IngestRecords, quota)
	return now
}

func take[T any](stored map[string]json.RawMessage, name string, to *T, valid func(T) bool) {
	var value T
	if text, ok := stored[name]; ok && json.Unmarshal(text, &value) == nil && valid(value) {
		*to = value
	}
}

func failed(err error) error {
	return fault.Else(err, fault.Internal, "The settings could not be read or changed. The program's log says why.")
}
