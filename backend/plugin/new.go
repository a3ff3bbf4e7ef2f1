package plugin

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"activitylog/backend/catalog"
	"activitylog/backend/fault"
)

// Begin writes a plugin to begin with: a folder of that name in dir, with one type that
// passes the check as it is. It returns the folder.
// Errors: invalid (name), conflict (there is something of that name), unavailable.
func Begin(dir, name string) (string, error) {
	if !catalog.PluginName(name) {
		return "", fault.At("name", "A plugin's name is a word in PascalCase, like Shop or DoorControl, not %q.", clip(name))
	}
	cat, err := catalog.Load()
	if err != nil {
		return "", err
	}
	files, err := example(cat, name)
	if err != nil {
		return "", err
	}
	if d, problems := cat.Read(files); len(problems) > 0 {
		return "", refusal(problems)
	} else if problems := cat.Clashes(d, nil); len(problems) > 0 {
		return "", refusal(problems)
	}
	root := filepath.Join(dir, name)
	if err := os.Mkdir(root, 0o755); err != nil {
		if os.IsExist(err) {
			return "", fault.Wrap(err, fault.Conflict, "There is something called %s here already. Nothing was written.", name).Blame("name")
		}
		return "", unwritten(err)
	}
	for inside, data := range files {
		at := filepath.Join(root, filepath.FromSlash(inside))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return "", unwritten(err)
		}
		if err := os.WriteFile(at, data, 0o644); err != nil {
			return "", unwritten(err)
		}
	}
	return root, nil
}

func unwritten(err error) error {
	return fault.Wrap(err, fault.Unavailable, "The plugin could not be written here. May you write in this folder?")
}

// example is a plugin with one type. What it leaves out may be left out.
func example(cat *catalog.Catalog, name string) (catalog.Files, error) {
	category, label := strings.ToLower(strings.Join(catalog.Words(name), "-")), strings.Join(catalog.Words(name), " ")
	taken := slices.ContainsFunc(slices.Concat(cat.Categories("en"), cat.Categories("de")), func(k catalog.CategoryLabel) bool {
		return k.ID == category || strings.EqualFold(k.Label, label)
	})
	if taken {
		category, label = category+"-plugin", label+" plugin"
	}
	type object = map[string]any
	text := func(en, de string) object { return object{"en": en, "de": de} }
	files := catalog.Files{}
	for path, content := range map[string]any{
		"plugin.json": struct {
			Name       string   `json:"name"`
			Version    string   `json:"version"`
			Label      object   `json:"label"`
			Categories []object `json:"categories"`
		}{name, "1.0.0", text(label, label), []object{{"id": category, "label": text(label, label)}}},
		"Activity/ItemAdded.json": struct {
			ID         string   `json:"id"`
			Category   string   `json:"category"`
			Icon       string   `json:"icon"`
			Tone       string   `json:"tone"`
			Object     string   `json:"object"`
			Label      object   `json:"label"`
			Sentence   object   `json:"sentence"`
			Parameters []object `json:"parameters"`
		}{
			name + "/ItemAdded", category, "package", "create", "item", text("Item added", "Artikel hinzugefügt"),
			text(`added [the item "{item.name}"|an item][ for {price} euros]`, `hat [den Artikel „{item.name}“|einen Artikel][ für {price} Euro] hinzugefügt`),
			[]object{
				{"name": "item", "kind": "entity", "entity": "item", "required": true, "label": text("Item", "Artikel")},
				{"name": "price", "kind": "number", "label": text("Price", "Preis")},
			},
		},
	} {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(content); err != nil {
			return nil, err
		}
		files[path] = out.Bytes()
	}
	return files, nil
}

// CheckAlone checks a folder or zip against the program's own plugins, where there is no
// log. Errors: invalid (there is nothing to read).
func CheckAlone(path string) (Check, error) {
	cat, err := catalog.Load()
	if err != nil {
		return Check{}, err
	}
	return (&Service{options: Options{Catalog: cat}}).check(path, nil, "en")
}
