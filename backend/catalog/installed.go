package catalog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/access"
)

// The states of a plugin that is kept.
const (
	Active   = "active"
	Inactive = "inactive"
	Removed  = "removed"
)

// A Stored is a plugin as it is kept: one that is installed or was, or a bundled one
// that was deactivated.
type Stored struct {
	Name     string
	Version  string
	State    string // active, inactive, removed
	Manifest []byte // plugin.json; nothing for a bundled one
	Types    []StoredType
}

// A StoredType is a type of a plugin that is installed or was.
type StoredType struct {
	ID         string
	Definition []byte // Activity/<Type>.json
	Category   *Category
	Current    bool // the version that is installed has it
}

// Limits of texts in a plugin, in letters, and of lists.
const (
	maxLabel    = 80
	maxSentence = 500
	maxVersion  = 64

	maxParameters = 64
	maxVariants   = 32
	maxCategories = 32
)

// Read makes a definition of the files of a plugin that is to be installed, and says all
// that is wrong with it by itself.
func (c *Catalog) Read(files Files) (Definition, []Problem) {
	d, problems := read(files, c.bundled)
	if d.Name == "" {
		return d, problems
	}
	for _, p := range c.bundled.plugins {
		if strings.EqualFold(p.Name, d.Name) {
			problems = append(problems, Problem{manifestName, "name", p.Name + " is a plugin of the program's own"})
		}
	}
	if err := checkLabel(d.Label); err != nil {
		problems = append(problems, Problem{manifestName, "label", err.Error()})
	}
	for i, k := range d.Categories {
		if err := checkLabel(k.Label); err != nil {
			problems = append(problems, Problem{manifestName, fmt.Sprintf("categories[%d].label", i), err.Error()})
		}
	}
	if len(d.Version) > maxVersion {
		problems = append(problems, Problem{manifestName, "version", fmt.Sprintf("has %d letters; at most %d are allowed", len(d.Version), maxVersion)})
	}
	if n := len(d.Categories); n > maxCategories {
		problems = append(problems, Problem{manifestName, "categories", fmt.Sprintf("are %d; at most %d are allowed", n, maxCategories)})
	}
	switch n := len(files) - 1; {
	case n == 0:
		problems = append(problems, Problem{activityDir, "file", "has no type: a plugin brings at least one"})
	case n > MaxTypes:
		problems = append(problems, Problem{activityDir, "file", fmt.Sprintf("has %d types; at most %d are allowed", n, MaxTypes)})
	}
	return d, problems
}

// foreign says what a type may not have that is not the program's own.
func foreign(t Type, own *set) (field string, err error) {
	switch {
	case t.Self:
		return "self", errors.New("is for types that the program records of itself")
	case !slices.Contains(Icons, t.Icon):
		return "icon", fmt.Errorf("%q is no icon of the program; there are: %s", t.Icon, strings.Join(Icons, ", "))
	case len(t.Parameters) > maxParameters:
		return "parameters", fmt.Errorf("are more than %d", maxParameters)
	case len(t.variants) > maxVariants:
		return "variants", fmt.Errorf("are more than %d", maxVariants)
	}
	for _, other := range own.types {
		if alike(other.name, t.name) {
			return "label", fmt.Errorf("%s of the program's own is called so", other.ID)
		}
	}
	if err := checkLabel(t.name); err != nil {
		return "label", err
	}
	for i, p := range t.Parameters {
		if err := checkLabel(p.Title); err != nil {
			return fmt.Sprintf("parameters[%d].label", i), err
		}
	}
	if err := checkText(t.text, maxSentence); err != nil {
		return "sentence", err
	}
	for i, v := range t.variants {
		if err := checkText(v.text, maxSentence); err != nil {
			return fmt.Sprintf("variants[%d].sentence", i), err
		}
	}
	return "", nil
}

// checkLabel is checkText of a name, which also stays with one script: a letter of another
// one would have it look like a name that is there.
func checkLabel(text Text) error {
	for _, s := range []string{text.EN, text.DE} {
		if access.MixesScripts(s) {
			return errors.New("mixes letters of scripts that look alike")
		}
	}
	return checkText(text, maxLabel)
}

// checkText refuses what would not stand on one line as it was written.
func checkText(text Text, most int) error {
	for _, s := range []string{text.EN, text.DE} {
		if n := utf8.RuneCountInString(s); n > most {
			return fmt.Errorf("has %d letters; at most %d are allowed", n, most)
		}
		if strings.TrimSpace(s) != s {
			return errors.New("begins or ends with a space")
		}
		for _, r := range s {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' {
				return fmt.Errorf("has the character %U, which cannot be seen", r)
			}
		}
	}
	return nil
}

// Clashes says what of a plugin is taken already by the bundled plugins and those that
// are kept. What is kept of the plugin itself does not count.
func (c *Catalog) Clashes(d Definition, kept []Stored) (problems []Problem) {
	for _, other := range kept {
		if other.Name != d.Name && other.Manifest != nil && strings.EqualFold(other.Name, d.Name) {
			problems = append(problems, Problem{manifestName, "name", "another plugin is called " + other.Name})
		}
	}
	s, _ := c.with(slices.DeleteFunc(slices.Clone(kept), func(other Stored) bool { return other.Name == d.Name }))
	// A type has a category of its own plugin or of the program, not one that may go.
	for i, t := range d.Types {
		owner, ok := s.owners[t.Category]
		mine := slices.ContainsFunc(d.Categories, func(k Category) bool { return k.ID == t.Category })
		_, theirs := c.bundled.owners[t.Category]
		if ok && !mine && !theirs {
			file := path.Join(activityDir, path.Base(d.Types[i].ID)+".json")
			problems = append(problems, Problem{file, "category", fmt.Sprintf("%s is a category of the plugin %s; use one of your own or of the program's", t.Category, owner)})
		}
	}
	problems = append(problems, s.addCategories(d)...)
	return append(problems, s.addTypes(d)...)
}

// Use has the catalogue consist of the bundled plugins and what is kept. A part that this
// version of the program cannot read is left out and said; the rest is used.
func (c *Catalog) Use(kept []Stored) []Problem {
	s, problems := c.with(kept)
	c.now.Store(s)
	return problems
}

// with returns the bundled plugins and what is kept.
func (c *Catalog) with(kept []Stored) (*set, []Problem) {
	s := c.bundled.clone()
	var problems []Problem
	for _, one := range kept {
		if one.Manifest == nil {
			s.deactivate(one)
			continue
		}
		problems = append(problems, s.keep(one)...)
	}
	s.order()
	return s, problems
}

// deactivate marks a bundled plugin and its types.
func (s *set) deactivate(one Stored) {
	if one.State != Inactive {
		return
	}
	for i, p := range s.plugins {
		if p.Name == one.Name && p.Bundled && !p.Essential {
			s.plugins[i].Active = false
			for j := range s.types {
				s.types[j].Off = s.types[j].Off || s.types[j].Plugin == one.Name
			}
		}
	}
}

// keep adds a plugin that is installed or was. Its own checks were done when it was.
func (s *set) keep(one Stored) (problems []Problem) {
	var m pluginFile
	if p, ok := decode(one.Manifest, &m); !ok {
		p.File = path.Join(one.Name, manifestName)
		problems = append(problems, p)
	}
	if one.State != Removed {
		s.plugins = append(s.plugins, Plugin{Name: one.Name, Version: one.Version, Label: m.Label, Active: one.State == Active})
		for _, k := range m.Categories {
			s.keepCategory(k, one.Name)
		}
	}
	for _, kept := range one.Types {
		var f typeFile
		p, ok := decode(kept.Definition, &f)
		p.File = kept.ID
		f.ID = path.Base(f.ID)
		if ok {
			t, field, err := build(f)
			if _, taken := s.find(kept.ID); err == nil && !taken {
				t.ID, t.Plugin = kept.ID, one.Name
				t.Known = kept.Current && one.State != Removed
				t.Off = one.State == Inactive
				s.types = append(s.types, t)
				if kept.Category != nil {
					s.keepCategory(*kept.Category, one.Name)
				}
				continue
			}
			p = Problem{kept.ID, field, fmt.Sprint(err)}
		}
		problems = append(problems, p)
	}
	return problems
}

func (s *set) keepCategory(k Category, plugin string) {
	if !s.hasCategory(k.ID) {
		s.categories = append(s.categories, k)
		s.owners[k.ID] = plugin
	}
}

// Plugins returns the bundled plugins and those that are installed, by name.
func (c *Catalog) Plugins() []Plugin { return slices.Clone(c.now.Load().plugins) }

// Sum tells which files a plugin has: the SHA-256, in hex, of what sha256sum prints of
// plugin.json and the files of the types it has now, sorted by their paths. So the
// activity that says it was installed can be compared with the files.
func (one Stored) Sum() string {
	files := map[string][]byte{manifestName: one.Manifest}
	for _, t := range one.Types {
		if t.Current {
			files[path.Join(activityDir, path.Base(t.ID)+".json")] = t.Definition
		}
	}
	var list strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256(files[name]), name)
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(list.String())))
}

// Keep returns a plugin as it is to be kept now that it is installed, with what was kept
// of its types before.
func (d Definition) Keep(state string, before []StoredType) Stored {
	one := Stored{Name: d.Name, Version: d.Version, State: state, Manifest: d.Files[manifestName]}
	for _, t := range d.Types {
		kept := StoredType{ID: t.ID, Definition: d.Files[path.Join(activityDir, path.Base(t.ID)+".json")], Current: true}
		if i := slices.IndexFunc(d.Categories, func(k Category) bool { return k.ID == t.Category }); i >= 0 {
			kept.Category = &d.Categories[i]
		}
		one.Types = append(one.Types, kept)
	}
	for _, old := range before {
		if !slices.ContainsFunc(d.Types, func(t Type) bool { return t.ID == old.ID }) {
			old.Current = false
			one.Types = append(one.Types, old)
		}
	}
	return one
}
