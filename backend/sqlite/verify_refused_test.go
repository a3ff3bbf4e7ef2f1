package sqlite

import (
	"context"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

func TestVerifyEndsWithItsContext(t *testing.T) {
	db := openTest(t, testOptions(copyLog(t, sampleOf(t).dir)))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if r, err := db.Verify(ctx, VerifyOptions{Words: true}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("%s, %v", r.State, err)
	}
	ctx, stop = context.WithCancel(t.Context())
	_, err := db.Verify(ctx, VerifyOptions{Words: true, Progress: func(int64, int64) { stop() }})
	if fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("cancelled on the way: %v", err)
	}
}

// What the writer refuses leaves nothing that a verification would take for a change.
func TestRefusedActivitiesLeaveTheLogVerified(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	db := openTest(t, testOptions(dir))
	change := func(f func(*activity.Body)) activity.Body {
		b := bodyAt(9001, start)
		b.Type, b.ExternalID = "NeverSeen", nil
		b.Actor.Name, b.Object = new("nobody before"), &activity.Object{Kind: "new", ID: "1", Name: "new"}
		f(&b)
		return b
	}
	list := []activity.Body{
		change(func(b *activity.Body) { b.Site = &activity.SiteRef{ID: new("x"), Kind: "other", Name: "new site"} }),
		change(func(b *activity.Body) { b.Site = &activity.SiteRef{ID: new("01"), Kind: "other", Name: "new site"} }),
		change(func(b *activity.Body) {
			b.Actor = activity.BodyActor{Kind: "user", Source: "self", Name: new("x"), User: new("-1")}
		}),
		change(func(b *activity.Body) { b.IP = new("nowhere") }),
		change(func(b *activity.Body) { b.Result = "maybe" }),
		change(func(b *activity.Body) { b.OccurredAt = latest }),
		bodyAt(9002, start),
	}
	results, err := db.Append(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if refused := r.Err != nil; refused != (i < len(list)-1) {
			t.Errorf("body %d: %v", i, r.Err)
		}
	}
	r, err := db.Verify(t.Context(), VerifyOptions{Words: true})
	if err != nil || r.State != ledger.Verified {
		t.Errorf("%s %v\n%s", r.State, err, listed(r))
	}
}
