package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A sentence is written like
//
//	added [the goal "{goal.name}"|a goal][ for site "{site.name}"]
//
// A group in brackets shows the first of its alternatives whose placeholders all
// have a value, or nothing. A placeholder stands only inside a group, so that a
// missing value can shorten a sentence but never leave a hole in it.
type sentence struct{ en, de []node }

func (s sentence) in(lang string) []node {
	if german(lang) {
		return s.de
	}
	return s.en
}

// A node is text, or a group if it has alternatives.
type node struct {
	text         string
	alternatives [][]piece
}

// A piece is text, or a placeholder if it has a name.
type piece struct {
	text string
	name string
}

// A variant replaces the sentence where its condition holds.
type variant struct {
	when     condition
	text     Text
	sentence sentence
}

// A condition holds if the parameter is there and, where Is is given, has one of
// those values.
type condition struct {
	Parameter string   `json:"parameter"`
	Is        []string `json:"is"`
}

// The placeholders every type has beside its parameters.
const (
	siteName    = "site"
	changesName = "changes"
)

func builtin(name string) bool { return name == siteName || name == changesName }

var placeholder = regexp.MustCompile(`^([a-z][A-Za-z0-9]*)(\.name)?$`)

func parseSentence(text Text, t Type) (sentence, error) {
	en, err := parseNodes(text.EN, t)
	if err != nil {
		return sentence{}, fmt.Errorf("en: %w", err)
	}
	de, err := parseNodes(text.DE, t)
	if err != nil {
		return sentence{}, fmt.Errorf("de: %w", err)
	}
	return sentence{en: en, de: de}, nil
}

func parseNodes(text string, t Type) ([]node, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("is empty")
	}
	var nodes []node
	for text != "" {
		open := strings.IndexAny(text, "[]{}|")
		if open < 0 {
			return append(nodes, node{text: text}), nil
		}
		if text[open] != '[' {
			return nil, fmt.Errorf("%q stands outside of [ ]", text[open])
		}
		if open > 0 {
			nodes = append(nodes, node{text: text[:open]})
		}
		group, rest, ok := strings.Cut(text[open+1:], "]")
		if !ok {
			return nil, errors.New("a [ is not closed")
		}
		alternatives, err := parseGroup(group, t)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node{alternatives: alternatives})
		text = rest
	}
	return nodes, nil
}

func parseGroup(group string, t Type) ([][]piece, error) {
	var all [][]piece
	choices := strings.Split(group, "|")
	for i, choice := range choices {
		pieces, err := parsePieces(choice, t)
		if err != nil {
			return nil, err
		}
		bare := true
		for _, p := range pieces {
			bare = bare && p.name == ""
		}
		if bare && (i == 0 || i < len(choices)-1) {
			return nil, fmt.Errorf("%q has no placeholder: only the last of several alternatives may do without", choice)
		}
		all = append(all, pieces)
	}
	return all, nil
}

func parsePieces(text string, t Type) ([]piece, error) {
	var pieces []piece
	for text != "" {
		open := strings.IndexAny(text, "{}[")
		if open < 0 {
			return append(pieces, piece{text: text}), nil
		}
		if text[open] != '{' {
			return nil, fmt.Errorf("%q is out of place", text[open])
		}
		if open > 0 {
			pieces = append(pieces, piece{text: text[:open]})
		}
		inner, rest, ok := strings.Cut(text[open+1:], "}")
		if !ok {
			return nil, errors.New("a { is not closed")
		}
		name, err := checkPlaceholder(inner, t)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, piece{name: name})
		text = rest
	}
	return pieces, nil
}

// checkPlaceholder returns what a placeholder names: entities are written with
// .name, everything else without.
func checkPlaceholder(inner string, t Type) (string, error) {
	m := placeholder.FindStringSubmatch(inner)
	if m == nil {
		return "", fmt.Errorf("{%s} is no placeholder", inner)
	}
	name, dotted := m[1], m[2] != ""
	if name == changesName && !dotted || name == siteName && dotted {
		return name, nil
	}
	p, ok := t.Parameter(name)
	if !ok {
		return "", fmt.Errorf("names the parameter %q, which the type does not have", name)
	}
	if dotted != (p.Kind == kindEntity) {
		return "", fmt.Errorf("{%s}: entities are written {x.name}, everything else {x}", inner)
	}
	return name, nil
}
