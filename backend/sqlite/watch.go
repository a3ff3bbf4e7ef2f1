package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"sync"
)

// A watcher tells of commits, whoever made them.
type watcher struct {
	bell    bell
	conn    *sql.Conn
	version int64
	mu      sync.Mutex
	next    int
	calls   map[int]func()
}

func newWatcher(ctx context.Context, db *DB) (*watcher, error) {
	conn, err := db.maintenance.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &watcher{bell: newBell(), conn: conn, calls: map[int]func(){}}
	if w.version, err = w.dataVersion(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

func (w *watcher) close() error { return w.conn.Close() }

func (w *watcher) dataVersion(ctx context.Context) (v int64, err error) {
	err = w.conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&v)
	return v, err
}

func (w *watcher) loop(ctx context.Context) {
	listen(ctx, w.bell, func() {
		v, err := w.dataVersion(ctx)
		if err != nil || v == w.version {
			return // an error is another try's; the writer will meet it too
		}
		w.version = v
		for _, fn := range w.listeners() {
			fn()
		}
	})
}

// listeners are in the order in which they came: what the others ask for is there when
// they are told.
func (w *watcher) listeners() []func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := make([]func(), 0, len(w.calls))
	for _, n := range slices.Sorted(maps.Keys(w.calls)) {
		calls = append(calls, w.calls[n])
	}
	return calls
}

// Watch has fn called after each commit, of this process at once, of others within a
// tick; several close to each other may be one call. Fn must be quick. The function
// returned ends it.
func (db *DB) Watch(fn func()) (stop func()) {
	w := db.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.next
	w.next++
	w.calls[n] = fn
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.calls, n)
	}
}
