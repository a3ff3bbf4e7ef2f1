package openapi_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// A documented operation, as the page shows it.
type documented struct {
	Path, Method, ID, Summary, Description, Tag, In, Out string
}

// page renders the document for people.
func page(t *testing.T, document []byte) []byte {
	t.Helper()
	var doc struct {
		Info  struct{ Title, Description string }
		Tags  []struct{ Name string }
		Paths map[string]map[string]struct {
			OperationID, Summary, Description string
			Tags                              []string
			RequestBody                       struct {
				Content map[string]struct{ Schema map[string]any }
			}
			Responses map[string]struct {
				Content map[string]struct{ Schema map[string]any }
			}
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	ref := func(content map[string]struct{ Schema map[string]any }) string {
		text, _ := content["application/json"].Schema["$ref"].(string)
		return strings.TrimPrefix(text, "#/components/schemas/")
	}
	var all []documented
	for path, methods := range doc.Paths {
		for method, op := range methods {
			all = append(all, documented{
				Path: path, Method: strings.ToUpper(method), ID: op.OperationID, Summary: op.Summary, Description: op.Description,
				Tag: op.Tags[0], In: ref(op.RequestBody.Content), Out: ref(op.Responses["200"].Content),
			})
		}
	}
	slices.SortFunc(all, func(a, b documented) int { return cmp.Compare(a.Path, b.Path) })
	shapes := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		shapes = append(shapes, shapeOf(name, doc.Components.Schemas[name].(map[string]any)))
	}
	text, err := os.ReadFile("testdata/reference.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	made := template.Must(template.New("").Parse(string(text)))
	if err := made.Execute(&out, map[string]any{"Info": doc.Info, "Tags": doc.Tags, "All": all, "Shapes": shapes}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// shapeOf is a schema as the page shows it: a line a field.
func shapeOf(name string, of map[string]any) map[string]any {
	required, _ := of["required"].([]any)
	properties, _ := of["properties"].(map[string]any)
	var fields []map[string]any
	for _, field := range slices.Sorted(maps.Keys(properties)) {
		property := properties[field].(map[string]any)
		kind, link := kindOf(property)
		fields = append(fields, map[string]any{
			"Name": field, "Kind": kind, "Link": link, "Text": property["description"], "Required": slices.Contains(required, any(field)),
		})
	}
	return map[string]any{"Name": name, "Text": of["description"], "Fields": fields}
}

// kindOf is a field's type in words, and the shape it leads to.
func kindOf(p map[string]any) (kind, link string) {
	if ref, ok := p["$ref"].(string); ok {
		name := ref[strings.LastIndex(ref, "/")+1:]
		return name, name
	}
	if items, ok := p["items"].(map[string]any); ok {
		kind, link = kindOf(items)
		return "list of " + kind, link
	}
	if choices, ok := p["anyOf"].([]any); ok {
		var kinds []string
		for _, one := range choices {
			k, l := kindOf(one.(map[string]any))
			kinds = append(kinds, k)
			link = cmp.Or(link, l)
		}
		return strings.Join(kinds, " or "), link
	}
	switch kind := p["type"].(type) {
	case string:
		return kind, ""
	case []any:
		return fmt.Sprintf("%v or %v", kind[0], kind[1]), ""
	}
	return "anything", ""
}
