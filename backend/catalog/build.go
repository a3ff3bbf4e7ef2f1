package catalog

import (
	"errors"
	"fmt"
	"slices"
)

var (
	tones      = []string{"create", "update", "delete", "access", "system"}
	paramKinds = []string{kindText, kindNumber, kindFlag, kindDate, kindList, kindEntity}
	results    = []string{"", "failed", "denied"}
)

// The kinds of parameters.
const (
	kindText   = "text"
	kindNumber = "number"
	kindFlag   = "flag"
	kindDate   = "date"
	kindList   = "list"
	kindEntity = "entity"
)

// build makes a type of its file. Where it fails it names the field.
func build(f typeFile) (Type, string, error) {
	t := Type{
		ID: f.ID, Category: f.Category, Icon: f.Icon, Tone: f.Tone, Self: f.Self, Object: f.Object,
		Parameters: f.Parameters, Known: true, name: f.Label, text: f.Sentence, says: f.Says,
	}
	switch {
	case !typeName.MatchString(f.ID):
		return t, "id", errors.New("must be a word in PascalCase")
	case !slug.MatchString(f.Icon):
		return t, "icon", errors.New("must be the name of a lucide icon")
	case !slices.Contains(tones, f.Tone):
		return t, "tone", fmt.Errorf("must be one of %v", tones)
	case f.Label.EN == "" || f.Label.DE == "":
		return t, "label", errors.New("needs the languages en and de")
	case !slices.Contains(results, f.Says):
		return t, "says", errors.New("must be failed or denied, or left out")
	}
	if t.Parameters == nil {
		t.Parameters = []Parameter{}
	}
	if field, err := checkDefinitions(t.Parameters); err != nil {
		return t, field, err
	}
	if p, ok := t.Parameter(f.Object); f.Object != "" && (!ok || p.Kind != kindEntity) {
		return t, "object", errors.New("must be the name of one of the type's entity parameters")
	}
	var err error
	if t.sentence, err = parseSentence(f.Sentence, t); err != nil {
		return t, "sentence", err
	}
	for i, v := range f.Variants {
		field := fmt.Sprintf("variants[%d]", i)
		if _, ok := t.Parameter(v.When.Parameter); !ok {
			return t, field + ".when", fmt.Errorf("names the parameter %q, which the type does not have", v.When.Parameter)
		}
		s, err := parseSentence(v.Sentence, t)
		if err != nil {
			return t, field + ".sentence", err
		}
		t.variants = append(t.variants, variant{when: v.When, text: v.Sentence, sentence: s})
	}
	return t, "", nil
}

func checkDefinitions(all []Parameter) (string, error) {
	for i, p := range all {
		field := fmt.Sprintf("parameters[%d]", i)
		switch {
		case !parameterName.MatchString(p.Name):
			return field + ".name", errors.New("must be a word in camelCase")
		case slices.ContainsFunc(all[:i], func(o Parameter) bool { return o.Name == p.Name }):
			return field + ".name", fmt.Errorf("%q stands there twice", p.Name)
		case builtin(p.Name):
			return field + ".name", fmt.Errorf("%q is the program's own word", p.Name)
		case !slices.Contains(paramKinds, p.Kind):
			return field + ".kind", fmt.Errorf("%q is no kind; the kinds are %v", p.Kind, paramKinds)
		case p.Kind == kindEntity && !slug.MatchString(p.Entity):
			return field + ".entity", errors.New("an entity needs its object kind: lower-case letters, digits and hyphens")
		case p.Kind != kindEntity && p.Entity != "":
			return field + ".entity", errors.New("only an entity has an object kind")
		case p.Title.EN == "" || p.Title.DE == "":
			return field + ".label", errors.New("needs the languages en and de")
		}
	}
	return "", nil
}
