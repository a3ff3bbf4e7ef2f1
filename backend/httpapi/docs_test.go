package httpapi

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"activitylog/backend/fault"
	"activitylog/backend/ops"
)

var update = flag.Bool("update", false, "rewrite the operations' part of docs/api.md")

const (
	documents = "../../docs/api.md"
	marker    = "\n<!-- The operations, from backend/ops. Rewritten by: go test ./backend/httpapi -run Documented -update -->\n"
)

// docs/api.md lists every operation as the table has it.
func TestOperationsAreDocumented(t *testing.T) {
	data, err := os.ReadFile(documents)
	if err != nil {
		t.Fatal(err)
	}
	before, have, found := strings.Cut(string(data), marker)
	if !found {
		t.Fatal("docs/api.md has no place for the operations")
	}
	want := operations()
	if *update {
		if err := os.WriteFile(documents, []byte(before+marker+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != want {
		t.Error("docs/api.md differs from backend/ops. Rewrite it: go test ./backend/httpapi -run Documented -update")
	}
	for _, code := range fault.Codes() {
		if !strings.Contains(before, fmt.Sprintf("| %d | `%s` |", statuses[code], code)) {
			t.Errorf("docs/api.md does not say the status of %s", code)
		}
	}
}

// operations is the part of the document that the table makes.
func operations() string {
	var b strings.Builder
	b.WriteString("\n| operation | doors | least role | records | in → out |\n|---|---|---|---|---|\n")
	for _, op := range ops.Table(ops.Services{}) {
		role := string(op.Least)
		if op.Open() {
			role = "nobody"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | `%s` → `%s` |\n",
			op.Path(), doors(op.Doors), role, strings.Join(op.Records, ", "), shape(op.In), shape(op.Out))
	}
	return b.String()
}

func doors(d ops.Doors) string {
	var names []string
	for _, one := range []struct {
		door ops.Doors
		name string
	}{{ops.Window, "window"}, {ops.HTTP, "HTTP"}, {ops.CLI, "CLI"}} {
		if d&one.door != 0 {
			names = append(names, one.name)
		}
	}
	return strings.Join(names, ", ")
}

// shape names the fields of an input or answer; ? marks those that may be null.
func shape(t reflect.Type) string {
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[json.RawMessage]() {
		return t.Name()
	}
	var fields []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || name == "" {
			continue
		}
		switch f.Type.Kind() {
		case reflect.Pointer:
			name += "?"
		case reflect.Slice:
			if f.Type != reflect.TypeFor[json.RawMessage]() {
				name += "[]"
			}
		}
		fields = append(fields, name)
	}
	return "{" + strings.Join(fields, ", ") + "}"
}
