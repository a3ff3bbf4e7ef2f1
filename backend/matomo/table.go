package matomo

import (
	"bufio"
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A table is a value as the formats of rows and columns see it.
type table struct {
	columns []string
	named   bool // false: plain values, one a row, in a column without a name
	rows    func(ctx context.Context) iter.Seq2[Map, error]
}

// unnamed is what the column without a name is called inside.
const unnamed = "0"

// tableOf turns a value into a table as core does. Errors: what is nested further.
func tableOf(v any) (table, error) {
	switch v := v.(type) {
	case *Rows:
		return table{columns: v.columns, named: true, rows: v.all}, nil
	case Map:
		if len(v) == 0 {
			return held(nil), nil
		}
		for _, p := range v {
			if nested(p.Value) {
				return table{}, notATable("Only integer keys supported for base level.")
			}
		}
		return held([]Map{v}), nil
	case List:
		return tableOfList(v)
	}
	t := held([]Map{{{unnamed, v}}})
	t.named = false
	return t, nil
}

func tableOfList(list List) (table, error) {
	rows, plain := make([]Map, len(list)), true
	for i, v := range list {
		key := strconv.Itoa(i)
		switch v := v.(type) {
		case Map:
			rows[i] = v
		case List:
			for n, item := range v {
				rows[i] = append(rows[i], Pair{strconv.Itoa(n), item})
			}
		case *Rows:
			return table{}, nestedValue(unnamed, key, v)
		default:
			rows[i] = Map{{key, v}}
			continue
		}
		plain = false
		for _, p := range rows[i] {
			if nested(p.Value) {
				return table{}, nestedValue(p.Key, key, p.Value)
			}
		}
	}
	if !plain {
		return held(rows), nil
	}
	for i := range rows {
		rows[i][0].Key = unnamed
	}
	t := held(rows)
	t.named = false
	return t, nil
}

// held is a table of rows at hand: its columns are all there are, in the order in which
// they first appear.
func held(rows []Map) table {
	t := table{named: true, rows: func(context.Context) iter.Seq2[Map, error] {
		return func(yield func(Map, error) bool) {
			for _, m := range rows {
				if !yield(m, nil) {
					return
				}
			}
		}
	}}
	seen := map[string]bool{}
	for _, m := range rows {
		for _, p := range m {
			if !seen[p.Key] {
				seen[p.Key] = true
				t.columns = append(t.columns, p.Key)
			}
		}
	}
	return t
}

// heading is a column's name as it is shown.
func (t table) heading(i int) string {
	if t.named {
		return t.columns[i]
	}
	return "value"
}

// at returns a row's value in column i, which mostly is its own i-th.
func (t table) at(m Map, i int) (any, bool) {
	if i < len(m) && m[i].Key == t.columns[i] {
		return m[i].Value, true
	}
	return m.find(t.columns[i])
}

// nestedValue is core's refusal of a value that holds others, of which it shows as much
// as fits into a sentence.
func nestedValue(column, row string, v any) error {
	shown := "…"
	if _, long := v.(*Rows); !long {
		var b strings.Builder
		w := bufio.NewWriter(&b)
		_ = errors.Join(export(context.Background(), w, v, ""), w.Flush()) // a buffer takes everything
		if shown = b.String(); utf8.RuneCountInString(shown) > maxShown {
			shown = string([]rune(shown)[:maxShown]) + "…"
		}
	}
	return notATable("Multidimensional column values not supported. Found unexpected array value for column '" + column + "' in row '" + row + "': '" + shown + "'.")
}

const maxShown = 200 // characters

// notATable is core's refusal. Core goes on with the whole answer; that may be long.
func notATable(why string) error {
	return fail(statusOK, "Data structure returned is not convertible in the requested format: "+why+
		" Try to call this method with the parameters '&format=original&serialize=1'; you will get the original php data structure serialized.")
}
