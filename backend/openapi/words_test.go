package openapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// words are the docstrings of the source.
type words struct {
	types   map[string]string // by package path and name
	fields  map[string]string // … and field
	methods map[string]string // by a method's name and its input's type: "List activity.ListIn"
}

// readWords reads the docstrings of every package of the back end.
func readWords(t *testing.T) words {
	t.Helper()
	w := words{types: map[string]string{}, fields: map[string]string{}, methods: map[string]string{}}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(name))
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				w.method(file.Name.Name, d)
			case *ast.GenDecl:
				w.shapes("activitylog/backend/"+strings.TrimPrefix(pkg, "../"), d)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// method keeps what a service's method of a context and an input says of itself.
func (w words) method(pkg string, d *ast.FuncDecl) {
	if d.Recv == nil || d.Doc == nil || !d.Name.IsExported() || len(d.Type.Params.List) != 2 {
		return
	}
	in := ""
	switch t := d.Type.Params.List[1].Type.(type) {
	case *ast.Ident:
		in = pkg + "." + t.Name
	case *ast.SelectorExpr:
		in = t.X.(*ast.Ident).Name + "." + t.Sel.Name
	}
	w.methods[d.Name.Name+" "+in] = flow(d.Doc.Text())
}

func (w words) shapes(pkg string, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		t, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		doc := t.Doc
		if doc == nil {
			doc = d.Doc
		}
		w.types[pkg+"."+t.Name.Name] = flow(doc.Text())
		shape, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range shape.Fields.List {
			text := f.Doc.Text()
			if text == "" {
				text = f.Comment.Text()
			}
			for _, name := range f.Names {
				w.fields[pkg+"."+t.Name.Name+"."+name.Name] = flow(text)
			}
		}
	}
}

// flow joins the lines of a comment.
func flow(text string) string { return strings.Join(strings.Fields(text), " ") }
