package httpapi_test

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"activitylog/backend/openapi"
)

// described compiles the description once, and each schema of it when it is asked for.
var described = sync.OnceValues(func() (*jsonschema.Compiler, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(openapi.Document()))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	return c, c.AddResource("mem:openapi.json", doc)
})

var compiling sync.Mutex

// conforms holds a body against the description: of an operation's input ("requestBody")
// or of its answer ("responses/200").
func conforms(op, part, body string) error {
	compiling.Lock()
	defer compiling.Unlock()
	c, err := described()
	if err != nil {
		return err
	}
	place := "#/paths/~1api~1v1~1" + op + "/post/" + part + "/content/application~1json/schema"
	if !strings.HasSuffix(part, "200") && part != "requestBody" {
		place = "#/components/schemas/Error"
	}
	s, err := c.Compile("mem:openapi.json" + place)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		return err
	}
	return s.Validate(value)
}

// described checks an answer, and the input that led to a good one, against the description.
func (s *served) described(op, in string, status int, body string) {
	s.t.Helper()
	if err := conforms(op, "responses/"+strconv.Itoa(status), body); err != nil {
		s.t.Errorf("the answer of %s is not as described: %v\n%s", op, err, body)
	}
	if status != 200 || strings.TrimSpace(in) == "" {
		return
	}
	if err := conforms(op, "requestBody", in); err != nil {
		s.t.Errorf("the input of %s is not as described: %v\n%s", op, err, in)
	}
}

// What the description refuses, so that the check above can fail.
func TestDescriptionRefuses(t *testing.T) {
	const count = `{"n":1,"exact":true}`
	if err := conforms("count", "responses/200", count); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ part, body string }{
		"a field left out of an answer": {"responses/200", `{"n":1}`},
		"a field nobody described":      {"responses/200", `{"n":1,"exact":true,"more":0}`},
		"another type":                  {"responses/200", `{"n":"1","exact":true}`},
		"an unknown input":              {"requestBody", `{"qeury":""}`},
		"an error without its code":     {"responses/400", `{"message":"","field":""}`},
	} {
		if conforms("count", c.part, c.body) == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// The description is there for everybody, and its page loads nothing but its style.
func TestDescriptionIsServed(t *testing.T) {
	s := serve(t)
	for path, part := range map[string]string{"/api/": `href="/api/reference.css"`, "/api/openapi.json": `"openapi": "3.1.1"`, "/api/reference.css": "light-dark"} {
		if status, body := s.send("GET", path, "", ""); status != 200 || !strings.Contains(body, part) {
			t.Errorf("%s: %d", path, status)
		}
	}
	page := string(openapi.Reference())
	for _, never := range []string{"<script", "style=", "src=", "http://", "https://", "@import"} {
		if strings.Contains(page, never) || strings.Contains(string(openapi.Style()), never) {
			t.Errorf("the page has %s", never)
		}
	}
	for _, name := range []string{"/api/v1/list", "/api/v1/upload"} {
		if !strings.Contains(page, name) {
			t.Errorf("%s is not on the page", name)
		}
	}
}
