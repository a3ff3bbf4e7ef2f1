package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// Find returns one activity by seq and its place in the ledger. It costs a few look
// ups. Errors: not_found (absent, erased, or of somebody else: all alike), internal
// (the stored body cannot be read), unavailable.
func (db *DB) Find(ctx context.Context, scope activity.Scope, seq int64) (activity.Stored, activity.Place, error) {
	var rows []storedRow
	var head struct {
		Size int64
		Note string
	}
	err := db.reading(ctx, func(tx bun.Tx) error {
		m, err := compile(ctx, tx, activity.Selection{Scope: scope})
		if err != nil || m.empty {
			return err
		}
		key := m.columns(tx.NewSelect().TableExpr("activity AS a"), true).ColumnExpr("a.key").Where("a.seq = ?", seq)
		if err := storedQuery(tx, key, true).Scan(ctx, &rows); err != nil || len(rows) == 0 {
			return err
		}
		return tx.NewSelect().ColumnExpr("size, note").TableExpr("head").Where("one = 1").Scan(ctx, &head)
	})
	if err == nil && len(rows) == 0 {
		err = fault.New(fault.NotFound, "There is no activity %d, or it is not yours to see.", seq+1)
	}
	if err != nil {
		return activity.Stored{}, activity.Place{}, err
	}
	row := rows[0]
	stored, err := row.stored()
	if err != nil {
		return activity.Stored{}, activity.Place{}, err
	}
	if len(row.Commitment) != sha256.Size {
		return activity.Stored{}, activity.Place{}, fault.New(fault.Internal,
			"The ledger's entry of activity %d cannot be read. \"activitylog verify\" says whether it was altered.", seq+1)
	}
	leaf := ledger.Leaf(db.log.id, row.Seq, row.RecordedAt, [sha256.Size]byte(row.Commitment))
	return stored, activity.Place{
		Entry:      strconv.FormatInt(row.Seq, 10),
		Size:       strconv.FormatInt(head.Size, 10),
		Commitment: hex.EncodeToString(row.Commitment),
		Leaf:       leaf.String(),
		Sealed:     row.Seq < signedSize(head.Note),
	}, nil
}

// signedSize returns how many entries a signed head covers, by its text: whether
// the signature is good is for a verification to say.
func signedSize(note string) int64 {
	lines := strings.SplitN(note, "\n", 3)
	if len(lines) < 3 {
		return 0
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0
	}
	return size
}

// Revision changes when something within the scope may have changed. Each change of
// the program's state is recorded, so the whole log's is its size; anybody else's is
// what they did, who they are, how they are called, and the views they have. It costs 0.1 µs for each
// quarter of an hour in which they did something. Errors: unavailable.
func (db *DB) Revision(ctx context.Context, scope activity.Scope) (string, error) {
	var revision string
	err := db.reading(ctx, func(tx bun.Tx) error {
		if scope.All {
			return tx.NewRaw(`SELECT (SELECT size FROM head WHERE one = 1) || '.' || (SELECT count(*) FROM erasure) || '.' ||
				(SELECT count(*) FROM purge) || '.' || (SELECT total(version) FROM user)`).Scan(ctx, &revision)
		}
		if scope.User == 0 {
			return nil
		}
		var own struct {
			N      int64
			Actors string
			User   string
			Views  string
		}
		err := tx.NewRaw(`SELECT
			(SELECT coalesce(sum(n), 0) FROM slot_actor WHERE actor IN (SELECT id FROM actor WHERE user_id = ?0)) +
			(SELECT count(*) FROM activity AS a WHERE `+notCounted+` AND a.actor IN (SELECT id FROM actor WHERE user_id = ?0)) AS n,
			(SELECT coalesce(group_concat(id), '') FROM (SELECT id FROM actor WHERE user_id = ?0 ORDER BY id)) AS actors,
			coalesce((SELECT version || ' ' || super || ' ' || login || ' ' || name FROM user WHERE id = ?0), '') AS user,
			(SELECT count(*) || ' ' || total(version) || ' ' || coalesce(max(id), 0) || ' ' || coalesce(max(changed_at), 0) FROM view WHERE shared = 1 OR user = ?0) AS views`,
			scope.User).Scan(ctx, &own)
		revision = fmt.Sprintf("%d\n%s\n%s\n%s", own.N, own.Actors, own.User, own.Views)
		return err
	})
	if err != nil {
		return "", err
	}
	// Opaque: nobody is to read a size out of it.
	sum := sha256.Sum256([]byte(revision))
	return hex.EncodeToString(sum[:8]), nil
}
