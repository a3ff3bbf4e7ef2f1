// Package catalog knows the types of activity: what each is called, how it looks,
// which parameters it carries, and how it reads as a sentence in the reader's
// language.
//
// Types are data. They come in plugins: a folder with a plugin.json and one file a
// type in Activity/. The bundled ones lie in plugins/ and are part of the program.
// The package is pure and a loaded Catalog is never changed.
package catalog

import (
	"embed"
	"io/fs"
	"slices"
	"strings"

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
	ID    string
	Label Text
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
	// Known is false for a type no plugin defines.
	Known bool

	name     Text
	says     string // the result its sentence states by itself
	sentence sentence
	variants []variant
}

// Label returns the type's name in a language.
func (t Type) Label(lang string) string { return t.name.In(lang) }

// Parameter returns the type's parameter of that name.
func (t Type) Parameter(name string) (Parameter, bool) {
	i := slices.IndexFunc(t.Parameters, func(p Parameter) bool { return p.Name == name })
	if i < 0 {
		return Parameter{}, false
	}
	return t.Parameters[i], true
}

// A Catalog is a set of plugins.
type Catalog struct {
	types      []Type // by id
	index      map[string]int
	categories []Category // by id
	secrets    map[string][]string
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

// Types returns all types, ordered by id.
func (c *Catalog) Types() []Type { return slices.Clone(c.types) }

// Type returns the type with that id. For an id no plugin defines it returns false
// and a type to show it by: a label from the id's words, Known false.
func (c *Catalog) Type(id string) (Type, bool) {
	if i, ok := c.index[id]; ok {
		return c.types[i], true
	}
	return Unknown(id), false
}

// Namesake returns the type that an id differs from in nothing but capital and small
// letters. False if there is none, and for a type's own id.
func (c *Catalog) Namesake(id string) (Type, bool) {
	i := slices.IndexFunc(c.types, func(t Type) bool { return t.ID != id && strings.EqualFold(t.ID, id) })
	if i < 0 {
		return Type{}, false
	}
	return c.types[i], true
}

// Categories returns the ids and labels of all categories in a language, ordered
// by label.
func (c *Catalog) Categories(lang string) []CategoryLabel {
	all := make([]CategoryLabel, 0, len(c.categories))
	for _, k := range c.categories {
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
	for _, k := range c.categories {
		if k.ID == id {
			return k.Label.In(lang)
		}
	}
	return id
}

// CategoryTypes returns the ids of the types in a category, which is named by its
// id or by its label in any language, in whatever case. False if there is none.
func (c *Catalog) CategoryTypes(category string) ([]string, bool) {
	for _, k := range c.categories {
		if !strings.EqualFold(category, k.ID) && !strings.EqualFold(category, k.Label.EN) && !strings.EqualFold(category, k.Label.DE) {
			continue
		}
		ids := []string{}
		for _, t := range c.types {
			if t.Category == k.ID {
				ids = append(ids, t.ID)
			}
		}
		return ids, true
	}
	return nil, false
}

// Secrets returns the names of the type's parameters whose values must be masked.
func (c *Catalog) Secrets(typeID string) []string { return slices.Clone(c.secrets[typeID]) }
