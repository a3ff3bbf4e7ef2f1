// Package sqlite keeps the log in an SQLite database. It holds the only SQL of the
// program: the schema (migrations), the one writer, and the reads.
//
// Everything that changes goes through [DB.Write]: closures run one after another on
// the writer's goroutine, several in one commit, each in a savepoint of its own, and
// are acknowledged once they are durable. Reads have a pool of their own.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// Options say where a log lies and what the store needs of the outside.
type Options struct {
	// Path is the database file. Its directory is the data directory.
	Path string
	// KeyDir holds <log id>.key and <log id>.secret; "" is "keys" in the data directory.
	KeyDir string
	// StateDir holds the high-water mark; "" is "state" in the data directory.
	StateDir string
	// Create makes the log if there is none. Without it a missing file is an error.
	Create bool
	// Now is the clock.
	Now func() time.Time
	// Tick paces what is done now and then (look for other processes' commits, raise
	// the mark, checkpoint the WAL). Nil ticks every second.
	Tick <-chan time.Time
	// Mask is applied to both the stored and the new body before they are compared
	// for having the same external id. Nil compares them as they are.
	Mask func(activity.Body) activity.Body
}

// A DB is an open log. Its methods may be called by several goroutines.
type DB struct {
	options Options
	log     logIdentity
	mark    *ledger.Mark
	file    os.FileInfo // what was at the path when it was opened

	read        *sql.DB
	bunRead     *bun.DB
	write       *sql.DB
	bunWrite    *bun.DB
	maintenance *sql.DB

	writer *writer
	state  stateBox
	watch  *watcher
	stop   context.CancelFunc
	tasks  sync.WaitGroup
	closed sync.Once
	added  atomic.Int64 // pages added to the WAL since the last checkpoint, roughly
	wal    bell
	putOff atomic.Bool // something was added since the writer was last idle
}

// readers is how many reads run at once. Two cores gain nothing from more; an export
// that stays open must not keep the others waiting.
const readers = 8

// Open opens the log, brings its schema up to date and starts the writer. It costs a
// few milliseconds. If the log turns out to be rolled back, it opens for reading and
// [DB.State] says so. Close it when done.
// Errors: not_found (no file and not Create), unavailable (with what to do).
func Open(ctx context.Context, o Options) (*DB, error) {
	db, err := prepare(o)
	if err != nil {
		return nil, translate(err)
	}
	if err := db.start(ctx); err != nil {
		return nil, errors.Join(translate(err), db.closePools())
	}
	return db, nil
}

func prepare(o Options) (*DB, error) {
	if o.Now == nil {
		return nil, fault.New(fault.Internal, "The store was opened without a clock.")
	}
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "%s cannot be used as a path.", o.Path)
	}
	o.Path = path
	if o.KeyDir == "" {
		o.KeyDir = filepath.Join(filepath.Dir(path), "keys")
	}
	if o.StateDir == "" {
		o.StateDir = filepath.Join(filepath.Dir(path), "state")
	}
	if err := prepareFile(path, o.Create); err != nil {
		return nil, err
	}
	return &DB{options: o, wal: newBell(), mark: ledger.NewMark(o.StateDir)}, nil
}

func (db *DB) start(ctx context.Context) (err error) {
	// One process after the other: switching a new file to WAL does not wait for locks.
	unlock, err := lockOpening(db.options.StateDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if db.file, err = os.Lstat(db.options.Path); err != nil {
		return fault.Wrap(err, fault.Unavailable, "%s cannot be used: see to the permissions of the directory.", db.options.Path)
	}
	if err := db.openPools(ctx); err != nil {
		return err
	}
	conn, err := db.migrated(ctx)
	if err != nil {
		return err
	}
	if db.writer, err = newWriter(ctx, db, conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	if err := db.compareMark(ctx); err != nil {
		return errors.Join(err, db.writer.release())
	}
	if db.watch, err = newWatcher(ctx, db); err != nil {
		return errors.Join(err, db.writer.release())
	}
	db.run()
	return nil
}

func (db *DB) openPools(ctx context.Context) (err error) {
	list, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	version, err := probe(ctx, db.options.Path, len(list))
	if err != nil {
		return err
	}
	if version == 0 && !db.options.Create {
		return fault.New(fault.NotFound, "%s is empty: there is no log in it yet. Run \"activitylog init\".", db.options.Path)
	}
	writing := forWriting
	if version == 0 {
		writing = forCreating
	}
	if db.write, err = writing.open(db.options.Path, 1); err != nil {
		return err
	}
	if db.maintenance, err = forMaintenance.open(db.options.Path, 3); err != nil {
		return err
	}
	if db.read, err = forReading.openUnless(db.gone, db.options.Path, readers); err != nil {
		return err
	}
	db.bunRead = bun.NewDB(db.read, sqlitedialect.New(), bun.WithDiscardUnknownColumns())
	db.bunWrite = bun.NewDB(db.write, sqlitedialect.New(), bun.WithDiscardUnknownColumns())
	return checkSQLite(ctx, db.write)
}

// migrated returns the writer's connection to an up-to-date log with an identity.
func (db *DB) migrated(ctx context.Context) (bun.Conn, error) {
	list, err := migrations(migrationFiles)
	if err != nil {
		return bun.Conn{}, err
	}
	conn, err := db.bunWrite.Conn(ctx)
	if err != nil {
		return bun.Conn{}, err
	}
	err = migrate(ctx, conn.Conn, list, func(found int) error {
		if found == 0 {
			if err := createLog(ctx, conn.Conn, db.options); err != nil {
				return err
			}
		}
		db.log, err = loadLog(ctx, conn.Conn, db.options)
		return err
	})
	if err != nil {
		return bun.Conn{}, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// run starts the goroutines that live until Close.
func (db *DB) run() {
	ctx, stop := context.WithCancel(context.Background())
	db.stop = stop
	tick := db.options.Tick
	if tick == nil {
		ticker := time.NewTicker(time.Second)
		context.AfterFunc(ctx, ticker.Stop)
		tick = ticker.C
	}
	db.tasks.Go(db.writer.loop)
	db.tasks.Go(func() { db.housekeep(ctx, tick) })
}

// Read returns the pool for reads. It refuses to write.
func (db *DB) Read() *bun.DB { return db.bunRead }

// Close ends the writer after what is queued, raises the mark, folds the WAL into
// the file and closes. Writes from then on are refused as unavailable.
func (db *DB) Close() error {
	var err error
	db.closed.Do(func() {
		db.writer.close()
		db.stop()
		db.tasks.Wait()
		ctx := context.Background()
		err = errors.Join(db.raiseMark(), db.writer.release(), db.watch.close())
		db.truncateWAL(ctx, briefPatience) // what stays in the WAL is as safe there
		err = errors.Join(err, db.closePools())
	})
	return err
}

func (db *DB) closePools() error {
	var errs []error
	for _, pool := range []*sql.DB{db.read, db.maintenance, db.write} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}
