package ingest

import (
	"context"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

func quotaOf(t *testing.T, l Limits) (*Quota, *time.Time) {
	t.Helper()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	return NewQuota(func(context.Context) (Limits, error) { return l, nil }, func() time.Time { return now }), &now
}

func program(id int64) access.Principal { return access.Principal{Token: &access.Token{ID: id}} }

func TestQuotaOfRequests(t *testing.T) {
	q, now := quotaOf(t, Limits{Requests: 6, Records: 100})
	enter := func(p access.Principal) time.Duration {
		leave, err := q.Enter(t.Context(), p)
		if err == nil {
			leave()
			return 0
		}
		if fault.CodeOf(err) != fault.Unavailable {
			t.Error(err)
		}
		return fault.Public(err).After
	}
	for range 6 {
		if wait := enter(program(1)); wait != 0 {
			t.Fatalf("has to wait %v", wait)
		}
	}
	if wait := enter(program(1)); wait != 10*time.Second {
		t.Errorf("after six has to wait %v", wait)
	}
	if wait := enter(program(2)); wait != 0 {
		t.Errorf("another token has to wait %v", wait)
	}
	if wait := enter(access.Principal{UserID: 1}); wait != 0 {
		t.Errorf("a person has to wait %v", wait)
	}
	*now = now.Add(10 * time.Second)
	if wait := enter(program(1)); wait != 0 {
		t.Errorf("ten seconds later has to wait %v", wait)
	}
	if wait := enter(program(1)); wait == 0 {
		t.Error("a second one at once passes")
	}
	*now = now.Add(time.Hour)
	n := 0
	for enter(program(1)) == 0 {
		n++
	}
	if n != 6 {
		t.Errorf("after an hour %d pass at once", n)
	}
}

// A request that is larger than what is left passes, and is paid for afterwards.
func TestQuotaOfRecords(t *testing.T) {
	q, now := quotaOf(t, Limits{Requests: 1000, Records: 60})
	take := func(n int) time.Duration {
		err := q.Take(t.Context(), program(1), n)
		if err == nil {
			return 0
		}
		return fault.Public(err).After
	}
	if wait := take(90); wait != 0 {
		t.Errorf("90 of 60 wait %v", wait)
	}
	if wait := take(1); wait != 31*time.Second {
		t.Errorf("the next one waits %v", wait)
	}
	*now = now.Add(31 * time.Second)
	if wait := take(1); wait != 0 {
		t.Errorf("then it waits %v", wait)
	}
}

func TestQuotaOfRunning(t *testing.T) {
	q, _ := quotaOf(t, Limits{Requests: 1000, Records: 1000})
	var leave func()
	for range maxRunning {
		var err error
		if leave, err = q.Enter(t.Context(), program(1)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := q.Enter(t.Context(), program(1)); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("one more: %v", err)
	}
	leave()
	leave() // twice is once
	if _, err := q.Enter(t.Context(), program(1)); err != nil {
		t.Errorf("after one left: %v", err)
	}
	if _, err := q.Enter(t.Context(), program(1)); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("one more again: %v", err)
	}
}

// Who was never seen again for an hour is forgotten; who is under way is not.
func TestQuotaForgets(t *testing.T) {
	q, now := quotaOf(t, Limits{Requests: 1, Records: 1})
	if _, err := q.Enter(t.Context(), program(0)); err != nil {
		t.Fatal(err)
	}
	for id := range int64(2000) {
		*now = now.Add(time.Minute)
		if err := q.Admit(t.Context(), program(id+1)); err != nil {
			t.Fatal(err)
		}
	}
	if len(q.callers) > 1100 || q.callers["api:0"] == nil {
		t.Errorf("%d callers are kept", len(q.callers))
	}
}
