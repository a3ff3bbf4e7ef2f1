package source

import (
	"context"
	"errors"
	"io"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// What a preview looks at and shows at most.
const (
	previewRead    = 200
	previewItems   = 20
	previewSamples = 20
	previewValues  = 3 // of each column
)

// ImportPreview shows how the first records would come in, and writes nothing.
// Errors: denied, not_found (a handle), invalid (format, name, a file, address, token),
// unavailable (there is no git; the server). Cost: at most 200 records are read.
func (s *Service) ImportPreview(ctx context.Context, in PreviewIn) (Preview, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Preview{}, err
	}
	pl, err := s.plan(p, ImportIn(in))
	if err != nil {
		return Preview{}, err
	}
	out := Preview{Format: pl.format, Source: pl.source, Items: []activity.Activity{}, Rejections: []Sample{}, Columns: []Column{}}
	if pl.format == CSV {
		if err := pl.describe(&out, p.Zone); err != nil {
			return Preview{}, err
		}
	}
	if pl.server != nil {
		pl.server.limit = previewItems
	}
	reader, err := s.reader(ctx, pl)
	if err != nil {
		return Preview{}, err
	}
	err = s.preview(ctx, reader, s.preparer(p, pl.source), &out)
	return out, errors.Join(err, reader.Close())
}

func (s *Service) preview(ctx context.Context, reader Reader, prepare *preparer, out *Preview) error {
	for out.Read < previewRead && len(out.Items) < previewItems {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var body activity.Body
		if err == nil {
			if body, _, err = prepare.body(ctx, record); err != nil {
				err = refused(record, err)
			}
		}
		bad, rejected := errors.AsType[*RejectedError](err)
		if err != nil && !rejected {
			return err
		}
		out.Read++
		switch {
		case !rejected:
			out.Items = append(out.Items, s.options.View(ctx, body))
		case len(out.Rejections) < previewSamples:
			out.Rejections = append(out.Rejections, Sample(*bad))
		}
	}
	return nil
}

// describe adds to a preview what columns the first file has, and suggests a mapping
// where none was given: times are in the zone of whoever asks.
func (pl *plan) describe(out *Preview, zone string) error {
	t, err := tableOf(pl.files[0].path, pl.files[0].Name, previewValues)
	if err != nil {
		return err
	}
	if pl.mapping == nil {
		pl.mapping = suggest(t.columns, pl.files[0].Name)
		if _, err := time.LoadLocation(zone); err == nil && zone != "Local" {
			pl.mapping.Zone = zone
		}
	}
	out.Mapping = pl.mapping
	for i, name := range t.columns {
		c := Column{Name: name, Values: []string{}}
		for _, row := range t.rows {
			if i < len(row) {
				c.Values = append(c.Values, clipped(cleanText(row[i])))
			}
		}
		out.Columns = append(out.Columns, c)
	}
	return nil
}
