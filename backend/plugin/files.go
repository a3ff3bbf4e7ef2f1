package plugin

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/catalog"
	"activitylog/backend/fault"
)

// Limits of a plugin's files.
const (
	maxArchive = 2 << 20 // bytes of a zip
	maxEntries = 500
	maxTotal   = 4 << 20 // bytes of all files together
	maxName    = 255     // bytes of an entry's name
	maxRatio   = 100     // how many times larger a file may be than it is in the zip
	smallFile  = 16 << 10

	maxProblems = 20 // that are told of: what has more is no plugin
)

// A gathering is what is found in a folder or a zip.
type gathering struct {
	files    catalog.Files
	folded   map[string]string // names as a file system without capitals has them
	total    int64
	problems []catalog.Problem
}

func newGathering() *gathering {
	return &gathering{files: catalog.Files{}, folded: map[string]string{}}
}

// wrong notes what is wrong with a file, unless that is told of enough.
func (g *gathering) wrong(file, reason string, args ...any) {
	if g.hopeless() {
		return
	}
	if len(g.problems) == maxProblems {
		file, reason, args = "", "more is wrong, which is not listed: is this the plugin's folder?", nil
	}
	g.problems = append(g.problems, catalog.Problem{File: file, Field: "file", Reason: fmt.Sprintf(reason, args...)})
}

// hopeless reports whether there is no need to look further.
func (g *gathering) hopeless() bool { return len(g.problems) > maxProblems }

// Read reads the files of a plugin out of a folder or a zip, and says what is wrong with
// them as files. Nothing is unpacked to the disk, and what a file is, is decided by its
// path. Errors: invalid (there is nothing to read).
func Read(name string) (catalog.Files, []catalog.Problem, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, unread(err)
	}
	if info.IsDir() {
		g := newGathering()
		if err := g.walk(name); err != nil {
			return nil, nil, unread(err)
		}
		return g.end()
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, unread(err)
	}
	defer file.Close()
	if info.Size() > maxArchive || !info.Mode().IsRegular() {
		return nil, nil, fault.At("plugin", "A plugin is a folder, or a zip of at most 2 MiB.")
	}
	return readZip(file, info.Size())
}

func unread(err error) error {
	reason := "it cannot be read"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		reason = "there is no such file or folder"
	case errors.Is(err, fs.ErrPermission):
		reason = "it may not be read"
	}
	return fault.Wrap(err, fault.Invalid, "The plugin was not read: %s.", reason).Blame("plugin")
}

// end takes a folder around the plugin away and checks which files there are.
func (g *gathering) end() (catalog.Files, []catalog.Problem, error) {
	if len(g.problems) > 0 {
		return nil, g.problems, nil
	}
	files := catalog.Files{}
	base := g.base()
	for _, name := range slices.Sorted(maps.Keys(g.files)) {
		data := g.files[name]
		inside, ok := strings.CutPrefix(name, base)
		switch {
		case !ok:
			g.wrong(name, "lies beside the plugin's folder")
		case inside == "plugin.json" || typePath.MatchString(inside):
			files[inside] = data
		case inside != "README.md" && inside != "LICENSE":
			g.wrong(name, "is nothing that a plugin has: plugin.json, Activity/<Type>.json, README.md and LICENSE")
		}
	}
	return files, g.problems, nil
}

var typePath = regexp.MustCompile(`^Activity/[A-Z][A-Za-z0-9]*\.json$`)

// base is the one folder that all lies in, with its slash, where the plugin does not lie
// at the top; "" otherwise.
func (g *gathering) base() string {
	if _, ok := g.files["plugin.json"]; ok {
		return ""
	}
	for name := range g.files {
		if dir, file := path.Split(name); file == "plugin.json" && strings.Count(dir, "/") == 1 {
			return dir
		}
	}
	return ""
}

// walk gathers a folder.
func (g *gathering) walk(root string) error {
	return filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, at)
		if err != nil || rel == "." {
			return err
		}
		name := filepath.ToSlash(rel)
		switch {
		case g.hopeless():
			return fs.SkipAll
		case hidden(name) && d.IsDir():
			return fs.SkipDir
		case hidden(name) || d.IsDir():
			return nil
		case len(g.folded) >= maxEntries:
			g.wrong(name, "is one file too many: a plugin has at most %d", maxEntries)
			return fs.SkipAll
		case !d.Type().IsRegular():
			g.wrong(name, "is a link or a device, not a file")
			return nil
		}
		if !g.named(name) {
			return nil
		}
		file, err := os.Open(at)
		if err != nil {
			return err
		}
		defer file.Close()
		return g.take(name, file)
	})
}

// take reads one file.
func (g *gathering) take(name string, from io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(from, catalog.MaxFile+1))
	if err != nil {
		return err
	}
	if g.total += int64(len(data)); g.total > maxTotal {
		g.wrong(name, "makes the plugin larger than %d MiB", maxTotal>>20)
		return nil
	}
	if len(data) > catalog.MaxFile {
		g.wrong(name, "is larger than 256 KiB")
		return nil
	}
	g.files[name] = data
	return nil
}

var drive = regexp.MustCompile(`^[A-Za-z]:`)

// named checks a file's name, and that no other file is called so.
func (g *gathering) named(name string) bool {
	shown := strings.ToValidUTF8(name, "\uFFFD")
	if len(shown) > maxName {
		shown = strings.ToValidUTF8(shown[:maxName], "") + "…"
	}
	reason := ""
	switch {
	case !utf8.ValidString(name):
		reason = "has a name that is not UTF-8"
	case len(name) > maxName:
		reason = "has a name that is too long"
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }):
		reason = "has a name with characters that cannot be seen"
	case strings.Contains(name, `\`):
		reason = `has a name with a backslash; folders are written with /`
	case path.IsAbs(name) || drive.MatchString(name):
		reason = "has an absolute path"
	case path.Clean(name) != name || name == ".." || strings.HasPrefix(name, "../"):
		reason = "has a path that leads elsewhere"
	}
	if reason != "" {
		g.wrong(shown, "%s", reason)
		return false
	}
	folded := strings.ToLower(name)
	if other, ok := g.folded[folded]; ok {
		if other == name {
			g.wrong(name, "is there twice")
		} else {
			g.wrong(name, "is called like %s but for capitals", other)
		}
		return false
	}
	g.folded[folded] = name
	return true
}

// hidden reports whether a file is one that systems and tools leave beside others.
func hidden(name string) bool {
	for _, part := range strings.Split(name, "/") {
		if part == "__MACOSX" || part == "Thumbs.db" || part == "desktop.ini" || strings.HasPrefix(part, ".") && part != "." && part != ".." {
			return true
		}
	}
	return false
}
