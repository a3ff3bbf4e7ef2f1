package retention

import (
	"fmt"
	"strconv"
	"strings"

	"activitylog/backend/fault"
)

// String is a rule in one line, as [ParseRule] reads it and as changes show it:
//
//	<name>: all|category:<id>|view:<id>, keep|<age> days|months|years
func (r Rule) String() string {
	scope := r.Scope
	if r.Value != "" {
		scope += ":" + r.Value
	}
	if r.Keep {
		return r.Name + ": " + scope + ", keep"
	}
	return fmt.Sprintf("%s: %s, %d %s", r.Name, scope, r.Age, r.Unit)
}

// ParseRule reads a rule in one line. Whether there is such a category or view is not looked at.
// Errors: invalid (field rules).
func ParseRule(text string) (Rule, error) {
	wrong := fault.At("rules", "%q is no rule. Write it like \"Sign-ins: category:login, 24 months\" or \"The rest: all, keep\".", text)
	scopes := max(strings.LastIndex(text, ": "+ScopeAll+","), strings.LastIndex(text, ": "+ScopeCategory+":"), strings.LastIndex(text, ": "+ScopeView+":"))
	if scopes < 0 {
		return Rule{}, wrong
	}
	r := Rule{Name: strings.TrimSpace(text[:scopes])}
	scope, how, ok := strings.Cut(text[scopes+2:], ",")
	if !ok {
		return Rule{}, wrong
	}
	r.Scope, r.Value, _ = strings.Cut(strings.TrimSpace(scope), ":")
	words := strings.Fields(how)
	switch {
	case len(words) == 1 && words[0] == "keep":
		r.Keep = true
		return r, nil
	case len(words) != 2:
		return Rule{}, wrong
	}
	var err error
	if r.Age, err = strconv.Atoi(words[0]); err != nil {
		return Rule{}, wrong
	}
	r.Unit = strings.TrimSuffix(words[1], "s") + "s"
	return r, nil
}

func said(rules []Rule) []string {
	list := make([]string, len(rules))
	for i, r := range rules {
		list[i] = r.String()
	}
	return list
}
