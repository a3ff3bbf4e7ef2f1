package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"activitylog/backend/activity"
)

// A mapping turns one JSON value of a format into a draft.
type mapping func(data []byte) (activity.Draft, *activity.SiteRef, error)

// draftMapping reads drafts as they are. Those that say when but have no external id
// get one from their content, so that the same file can come in again. Equal drafts
// near each other stay apart: they are numbered.
func draftMapping() mapping {
	var repeats repeats
	return func(data []byte) (activity.Draft, *activity.SiteRef, error) {
		d, err := activity.ParseDraft(data)
		if err != nil {
			return d, nil, err
		}
		if d.ExternalID == nil && d.OccurredAt != nil {
			d.ExternalID = repeats.id(data)
		}
		return d, nil, nil
	}
}

// repeats numbers equal records. It remembers the last ones only, in two
// generations: what is older than that starts again at one.
type repeats struct {
	young, old map[[16]byte]int
}

// generation is how many different records one of the generations holds: with 32
// bytes each a few megabytes.
const generation = 1 << 17

// id returns an external id made of a record's content, and of its number if it is
// not the first of its kind.
func (r *repeats) id(data []byte) *string {
	sum := sha256.Sum256(data)
	key := [16]byte(sum[:16])
	n, ok := r.young[key]
	if !ok {
		n = r.old[key]
	}
	if len(r.young) >= generation {
		r.old, r.young = r.young, nil
	}
	if r.young == nil {
		r.young = make(map[[16]byte]int)
	}
	n++
	r.young[key] = n
	id := contentID(sum)
	if n > 1 {
		*id += fmt.Sprintf(":%d", n)
	}
	return id
}

// contentID is the external id of a record that has none: made of its
// content's hash.
func contentID(sum [sha256.Size]byte) *string {
	id := "sha256:" + hex.EncodeToString(sum[:])
	return &id
}
