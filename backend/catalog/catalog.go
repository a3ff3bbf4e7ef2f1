// Package catalog knows the types of activity: what each is called, how it looks,
// which parameters it carries, and how it reads as a sentence in the reader's
// language.
//
// Types are data. They come in plugins: a folder with a plugin.json and one file a
// type in Activity/. The bundled ones lie in plugins/ and are part of the program;
// others are installed. The package is pure: where they are kept is others' business.
package catalog

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"

	"activitylog/backend/fault"
)

//go:embed plugins
var bundled embed.FS

// A Text is a piece of text in every language the program speaks.
type Text struct {
	EN string `json:"en"`
	DE string `json:"de"`
}

// In returns the text in a language: German for "de" and "de-…", otherwise English.
func (t Text) In(lang string) string {
	if german(lang) {
		return t.DE
	}
	return t.EN
}

func german(lang string) bool {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(lang), "_", "-"), "-")
	return base == "de"
}

// A Category is a group of types.
type Category struct {
	ID    string `json:"id"`
	Label Text   `json:"label"`
}

// A Parameter is one value that activities of a type carry.
type Parameter struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`   // text, number, flag, date, list, entity
	Entity   string `json:"entity"` // of an entity: the object kind it has, e.g. goal
	Required bool   `json:"required"`
	Secret   bool   `json:"secret"` // its value is masked before it is stored
	// UnlessActor leaves a person out of the sentence who is the actor anyway.
	UnlessActor bool `json:"unlessActor"`
	Title       Text `json:"label"`
}

// Label returns the parameter's name in a language.
func (p Parameter) Label(lang string) string { return p.Title.In(lang) }

// A Type is one kind of activity.
type Type struct {
	ID       string
	Plugin   string // the plugin that defines it; "" if none does
	Category string // a category's id; "" if no plugin defines the type
	Icon     string // a lucide icon's name
	Tone     string // create, update, delete, access, system
	// Self is true for what only this program may record of itself: a person's
	// draft of such a type is refused. The same id may come in from elsewhere.
	Self       bool
	Object     string // the parameter that names the activity's object, or ""
	Parameters []Parameter
	// Known is false for a type no plugin defines, or none does any more: one that was
	// removed with its plugin is shown as it was, but is offered and checked no longer.
	Known bool
	// Off is true while the type's plugin is deactivated.
	Off bool

	name     Text
	text     Text   // the sentence as written
	says     string // the result its sentence states by itself
	sentence sentence
	variants []variant
}

// Label returns the type's name in a language.
func (t Type) Label(lang string) string { return t.name.In(lang) }

// Pattern returns how activities of the type read in a language, with what stands in
// them between ‹ and ›.
func (t Type) Pattern(lang string) string {
	var b strings.Builder
	for _, n := range t.sentence.in(lang) {
		b.WriteString(n.text)
		if n.alternatives == nil {
			continue
		}
		for _, p := range n.alternatives[0] {
			b.WriteString(p.text)
			switch q, ok := t.Parameter(p.name); {
			case ok:
				b.WriteString("‹" + q.Label(lang) + "›")
			case p.name == siteName:
				b.WriteString("‹" + Text{EN: "Site", DE: "Website"}.In(lang) + "›")
			case p.name == changesName:
				b.WriteString("‹" + Text{EN: "changed fields", DE: "geänderte Felder"}.In(lang) + "›")
			}
		}
	}
	return b.String()
}

// Parameter returns the type's parameter of that name.
func (t Type) Parameter(name string) (Parameter, bool) {
	i := slices.IndexFunc(t.Parameters, func(p Parameter) bool { return p.Name == name })
	if i < 0 {
		return Parameter{}, false
	}
	return t.Parameters[i], true
}

// A Catalog is what is known of types: the bundled plugins and those that are installed.
// It may be used by several goroutines while [Catalog.Use] changes what is installed.
type Catalog struct {
	bundled *set
	now     atomic.Pointer[set]
}

// Load returns the catalogue of the bundled plugins. An error means that one of
// their files is wrong: it names the file, the field and the reason.
func Load() (*Catalog, error) {
	sub, err := fs.Sub(bundled, "plugins")
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The bundled plugins could not be read.")
	}
	return LoadFS(sub)
}

// Types returns all types that a plugin defines now, ordered by id.
func (c *Catalog) Types() []Type {
	return slices.DeleteFunc(slices.Clone(c.now.Load().types), func(t Type) bool { return !t.Known })
}

// OwnTypes returns the ids of the types that only this program may record of itself.
func (c *Catalog) OwnTypes() []string {
	var ids []string
	for _, t := range c.Types() {
		if t.Self {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// Type returns the type with that id. For an id no plugin defines it returns false
// and a type to show it by: as its plugin had it before it was removed, otherwise with
// a label from the id's words.
func (c *Catalog) Type(id string) (Type, bool) {
	t, ok := c.now.Load().find(id)
	if !ok {
		return Unknown(id), false
	}
	return t, t.Known
}

// Namesake returns the type that an id differs from in nothing but capital and small
// letters. False if there is none, and for a type's own id.
func (c *Catalog) Namesake(id string) (Type, bool) {
	types := c.now.Load().types
	i := slices.IndexFunc(types, func(t Type) bool { return t.ID != id && strings.EqualFold(t.ID, id) })
	if i < 0 {
		return Type{}, false
	}
	return types[i], true
}

// Categories returns the ids and labels of all categories in a language, ordered
// by label.
func (c *Catalog) Categories(lang string) []CategoryLabel {
	categories := c.now.Load().categories
	all := make([]CategoryLabel, 0, len(categories))
	for _, k := range categories {
		all = append(all, CategoryLabel{ID: k.ID, Label: k.Label.In(lang)})
	}
	slices.SortFunc(all, func(a, b CategoryLabel) int {
		return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
	})
	return all
}

// A CategoryLabel is a category in one language.
type CategoryLabel struct {
	ID    string
	Label string
}

// CategoryLabel returns a category's name in a language; the id itself if there is
// no such category.
func (c *Catalog) CategoryLabel(id, lang string) string {
	for _, k := range c.now.Load().categories {
		if k.ID == id {
			return k.Label.In(lang)
		}
	}
	return id
}

// CategoryTypes returns the ids of the types in a category, which is named by its
// id, or else by its label in any language, in whatever case. False if there is none.
func (c *Catalog) CategoryTypes(category string) ([]string, bool) {
	now := c.now.Load()
	called := func(same func(Category) bool) ([]string, bool) {
		i := slices.IndexFunc(now.categories, same)
		if i < 0 {
			return nil, false
		}
		return now.typesOf(now.categories[i].ID), true
	}
	// No label takes over what another category's id says.
	if ids, ok := called(func(k Category) bool { return strings.EqualFold(category, k.ID) }); ok {
		return ids, true
	}
	return called(func(k Category) bool {
		return strings.EqualFold(category, k.Label.EN) || strings.EqualFold(category, k.Label.DE)
	})
}

// TypesOf returns the ids of the types in the category of that very id. False if there
// is none.
func (c *Catalog) TypesOf(category string) ([]string, bool) {
	now := c.now.Load()
	return now.typesOf(category), now.hasCategory(category)
}

// Secrets returns the names of the type's parameters whose values must be masked.
func (c *Catalog) Secrets(typeID string) []string {
	var names []string
	t, _ := c.now.Load().find(typeID)
	for _, p := range t.Parameters {
		if p.Secret {
			names = append(names, p.Name)
		}
	}
	return names
}
