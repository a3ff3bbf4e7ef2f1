package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// Backup writes a copy of the log as of now to a file that must not exist yet, with
// the newest signed checkpoint beside it as <path>.checkpoint. The copy appears under
// its name only when it is complete, verified (the words apart) and durable. Others
// may write meanwhile. The key and the log secret are not in it: they are named by
// [DB.KeyFiles]. Cost: the copy, and what [DB.Verify] costs.
// Errors: conflict (the file exists), unavailable.
func (db *DB) Backup(ctx context.Context, path string) error {
	if err := db.backup(ctx, path); err != nil {
		return translate(err)
	}
	return nil
}

func (db *DB) backup(ctx context.Context, path string) (err error) {
	note := path + ".checkpoint"
	for _, name := range []string{path, note} {
		if _, err := os.Lstat(name); err == nil {
			return fault.New(fault.Conflict, "%s exists already. Choose another name; a backup never overwrites.", name)
		} else if !errors.Is(err, os.ErrNotExist) {
			return fault.Wrap(err, fault.Unavailable, "%s cannot be used. Check its directory.", name)
		}
	}
	temp, err := newTempName(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeIfThere(temp)) }()
	in := db.evidence() // before the copy, which holds at least as much as the mark
	if _, err := db.maintenance.ExecContext(ctx, "VACUUM INTO ?", temp); err != nil {
		return fmt.Errorf("copy to %s: %w", temp, err)
	}
	if err := verifyCopy(ctx, in, temp); err != nil {
		return err
	}
	return db.publishBackup(ctx, temp, path, note)
}

// verifyCopy makes sure that a copy is as good as a log can be. Without a mark there
// is none to hold it against; a missing key or an unsealed tail is no fault of the copy.
func verifyCopy(ctx context.Context, in evidence, path string) error {
	in.path, in.noMark = path, in.markErr != nil
	r, err := verifyFile(ctx, in, VerifyOptions{})
	if err != nil {
		return err
	}
	if r.State == ledger.RolledBack || r.State == ledger.Altered {
		return fault.New(fault.Unavailable, "The copy does not verify (%s), so there is no backup. \"activitylog verify\" says what is wrong with the log.", r.State)
	}
	return nil
}

// newTempName reserves a name beside path.
func newTempName(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".backup-*") // empty and 0600: VACUUM INTO accepts it
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "The directory of %s cannot be written. Check its permissions.", path)
	}
	return f.Name(), f.Close()
}

func removeIfThere(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// publishBackup makes the copy durable and gives it its name. The note comes first:
// a backup without one would be a copy that nothing vouches for.
func (db *DB) publishBackup(ctx context.Context, temp, path, note string) error {
	signed, err := noteOf(ctx, temp)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(note, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "%s cannot be written.", note)
	}
	_, err = f.WriteString(signed)
	err = errors.Join(err, f.Sync(), f.Close(), syncFile(temp))
	if err == nil {
		err = os.Link(temp, path) // unlike a rename it never overwrites
		if errors.Is(err, fs.ErrExist) {
			err = fault.New(fault.Conflict, "%s exists already. Choose another name; a backup never overwrites.", path)
		} else if err != nil {
			err = os.Rename(temp, path) // a file system without links
		}
	}
	if err != nil {
		return errors.Join(translate(err), removeIfThere(note))
	}
	return errors.Join(removeIfThere(temp), syncFile(filepath.Dir(path)))
}

// noteOf returns the newest signed checkpoint in a copy that nobody else has open.
func noteOf(ctx context.Context, path string) (note string, err error) {
	pool, err := forProbing.open(path, 1)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	h, err := readHead(ctx, pool)
	return h.note, err
}

// syncFile makes a file, or the names in a directory, durable. Windows syncs no
// directories.
func syncFile(name string) error {
	info, err := os.Stat(name)
	if err != nil || info.IsDir() && runtime.GOOS == "windows" {
		return err
	}
	flag := os.O_RDWR
	if info.IsDir() {
		flag = os.O_RDONLY
	}
	f, err := os.OpenFile(name, flag, 0)
	if err != nil {
		return fmt.Errorf("sync %s: %w", name, err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// KeyFiles names the files that a backup of the log does not hold and that must be
// kept with it: the signing key and the log secret.
func (db *DB) KeyFiles() []string {
	return []string{keyPath(db.options, db.log.id), secretPath(db.options, db.log.id)}
}

// LogID returns the log's id.
func (db *DB) LogID() ledger.LogID { return db.log.id }
