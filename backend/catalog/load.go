package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"activitylog/backend/fault"
)

// LoadFS reads plugins, one folder each, as the ones that are bundled. What is wrong is
// said as "file: field: reason" in an invalid error.
func LoadFS(fsys fs.FS) (*Catalog, error) {
	dirs, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The plugins could not be read.")
	}
	s := newSet()
	var all []Definition
	for _, dir := range dirs {
		if !dir.IsDir() {
			continue
		}
		files, err := filesOf(fsys, dir.Name())
		if err != nil {
			return nil, err
		}
		d, problems := read(files, nil)
		if len(problems) == 0 && d.Name != dir.Name() {
			problems = []Problem{{manifestName, "name", "must be the folder's name"}}
		}
		if len(problems) == 0 {
			problems = s.addCategories(d)
		}
		if len(problems) > 0 {
			return nil, problems[0].in(dir.Name())
		}
		all = append(all, d)
	}
	// Categories may come from any plugin, so types wait until all are known.
	for _, d := range all {
		if problems := s.addTypes(d); len(problems) > 0 {
			return nil, problems[0].in(d.Name)
		}
		s.plugins = append(s.plugins, d.plugin(true))
	}
	s.order()
	c := &Catalog{bundled: s}
	c.now.Store(s)
	return c, nil
}

// filesOf reads the files of a plugin that lies in a folder.
func filesOf(fsys fs.FS, dir string) (Files, error) {
	names, err := fs.Glob(fsys, path.Join(dir, activityDir, "*.json"))
	if err != nil {
		return nil, Problem{activityDir, "file", "could not be read"}.in(dir)
	}
	files := Files{}
	for _, name := range append(names, path.Join(dir, manifestName)) {
		data, err := readFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // which says what is missing later
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "%s: cannot be read", name)
		}
		files[strings.TrimPrefix(name, dir+"/")] = data
	}
	return files, nil
}

func readFile(fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, MaxFile+1))
}

// decode reads one JSON object strictly. A problem lacks its file.
func decode(data []byte, into any) (Problem, bool) {
	if len(data) > MaxFile {
		return Problem{Field: "file", Reason: "is larger than 256 KiB"}, false
	}
	if !utf8.Valid(data) {
		return Problem{Field: "file", Reason: "is not valid UTF-8"}, false
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return Problem{Field: fieldOf(err), Reason: "is not as it should be: " + strings.TrimPrefix(err.Error(), "json: ")}, false
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Problem{Field: "file", Reason: "has something after the JSON object"}, false
	}
	return Problem{}, true
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
