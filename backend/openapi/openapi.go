// Package openapi holds the description of the HTTP API, for programs (OpenAPI 3.1,
// https://spec.openapis.org/oas/v3.1.1) and for people. Both files are made from the
// table of operations and the docstrings of the shapes (generate_test.go), so that
// they cannot say anything else than the code does.
package openapi

import "embed"

//go:embed openapi.json reference.html reference.css
var files embed.FS

// Document returns the description as JSON.
func Document() []byte { return read("openapi.json") }

// Reference returns the readable page. It loads nothing but Style.
func Reference() []byte { return read("reference.html") }

// Style returns the page's style sheet.
func Style() []byte { return read("reference.css") }

func read(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // they are embedded
	}
	return data
}
