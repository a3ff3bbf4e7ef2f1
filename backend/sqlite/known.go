package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"
)

// Known is how many of a source's external ids came in before, also those whose activity
// was erased since. Cost: a look-up for each. Errors: unavailable (the log secret).
func (db *DB) Known(ctx context.Context, source string, ids []string) (n int, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	hashes := make([][]byte, len(ids))
	for i, id := range ids {
		ext, err := db.externalID(source, id)
		if err != nil {
			return 0, err
		}
		hashes[i] = ext[:]
	}
	err = db.Read().NewRaw("SELECT count(*) FROM seen WHERE ext IN (?)", bun.List(hashes)).Scan(ctx, &n)
	return n, translate(err)
}

// LastImport is the state of the last import of a source in a format, "" if there was
// none. One that was broken off has no report and counts as one of every format.
func (db *DB) LastImport(ctx context.Context, source, format string) (state string, err error) {
	err = db.Read().NewRaw(`SELECT state FROM batch WHERE source = ? AND coalesce(report ->> '$.format', ?) = ?
		ORDER BY id DESC LIMIT 1`, source, format, format).Scan(ctx, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return state, translate(err)
}
