package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"activitylog/backend/fault"
)

// pluginFile is a plugin.json.
type pluginFile struct {
	Name       string         `json:"name"`
	Version    string         `json:"version"`
	Label      Text           `json:"label"`
	Categories []categoryFile `json:"categories"`
}

type categoryFile struct {
	ID    string `json:"id"`
	Label Text   `json:"label"`
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

const maxFile = 256 << 10

var (
	typeName      = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,99}$`)
	pluginName    = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,63}$`)
	parameterName = regexp.MustCompile(`^[a-z][A-Za-z0-9]{0,63}$`)
	slug          = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)
)

// LoadFS reads plugins, one folder each. What is wrong is said as "file: field:
// reason" in an invalid error.
func LoadFS(fsys fs.FS) (*Catalog, error) {
	dirs, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The plugins could not be read.")
	}
	c := &Catalog{index: map[string]int{}, secrets: map[string][]string{}}
	var files []located
	for _, dir := range dirs {
		if !dir.IsDir() {
			continue
		}
		found, err := c.addPlugin(fsys, dir.Name())
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	// Categories may come from any plugin, so types wait until all are known.
	for _, f := range files {
		if err := c.addType(f); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(c.types, func(a, b Type) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(c.categories, func(a, b Category) int { return strings.Compare(a.ID, b.ID) })
	for i, t := range c.types {
		c.index[t.ID] = i
	}
	return c, nil
}

// located is a type file and where it was found.
type located struct {
	plugin, path string
	file         typeFile
}

func (c *Catalog) addPlugin(fsys fs.FS, dir string) ([]located, error) {
	var p pluginFile
	at := path.Join(dir, "plugin.json")
	if err := readJSON(fsys, at, &p); err != nil {
		return nil, err
	}
	if !pluginName.MatchString(p.Name) || p.Name != dir {
		return nil, wrong(at, "name", "must be the folder's name, a word in PascalCase")
	}
	for i, k := range p.Categories {
		field := fmt.Sprintf("categories[%d]", i)
		if !slug.MatchString(k.ID) {
			return nil, wrong(at, field+".id", "must be lower-case letters, digits and hyphens")
		}
		if k.Label.EN == "" || k.Label.DE == "" {
			return nil, wrong(at, field+".label", "needs the languages en and de")
		}
		if slices.ContainsFunc(c.categories, func(o Category) bool { return o.ID == k.ID }) {
			return nil, wrong(at, field+".id", "another plugin has this category already")
		}
		c.categories = append(c.categories, Category(k))
	}
	names, err := fs.Glob(fsys, path.Join(dir, "Activity", "*.json"))
	if err != nil {
		return nil, wrong(dir, "Activity", "could not be read")
	}
	var found []located
	for _, name := range names {
		f := located{plugin: p.Name, path: name}
		if err := readJSON(fsys, name, &f.file); err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, nil
}

func (c *Catalog) addType(f located) error {
	t, field, err := build(f.file)
	if err != nil {
		return wrong(f.path, field, err.Error())
	}
	if f.file.ID != strings.TrimSuffix(path.Base(f.path), ".json") {
		return wrong(f.path, "id", "must be the file's name")
	}
	if !slices.ContainsFunc(c.categories, func(k Category) bool { return k.ID == t.Category }) {
		return wrong(f.path, "category", fmt.Sprintf("no plugin has the category %q", t.Category))
	}
	if slices.ContainsFunc(c.types, func(o Type) bool { return o.ID == t.ID }) {
		return wrong(f.path, "id", "another plugin has this type already")
	}
	t.Plugin = f.plugin
	c.types = append(c.types, t)
	for _, p := range t.Parameters {
		if p.Secret {
			c.secrets[t.ID] = append(c.secrets[t.ID], p.Name)
		}
	}
	return nil
}

// wrong says what is the matter with a plugin file.
func wrong(file, field, reason string) error {
	return fault.At(field, "%s: %s: %s", file, field, reason)
}

func readJSON(fsys fs.FS, name string, into any) error {
	file, err := fsys.Open(name)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "%s: cannot be opened", name)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "%s: cannot be read", name)
	}
	if len(data) > maxFile {
		return wrong(name, "file", "is larger than 256 KiB")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return wrong(name, fieldOf(err), "is not as it should be: "+strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return wrong(name, "file", "has something after the JSON object")
	}
	return nil
}

func fieldOf(err error) string {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
		return e.Field
	}
	if rest, ok := strings.CutPrefix(err.Error(), `json: unknown field "`); ok {
		return strings.TrimSuffix(rest, `"`)
	}
	return "file"
}
