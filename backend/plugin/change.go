package plugin

import (
	"context"
	"slices"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/fault"
)

// InstallPlugin installs what was chosen. Its types can be recorded at once, and what was
// recorded with them before the plugin was there reads by its sentences from now on.
// Errors: unauthenticated, denied, not_found (handle), invalid (what is wrong: file,
// field and reason), conflict (it is installed; the version was, with other files).
func (s *Service) InstallPlugin(ctx context.Context, in InstallIn) (Plugin, error) {
	return s.take(ctx, in.Handle, func(d catalog.Definition, old *catalog.Stored, b *activity.Body) (string, error) {
		if old != nil && old.State != catalog.Removed {
			return "", fault.New(fault.Conflict, "The plugin %s is installed already, in version %s. Update it instead.", d.Name, old.Version).Blame("plugin")
		}
		if err := otherFiles(d, old); err != nil {
			return "", err
		}
		b.Type = "PluginInstalled"
		b.Parameters = account.JSON(map[string]any{"plugin": entityOf(d.Name), "version": d.Version})
		b.Changes = []activity.Change{account.Changed("version", nil, d.Version), account.Changed("sha256", nil, d.Keep("", nil).Sum())}
		return catalog.Active, nil
	})
}

// UpdatePlugin puts what was chosen in the place of the plugin of that name. Types that it no
// longer has stay readable. Errors: as InstallPlugin; not_found (it is not installed), conflict
// (the version is not newer, and Downgrade is false; it is the same, with other files).
func (s *Service) UpdatePlugin(ctx context.Context, in UpdateIn) (Plugin, error) {
	return s.take(ctx, in.Handle, func(d catalog.Definition, old *catalog.Stored, b *activity.Body) (string, error) {
		if old == nil || old.State == catalog.Removed {
			return "", fault.New(fault.NotFound, "The plugin %s is not installed. Install it instead.", d.Name).Blame("plugin")
		}
		if catalog.CompareVersions(d.Version, old.Version) <= 0 && !in.Downgrade {
			return "", fault.New(fault.Conflict, "%s is installed in version %s, and %s is not newer. Say so (downgrade) if it shall be taken all the same.", d.Name, old.Version, d.Version).Blame("version")
		}
		if err := otherFiles(d, old); err != nil {
			return "", err
		}
		after := d.Keep("", nil)
		b.Type = "ComponentUpdated"
		b.Parameters = account.JSON(map[string]any{"component": entityOf(d.Name), "version": d.Version})
		b.Changes = []activity.Change{account.Changed("version", old.Version, d.Version), account.Changed("sha256", old.Sum(), after.Sum())}
		if before := current(*old); !slices.Equal(before, current(after)) {
			b.Changes = append(b.Changes, account.Changed("types", before, current(after)))
		}
		return old.State, nil
	})
}

// otherFiles refuses a version that is kept with other files: how old activities read
// would change, and nothing would say so but a checksum.
func otherFiles(d catalog.Definition, old *catalog.Stored) error {
	if old == nil || old.Version != d.Version || old.Sum() == d.Keep("", nil).Sum() {
		return nil
	}
	return fault.New(fault.Conflict, "Version %s of %s was installed with other files. Give this one a version of its own.", d.Version, d.Name).Blame("version")
}

// current are the ids of the types that a plugin has now, in order.
func current(one catalog.Stored) []string {
	ids := []string{}
	for _, t := range one.Types {
		if t.Current {
			ids = append(ids, t.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// take stores what was chosen, in the state that say returns.
func (s *Service) take(ctx context.Context, handle string, say func(catalog.Definition, *catalog.Stored, *activity.Body) (string, error)) (Plugin, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Plugin{}, err
	}
	path, err := s.options.Path(ctx, handle)
	if err != nil {
		return Plugin{}, err
	}
	files, problems, err := Read(path)
	if err == nil {
		err = refusal(problems)
	}
	if err != nil {
		return Plugin{}, err
	}
	d, problems := s.options.Catalog.Read(files)
	if err := refusal(problems); err != nil {
		return Plugin{}, err
	}
	return s.change(ctx, p, d.Name, func(kept []catalog.Stored, b *activity.Body) (*catalog.Stored, error) {
		if err := refusal(s.options.Catalog.Clashes(d, kept)); err != nil {
			return nil, err
		}
		old := keptAs(kept, d.Name)
		state, err := say(d, old, b)
		if err != nil {
			return nil, err
		}
		var before []catalog.StoredType
		if old != nil {
			before = old.Types
		}
		next := d.Keep(state, before)
		return &next, nil
	})
}

// RemovePlugin removes a plugin that was installed. What was recorded stays, and reads as it
// did. Errors: unauthenticated, denied, not_found, conflict (it is bundled).
func (s *Service) RemovePlugin(ctx context.Context, in NameIn) (Plugin, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Plugin{}, err
	}
	return s.change(ctx, p, in.Name, func(kept []catalog.Stored, b *activity.Body) (*catalog.Stored, error) {
		old := keptAs(kept, in.Name)
		if old == nil || old.Manifest == nil {
			if _, err := s.named(in.Name); err == nil {
				return nil, fault.New(fault.Conflict, "The plugin %s is part of the program and cannot be removed. It can be deactivated.", in.Name).Blame("name")
			}
			return nil, notThere(in.Name)
		}
		if old.State == catalog.Removed {
			return nil, notThere(in.Name)
		}
		next := *old
		next.State = catalog.Removed
		b.Type = "PluginUninstalled"
		b.Changes = []activity.Change{account.Changed("version", old.Version, nil)}
		return &next, nil
	})
}

// ActivatePlugin has a plugin's types be offered and recorded again. Errors: unauthenticated,
// denied, not_found.
func (s *Service) ActivatePlugin(ctx context.Context, in NameIn) (Plugin, error) {
	return s.turn(ctx, in.Name, catalog.Active, "PluginActivated")
}

// DeactivatePlugin has a plugin's types be offered no longer, and refused where they are
// recorded by people and programs. What was recorded reads as it did, and can be
// imported. Errors: unauthenticated, denied, not_found, conflict (the program itself
// records its types).
func (s *Service) DeactivatePlugin(ctx context.Context, in NameIn) (Plugin, error) {
	return s.turn(ctx, in.Name, catalog.Inactive, "PluginDeactivated")
}

func (s *Service) turn(ctx context.Context, name, state, said string) (Plugin, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Plugin{}, err
	}
	return s.change(ctx, p, name, func(kept []catalog.Stored, b *activity.Body) (*catalog.Stored, error) {
		next := catalog.Stored{Name: name, State: catalog.Active}
		if old := keptAs(kept, name); old != nil {
			next = *old
		}
		one, err := s.named(name)
		switch {
		case next.State == catalog.Removed || next.Manifest == nil && (err != nil || !one.Bundled):
			return nil, notThere(name)
		case next.Manifest == nil && one.Essential && state == catalog.Inactive:
			return nil, fault.New(fault.Conflict, "The program itself records types of the plugin %s. It cannot be deactivated.", name).Blame("name")
		case next.State == state:
			return nil, nil
		}
		b.Type = said
		b.Changes = []activity.Change{account.Changed("state", next.State, state)}
		next.State = state
		return &next, nil
	})
}

// entity names a plugin in an activity.
type entity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func entityOf(name string) entity { return entity{name, name} }

// change keeps what next makes of what is kept, with its activity, and returns the plugin.
func (s *Service) change(ctx context.Context, p access.Principal, name string, next func([]catalog.Stored, *activity.Body) (*catalog.Stored, error)) (Plugin, error) {
	now := s.options.Now()
	var after catalog.Stored
	err := s.store.ChangePlugin(ctx, now.UnixMilli(), func(kept []catalog.Stored) (*catalog.Stored, *activity.Body, error) {
		b := account.Begin(p, now, "")
		b.Object = &activity.Object{Kind: "plugin", ID: name, Name: name}
		b.Parameters = account.JSON(map[string]any{"plugin": entityOf(name)})
		one, err := next(kept, &b)
		if err != nil || one == nil {
			return nil, nil, err
		}
		if b.Type == "ComponentUpdated" {
			b.Object.Kind = "component"
		}
		after = *one
		return one, &b, nil
	})
	if err != nil {
		return Plugin{}, failed(err)
	}
	if err := s.Load(ctx); err != nil {
		return Plugin{}, failed(err)
	}
	return s.one(ctx, name, after)
}

// one is a plugin after it was changed.
func (s *Service) one(ctx context.Context, name string, after catalog.Stored) (Plugin, error) {
	if after.State == catalog.Removed {
		return Plugin{Name: name, Version: after.Version, Label: name, Types: []Type{}}, nil
	}
	all, err := s.Plugins(ctx, ListIn{})
	if err != nil {
		return Plugin{}, err
	}
	i := slices.IndexFunc(all.Plugins, func(q Plugin) bool { return q.Name == name })
	if i < 0 {
		return Plugin{}, notThere(name) // another process was quicker to remove it
	}
	return all.Plugins[i], nil
}
