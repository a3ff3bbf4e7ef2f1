package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// A logIdentity is what makes a log this one: its id, its key and its secret.
type logIdentity struct {
	id     ledger.LogID
	origin string
	vkeys  []string    // the public keys, oldest first
	key    *ledger.Key // nil if missing; keyErr says why
	keyErr error
	secret []byte // nil if missing; secErr says why
	secErr error
}

func keyPath(o Options, id ledger.LogID) string {
	return filepath.Join(o.KeyDir, id.String()+".key")
}

func secretPath(o Options, id ledger.LogID) string {
	return filepath.Join(o.KeyDir, id.String()+".secret")
}

// lockOpening makes the state directory and waits for other processes that are
// opening the log.
func lockOpening(stateDir string) (unlock func() error, err error) {
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The state directory %s cannot be made. Check the permissions of the data directory.", stateDir)
	}
	unlock, err = ledger.Lock(filepath.Join(stateDir, "open.lock"))
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The state directory %s cannot be used. Check its permissions.", stateDir)
	}
	return unlock, nil
}

// createLog gives a new schema its id, key, secret and first checkpoint. The files
// are written before the commit: a crash leaves at most files of an id that no log has.
func createLog(ctx context.Context, conn *sql.Conn, o Options) error {
	id := ledger.NewLogID()
	key, err := ledger.CreateKey(keyPath(o, id), id)
	if err == nil {
		_, err = ledger.CreateSecret(secretPath(o, id))
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "The log's key cannot be written to %s. Check the permissions.", o.KeyDir)
	}
	var empty ledger.Tree
	root, now := empty.Root(), o.Now().UnixMilli()
	signed, err := key.Sign(ledger.Checkpoint{Origin: ledger.Origin(id), Root: root})
	if err != nil {
		return err
	}
	for _, s := range []struct {
		query string
		args  []any
	}{
		{"INSERT INTO log (one, id, created_at) VALUES (1, ?, ?)", []any{id[:], now}},
		{"INSERT INTO log_key (n, vkey, from_size) VALUES (1, ?, 0)", []any{key.Public()}},
		{"INSERT INTO head (one, size, root, note, counted) VALUES (1, 0, ?, ?, 0)", []any{root[:], signed}},
		{"INSERT INTO checkpoint (size, note, kind, created_at) VALUES (0, ?, 'first', ?)", []any{signed, now}},
	} {
		if _, err := conn.ExecContext(ctx, s.query, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// loadLog reads the identity. A key or secret that is missing, or not the log's, is
// no error here: the log can still be read.
func loadLog(ctx context.Context, conn *sql.Conn, o Options) (logIdentity, error) {
	var l logIdentity
	var raw []byte
	if err := conn.QueryRowContext(ctx, "SELECT id FROM log WHERE one = 1").Scan(&raw); err != nil {
		return l, err
	}
	id, err := ledger.LogIDFromBytes(raw)
	if err != nil {
		return l, err
	}
	l.id, l.origin = id, ledger.Origin(id)
	rows, err := conn.QueryContext(ctx, "SELECT vkey FROM log_key ORDER BY n")
	if err != nil {
		return l, err
	}
	defer rows.Close()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return l, err
		}
		l.vkeys = append(l.vkeys, v)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return l, err
	}
	l.key, l.keyErr = ledger.LoadKey(keyPath(o, id))
	if l.keyErr == nil && (len(l.vkeys) == 0 || l.vkeys[len(l.vkeys)-1] != l.key.Public()) {
		l.key, l.keyErr = nil, fmt.Errorf("sqlite: %s is not the key of this log", keyPath(o, id))
	}
	l.secret, l.secErr = ledger.LoadSecret(secretPath(o, id))
	return l, nil
}
