package activity

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"activitylog/backend/fault"
)

// A Cursor is a place in the answer of one query. Its text is opaque to callers
// and fits only the query, zone and order it was made for. It is no secret and
// grants nothing: the scope is applied anew at each read.
type Cursor struct {
	Oldest   bool     // the page's order
	Backward bool     // goes back, before Key, instead of on after it
	Key      Position // never itself part of the page
	query    [8]byte
}

const (
	cursorVersion = 1
	cursorLength  = 1 + 1 + 8 + 8 // version, flags, key, hash of the query

	flagOldest   = 1
	flagBackward = 2
)

// NewCursor returns the cursor that goes on from a row of the query's answer.
func NewCursor(query Query, zone string, oldest, backward bool, key Position) Cursor {
	return Cursor{Oldest: oldest, Backward: backward, Key: key, query: cursorHash(query, zone, oldest)}
}

// String returns the cursor's text, which ParseCursor reads.
func (c Cursor) String() string {
	raw := make([]byte, 2, cursorLength)
	raw[0] = cursorVersion
	if c.Oldest {
		raw[1] |= flagOldest
	}
	if c.Backward {
		raw[1] |= flagBackward
	}
	raw = binary.BigEndian.AppendUint64(raw, uint64(c.Key))
	return base64.RawURLEncoding.EncodeToString(append(raw, c.query[:]...))
}

// ParseCursor reads what String wrote. Errors: invalid on "cursor", if it is none
// of ours, or one of another query, zone or order.
func ParseCursor(text string, query Query, zone string, oldest bool) (Cursor, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	// The decoder skips line breaks; one cursor has one spelling.
	if err != nil || len(text) != base64.RawURLEncoding.EncodedLen(cursorLength) || len(raw) != cursorLength || raw[0] != cursorVersion || raw[1]&^(flagOldest|flagBackward) != 0 {
		return Cursor{}, fault.At("cursor", "This is no cursor of this program. Ask for the first page again.")
	}
	key := Position(binary.BigEndian.Uint64(raw[2:10]))
	c := NewCursor(query, zone, oldest, raw[1]&flagBackward != 0, key)
	if made := raw[1]&flagOldest != 0; made != oldest || [8]byte(raw[10:]) != c.query {
		return Cursor{}, fault.At("cursor", "This cursor belongs to another query, zone or order. Ask for the first page again.")
	}
	return c, nil
}

// cursorHash ties a cursor to its query as text: last:7d stays the same query
// while time goes on.
func cursorHash(query Query, zone string, oldest bool) [8]byte {
	order := "newest"
	if oldest {
		order = "oldest"
	}
	sum := sha256.Sum256([]byte(query.String() + "\x00" + zone + "\x00" + order))
	return [8]byte(sum[:8])
}
