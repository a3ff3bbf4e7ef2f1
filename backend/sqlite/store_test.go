package sqlite

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"activitylog/backend/activity"
)

// start is when the tests' clock begins.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func testOptions(dir string) Options {
	c := &clock{now: start}
	return Options{
		Path: filepath.Join(dir, "activity.db"), Create: true,
		Now: c.Now, Tick: make(chan time.Time),
	}
}

// openTest opens a new log, or the one in dir again, and closes it with the test.
func openTest(t testing.TB, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// bodyAt returns a body that differs from others by its number.
func bodyAt(n int, at time.Time) activity.Body {
	name := fmt.Sprintf("person%d", n%7)
	id := fmt.Sprintf("ext-%d", n)
	return activity.Body{
		V: activity.BodyVersion, OccurredAt: at.UnixMilli(), Type: fmt.Sprintf("Type%d", n%5),
		Actor:      activity.BodyActor{Kind: "user", Source: "import:test/main", Name: &name},
		Object:     &activity.Object{Kind: "goal", ID: fmt.Sprint(n % 50), Name: fmt.Sprintf("Goal %d", n%50)},
		Site:       &activity.SiteRef{Kind: "other", Name: fmt.Sprintf("Shop %d", n%3)},
		Source:     "import:test/main",
		ExternalID: &id,
		IP:         new(fmt.Sprintf("203.0.113.%d", n%250)),
		UserAgent:  new("Mozilla/5.0 (X11; Linux x86_64)"),
		Result:     activity.OK,
		Changes:    []activity.Change{{Field: "name", Old: json.RawMessage(`"Signup"`), New: json.RawMessage(`"Sign-up"`)}},
		Parameters: json.RawMessage(fmt.Sprintf(`{"number":%d,"pattern":"contains","tags":["red","green"]}`, n)),
	}
}

// bodies returns n of them, a second apart.
func bodies(from, n int) []activity.Body {
	list := make([]activity.Body, n)
	for i := range list {
		list[i] = bodyAt(from+i, start.Add(time.Duration(from+i)*time.Second))
	}
	return list
}
