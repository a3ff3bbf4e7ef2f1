package catalog

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"activitylog/backend/access"
)

// A Plugin is one that brings types.
type Plugin struct {
	Name    string
	Version string
	Label   Text
	Bundled bool // part of the program: it cannot be removed
	Active  bool
	// Essential is true of a bundled plugin with types that the program records of
	// itself. It cannot be deactivated.
	Essential bool
}

// A set is what is known of types at one time. It is not changed once it is ordered.
type set struct {
	types      []Type // by id
	index      map[string]int
	categories []Category // by id
	owners     map[string]string
	plugins    []Plugin
}

func newSet() *set { return &set{index: map[string]int{}, owners: map[string]string{}} }

func (s *set) clone() *set {
	other := &set{types: slices.Clone(s.types), categories: slices.Clone(s.categories), plugins: slices.Clone(s.plugins), owners: map[string]string{}}
	for id, owner := range s.owners {
		other.owners[id] = owner
	}
	other.order()
	return other
}

func (s *set) find(id string) (Type, bool) {
	i, ok := s.index[id]
	if !ok {
		return Type{}, false
	}
	return s.types[i], true
}

func (s *set) hasCategory(id string) bool {
	return slices.ContainsFunc(s.categories, func(k Category) bool { return k.ID == id })
}

// typesOf returns the ids of the types in a category.
func (s *set) typesOf(category string) []string {
	ids := []string{}
	for _, t := range s.types {
		if t.Category == category {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// order sorts the set and makes its index.
func (s *set) order() {
	slices.SortFunc(s.types, func(a, b Type) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(s.categories, func(a, b Category) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(s.plugins, func(a, b Plugin) int { return strings.Compare(a.Name, b.Name) })
	s.index = make(map[string]int, len(s.types))
	for i, t := range s.types {
		s.index[t.ID] = i
	}
}

// addCategories adds what a plugin defines, and says what clashes.
func (s *set) addCategories(d Definition) (problems []Problem) {
	for i, k := range d.Categories {
		field := fmt.Sprintf("categories[%d]", i)
		for _, other := range s.categories {
			if other.ID == k.ID {
				problems = append(problems, Problem{manifestName, field + ".id", fmt.Sprintf("another plugin (%s) has this category already", s.owners[other.ID])})
			} else if confused(other, k) {
				problems = append(problems, Problem{manifestName, field + ".label", fmt.Sprintf("the category %s is called so already", other.ID)})
			}
		}
		s.owners[k.ID] = d.Name
		s.categories = append(s.categories, k)
	}
	return problems
}

// addTypes adds what a plugin defines, and says what clashes.
func (s *set) addTypes(d Definition) (problems []Problem) {
	for _, t := range d.Types {
		file := path.Join(activityDir, path.Base(t.ID)+".json")
		if !s.hasCategory(t.Category) {
			problems = append(problems, Problem{file, "category", fmt.Sprintf("no plugin has the category %q", t.Category)})
		}
		if slices.ContainsFunc(s.types, func(o Type) bool { return strings.EqualFold(o.ID, t.ID) }) {
			problems = append(problems, Problem{file, "id", "another plugin has this type already"})
		}
		s.types = append(s.types, t)
	}
	return problems
}

// confused reports whether one name may mean either category: a query takes ids and labels.
func confused(a, b Category) bool {
	for _, name := range []string{a.ID, a.Label.EN, a.Label.DE} {
		if looks(name) == looks(b.ID) || looks(name) == looks(b.Label.EN) || looks(name) == looks(b.Label.DE) {
			return true
		}
	}
	return false
}

// alike reports whether two texts look the same in a language.
func alike(a, b Text) bool {
	return looks(a.EN) == looks(b.EN) || looks(a.DE) == looks(b.DE)
}

// looks is a text without what nobody sees: how its letters are written, what kind of
// spaces it has, marks and letters that leave no trace.
func looks(text string) string {
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || strings.ContainsRune(fillers, r) {
			return -1
		}
		return r
	}, access.Fold(text))
	return strings.Join(strings.Fields(seen), " ")
}

// fillers are letters and signs that are blank: the Hangul fillers and the empty Braille
// cell (Unicode's Default_Ignorable_Code_Point, and U+2800).
const fillers = "\u115f\u1160\u3164\uffa0\u2800"
