package sqlite

import (
	"context"
	"errors"

	"activitylog/backend/ledger"
)

// VerifyFile is [DB.Verify] for a log that cannot be opened, since too much of it was
// changed. It needs of o what [prepare] needs, and changes nothing. What a newer
// version of the program wrote cannot be judged by this one.
// Errors: not_found, unavailable (it is no database, of a newer version, or cannot be
// read).
func VerifyFile(ctx context.Context, o Options, v VerifyOptions) (ledger.Report, error) {
	o.Create = false
	db, err := prepare(o)
	if err != nil {
		return ledger.Report{}, translate(err)
	}
	list, err := migrations(migrationFiles)
	if err != nil {
		return ledger.Report{}, err
	}
	if _, err := probe(ctx, db.options.Path, len(list)); errors.Is(err, errNewer) {
		return ledger.Report{}, err
	}
	return verifyFile(ctx, db.evidence(), v)
}
