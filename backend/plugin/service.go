// Package plugin installs, updates and removes plugins: folders or zips with the types
// of activity that a program has. They are data, checked before anything is stored, and
// live in the log itself, so that every process and every backup has them.
package plugin

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/fault"
)

// A Store keeps plugins. The sqlite package implements it.
type Store interface {
	// Plugins returns what is kept, by name, and its revision: another number after each
	// change.
	Plugins(ctx context.Context) ([]catalog.Stored, int64, error)
	// PluginRevision returns the revision alone. Cost: one row.
	PluginRevision(ctx context.Context) (int64, error)
	// ChangePlugin keeps what change makes of all that is kept, with the activity that says
	// so in the same commit. Types are never taken away. Without an activity nothing changes.
	ChangePlugin(ctx context.Context, at int64, change func(kept []catalog.Stored) (*catalog.Stored, *activity.Body, error)) error
	// Component returns the version of a part of the program that ran last; "" is none.
	Component(ctx context.Context, name string) (version string, err error)
	// ChangeComponent notes a version, with what say makes of the one before. Without an
	// activity the version is noted alone.
	ChangeComponent(ctx context.Context, name, version string, at int64, say func(before string) *activity.Body) error
}

// Options are what the service needs besides its store.
type Options struct {
	Now     func() time.Time
	Catalog *catalog.Catalog
	// Path returns what a handle of the caller stands for. Errors: not_found.
	Path func(ctx context.Context, handle string) (string, error)
	// Language is the log's default, for readers who chose none.
	Language func(ctx context.Context) string
	Log      *slog.Logger
}

// A Service lists and changes plugins, and keeps the catalogue in step with them.
type Service struct {
	store   Store
	options Options

	loading  sync.Mutex
	revision int64
}

// New returns a service. Until [Service.Load] the catalogue has the bundled plugins alone.
func New(store Store, o Options) *Service { return &Service{store: store, options: o, revision: -1} }

// Load has the catalogue be what is kept, unless it is already. Cost: one row where
// nothing changed. Errors: unavailable.
func (s *Service) Load(ctx context.Context) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	revision, err := s.store.PluginRevision(ctx)
	if err != nil || revision == s.revision {
		return err
	}
	kept, revision, err := s.store.Plugins(ctx)
	if err != nil {
		return err
	}
	for _, p := range s.options.Catalog.Use(kept) {
		s.options.Log.Warn("a part of a plugin cannot be read and is left out", slog.String("file", p.File), slog.String("field", p.Field), slog.String("reason", p.Reason))
	}
	s.revision = revision
	return nil
}

// Plugins lists the bundled plugins and those that are installed. Errors:
// unauthenticated, denied, unavailable.
func (s *Service) Plugins(ctx context.Context, _ ListIn) (List, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return List{}, err
	}
	// Who asks may know of a change before this process was told.
	if err := s.Load(ctx); err != nil {
		return List{}, failed(err)
	}
	list := List{Plugins: []Plugin{}}
	lang := s.language(ctx, p)
	types := map[string][]catalog.Type{}
	for _, t := range s.options.Catalog.Types() {
		types[t.Plugin] = append(types[t.Plugin], t)
	}
	for _, one := range s.options.Catalog.Plugins() {
		list.Plugins = append(list.Plugins, s.shown(one, types[one.Name], lang, s.options.Catalog.CategoryLabel))
	}
	slices.SortStableFunc(list.Plugins, func(a, b Plugin) int {
		return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
	})
	return list, nil
}

func (s *Service) language(ctx context.Context, p access.Principal) string {
	if p.Language != "" {
		return p.Language
	}
	return s.options.Language(ctx)
}

// shown is a plugin in the reader's language.
func (s *Service) shown(one catalog.Plugin, types []catalog.Type, lang string, category func(id, lang string) string) Plugin {
	p := Plugin{
		Name: one.Name, Version: one.Version, Label: one.Label.In(lang), Bundled: one.Bundled, Active: one.Active,
		Essential: one.Essential, Types: []Type{},
	}
	for _, t := range types {
		shown := Type{
			ID: t.ID, Label: t.Label(lang), Category: category(t.Category, lang), Icon: t.Icon, Tone: t.Tone,
			Sentence: t.Pattern(lang), Parameters: []Parameter{}, Recordable: !t.Self,
		}
		for _, q := range t.Parameters {
			shown.Parameters = append(shown.Parameters, Parameter{Name: q.Name, Label: q.Label(lang), Kind: q.Kind, Required: q.Required, Secret: q.Secret})
		}
		p.Types = append(p.Types, shown)
	}
	return p
}

// named returns a plugin that is there. Errors: not_found.
func (s *Service) named(name string) (catalog.Plugin, error) {
	all := s.options.Catalog.Plugins()
	i := slices.IndexFunc(all, func(p catalog.Plugin) bool { return p.Name == name })
	if i < 0 {
		return catalog.Plugin{}, notThere(name)
	}
	return all[i], nil
}

func notThere(name string) error {
	return fault.New(fault.NotFound, "There is no plugin %q.", clip(name)).Blame("name")
}

func clip(text string) string {
	if runes := []rune(text); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return text
}

func failed(err error) error {
	return fault.Else(err, fault.Internal, "The plugins could not be read or changed. The program's log says why.")
}
