package source

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// maxMappings bounds how many mappings are kept.
const maxMappings = 500

// Mappings lists the mappings that were saved, by name. Errors: denied.
func (s *Service) Mappings(ctx context.Context, _ MappingsIn) (Mappings, error) {
	if _, err := access.Require(ctx, access.Super); err != nil {
		return Mappings{}, err
	}
	out := Mappings{Mappings: []SavedMapping{}}
	err := s.store.Mappings(ctx, func(name string, data []byte, savedAt int64) error {
		saved, err := openMapping(name, data, savedAt)
		out.Mappings = append(out.Mappings, saved)
		return err
	})
	return out, err
}

func openMapping(name string, data []byte, savedAt int64) (SavedMapping, error) {
	out := SavedMapping{Name: name, SavedAt: savedAt}
	if err := json.Unmarshal(data, &out.Mapping); err != nil {
		return out, fmt.Errorf("the mapping %q: %w", name, err)
	}
	return out, nil
}

// SaveMapping keeps a mapping under a name, in place of the one that has it, and records
// that. The same mapping again changes nothing. Errors: denied, invalid (name, mapping),
// conflict (there are 500).
func (s *Service) SaveMapping(ctx context.Context, in SaveMappingIn) (SavedMapping, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return SavedMapping{}, err
	}
	name := strings.TrimSpace(in.Name)
	if n := utf8.RuneCountInString(name); n < 1 || n > 100 || name != cleanText(name) {
		return SavedMapping{}, fault.At("name", "A mapping's name has 1 to 100 characters on one line.")
	}
	if err := in.Mapping.check(); err != nil {
		return SavedMapping{}, err
	}
	if in.Mapping.Columns == nil {
		in.Mapping.Columns = []MappedColumn{}
	}
	data := encodeJSON(in.Mapping)
	now := s.options.Now().UnixMilli()
	saved := SavedMapping{Name: name, Mapping: in.Mapping, SavedAt: now}
	err = s.store.ChangeMapping(ctx, name, now, func(old []byte, oldAt int64, n int) ([]byte, *activity.Body, error) {
		switch {
		case old == nil && n >= maxMappings:
			return nil, nil, fault.New(fault.Conflict, "%d mappings are saved already. Remove one that is no longer needed.", maxMappings)
		case old != nil && bytes.Equal(old, data):
			saved.SavedAt = oldAt
			return old, nil, nil
		}
		return data, s.aboutMapping(p, "ImportMappingSaved", name, old, data), nil
	})
	return saved, err
}

// RemoveMapping removes a saved mapping and records that. What came in by it stays.
// Errors: denied, not_found.
func (s *Service) RemoveMapping(ctx context.Context, in RemoveMappingIn) (SavedMapping, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return SavedMapping{}, err
	}
	var removed SavedMapping
	err = s.store.ChangeMapping(ctx, in.Name, 0, func(old []byte, oldAt int64, _ int) ([]byte, *activity.Body, error) {
		if old == nil {
			return nil, nil, fault.New(fault.NotFound, "There is no saved mapping of that name.").Blame("name")
		}
		var err error
		removed, err = openMapping(in.Name, old, oldAt)
		return nil, s.aboutMapping(p, "ImportMappingRemoved", in.Name, old, nil), err
	})
	return removed, err
}

// aboutMapping is the activity that says what became of a mapping; nil is none.
func (s *Service) aboutMapping(p access.Principal, typ, name string, before, after []byte) *activity.Body {
	said := account.Begin(p, s.options.Now(), typ)
	said.Object = &activity.Object{Kind: "mapping", ID: name, Name: name}
	said.Changes = append(said.Changes, activity.Change{Field: "mapping", Old: orNull(before), New: orNull(after)})
	return &said
}

func orNull(data []byte) json.RawMessage {
	if data == nil {
		return json.RawMessage("null")
	}
	return data
}
