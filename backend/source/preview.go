package source

import (
	"context"
	"errors"
	"io"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// What a preview looks at and shows at most.
const (
	previewRead    = 200
	previewItems   = 20
	previewSamples = 20
)

// ImportPreview shows how the first records would come in, and writes nothing.
// Errors: denied, not_found (a handle), invalid (format, name, a file), unavailable
// (there is no git). Cost: at most 200 records are read.
func (s *Service) ImportPreview(ctx context.Context, in PreviewIn) (Preview, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Preview{}, err
	}
	pl, err := s.plan(p, in.Handles, in.Format, in.Name)
	if err != nil {
		return Preview{}, err
	}
	reader, err := pl.reader(ctx, s.options.Catalog)
	if err != nil {
		return Preview{}, err
	}
	out := Preview{Format: pl.format, Source: pl.source, Items: []activity.Activity{}, Rejections: []Sample{}}
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
