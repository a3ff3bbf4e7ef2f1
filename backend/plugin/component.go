package plugin

import (
	"context"

	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
)

// program is what the program is called where it is a component.
const program = "Activity Log"

// Started notes the program's own version. The first start of another version than ran
// before is recorded, by whichever process it is; a new log, and a build without a
// version, record nothing. Cost: one row where nothing changed. Errors: unavailable.
func (s *Service) Started(ctx context.Context, version string) error {
	if !catalog.ValidVersion(version) {
		return nil
	}
	before, err := s.store.Component(ctx, program)
	if err != nil || before == version {
		return err
	}
	now := s.options.Now()
	return s.store.ChangeComponent(ctx, program, version, now.UnixMilli(), func(before string) *activity.Body {
		if before == "" {
			return nil
		}
		name := "activitylog"
		return &activity.Body{
			V: activity.BodyVersion, OccurredAt: now.UnixMilli(), Type: "ComponentUpdated",
			Actor:  activity.BodyActor{Kind: activity.KindSystem, Source: account.SourceSelf, Name: &name},
			Source: account.SourceSelf, Result: activity.OK,
			Object:     &activity.Object{Kind: "component", ID: "activitylog", Name: program},
			Changes:    []activity.Change{account.Changed("version", before, version)},
			Parameters: account.JSON(map[string]any{"component": entity{"activitylog", program}, "version": version}),
		}
	})
}
