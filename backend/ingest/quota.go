package ingest

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// Limits bound what one token, or one person, may send in a minute.
type Limits struct {
	Requests int64
	Records  int64
}

// maxRunning bounds the requests of one caller that are held in memory at a time.
const maxRunning = 8

// A Quota keeps every caller within the limits, each by itself, in this process. A
// caller saves up one minute's worth at most; a request that takes more than is left
// passes, and the next ones wait for it. It is safe for concurrent use.
type Quota struct {
	limits func(context.Context) (Limits, error)
	now    func() time.Time

	mu      sync.Mutex
	callers map[string]*caller
}

type caller struct {
	requests, records bucket
	running           int
}

// A bucket holds what is left, full at first.
type bucket struct {
	spent float64 // below full; 0: full
	at    time.Time
}

// NewQuota returns a quota. Limits is asked with each request.
func NewQuota(limits func(context.Context) (Limits, error), now func() time.Time) *Quota {
	return &Quota{limits: limits, now: now, callers: map[string]*caller{}}
}

// Enter lets one request of the caller in; leave ends it. Errors: unavailable with the
// time to wait.
func (q *Quota) Enter(ctx context.Context, p access.Principal) (leave func(), err error) {
	limits, err := q.limits(ctx)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.caller(keyOf(p))
	if c.running >= maxRunning {
		return nil, fault.New(fault.Unavailable, "%d requests of yours are under way. Wait for one of them.", maxRunning).Retry(time.Second)
	}
	if wait := c.requests.take(1, limits.Requests, q.now()); wait > 0 {
		return nil, over(limits.Requests, "requests", wait)
	}
	c.running++
	return sync.OnceFunc(func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		c.running--
	}), nil
}

// Take counts records. Errors: unavailable with the time to wait; then none is counted.
func (q *Quota) Take(ctx context.Context, p access.Principal, records int) error {
	limits, err := q.limits(ctx)
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if wait := q.caller(keyOf(p)).records.take(records, limits.Records, q.now()); wait > 0 {
		return over(limits.Records, "records", wait)
	}
	return nil
}

// Admit is Enter and Take for a single record that was read already; it is under way for
// no time.
func (q *Quota) Admit(ctx context.Context, p access.Principal) error {
	limits, err := q.limits(ctx)
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.caller(keyOf(p))
	if wait := c.requests.take(1, limits.Requests, q.now()); wait > 0 {
		return over(limits.Requests, "requests", wait)
	}
	if wait := c.records.take(1, limits.Records, q.now()); wait > 0 {
		return over(limits.Records, "records", wait)
	}
	return nil
}

func over(limit int64, what string, wait time.Duration) error {
	seconds := int64(math.Ceil(wait.Seconds()))
	return fault.New(fault.Unavailable, "At most %d %s a minute may come from you. Go on in %s.", limit, what, plural(seconds)).Retry(time.Duration(seconds) * time.Second)
}

func plural(seconds int64) string {
	if seconds == 1 {
		return "a second"
	}
	return fmt.Sprintf("%d seconds", seconds)
}

func keyOf(p access.Principal) string {
	if p.Token != nil {
		return p.Token.Source()
	}
	return "user:" + strconv.FormatInt(p.UserID, 10)
}

// caller returns what is known of a caller. Those who have all their quota again are
// forgotten now and then.
func (q *Quota) caller(key string) *caller {
	if c := q.callers[key]; c != nil {
		return c
	}
	if len(q.callers) >= 1024 {
		for known, c := range q.callers {
			if c.running == 0 && q.now().Sub(c.requests.at) > time.Hour && q.now().Sub(c.records.at) > time.Hour {
				delete(q.callers, known)
			}
		}
	}
	c := &caller{}
	q.callers[key] = c
	return c
}

// take takes n of what a minute allows, or returns how long until something is left.
func (b *bucket) take(n int, most int64, now time.Time) (wait time.Duration) {
	perSecond := float64(most) / 60
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.spent = max(0, b.spent-passed*perSecond)
		b.at = now
	}
	if left := float64(most) - b.spent; left < 1 {
		return time.Duration((1 - left) / perSecond * float64(time.Second))
	}
	b.spent += float64(n)
	return 0
}
