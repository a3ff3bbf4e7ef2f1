package catalog

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"activitylog/backend/fault"
)

// Files are a plugin's files by their path in it: plugin.json and Activity/<Type>.json.
type Files map[string][]byte

// The names in a plugin.
const (
	manifestName = "plugin.json"
	activityDir  = "Activity"
)

// Limits of a plugin.
const (
	MaxFile  = 256 << 10 // bytes of one file
	MaxTypes = 200
)

// pluginFile is a plugin.json.
type pluginFile struct {
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	Label      Text       `json:"label"`
	Categories []Category `json:"categories"`
}

// typeFile is an Activity/<Type>.json.
type typeFile struct {
	ID         string        `json:"id"`
	Category   string        `json:"category"`
	Icon       string        `json:"icon"`
	Tone       string        `json:"tone"`
	Self       bool          `json:"self"`
	Object     string        `json:"object"`
	Says       string        `json:"says"`
	Label      Text          `json:"label"`
	Sentence   Text          `json:"sentence"`
	Variants   []variantFile `json:"variants"`
	Parameters []Parameter   `json:"parameters"`
}

type variantFile struct {
	When     condition `json:"when"`
	Sentence Text      `json:"sentence"`
}

var (
	typeName      = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,99}$`)
	pluginName    = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,63}$`)
	parameterName = regexp.MustCompile(`^[a-z][A-Za-z0-9]{0,63}$`)
	slug          = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)
	version       = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$`)
)

// PluginName reports whether a plugin can be called so.
func PluginName(name string) bool { return pluginName.MatchString(name) }

// A Problem is something that is wrong with a plugin.
type Problem struct {
	File   string // its path in the plugin
	Field  string // in the file; "file" is all of it
	Reason string
}

// Error says the problem as "file: field: reason", an invalid error that blames the field.
func (p Problem) Error() *fault.Error {
	return fault.At(p.Field, "%s: %s: %s", p.File, p.Field, p.Reason)
}

// in is Error with the folder before the file.
func (p Problem) in(dir string) error {
	p.File = path.Join(dir, p.File)
	return p.Error()
}

// A Definition is a plugin as its files have it.
type Definition struct {
	Name       string
	Version    string
	Label      Text
	Categories []Category
	Types      []Type // as in the order of their files' names
	Files      Files
}

// CompareVersions tells how two versions (semver.org, with three numbers) stand to each
// other: negative where the first is the older one.
func CompareVersions(a, b string) int { return semver.Compare("v"+a, "v"+b) }

// ValidVersion reports whether a version is one of semver.org, with three numbers.
func ValidVersion(v string) bool { return version.MatchString(v) && semver.IsValid("v"+v) }

// read makes a definition of files. Own are the types of the program where the plugin
// is to be installed beside them; nil for one of the program's own.
func read(files Files, own *set) (Definition, []Problem) {
	d := Definition{Files: files}
	var problems []Problem
	data, ok := files[manifestName]
	if !ok {
		return d, []Problem{{manifestName, "file", "is missing"}}
	}
	var m pluginFile
	if p, ok := decode(data, &m); !ok {
		p.File = manifestName
		return d, []Problem{p}
	}
	d.Name, d.Version, d.Label, d.Categories = m.Name, m.Version, m.Label, m.Categories
	if field, err := d.check(); err != nil {
		problems = append(problems, Problem{manifestName, field, err.Error()})
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name == manifestName {
			continue
		}
		t, p, ok := readType(name, files[name], d.Name, own)
		if !ok {
			problems = append(problems, p)
			continue
		}
		d.Types = append(d.Types, t)
	}
	return d, problems
}

func (d *Definition) check() (field string, err error) {
	switch {
	case !PluginName(d.Name):
		return "name", errors.New("must be a word in PascalCase")
	case !ValidVersion(d.Version):
		return "version", fmt.Errorf("%q is no version like 1.2.0", d.Version)
	case d.Label.EN == "" || d.Label.DE == "":
		return "label", errors.New("needs the languages en and de")
	}
	for i, k := range d.Categories {
		field := fmt.Sprintf("categories[%d]", i)
		if !slug.MatchString(k.ID) {
			return field + ".id", errors.New("must be lower-case letters, digits and hyphens")
		}
		if k.Label.EN == "" || k.Label.DE == "" {
			return field + ".label", errors.New("needs the languages en and de")
		}
	}
	return "", nil
}

// readType makes a type of one file.
func readType(name string, data []byte, plugin string, own *set) (Type, Problem, bool) {
	var f typeFile
	p, ok := decode(data, &f)
	p.File = name
	if !ok {
		return Type{}, p, false
	}
	base := strings.TrimSuffix(path.Base(name), ".json")
	id := f.ID
	if own != nil {
		var err error
		if f.ID, err = ownID(id, plugin, own); err != nil {
			return Type{}, Problem{name, "id", err.Error()}, false
		}
	}
	t, field, err := build(f)
	switch {
	case err != nil:
	case f.ID != base:
		field, err = "id", errors.New("must be the file's name")
		if own != nil {
			err = fmt.Errorf("must be %s/%s, after the file's name", plugin, base)
		}
	case own != nil:
		field, err = foreign(t, own)
	}
	t.ID, t.Plugin = id, plugin
	return t, Problem{name, field, fmt.Sprint(err)}, err == nil
}

// ownID takes the plugin's name off an id of one of its types.
func ownID(id, plugin string, own *set) (string, error) {
	before, short, ok := strings.Cut(id, "/")
	switch t, taken := own.find(id); {
	case taken:
		return "", fmt.Errorf("%s is a type of the program's own (plugin %s); types of this plugin are called %s/…", id, t.Plugin, plugin)
	case !ok:
		return "", fmt.Errorf("must begin with the plugin's name: %s/%s", plugin, id)
	case before != plugin:
		return "", fmt.Errorf("%s is a type of a plugin %s; types of this one are called %s/…", id, before, plugin)
	}
	return short, nil
}

func (d Definition) plugin(bundled bool) Plugin {
	p := Plugin{Name: d.Name, Version: d.Version, Label: d.Label, Bundled: bundled, Active: true}
	p.Essential = bundled && slices.ContainsFunc(d.Types, func(t Type) bool { return t.Self })
	return p
}
