package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/httpapi"
	"activitylog/backend/openapi"
	"activitylog/backend/ops"
	"activitylog/backend/source"
)

var update = flag.Bool("update", false, "rewrite openapi.json and reference.html")

const rewrite = "Rewrite it: go test ./backend/openapi -update"

// What is served is what the table of operations and the docstrings say.
func TestDescriptionIsCurrent(t *testing.T) {
	doc := describe(t)
	var document bytes.Buffer
	enc := json.NewEncoder(&document)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(doc); err != nil {
		t.Fatal(err)
	}
	compare(t, "openapi.json", document.Bytes(), openapi.Document())
	compare(t, "reference.html", page(t, document.Bytes()), openapi.Reference())
}

func compare(t *testing.T, name string, want, have []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want, have) {
		t.Errorf("%s is not what the code says. %s", name, rewrite)
	}
}

// describe makes the document.
func describe(t *testing.T) schema {
	t.Helper()
	s := &shaper{words: readWords(t), in: map[reflect.Type]bool{}, out: map[reflect.Type]bool{}, made: map[string]schema{}}
	table := slices.DeleteFunc(ops.Table(ops.Services{}), func(op ops.Op) bool { return op.Doors&ops.HTTP == 0 })
	for _, op := range table {
		collect(s.in, op.In)
		collect(s.out, op.Out)
	}
	collect(s.out, reflect.TypeFor[source.Handle]())
	collect(s.in, reflect.TypeFor[httpapi.LiveIn]())
	collect(s.out, reflect.TypeFor[httpapi.LiveLine]())
	paths := schema{}
	for _, op := range table {
		if op.Path() == "ingest" {
			paths["/api/v1/"+op.Path()] = schema{"post": s.ingest(op)}
			continue
		}
		paths["/api/v1/"+op.Path()] = schema{"post": s.operation(t, op)}
	}
	maps.Copy(paths, s.files())
	s.of(reflect.TypeFor[fault.Error](), false)
	return schema{
		"openapi": "3.1.1",
		"info": schema{
			"title": "Activity Log", "version": "1",
			"summary": "Who did what, and when.",
			"description": "Every operation is a POST of one JSON object and answers with one. Times are Unix milliseconds, ids are texts, " +
				"lists are never null. Fields that an operation does not have are refused by name; those left out count as null or empty. " +
				"What is refused before that (other hosts, other sites, other content types) is in docs/api.md.",
		},
		"servers":  []schema{{"url": "http://127.0.0.1:8765", "description": "the address that serve prints"}},
		"tags":     tags(table),
		"paths":    paths,
		"security": []schema{{"session": []string{}}, {"token": []string{}}},
		"components": schema{
			"schemas":   s.made,
			"responses": failures(),
			"securitySchemes": schema{
				"session": schema{"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The token of a session, as signIn answers with it."},
				"token":   schema{"type": "http", "scheme": "bearer", "description": "An API token, made in the window or by: activitylog token create. Its scopes and its maker's role decide what it opens."},
			},
		},
	}
}

// operation describes a row of the table.
func (s *shaper) operation(t *testing.T, op ops.Op) schema {
	t.Helper()
	says := s.words.methods[op.Name+" "+op.In.String()]
	if says == "" {
		t.Errorf("nothing says what %s does", op.Name)
	}
	says = strings.TrimPrefix(says, op.Name+" ")
	summary, more, _ := strings.Cut(says, ". ")
	made := schema{
		"operationId": op.Path(), "tags": []string{tagOf(op)},
		"summary":     capital(strings.TrimSuffix(summary, ".")),
		"description": strings.TrimSpace(capital(more) + "\n\n" + opens(op)),
		"requestBody": schema{"content": schema{"application/json": schema{"schema": s.of(op.In, true)}}},
		"responses":   answers(schema{"description": "Done.", "content": schema{"application/json": schema{"schema": s.of(op.Out, false)}}}),
	}
	if op.Open() {
		made["security"] = []schema{{}}
	} else if len(op.Scopes) == 0 {
		made["security"] = []schema{{"session": []string{}}}
	}
	return made
}

// opens says who may call an operation and what is recorded of it.
func opens(op ops.Op) string {
	who := "Opens to everybody."
	if !op.Open() {
		who = "Opens to the role " + string(op.Least) + " and above"
		if op.Least == access.None {
			who = "Opens to whoever is signed in"
		}
		for i, scope := range op.Scopes {
			who += []string{", and to tokens with the scope ", " or "}[min(i, 1)] + string(scope)
		}
		who += "."
	}
	if len(op.Records) > 0 {
		who += " Records " + strings.Join(op.Records, ", ") + "."
	}
	return who
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// tagOf groups operations by the package that knows their input.
func tagOf(op ops.Op) string {
	path := op.In.PkgPath()
	return path[strings.LastIndex(path, "/")+1:]
}

func tags(table []ops.Op) []schema {
	var made []schema
	seen := map[string]bool{}
	for _, op := range table {
		if tag := tagOf(op); !seen[tag] {
			seen[tag] = true
			made = append(made, schema{"name": tag})
		}
	}
	return made
}

// files describes the paths that carry no JSON object each way.
func (s *shaper) files() schema {
	bytesOf := func(kind string) schema { return schema{kind: schema{}} }
	handle := schema{"description": "Kept for an import.", "content": schema{"application/json": schema{"schema": s.of(reflect.TypeFor[source.Handle](), false)}}}
	return schema{
		"/api/v1/live": schema{"post": schema{
			"operationId": "live", "tags": []string{"activity"}, "summary": "Follows the log",
			"description": "Lines of JSON for as long as they are read, empty ones now and then: that something the caller may see has changed (a revision), " +
				"and the caller's jobs. What has changed is asked for. Whoever comes back with the last revision misses nothing.\n\n" +
				"Opens to whoever is signed in, and to tokens with the scope read:own or read:all.",
			"requestBody": schema{"content": schema{"application/json": schema{"schema": s.of(reflect.TypeFor[httpapi.LiveIn](), true)}}},
			"responses":   answers(schema{"description": "A line each time.", "content": schema{"application/x-ndjson": schema{"schema": s.of(reflect.TypeFor[httpapi.LiveLine](), false)}}}),
		}},
		"/api/v1/upload": schema{"post": schema{
			"operationId": "upload", "tags": []string{"source"}, "summary": "Keeps a file's bytes for an import",
			"description": "At most 512 MiB.\n\nOpens to the role super.",
			"parameters": []schema{{
				"name": "X-File-Name", "in": "header", "required": true, "schema": schema{"type": "string"}, "description": "the file's name, percent-encoded",
			}},
			"requestBody": schema{"required": true, "content": bytesOf("application/octet-stream")},
			"responses":   answers(handle), "security": []schema{{"session": []string{}}},
		}},
		"/api/v1/download/{ticket}": schema{"get": schema{
			"operationId": "download", "tags": []string{"export"}, "summary": "Returns the file of a ticket",
			"description": "Once, within a minute. The ticket is the credential.",
			"parameters":  []schema{{"name": "ticket", "in": "path", "required": true, "schema": schema{"type": "string"}}},
			"responses":   answers(schema{"description": "The file.", "content": bytesOf("*/*")}), "security": []schema{{}},
		}},
		"/feed.atom": subscribed("Atom", "Atom (RFC 4287)", "application/atom+xml"),
		"/feed.json": subscribed("JSON", "JSON Feed 1.1", "application/feed+json"),
	}
}

// subscribed describes a feed.
func subscribed(name, form, kind string) schema {
	parameter := func(name, says string, shape schema) schema {
		return schema{"name": name, "in": "query", "schema": shape, "description": says}
	}
	made := answers(schema{"description": "The feed.", "content": schema{kind: schema{}}})
	made["304"] = schema{"description": "It is as If-None-Match names it."}
	return schema{"get": schema{
		"operationId": "feed" + name, "tags": []string{"activity"}, "summary": "Returns the newest activities of a query as " + form,
		"description": "Answers with an ETag. An API token may stand in the address if it was made with allowGet.\n\n" +
			"Opens to the role view, and to API tokens with read:own, read:all.",
		"parameters": []schema{
			parameter("q", "the query; all without", schema{"type": "string", "maxLength": 2000}),
			parameter("limit", "how many at most", schema{"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
			parameter("token", "an API token, instead of the header", schema{"type": "string"}),
		},
		"responses": made,
	}}
}

// answers are those of an operation: the good one, and every fault by its status.
func answers(good schema) schema {
	made := schema{"200": good}
	for _, code := range fault.Codes() {
		made[strconv.Itoa(httpapi.StatusOf(code))] = schema{"$ref": "#/components/responses/" + string(code)}
	}
	return made
}

func failures() schema {
	made := schema{}
	for _, code := range fault.Codes() {
		made[string(code)] = schema{
			"description": meanings[code],
			"content":     schema{"application/json": schema{"schema": schema{"$ref": "#/components/schemas/Error"}}},
		}
	}
	return made
}

// meanings are what docs/api.md says of each code.
var meanings = map[fault.Code]string{
	fault.Invalid:         "The input is wrong; field says which.",
	fault.Unauthenticated: "Nobody is signed in, or no longer.",
	fault.Denied:          "Signed in, but the role or the token's scopes do not suffice.",
	fault.NotFound:        "There is no such thing, or it is not yours to see.",
	fault.Conflict:        "It exists already, or has changed meanwhile.",
	fault.Unavailable:     "Not now: locked, full, too many tries, shutting down.",
	fault.Internal:        "A fault of the program; the cause is on the server's error output.",
}
