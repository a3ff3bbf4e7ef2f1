package export

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"activitylog/backend/fault"
)

// A Base is a new SQLite file that rows are put into.
type Base interface {
	// Add puts in a row: string, int64 or nil, in the order of the columns.
	Add(ctx context.Context, cells []any) error
	// Finish puts in what is known of all rows, as names and values, makes the indexes
	// and closes the file.
	Finish(ctx context.Context, about [][2]string) error
	// Close gives the file up; after Finish it does nothing.
	Close() error
}

// OpenBase makes a [Base] of an empty file. Each column is its name and the type that
// SQLite knows it by, TEXT or INTEGER.
type OpenBase func(ctx context.Context, path string, columns [][2]string, indexes [][]string) (Base, error)

// baseIndexes are the columns that have an index, alone or together, if they are there.
var baseIndexes = [][]string{
	{"id"}, {"occurredMs"}, {"type", "occurredMs"}, {"actor", "occurredMs"}, {"objectKind", "objectId"}, {"ip"},
}

// baseColumns are all that do not repeat others.
var baseColumns = slices.DeleteFunc(slices.Clone(columns), func(c column) bool { return c.name == "data" })

// staleBase is how old a file of a process that is gone must be before another one
// removes it.
const staleBase = 24 * time.Hour

// baseWriter fills a SQLite file in a folder of ours and hands it over once it is
// complete.
type baseWriter struct {
	sheet
	path  string
	base  Base
	cells []any
}

func newBase(s sheet) writer { return &baseWriter{sheet: s, cells: make([]any, len(s.columns))} }

func (w *baseWriter) begin() error {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return unwritable(err)
	}
	file, err := os.CreateTemp(w.dir, "export-*.sqlite")
	if err != nil {
		return unwritable(err)
	}
	w.path = file.Name()
	if err := file.Close(); err != nil {
		return unwritable(err)
	}
	list := make([][2]string, len(w.columns))
	for i, c := range w.columns {
		list[i] = [2]string{c.name, "TEXT"}
		if c.kind == integer || c.name == "id" {
			list[i][1] = "INTEGER"
		}
	}
	names := namesOf(w.columns)
	indexes := slices.DeleteFunc(slices.Clone(baseIndexes), func(index []string) bool {
		return slices.ContainsFunc(index, func(name string) bool { return !slices.Contains(names, name) })
	})
	base, err := w.open(w.ctx, w.path, list, indexes)
	if err == nil {
		w.base = base
	}
	return err
}

func unwritable(err error) error {
	return fault.Wrap(err, fault.Unavailable, "Nothing can be written to the data directory. Is the disk full?")
}

func (w *baseWriter) write(r row) error {
	for i, c := range w.columns {
		w.cells[i] = c.cell(r)
		if raw, ok := w.cells[i].(json.RawMessage); ok {
			w.cells[i] = string(raw)
		}
	}
	return w.base.Add(w.ctx, w.cells)
}

func (w *baseWriter) end(n int64) error {
	m := w.about
	m.Count = n
	if err := w.base.Finish(w.ctx, m.facts()); err != nil {
		return err
	}
	file, err := os.Open(w.path)
	if err != nil {
		return unwritable(err)
	}
	_, err = io.Copy(w.out, &readable{ctx: w.ctx, from: file})
	return errors.Join(err, file.Close(), w.out.Flush())
}

// Close removes the file.
func (w *baseWriter) Close() error {
	var err error
	if w.base != nil {
		err = w.base.Close()
	}
	if w.path == "" {
		return err
	}
	return errors.Join(err, os.Remove(w.path))
}

// readable ends with its context.
type readable struct {
	ctx  context.Context
	from io.Reader
}

func (r *readable) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, errStopped(err)
	}
	return r.from.Read(p)
}

// facts are what a manifest says that is known before the file is complete. What is
// nested is JSON.
func (m Manifest) facts() [][2]string {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(encoded(m), &all); err != nil {
		panic("export: a manifest that is no object: " + err.Error())
	}
	for _, later := range []string{"bytes", "sha256", "first", "last", "finished"} {
		delete(all, later)
	}
	list := make([][2]string, 0, len(all))
	for name, value := range all {
		text := string(value)
		var plain *string
		if err := json.Unmarshal(value, &plain); err == nil && plain != nil {
			text = *plain
		}
		list = append(list, [2]string{name, text})
	}
	slices.SortFunc(list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return list
}

// removeStale removes files that processes before left behind.
func removeStale(dir string, now time.Time) {
	left, err := os.ReadDir(dir)
	if err != nil {
		return // there is none yet, or the next export will say what is wrong
	}
	for _, entry := range left {
		if info, err := entry.Info(); err == nil && now.Sub(info.ModTime()) > staleBase {
			_ = os.Remove(filepath.Join(dir, entry.Name())) // tried again next time
		}
	}
}
