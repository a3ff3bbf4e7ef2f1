package sqlite

import (
	"bytes"
	"encoding/json"
	"testing"

	"activitylog/backend/activity"
)

// Three bodies between them have every key null and set, and every kind of escape.
func viewedBodies() []activity.Body {
	text := func(s string) *string { return &s }
	return []activity.Body{
		{
			V: 1, OccurredAt: -5, OffsetMinutes: -570, Type: "UserLoggedIn", Source: "self", Result: "ok",
			Actor: activity.BodyActor{Kind: "user", Source: "self", Name: text("ann"), User: text("3")},
		},
		{
			V: 1, OccurredAt: 1700000000000, Type: "Plugin/Type", Source: "import:x/y", Result: "denied",
			Actor:  activity.BodyActor{Kind: "os", Source: "import:x/y", Name: text("Zoë \"the\\ \u2028 <b>\x00\n")},
			Object: &activity.Object{Kind: "goal", ID: "", Name: "{\"v\":1}"},
			Site:   &activity.SiteRef{ID: text("1"), Kind: "other", Name: "This log"},
			IP:     text("2001:db8::1"), ExternalID: text("e\"1"), UserAgent: text("x"), RequestID: text(""),
			Changes: []activity.Change{{Field: "a", New: json.RawMessage(`1e400`)}}, Raw: json.RawMessage(`[1,{"result":"ok"}]`),
		},
		{
			V: 1, Type: "LogErased", Source: "self", Result: "failed", Site: &activity.SiteRef{Kind: "other", Name: "🙂"},
			Actor: activity.BodyActor{Kind: "user", Source: "self", User: text("12")},
		},
	}
}

func TestTheBodyViewReadsWhatDecodingReads(t *testing.T) {
	for _, b := range viewedBodies() {
		data, err := b.Encode()
		if err != nil {
			t.Fatal(err)
		}
		compareView(t, data)
	}
}

// compareView holds the view of a body against the decoded body.
func compareView(t *testing.T, data []byte) {
	t.Helper()
	var v bodyView
	if !v.read(data) {
		t.Fatalf("not read: %s", data)
	}
	b, err := activity.DecodeBody(data)
	if err != nil {
		t.Fatal(err)
	}
	var got activity.Body
	got.V, got.OccurredAt, got.OffsetMinutes = b.V, v.occurredAt, int(v.offset)
	got.Type, got.Source, got.Result = string(v.typ), string(v.source), string(v.result)
	got.Actor = activity.BodyActor{Kind: string(v.actorKind), Source: string(v.actorSource), Name: opt(v.actorName), User: opt(v.actorUser)}
	if v.hasObject {
		got.Object = &activity.Object{Kind: string(v.objectKind), ID: string(v.objectID), Name: string(v.objectName)}
	}
	if v.hasSite {
		got.Site = &activity.SiteRef{ID: opt(v.siteID), Kind: string(v.siteKind), Name: string(v.siteName)}
	}
	got.ExternalID, got.IP = opt(v.external), opt(v.ip)
	got.UserAgent, got.RequestID = b.UserAgent, b.RequestID
	got.Changes, got.Parameters, got.Raw = b.Changes, b.Parameters, b.Raw
	again, err := got.Encode()
	if err != nil || string(again) != string(data) {
		t.Errorf("read as\n%s\nnot\n%s (%v)", again, data, err)
	}
}

func opt(b []byte) *string {
	if b == nil {
		return nil
	}
	s := string(b)
	return &s
}

func TestTheBodyViewRefusesOtherForms(t *testing.T) {
	data, err := viewedBodies()[0].Encode()
	if err != nil {
		t.Fatal(err)
	}
	var v bodyView
	for end := range bytes.Index(data, []byte(`[],"parameters"`)) {
		if v.read(data[:end]) {
			t.Fatalf("%q passes for a body", data[:end])
		}
	}
	for _, other := range []string{"", "{}", "null", `{"v":2`, " " + string(data), string(data) + " "} {
		if v.read([]byte(other)) {
			t.Errorf("%q passes for a body", other)
		}
	}
}

func FuzzBodyView(f *testing.F) {
	for _, b := range viewedBodies() {
		if data, err := b.Encode(); err == nil {
			f.Add(data)
		}
	}
	f.Add([]byte(`{"v":1,"occurredAt":--1,"offsetMinutes":`))
	f.Add([]byte(`{"v":1,"occurredAt":1,"offsetMinutes":0,"type":"\`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var v bodyView
		if !v.read(data) {
			return
		}
		b, err := activity.DecodeBody(data)
		if err != nil {
			return // only the front is read
		}
		if again, err := b.Encode(); err != nil || string(again) != string(data) {
			return // not what Encode writes
		}
		compareView(t, data)
	})
}
