package openapi_test

import (
	"encoding/json"
	"reflect"
	"strings"

	"activitylog/backend/activity"
)

// A schema is a JSON Schema, draft 2020-12.
type schema map[string]any

// A shaper makes schemas from Go types. What goes in may leave fields out and is
// refused for those that are not there; what comes out has all of them.
type shaper struct {
	words words
	in    map[reflect.Type]bool // types that are part of an input
	out   map[reflect.Type]bool
	made  map[string]schema
}

// collect notes every struct that a type is made of.
func collect(into map[reflect.Type]bool, t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		collect(into, t.Elem())
	case reflect.Struct:
		if into[t] {
			return
		}
		into[t] = true
		for i := range t.NumField() {
			collect(into, t.Field(i).Type)
		}
	}
}

// name is what a struct is called in the document: a type that goes both ways has two
// schemas, and types of the same name are told apart by their package.
func (s *shaper) name(t reflect.Type, input bool) string {
	name := t.Name()
	for _, all := range []map[reflect.Type]bool{s.in, s.out} {
		for other := range all {
			if other != t && other.Name() == t.Name() {
				pkg := t.PkgPath()[strings.LastIndex(t.PkgPath(), "/")+1:]
				name = strings.ToUpper(pkg[:1]) + pkg[1:] + t.Name()
			}
		}
	}
	if input && s.in[t] && s.out[t] {
		name += "Input"
	}
	return name
}

// of returns the schema of a type; structs are referred to.
func (s *shaper) of(t reflect.Type, input bool) schema {
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return schema{}
	case t == reflect.TypeFor[activity.DraftActor]() && input:
		return schema{"anyOf": []schema{{"type": "string"}, s.refer(t, input)}}
	}
	switch t.Kind() {
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Uint32, reflect.Int32:
		return schema{"type": "integer"}
	case reflect.Float64:
		return schema{"type": "number"}
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Pointer:
		return orNull(s.of(t.Elem(), input))
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return schema{"type": "string", "contentEncoding": "base64"}
		}
		list := schema{"type": "array", "items": s.of(t.Elem(), input)}
		if input {
			return orNull(list)
		}
		return list
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": s.of(t.Elem(), input)}
	case reflect.Struct:
		return s.refer(t, input)
	}
	return schema{}
}

func orNull(of schema) schema {
	if kind, ok := of["type"].(string); ok {
		of["type"] = []string{kind, "null"}
		return of
	}
	return schema{"anyOf": []schema{of, {"type": "null"}}}
}

// refer makes the schema of a struct once and returns the reference to it.
func (s *shaper) refer(t reflect.Type, input bool) schema {
	name := s.name(t, input)
	ref := schema{"$ref": "#/components/schemas/" + name}
	if _, there := s.made[name]; there {
		return ref
	}
	made := schema{"type": "object", "additionalProperties": false}
	s.made[name] = made
	if text := s.words.types[t.PkgPath()+"."+t.Name()]; text != "" {
		made["description"] = text
	}
	properties, required := schema{}, []string{}
	s.fields(t, input, properties, &required)
	made["properties"] = properties
	if !input && len(required) > 0 {
		made["required"] = required
	}
	return ref
}

func (s *shaper) fields(t reflect.Type, input bool, into schema, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && tag == "" {
			s.fields(f.Type, input, into, required)
			continue
		}
		if tag == "-" || tag == "" {
			continue
		}
		of := s.of(f.Type, input)
		if text := s.words.fields[t.PkgPath()+"."+t.Name()+"."+f.Name]; text != "" {
			of["description"] = text
		}
		into[tag] = of
		if !strings.Contains(options, "omit") {
			*required = append(*required, tag)
		}
	}
}
