package catalog

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"activitylog/backend/fault"
)

// CheckParameters says whether parameters fit a type: those the type requires are
// there, and those it defines are of their kind. Further ones are allowed, and so
// is everything for a type no plugin defines. Numbers,
// flags and dates may be written as JSON strings, and a list of one as that one,
// which is what a command line has. The error
// is invalid and names the parameter, e.g. parameters.goal.name.
func (c *Catalog) CheckParameters(typeID string, parameters json.RawMessage) error {
	t, known := c.Type(typeID)
	if !known {
		return nil
	}
	if len(bytes.TrimSpace(parameters)) == 0 {
		parameters = json.RawMessage("null")
	}
	dec := json.NewDecoder(bytes.NewReader(parameters))
	dec.UseNumber()
	var given map[string]any
	if err := dec.Decode(&given); err != nil {
		return fault.At("parameters", "The parameters must be a JSON object.")
	}
	for _, p := range t.Parameters {
		field := "parameters." + p.Name
		value, ok := given[p.Name]
		if !ok || value == nil {
			if p.Required {
				return fault.At(field, "%s needs the parameter %q.", t.ID, p.Name)
			}
			continue
		}
		if err := checkKind(field, p, value); err != nil {
			return err
		}
	}
	return nil
}

func checkKind(field string, p Parameter, value any) error {
	switch p.Kind {
	case kindText:
		if _, ok := value.(string); !ok {
			return fault.At(field, "The parameter %q must be text.", p.Name)
		}
	case kindNumber:
		if !isNumber(value) {
			return fault.At(field, "The parameter %q must be a number.", p.Name)
		}
	case kindFlag:
		if !isFlag(value) {
			return fault.At(field, "The parameter %q must be true or false.", p.Name)
		}
	case kindDate:
		if !isDate(value) {
			return fault.At(field, "The parameter %q must be a date like 2026-11-23, or a date and time like 2026-11-23T09:15:00+01:00.", p.Name)
		}
	case kindList:
		_, many := value.([]any)
		if _, one := value.(string); !many && !one {
			return fault.At(field, "The parameter %q must be a list.", p.Name)
		}
	case kindEntity:
		return checkEntity(field, p, value)
	}
	return nil
}

func isNumber(value any) bool {
	switch x := value.(type) {
	case json.Number:
		return true
	case string:
		_, err := strconv.ParseFloat(x, 64)
		return err == nil
	}
	return false
}

func isFlag(value any) bool {
	switch x := value.(type) {
	case bool:
		return true
	case json.Number:
		return x == "0" || x == "1"
	case string:
		return x == "true" || x == "false" || x == "1" || x == "0"
	}
	return false
}

func isDate(value any) bool {
	switch x := value.(type) {
	case json.Number:
		_, err := x.Int64()
		return err == nil
	case string:
		_, day := time.Parse(time.DateOnly, x)
		_, instant := time.Parse(time.RFC3339, x)
		return day == nil || instant == nil
	}
	return false
}

func checkEntity(field string, p Parameter, value any) error {
	if m, ok := value.(map[string]any); ok {
		if name, ok := m["name"].(string); !ok || strings.TrimSpace(name) == "" {
			return fault.At(field+".name", "The parameter %q needs a name.", p.Name)
		}
		switch m["id"].(type) {
		case nil, string, json.Number:
			return nil
		}
		return fault.At(field+".id", "The id of the parameter %q must be text or a number.", p.Name)
	}
	if name, ok := value.(string); ok && strings.TrimSpace(name) != "" {
		return nil
	}
	if _, ok := value.(json.Number); ok {
		return nil
	}
	return fault.At(field, `The parameter %q must be a name, or {"id": …, "name": …}.`, p.Name)
}

// ObjectOf returns the object that parameters name, for types that have one: the
// entity parameter that says to what it was done. A draft without an object gets it
// from here, so that it can be filtered by.
func (c *Catalog) ObjectOf(typeID string, parameters json.RawMessage) (Object, bool) {
	t, _ := c.Type(typeID)
	p, ok := t.Parameter(t.Object)
	if !ok {
		return Object{}, false
	}
	id, name := entity(decodeObject(parameters)[p.Name])
	return Object{Kind: p.Entity, ID: id, Name: name}, id != "" || name != ""
}
