package sqlite

import (
	"encoding/json"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// JSON holds U+FFFD for a byte that is no UTF-8. What is hashed, what the tables hold
// and what a verification finds must all be that.
func TestTextThatIsNoUTF8(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	bad := "a\xffb"
	for name, put := range map[string]func(*activity.Body){
		"actor":       func(b *activity.Body) { b.Actor.Name = &bad },
		"type":        func(b *activity.Body) { b.Type = bad },
		"source":      func(b *activity.Body) { b.Source = bad },
		"object kind": func(b *activity.Body) { b.Object.Kind = bad },
		"object id":   func(b *activity.Body) { b.Object.ID = bad },
		"object name": func(b *activity.Body) { b.Object.Name = bad },
		"site kind":   func(b *activity.Body) { b.Site.Kind = bad },
		"site name":   func(b *activity.Body) { b.Site.Name = bad },
		"external id": func(b *activity.Body) { b.ExternalID = &bad },
		"user agent":  func(b *activity.Body) { b.UserAgent = &bad },
		"request id":  func(b *activity.Body) { b.RequestID = &bad },
		"change":      func(b *activity.Body) { b.Changes[0].Field = bad },
		"value":       func(b *activity.Body) { b.Changes[0].New = json.RawMessage(`"` + bad + `"`) },
		"parameters":  func(b *activity.Body) { b.Parameters = json.RawMessage(`{"x":"` + bad + `"}`) },
		"raw":         func(b *activity.Body) { b.Raw = json.RawMessage(`{"x":"` + bad + `"}`) },
	} {
		body := bodyAt(1, start)
		body.ExternalID = new(name)
		put(&body)
		first := appendOne(t, db, body)
		if again := appendOne(t, db, body); again.Err != nil || !again.Receipt.Duplicate || again.Conflict || again.Receipt.ID != first.Receipt.ID {
			t.Errorf("%s: sent again it is %+v", name, again)
		}
	}
	report, err := db.Verify(t.Context(), VerifyOptions{Words: true})
	if err != nil || report.State != ledger.Verified {
		t.Errorf("%s, %v, %v", report.State, report.Problems, err)
	}
}

func appendOne(t *testing.T, db *DB, body activity.Body) activity.Appended {
	t.Helper()
	results, err := db.Append(t.Context(), []activity.Body{body})
	if err != nil || results[0].Err != nil {
		t.Fatal(err, results)
	}
	return results[0]
}
