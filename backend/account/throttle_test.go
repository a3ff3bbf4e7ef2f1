package account_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

func (b *bench) try(ip, login, pass string) error {
	_, err := b.SignIn(at(access.HTTP, ip), account.SignInIn{Login: login, Password: pass})
	return err
}

func TestThrottleGrowsToFiveMinutes(t *testing.T) {
	for _, login := range []string{"boss", "nobody"} {
		b := open(t)
		b.set()
		for n := range 5 {
			code(t, fmt.Sprint("free try ", n), b.try("203.0.113.9", login, "x"), fault.Unauthenticated)
		}
		for n, want := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300} {
			err := b.try("203.0.113.9", login, "x")
			code(t, "at once", err, fault.Unavailable)
			if text := fmt.Sprintf("Wait %d second", want); !strings.Contains(fault.Public(err).Message, text) {
				t.Errorf("%s, wait %d: %q does not say %q", login, n, fault.Public(err).Message, text)
			}
			b.clock.pass(time.Duration(want)*time.Second - time.Millisecond)
			code(t, "a millisecond early", b.try("203.0.113.9", login, "x"), fault.Unavailable)
			b.clock.pass(time.Millisecond)
			code(t, "then", b.try("203.0.113.9", login, "x"), fault.Unauthenticated)
		}
		b.reopen(weak)
		code(t, "after a restart", b.try("203.0.113.9", login, "x"), fault.Unavailable)
		b.clock.pass(300 * time.Second)
		if login == "boss" {
			code(t, "the owner after the wait", b.try("203.0.113.9", "boss", password), "")
			for range 5 {
				code(t, "counting begins anew", b.try("203.0.113.9", "boss", "x"), fault.Unauthenticated)
			}
		}
	}
}

func TestThrottleCountsByAccountAndBySource(t *testing.T) {
	b := open(t)
	boss := b.set()
	for n := range 8 {
		b.add(boss, fmt.Sprint("user", n), "view")
	}
	for n := range 5 { // one account from everywhere
		code(t, "account", b.try(fmt.Sprint("203.0.113.", n), "boss", "x"), fault.Unauthenticated)
	}
	code(t, "that account from a new source", b.try("203.0.113.99", "boss", password), fault.Unavailable)
	code(t, "another account from there", b.try("203.0.113.99", "user0", password), "")
	for n := range 5 { // one source for everybody
		code(t, "source", b.try("198.51.100.7", fmt.Sprint("user", n), "x"), fault.Unauthenticated)
	}
	code(t, "a new account from that source", b.try("198.51.100.7", "user7", password), fault.Unavailable)
	code(t, "the same source, written otherwise", b.try("::ffff:198.51.100.7", "user7", password), fault.Unavailable)
	code(t, "that account from another source", b.try("198.51.100.8", "user7", password), "")
}

func TestThrottleHoldsForTriesAtOnce(t *testing.T) {
	b := open(t)
	b.set()
	before := b.passwords.Computed()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { _ = b.try("203.0.113.9", "boss", "x") })
	}
	wg.Wait()
	if n := b.passwords.Computed() - before; n > 5 {
		t.Errorf("%d of 50 tries at once were evaluated", n)
	}
}

func TestGuessingForAnHour(t *testing.T) {
	b := open(t)
	b.set()
	var evaluated, before uint64 = 0, b.passwords.Computed()
	for n := range 400 {
		b.clock.pass(9 * time.Second)
		_ = b.try(fmt.Sprintf("10.0.%d.%d", n/250, n%250), "boss", "x")
		if n%150 == 149 {
			evaluated += b.passwords.Computed() - before
			b.reopen(weak)
			before = 0
		}
	}
	if evaluated += b.passwords.Computed() - before; evaluated > 30 || evaluated < 10 {
		t.Errorf("%d of 400 tries in an hour were evaluated", evaluated)
	}
	if n := len(b.bodies("UserFailedToLogIn")); n > 30+61 { // and one summary a minute
		t.Errorf("%d activities of one hour's guessing", n)
	}
	b.clock.pass(300 * time.Second)
	code(t, "the owner after the wait", b.try("203.0.113.9", "boss", password), "")
}

// counts returns the counts of summaries, and how many failures stand singly.
func counts(t *testing.T, bodies []activity.Body) (sums []int, singles int) {
	for _, body := range bodies {
		if n, ok := parameters(t, body)["count"].(float64); ok {
			sums = append(sums, int(n))
		} else {
			singles++
		}
	}
	return sums, singles
}

func TestFloodsAreSummarised(t *testing.T) {
	b := open(t)
	b.set()
	tried := 0
	for range 600 { // 5 free ones, then mostly refused
		b.clock.pass(500 * time.Millisecond)
		_ = b.try("203.0.113.9", "boss", "x")
		tried++
	}
	sums, singles := counts(t, b.bodies("UserFailedToLogIn"))
	if singles > 20 || len(sums) > 6 || len(sums) < 4 {
		t.Errorf("in five minutes %d singles and summaries %v", singles, sums)
	}
	b.clock.pass(time.Minute)
	if err := b.ReportFailures(t.Context()); err != nil {
		t.Fatal(err)
	}
	sums, singles = counts(t, b.bodies("UserFailedToLogIn"))
	total := singles
	for _, n := range sums {
		total += n
	}
	if total != tried {
		t.Errorf("%d tries, but %d told: %d singly and %v", tried, total, singles, sums)
	}
	n := len(b.bodies())
	if err := b.ReportFailures(t.Context()); err != nil || len(b.bodies()) != n {
		t.Errorf("reported twice (%v)", err)
	}
}

func TestTwentyInARowAreRecordedSingly(t *testing.T) {
	b := open(t)
	b.set()
	for range 24 {
		b.clock.pass(301 * time.Second)
		code(t, "try", b.try("203.0.113.9", "boss", "x"), fault.Unauthenticated)
	}
	sums, singles := counts(t, b.bodies("UserFailedToLogIn"))
	if singles != 20 || fmt.Sprint(sums) != "[1 1 1 1]" {
		t.Errorf("%d singly, then summaries %v", singles, sums)
	}
	for range 6 {
		b.clock.pass(301 * time.Second)
		code(t, "another account, same source", b.try("203.0.113.9", "eve", "x"), fault.Unauthenticated)
	}
	for _, body := range b.bodies("UserFailedToLogIn")[24:] {
		if p := parameters(t, body); p["count"] == nil || p["login"] != nil || *body.Actor.Name != "unknown" {
			t.Errorf("the summary of a source names somebody: %s, %s", body.Parameters, *body.Actor.Name)
		}
	}
}

func TestWhatWasNotToldIsToldAtTheNextSuccess(t *testing.T) {
	b := open(t)
	b.set()
	for range 10 {
		_ = b.try("203.0.113.9", "boss", "x")
	}
	b.clock.pass(20 * time.Second)
	code(t, "right", b.try("203.0.113.9", "boss", password), "")
	sums, singles := counts(t, b.bodies("UserFailedToLogIn"))
	if singles != 5 || fmt.Sprint(sums) != "[1 4]" {
		t.Errorf("%d singly, summaries %v", singles, sums)
	}
}
