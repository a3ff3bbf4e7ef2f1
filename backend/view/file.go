package view

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// What a file of views says it is.
const (
	fileKind    = "activitylog-views"
	fileVersion = 1
	maxFile     = 1 << 20 // bytes
)

// A file is views as they are saved outside of the log.
type file struct {
	Kind    string     `json:"kind"`
	Version int        `json:"version"`
	Views   []fileView `json:"views"`
}

// A fileView is a view in a file. Whose it is stays behind.
type fileView struct {
	Name    string   `json:"name"`
	Query   string   `json:"query"`
	Columns []string `json:"columns"`
	Order   string   `json:"order"`
	Density string   `json:"density"`
	Shared  bool     `json:"shared"`
}

// ExportViews returns views the caller has as a file. Errors: unauthenticated, denied,
// not_found, invalid (field ids: too many).
func (s *Service) ExportViews(ctx context.Context, in FileIn) (File, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return File{}, err
	}
	if len(in.IDs) > 2*maxViews {
		return File{}, fault.At("ids", "At most %d views go into a file; leave ids out for all.", 2*maxViews)
	}
	records, err := s.store.Views(ctx, p.UserID)
	if err != nil {
		return File{}, failed(err)
	}
	out := file{Kind: fileKind, Version: fileVersion, Views: []fileView{}}
	name := "views"
	for _, id := range in.IDs {
		if !slices.ContainsFunc(records, func(r Record) bool { return strconv.FormatInt(r.ID, 10) == id }) {
			return File{}, absent()
		}
		name = "view-" + id
	}
	if len(in.IDs) > 1 {
		name = "views"
	}
	for _, r := range records {
		if len(in.IDs) > 0 && !slices.Contains(in.IDs, strconv.FormatInt(r.ID, 10)) {
			continue
		}
		out.Views = append(out.Views, fileView{r.Name, r.Query, r.Columns, r.Order, r.Density, r.Shared})
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return File{}, failed(err)
	}
	return File{Name: name + ".json", Content: text.String()}, nil
}

// ImportViews takes views out of a file: all of them or none. Those that were shared are
// shared again where the caller is a super user, and the caller's own otherwise. What is
// there already and says the same stays as it is.
// Errors: unauthenticated, denied, invalid (field content, with the view), conflict (field
// replace: one of that name says something else; else: there are too many, or a hold or a
// rule of retention is for one).
func (s *Service) ImportViews(ctx context.Context, in ImportIn) (Imported, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return Imported{}, err
	}
	views, err := parseFile(in.Content)
	if err != nil {
		return Imported{}, err
	}
	for i, v := range views {
		if err := s.check(ctx, p, SaveIn{Query: &v.Query}); err != nil {
			return Imported{}, inFile(i, v.Name, err)
		}
	}
	var done Imported
	err = s.store.Update(ctx, func(tx Tx) error {
		tx = once{tx, map[int64][]Record{}}
		for i, v := range views {
			if err := s.takeIn(ctx, tx, p, v, in.Replace, &done); err != nil {
				return inFile(i, v.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return Imported{}, failed(err)
	}
	return done, nil
}

// takeIn saves one view of a file.
func (s *Service) takeIn(ctx context.Context, tx Tx, p access.Principal, v fileView, replace bool, done *Imported) error {
	save := SaveIn{Name: &v.Name, Query: &v.Query, Columns: &v.Columns, Order: &v.Order, Density: &v.Density, Shared: new(v.Shared && p.SeesAll())}
	want := Record{User: p.UserID}
	if err := want.take(save); err != nil {
		return err
	}
	records, err := tx.Views(ctx, p.UserID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(records, func(r Record) bool { return r.Shared == want.Shared && r.Key == want.Key })
	if at < 0 {
		done.Created++
		_, err := s.save(ctx, tx, p, save)
		return err
	}
	there := records[at]
	if len(changed(there, want)) == 0 {
		done.Same++
		return nil
	}
	if !replace {
		return fault.New(fault.Conflict, "There is a view of that name already, and it says something else. Import with replacing, or rename one of them.").Blame("replace")
	}
	done.Changed++
	_, err = s.changeRecord(ctx, tx, p, there, save)
	return err
}

// parseFile reads a file of views strictly.
func parseFile(content string) ([]fileView, error) {
	wrong := func(format string, args ...any) error {
		return fault.At("content", "This is no file of views: %s. Export one to see what it looks like.", fmt.Sprintf(format, args...))
	}
	if len(content) > maxFile {
		return nil, wrong("it is larger than %d bytes", maxFile)
	}
	if err := activity.CheckText([]byte(content)); err != nil {
		return nil, wrong("%s", fault.Public(err).Message)
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(content)))
	dec.DisallowUnknownFields()
	var f file
	if err := dec.Decode(&f); err != nil {
		return nil, wrong("%s", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, wrong("something follows its end")
	}
	switch {
	case f.Kind != fileKind:
		return nil, wrong("its kind is %q, not %q", shorten(f.Kind), fileKind)
	case f.Version != fileVersion:
		return nil, wrong("it is of version %d, and this program knows %d", f.Version, fileVersion)
	case len(f.Views) > maxViews:
		return nil, wrong("it has more than %d views", maxViews)
	}
	for i := range f.Views {
		if f.Views[i].Order == "" {
			f.Views[i].Order = "newest"
		}
		if f.Views[i].Columns == nil {
			f.Views[i].Columns = activity.DefaultColumns()
		}
	}
	return f.Views, nil
}

// inFile says which view of a file is at fault, unless it is what was asked for.
func inFile(at int, name string, err error) error {
	public := fault.Public(err)
	if public.Code != fault.Invalid && public.Code != fault.Conflict {
		return err
	}
	field := "content"
	if public.Field == "replace" {
		field = public.Field
	}
	return fault.New(public.Code, "View %d, %q: %s", at+1, shorten(name), public.Message).Blame(field)
}
