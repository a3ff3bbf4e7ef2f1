package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
	"activitylog/backend/site"
)

const findSeen = `SELECT s.seq, e.recorded_at, e.commitment, a.body
  FROM seen s LEFT JOIN entry e ON e.seq = s.seq LEFT JOIN activity a ON a.seq = s.seq
 WHERE s.ext = ?`

// seen answers for a body whose external id is known already, or returns nil.
func (w *writer) seen(ctx context.Context, row *draftRow) (*activity.Appended, error) {
	var seq int64
	var recordedAt *int64
	var commitment, data []byte
	found, err := w.find(ctx, findSeen, []any{row.ext[:]}, &seq, &recordedAt, &commitment, &data)
	if err != nil || !found {
		return nil, err
	}
	out := &activity.Appended{Receipt: activity.Receipt{ID: strconv.FormatInt(seq+1, 10), Duplicate: true}}
	if recordedAt != nil && len(commitment) == 32 { // else compacted: the place is all that is known
		out.Receipt.RecordedAt = *recordedAt
		out.Receipt.Leaf = ledger.Leaf(w.db.log.id, seq, *recordedAt, [32]byte(commitment)).String()
	}
	if data == nil {
		out.Erased = true
		return out, nil
	}
	stored, err := activity.DecodeBody(data)
	if err != nil {
		return nil, fmt.Errorf("activity %d: %w", seq+1, err)
	}
	out.Conflict = !w.db.sameContent(stored, row.body)
	return out, nil
}

// sameContent reports whether two bodies with the same external id say the same: by
// their raw record if both have one, else by all that a draft can say. Both are
// masked by today's list first.
func (db *DB) sameContent(stored, draft activity.Body) bool {
	if db.options.Mask != nil {
		stored, draft = db.options.Mask(stored), db.options.Mask(draft)
	}
	// An address may have been whole then and be masked now, or the other way.
	coarser := activity.Privacy{MaskBytes: max(activity.MaskedBytes(stored.IP), activity.MaskedBytes(draft.IP))}
	a, b := draftOf(coarser.Apply(stored)), draftOf(coarser.Apply(draft))
	if sameSite(stored.Site, draft.Site, draft.SiteCalled.Text) {
		a.Site = b.Site
	}
	if hasRaw(a) && hasRaw(b) {
		a, b = activity.Body{Raw: a.Raw}, activity.Body{Raw: b.Raw}
	} else {
		a.Raw, b.Raw = nil, nil
		if draft.Undated { // sent again without a time: that of its arrival says nothing
			a.OccurredAt, a.OffsetMinutes = b.OccurredAt, b.OffsetMinutes
		}
	}
	x, errX := a.Encode()
	y, errY := b.Encode()
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func hasRaw(b activity.Body) bool {
	return len(b.Raw) > 0 && string(b.Raw) != "null"
}

// draftOf leaves away what the draft did not say: whom the actor was linked to.
func draftOf(b activity.Body) activity.Body {
	if b.Actor.Source != self {
		b.Actor.User = nil
	}
	return b
}

// sameSite reports whether a draft means the site that is stored, called by its id or
// name, or as the draft does now: it may have been made, renamed or removed in between,
// which the draft does not say. Two that were never of this log are compared as they are.
func sameSite(stored, draft *activity.SiteRef, called string) bool {
	if stored == nil || draft == nil || stored.ID == nil && draft.ID == nil {
		return false
	}
	if stored.ID != nil && draft.ID != nil && *stored.ID == *draft.ID {
		return true
	}
	is := func(id *string, text string) bool { return id != nil && *id == text }
	return site.Key(stored.Name) == site.Key(draft.Name) || is(stored.ID, draft.Name) || is(draft.ID, stored.Name) ||
		called != "" && stored.ID == nil && site.Key(stored.Name) == site.Key(called)
}
