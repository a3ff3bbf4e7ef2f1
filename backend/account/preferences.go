package account

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Languages are those the program speaks.
func Languages() []string { return []string{"en", "de"} }

// defaults are the preferences of a user who chose none.
func defaults() Preferences {
	return Preferences{Theme: "auto", Density: "comfortable", StartView: "timeline", SingleKeys: true, TimeForm: "absolute", Columns: activity.DefaultColumns()}
}

// A preference is one of them: its place in the wire types and what it may be.
type preference struct {
	name    string
	setting bool // recorded in UserSettingsUpdated; otherwise by itself
	text    func(*Preferences) *string
	flag    func(*Preferences) *bool
	wanted  func(*PreferIn) *string
	flagged func(*PreferIn) *bool
	list    func(*Preferences) *[]string // columns
	listed  func(*PreferIn) *[]string
	values  []string // nil: a time zone
}

var preferences = []preference{
	{
		name: "language", setting: true, values: append([]string{""}, Languages()...),
		text: func(p *Preferences) *string { return &p.Language }, wanted: func(in *PreferIn) *string { return in.Language },
	},
	{
		name: "zone", setting: true,
		text: func(p *Preferences) *string { return &p.Zone }, wanted: func(in *PreferIn) *string { return in.Zone },
	},
	{
		name: "theme", setting: true, values: []string{"auto", "light", "dark"},
		text: func(p *Preferences) *string { return &p.Theme }, wanted: func(in *PreferIn) *string { return in.Theme },
	},
	{
		name: "density", setting: true, values: []string{"compact", "comfortable", "airy"},
		text: func(p *Preferences) *string { return &p.Density }, wanted: func(in *PreferIn) *string { return in.Density },
	},
	{
		name: "columns",
		list: func(p *Preferences) *[]string { return &p.Columns }, listed: func(in *PreferIn) *[]string { return in.Columns },
	},
	{
		name: "startView", values: []string{"timeline", "mine"},
		text: func(p *Preferences) *string { return &p.StartView }, wanted: func(in *PreferIn) *string { return in.StartView },
	},
	{
		name: "hideOwn",
		flag: func(p *Preferences) *bool { return &p.HideOwn }, flagged: func(in *PreferIn) *bool { return in.HideOwn },
	},
	{
		name: "singleKeys",
		flag: func(p *Preferences) *bool { return &p.SingleKeys }, flagged: func(in *PreferIn) *bool { return in.SingleKeys },
	},
	{
		name: "timeForm", values: []string{"absolute", "relative", "utc"},
		text: func(p *Preferences) *string { return &p.TimeForm }, wanted: func(in *PreferIn) *string { return in.TimeForm },
	},
}

// apply sets the preference to what is wanted and returns its old and new value;
// changed is false if they are the same or nothing is wanted.
func (d preference) apply(p *Preferences, in *PreferIn) (from, to any, changed bool) {
	if d.flag != nil {
		at, want := d.flag(p), d.flagged(in)
		if want == nil || *want == *at {
			return nil, nil, false
		}
		from, *at = *at, *want
		return from, *want, true
	}
	if d.list != nil {
		at, want := d.list(p), d.listed(in)
		if want == nil || slices.Equal(*want, *at) {
			return nil, nil, false
		}
		from, *at = *at, *want
		return from, *want, true
	}
	at, want := d.text(p), d.wanted(in)
	if want == nil || *want == *at {
		return nil, nil, false
	}
	from, *at = *at, *want
	return from, *want, true
}

// read returns stored preferences over the defaults. A value that is no longer
// known counts as not set.
func read(stored map[string]json.RawMessage) Preferences {
	p := defaults()
	for _, d := range preferences {
		raw, ok := stored[d.name]
		if !ok {
			continue
		}
		if d.flag != nil {
			_ = json.Unmarshal(raw, d.flag(&p))
			continue
		}
		if d.list != nil {
			var columns []string
			if json.Unmarshal(raw, &columns) == nil {
				if known, err := activity.CheckColumns(d.name, columns); err == nil {
					*d.list(&p) = known
				}
			}
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) == nil && d.valid(text) {
			*d.text(&p) = text
		}
	}
	return p
}

func (d preference) valid(value string) bool {
	if d.values == nil {
		return value == "" || ValidZone(value)
	}
	return slices.Contains(d.values, value)
}

// ValidZone reports whether a name is that of a time zone, as in the IANA database.
func ValidZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

func (in *PreferIn) check() error {
	for _, d := range preferences {
		if d.flag != nil {
			continue
		}
		if d.list != nil {
			if want := d.listed(in); want != nil {
				known, err := activity.CheckColumns(d.name, *want)
				if err != nil {
					return err
				}
				*want = known
			}
			continue
		}
		want := d.wanted(in)
		if want == nil || d.valid(*want) {
			continue
		}
		if d.values == nil {
			return fault.At(d.name, "%q is not a time zone. Write it like Europe/Berlin.", *want)
		}
		return fault.At(d.name, "%s cannot be %q. It is one of %q.", d.name, *want, d.values)
	}
	return nil
}

// Preferences returns the caller's preferences; the local owner has the defaults.
// Errors: unauthenticated.
func (s *Service) Preferences(ctx context.Context, _ PreferencesIn) (Preferences, error) {
	p, err := access.Require(ctx, access.None)
	if err != nil || p.UserID == 0 {
		return defaults(), err
	}
	stored, err := s.store.Stored(ctx, p.UserID)
	return read(stored), failed(err)
}

// Prefer changes preferences of the caller. Errors: unauthenticated, denied (the
// local owner has none), invalid (the preference's field).
func (s *Service) Prefer(ctx context.Context, in PreferIn) (Preferences, error) {
	p, err := access.Require(ctx, access.None)
	if err != nil {
		return Preferences{}, err
	}
	if p.UserID == 0 {
		return Preferences{}, fault.New(fault.Denied, "The command line has no preferences. Sign in at the window to have some.")
	}
	if err := in.check(); err != nil {
		return Preferences{}, err
	}
	var now Preferences
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := s.prefer(ctx, tx, p, in); err != nil {
			return err
		}
		stored, err := tx.Stored(ctx, p.UserID)
		now = read(stored)
		return err
	})
	return now, failed(err)
}

// prefer stores and records what changes.
func (s *Service) prefer(ctx context.Context, tx Tx, p access.Principal, in PreferIn) error {
	stored, err := tx.Stored(ctx, p.UserID)
	if err != nil {
		return err
	}
	now := read(stored)
	settings := Begin(p, s.now(), "UserSettingsUpdated")
	var bodies []activity.Body
	for _, d := range preferences {
		from, to, changed := d.apply(&now, &in)
		if !changed {
			continue
		}
		if err := tx.SetPreference(ctx, p.UserID, d.name, JSON(to)); err != nil {
			return err
		}
		if d.setting {
			settings.Changes = append(settings.Changes, Changed(d.name, from, to))
			continue
		}
		value := to
		if columns, ok := to.([]string); ok {
			value = strings.Join(columns, ", ")
		}
		b := about(p, s.now(), "UserPreferenceSet", Record{ID: p.UserID, Login: p.Login}, params{"preference": d.name, "value": value})
		b.Changes = append(b.Changes, Changed(d.name, from, to))
		bodies = append(bodies, b)
	}
	if len(settings.Changes) > 0 {
		bodies = append([]activity.Body{settings}, bodies...)
	}
	for _, b := range bodies {
		if _, err := tx.Record(ctx, b); err != nil {
			return err
		}
	}
	return nil
}
