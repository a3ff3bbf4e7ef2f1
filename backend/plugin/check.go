package plugin

import (
	"context"
	"fmt"
	"slices"

	"activitylog/backend/access"
	"activitylog/backend/catalog"
)

// CheckPlugin says what a chosen folder or zip would bring, and all that is wrong with it.
// Errors: unauthenticated, denied, not_found (handle), invalid (there is nothing to read).
func (s *Service) CheckPlugin(ctx context.Context, in CheckIn) (Check, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Check{}, err
	}
	name, err := s.options.Path(ctx, in.Handle)
	if err != nil {
		return Check{}, err
	}
	if err := s.Load(ctx); err != nil {
		return Check{}, failed(err)
	}
	kept, _, err := s.store.Plugins(ctx)
	if err != nil {
		return Check{}, failed(err)
	}
	return s.check(name, kept, s.language(ctx, p))
}

func (s *Service) check(path string, kept []catalog.Stored, lang string) (Check, error) {
	out := Check{Problems: []Problem{}}
	d, problems, err := s.read(path, kept)
	if err != nil {
		return out, err
	}
	for _, p := range problems {
		out.Problems = append(out.Problems, Problem(p))
	}
	if d.Name == "" {
		return out, nil
	}
	shown := s.shown(catalog.Plugin{Name: d.Name, Version: d.Version, Label: d.Label, Active: true}, d.Types, lang, func(id, lang string) string {
		for _, k := range d.Categories {
			if k.ID == id {
				return k.Label.In(lang)
			}
		}
		return s.options.Catalog.CategoryLabel(id, lang)
	})
	out.Plugin = &shown
	if old := keptAs(kept, d.Name); old != nil && old.State != catalog.Removed && old.Manifest != nil {
		out.Installed, out.Newer = &old.Version, catalog.CompareVersions(d.Version, old.Version) > 0
	}
	return out, nil
}

// read reads a plugin and says all that is wrong with it.
func (s *Service) read(path string, kept []catalog.Stored) (catalog.Definition, []catalog.Problem, error) {
	files, problems, err := Read(path)
	if err != nil || len(problems) > 0 {
		return catalog.Definition{}, problems, err
	}
	d, problems := s.options.Catalog.Read(files)
	if d.Name != "" {
		problems = append(problems, s.options.Catalog.Clashes(d, kept)...)
	}
	return d, problems, nil
}

// refusal is all that is wrong with a plugin as one error, nil for nothing.
func refusal(problems []catalog.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	err := problems[0].Error()
	if more := len(problems) - 1; more > 0 {
		err.Message += fmt.Sprintf(" (and %d more)", more)
	}
	return err
}

func keptAs(kept []catalog.Stored, name string) *catalog.Stored {
	i := slices.IndexFunc(kept, func(k catalog.Stored) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return &kept[i]
}
