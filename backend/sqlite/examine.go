package sqlite

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// examine checks the bodies and sorts out those that are refused or known already:
// their results are set. It writes nothing.
func (w *writer) examine(ctx context.Context, bodies []activity.Body, results []activity.Appended) ([]*draftRow, error) {
	rows := make([]*draftRow, 0, len(bodies))
	first, known := map[[16]byte]*draftRow{}, w.links()
	privacy, err := w.privacy(ctx)
	if err != nil {
		return nil, err
	}
	for i, body := range bodies {
		row, err := w.examineOne(ctx, i, body, known, privacy)
		if err != nil {
			if !refused(err) {
				return nil, err
			}
			results[i].Err = err
			continue
		}
		if row.ext != nil {
			if earlier, ok := first[*row.ext]; ok {
				earlier.same = append(earlier.same, row)
				continue
			}
			seen, err := w.seen(ctx, row)
			if err != nil {
				return nil, err
			}
			if seen != nil {
				results[i] = *seen
				continue
			}
			first[*row.ext] = row
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// refused tells a body that cannot go in from a database that fails.
func refused(err error) bool {
	_, ok := errors.AsType[*fault.Error](err)
	return ok
}

func (w *writer) examineOne(ctx context.Context, at int, body activity.Body, links links, privacy activity.Privacy) (*draftRow, error) {
	body, err := readable(body)
	if err != nil {
		return nil, err
	}
	body = privacy.Apply(body)
	row := &draftRow{at: at, body: body}
	if body.OccurredAt < earliest || body.OccurredAt >= latest {
		return nil, fault.At("occurredAt", "occurredAt must lie in the years 1900 to 2099.")
	}
	if err := checkIDs(body); err != nil {
		return nil, err
	}
	if row.result, err = resultNumber(body.Result); err != nil {
		return nil, err
	}
	if row.ip, err = parseIP(body.IP); err != nil {
		return nil, err
	}
	if row.ext, err = w.db.external(body); err != nil {
		return nil, err
	}
	if err := w.complete(ctx, &row.body.Actor, links); err != nil {
		return nil, err
	}
	if err := w.findSite(ctx, &row.body); err != nil {
		return nil, err
	}
	if row.data, err = row.body.Encode(); err != nil {
		return nil, notJSON(err)
	}
	if len(row.data) > activity.MaxBody {
		return nil, fault.At("parameters", "The activity is %d bytes long; at most %d are allowed. Send less in parameters or changes.", len(row.data), activity.MaxBody)
	}
	row.text = activity.Words(row.body)
	return row, nil
}

// readable returns the body as it will be read back. JSON holds U+FFFD for bytes that
// are no UTF-8; the tables, and the external id, must agree with that.
func readable(b activity.Body) (activity.Body, error) {
	if b.NotUTF8() == "" {
		return b, nil
	}
	data, err := b.Encode()
	if err != nil {
		return b, notJSON(err)
	}
	read, err := activity.DecodeBody(bytes.ToValidUTF8(data, []byte("\uFFFD")))
	read.Undated, read.SiteCalled, read.DoNotTrack = b.Undated, b.SiteCalled, b.DoNotTrack
	return read, err
}

func notJSON(err error) error {
	return fault.Wrap(err, fault.Invalid, "The activity cannot be written as JSON. Check its parameters and changes.").Blame("parameters")
}

// checkIDs checks what refers to rows of ours.
func checkIDs(b activity.Body) error {
	if b.Actor.User != nil {
		if _, err := permanentID("user", *b.Actor.User); err != nil {
			return err
		}
	}
	if b.Site != nil && b.Site.ID != nil {
		if _, err := permanentID("site", *b.Site.ID); err != nil {
			return err
		}
	}
	return nil
}

func resultNumber(text string) (int, error) {
	switch text {
	case activity.OK:
		return 0, nil
	case activity.Failed:
		return 1, nil
	case activity.Denied:
		return 2, nil
	}
	return 0, fault.At("result", "result must be ok, failed or denied, not %q.", text)
}

// external returns the keyed hash of the body's external id, nil if it has none.
func (db *DB) external(b activity.Body) (*[16]byte, error) {
	if b.ExternalID == nil {
		return nil, nil
	}
	ext, err := db.externalID(b.Source, *b.ExternalID)
	return &ext, err
}

// externalID returns the keyed hash of a source's external id. Errors: unavailable.
func (db *DB) externalID(source, id string) (ext [16]byte, err error) {
	if db.log.secret == nil {
		return ext, fault.Wrap(db.log.secErr, fault.Unavailable,
			"External ids cannot be compared without the log secret. Put %s back from a backup of the keys, as a file that only its owner may read.", secretPath(db.options, db.log.id))
	}
	mac := hmac.New(sha256.New, db.log.secret)
	mac.Write([]byte(source))
	mac.Write([]byte{0})
	mac.Write([]byte(id))
	return [16]byte(mac.Sum(nil)[:16]), nil
}
