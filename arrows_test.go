package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// An arrow says which packages may import something. Everybody else may not.
type arrow struct {
	target  string   // an import path, or the beginning of one
	allowed []string // directories, "." for the top; "*" at the end for all below
	why     string
}

// arrows are section "who may import whom" of ARCHITECTURE.md. The linter has the
// same rules; this test keeps them where only Go is at hand.
var arrows = []arrow{
	{"activitylog/backend/sqlite", []string{"backend"}, "only the wiring knows how the log is stored"},
	{"activitylog/backend/httpapi", []string{".", "backend/cli"}, "nobody below knows who calls"},
	{"activitylog/backend/cli", []string{"."}, "nobody below knows who calls"},
	{"activitylog/backend/matomo", []string{"backend", "backend/httpapi"}, "another program's forms stay in one package"},
	{"activitylog/backend/ops", []string{".", "backend", "backend/httpapi", "backend/cli"}, "the table stands above the domain"},
	{"net/http", []string{".", "backend", "backend/httpapi", "backend/avatar", "backend/remote", "backend/cli"}, "HTTP is a front; avatar fetches pictures, remote asks Matomo servers"},
	{"database/sql", []string{"backend/sqlite"}, "SQL lives in one package"},
	{"github.com/uptrace/bun", []string{"backend/sqlite"}, "SQL lives in one package"},
	{"modernc.org/sqlite", []string{"backend/sqlite"}, "SQL lives in one package"},
	{"github.com/golang-jwt", []string{"backend/access"}, "tokens are made and checked in one package"},
	{"github.com/wailsapp", []string{"."}, "only main.go, app.go and window.go know the window"},
}

func TestImportsGoOneWay(t *testing.T) {
	seen := map[string]bool{}
	files := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "." || d.Name() == "node_modules" || d.Name() == "bin" || otherModule(name)) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		files++
		for _, imported := range importsOf(t, name) {
			if a, bad := forbidden(filepath.ToSlash(filepath.Dir(name)), imported); bad {
				t.Errorf("%s imports %s: %s", name, imported, a.why)
			}
			for _, a := range arrows {
				seen[a.target] = seen[a.target] || matches(imported, a.target)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Fatalf("looked at %d files only", files)
	}
	for _, a := range arrows {
		if !seen[a.target] {
			t.Errorf("nothing imports %s any more: take its arrow away", a.target)
		}
	}
}

// otherModule reports whether a directory is a module of its own, which nothing of ours
// can import.
func otherModule(name string) bool {
	_, err := os.Stat(filepath.Join(name, "go.mod"))
	return name != "." && err == nil
}

// The rule itself can fail: a planted import is found.
func TestForbiddenImportIsFound(t *testing.T) {
	for _, c := range []struct {
		dir, imported string
		bad           bool
	}{
		{"backend/activity", "database/sql", true},
		{"backend/activity", "database/sql/driver", true},
		{"backend/sqlite", "database/sql", false},
		{"backend/account", "net/http", true},
		{"backend/avatar", "net/http", false},
		{"backend/cli", "github.com/wailsapp/wails/v2/pkg/runtime", true},
		{".", "github.com/wailsapp/wails/v2", false},
		{"backend/activity", "activitylog/backend/access", false},
		{"backend/httpapi", "activitylog/backend/sqlite", true},
	} {
		if _, bad := forbidden(c.dir, c.imported); bad != c.bad {
			t.Errorf("%s importing %s: forbidden %v, want %v", c.dir, c.imported, bad, c.bad)
		}
	}
}

func forbidden(dir, imported string) (arrow, bool) {
	for _, a := range arrows {
		if !matches(imported, a.target) || matches(path.Join("activitylog", dir), a.target) {
			continue
		}
		ok := false
		for _, d := range a.allowed {
			ok = ok || d == dir
		}
		if !ok {
			return a, true
		}
	}
	return arrow{}, false
}

func matches(imported, target string) bool {
	return imported == target || strings.HasPrefix(imported, target+"/")
}

func importsOf(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}
