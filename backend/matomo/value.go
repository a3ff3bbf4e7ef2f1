package matomo

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
)

// What a method returns and a renderer writes is one of
//
//	nil, bool, int64, float64, digits, string
//	Map     a PHP array with names, in order
//	List    a PHP array numbered from 0
//	*Rows   a List of Maps that may be too long to hold
type (
	// A Map is an array with names. No name stands in it twice.
	Map []Pair
	// A List is an array without.
	List []any
	// digits are a whole number that int64 does not hold. PHP would round it.
	digits string
)

// A Pair is a name and what it stands for.
type Pair struct {
	Key   string
	Value any
}

// Rows are Maps, all with the same columns in the same order.
type Rows struct {
	columns []string
	all     func(ctx context.Context) iter.Seq2[Map, error] // each call begins anew
	size    func(ctx context.Context) (int64, error)        // nil where only reading them tells
}

func (m Map) find(key string) (any, bool) {
	for _, p := range m {
		if p.Key == key {
			return p.Value, true
		}
	}
	return nil, false
}

// nested reports whether a value holds further ones.
func nested(v any) bool {
	switch v.(type) {
	case Map, List, *Rows:
		return true
	}
	return false
}

// count returns how many rows there are, by reading them all if need be.
func (r *Rows) count(ctx context.Context) (n int64, err error) {
	if r.size != nil {
		return r.size(ctx)
	}
	for _, err := range r.all(ctx) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// fromJSON reads JSON as PHP's json_decode does to arrays: objects keep their order,
// one whose names are 0, 1, 2 … is a list. What is no JSON is null.
func fromJSON(data []byte) any {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := readJSON(dec)
	if err != nil {
		return nil
	}
	return v
}

func readJSON(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Number:
		return number(t.String()), nil
	case json.Delim:
		if t == '{' {
			return readObject(dec)
		}
		return readArray(dec)
	}
	return token, nil
}

func readArray(dec *json.Decoder) (any, error) {
	list := List{}
	for dec.More() {
		v, err := readJSON(dec)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := dec.Token()
	return list, err
}

func readObject(dec *json.Decoder) (any, error) {
	m, at := Map{}, map[string]int{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string)
		v, err := readJSON(dec)
		if err != nil {
			return nil, err
		}
		if i, ok := at[key]; ok {
			m[i].Value = v
			continue
		}
		at[key] = len(m)
		m = append(m, Pair{key, v})
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	numbered := len(m) > 0 && !slices.ContainsFunc(m, func(p Pair) bool { return p.Key != strconv.Itoa(at[p.Key]) })
	if !numbered {
		return m, nil
	}
	list := make(List, len(m))
	for i, p := range m {
		list[i] = p.Value
	}
	return list, nil
}

// number reads a number of JSON.
func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if !strings.ContainsAny(text, ".eE") {
		return digits(text)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return text // beyond all floats: kept as it is written
	}
	return f
}
