package matomo

import (
	"context"
	"iter"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

const (
	defaultRows = 100    // filter_limit over HTTP, where a request has none
	maxPattern  = 1000   // bytes of filter_pattern
	maxStates   = 10_000 // what it may grow to: x{1000} is a thousand
)

// A shaping is what core does to the list a method returned: rows that match a pattern,
// a slice of these, some of their columns.
type shaping struct {
	first, most int64 // most < 0 is all; first < 0 counts from the end
	hide, show  []string
}

// shaping reads all but the pattern: filter_offset, filter_limit, hideColumns and
// showColumns.
func (c *call) shaping() shaping {
	s := shaping{most: defaultRows, hide: names(c.params.text("hideColumns", "")), show: names(c.params.text("showColumns", ""))}
	if c.params.has("filter_limit") {
		s.most = max(c.params.integer("filter_limit", -1), -1)
	}
	if s.first = c.params.integer("filter_offset", 0); s.most < 0 {
		s.first = max(s.first, 0)
	}
	return s
}

// pattern reads filter_column[] and filter_pattern, nil where one is missing. It takes
// memory, so that it is for callers who may see what they ask for. Errors: one that
// cannot be used.
func (c *call) pattern() (*pattern, error) {
	columns, text := c.params.list("filter_column"), c.params.text("filter_pattern", "")
	if len(columns) == 0 || text == "" {
		return nil, nil
	}
	bad := fail(statusBadRequest, "The filter_pattern cannot be used: it must be a short regular expression without look-around and back-references.")
	tree, err := syntax.Parse("(?i)"+text, syntax.Perl)
	if err != nil || len(text) > maxPattern || states(tree) > maxStates {
		return nil, bad
	}
	expression, err := regexp.Compile("(?i)" + text)
	if err != nil {
		return nil, bad
	}
	return &pattern{columns, expression}, nil
}

// states is about how many states an expression becomes.
func states(tree *syntax.Regexp) int {
	n := 1 + len(tree.Rune)
	for _, sub := range tree.Sub {
		n = min(n+states(sub), maxStates+1)
	}
	if tree.Op == syntax.OpRepeat {
		n *= max(tree.Min, tree.Max, 1)
	}
	return min(n, maxStates+1)
}

func names(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// shape does to a method's value what core does. Only lists have anything done to them.
func (c *call) shape(v any) (any, error) {
	s := c.shaping()
	list, ok := v.(List)
	if !ok || len(list) == 0 {
		return v, nil
	}
	if _, ok := list[0].(Map); !ok {
		from, to := s.bounds(int64(len(list)))
		return list[from:to], nil
	}
	list = slices.Clone(list)
	wanted, err := c.pattern()
	if err != nil {
		return nil, err
	}
	if wanted != nil {
		list = slices.DeleteFunc(list, func(v any) bool { m, ok := v.(Map); return ok && !wanted.in(m) })
	}
	from, to := s.bounds(int64(len(list)))
	list = list[from:to]
	for i := range list {
		if m, ok := list[i].(Map); ok {
			list[i] = slices.DeleteFunc(slices.Clone(m), func(p Pair) bool { return !s.keeps(p.Key) })
		}
	}
	return list, nil
}

// rows is shape for rows that are not held.
func (s shaping) rows(ctx context.Context, r *Rows, wanted *pattern) (any, error) {
	if wanted != nil {
		r = r.filtered(wanted)
	}
	if s.first < 0 {
		n, err := r.count(ctx)
		if err != nil {
			return nil, err
		}
		s.first = max(n+s.first, 0)
	}
	if s.first > 0 || s.most >= 0 {
		r = r.sliced(s.first, s.most)
	}
	return r.picked(s.keeps), nil
}

// bounds returns the slice's ends in a list of n.
func (s shaping) bounds(n int64) (from, to int64) {
	if from = min(s.first, n); s.first < 0 {
		from = max(n+s.first, 0)
	}
	if s.most < 0 {
		return from, n
	}
	return from, min(n, from+min(s.most, n))
}

// keeps reports whether a column stays: not hidden, and shown if any are named. A name
// shows name__… too, and nothing takes away label.
func (s shaping) keeps(column string) bool {
	if slices.Contains(s.hide, column) {
		return false
	}
	return len(s.show) == 0 || column == "label" || slices.ContainsFunc(s.show, func(name string) bool {
		return column == name || strings.HasPrefix(column, name+"__")
	})
}

// A pattern is looked for in some columns, whatever the case.
type pattern struct {
	columns    []string
	expression *regexp.Regexp
}

func (p *pattern) in(m Map) bool {
	return slices.ContainsFunc(p.columns, func(column string) bool {
		v, ok := m.find(column)
		return ok && p.expression.MatchString(asText(v))
	})
}

func (r *Rows) filtered(p *pattern) *Rows {
	return r.through(r.columns, nil, func(_ int64, m Map) (Map, bool, bool) { return m, p.in(m), true })
}

func (r *Rows) sliced(first, most int64) *Rows {
	return r.through(r.columns, nil, func(i int64, m Map) (Map, bool, bool) {
		return m, i >= first, most < 0 || i < first+most
	})
}

func (r *Rows) picked(keeps func(string) bool) *Rows {
	var columns []string
	var kept []int
	for i, name := range r.columns {
		if keeps(name) {
			columns, kept = append(columns, name), append(kept, i)
		}
	}
	if len(kept) == len(r.columns) {
		return r
	}
	return r.through(columns, r.size, func(_ int64, m Map) (Map, bool, bool) {
		few := make(Map, len(kept))
		for i, at := range kept {
			few[i] = m[at]
		}
		return few, true, true
	})
}

// through puts each row through a step that gets its number, and says what becomes of
// it, whether it stays, and whether it and further rows are wanted at all.
func (r *Rows) through(columns []string, size func(context.Context) (int64, error), step func(i int64, m Map) (out Map, stays, more bool)) *Rows {
	return &Rows{columns: columns, size: size, all: func(ctx context.Context) iter.Seq2[Map, error] {
		all := r.all(ctx)
		return func(yield func(Map, error) bool) {
			i := int64(-1)
			for m, err := range all {
				if err != nil {
					yield(nil, err)
					return
				}
				i++
				out, stays, more := step(i, m)
				if !more || stays && !yield(out, nil) {
					return
				}
			}
		}
	}}
}
