package activity

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"activitylog/backend/catalog"
	"activitylog/backend/fault"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("", 3600))

func origin(t *testing.T) Origin {
	t.Helper()
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	name, user := "ann", "2"
	return Origin{
		Source: "manual", Caller: BodyActor{Kind: KindUser, Source: "self", Name: &name, User: &user},
		Now: noon, Catalog: cat,
	}
}

func draft(t *testing.T, text string) Draft {
	t.Helper()
	d, err := ParseDraft([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPrepare_CompletesFromTheDoor(t *testing.T) {
	b, cut, err := Prepare(draft(t, `{"type":"Backup"}`), origin(t))
	if err != nil || cut {
		t.Fatal(err, cut)
	}
	if *b.Actor.Name != "ann" || b.Actor.Source != "self" || *b.Actor.User != "2" || b.Source != "manual" ||
		b.OccurredAt != noon.UnixMilli() || b.OffsetMinutes != 60 || b.Result != OK || string(b.Parameters) != "{}" {
		t.Errorf("got %+v", b)
	}
}

func TestPrepare_NamedActorIsTheDoors(t *testing.T) {
	b, _, err := Prepare(draft(t, `{"type":"Backup","actor":"ann"}`), origin(t))
	if err != nil {
		t.Fatal(err)
	}
	if b.Actor.Source != "manual" || b.Actor.User != nil {
		t.Errorf("a named actor must not be the user ann: got %+v", b.Actor)
	}
}

func TestPrepare_Refuses(t *testing.T) {
	for _, c := range []struct{ name, text, field string }{
		{"type with a space", `{"type":"Goal added"}`, "type"},
		{"actor of an unknown kind", `{"type":"X","actor":{"kind":"robot","name":"r"}}`, "actor.kind"},
		{"actor without a name", `{"type":"X","actor":" "}`, "actor.name"},
		{"time without a zone", `{"type":"X","occurredAt":"2026-11-23T09:15:00"}`, "occurredAt"},
		{"too far ahead", `{"type":"X","occurredAt":"2026-11-23T12:05:01+01:00"}`, "occurredAt"},
		{"before 1900", `{"type":"X","occurredAt":"1899-12-31T23:59:59Z"}`, "occurredAt"},
		{"result", `{"type":"X","result":"fine"}`, "result"},
		{"address", `{"type":"X","ip":"somewhere"}`, "ip"},
		{"parameters", `{"type":"X","parameters":[1]}`, "parameters"},
		{"object without id and name", `{"type":"X","object":{"kind":"goal"}}`, "object"},
		{"change without a field", `{"type":"X","changes":[{"old":1,"new":2}]}`, "changes"},
		{"parameter of the wrong kind", `{"type":"GoalAdded","parameters":{"revenue":"much"}}`, "parameters.revenue"},
		{"long text", `{"type":"X","userAgent":"` + strings.Repeat("x", 8<<10+1) + `"}`, "userAgent"},
	} {
		_, _, err := Prepare(draft(t, c.text), origin(t))
		if public := fault.Public(err); public == nil || public.Code != fault.Invalid || public.Field != c.field {
			t.Errorf("%s: got %+v, want field %s", c.name, public, c.field)
		}
	}
	if _, _, err := Prepare(draft(t, `{"type":"X","occurredAt":"2026-11-23T12:04:59+01:00"}`), origin(t)); err != nil {
		t.Errorf("five minutes ahead are allowed: %v", err)
	}
}

// A command line passes bytes on as they are, unlike JSON.
func TestPrepare_RefusesWhatIsNotUTF8(t *testing.T) {
	bad := "a\xffb"
	for field, put := range map[string]func(*Draft){
		"actor.name": func(d *Draft) { d.Actor = &DraftActor{Kind: KindUser, Name: bad} },
		"object":     func(d *Draft) { d.Object = &Object{Kind: "goal", ID: "7", Name: bad} },
		"userAgent":  func(d *Draft) { d.UserAgent = &bad },
		"requestId":  func(d *Draft) { d.RequestID = &bad },
		"externalId": func(d *Draft) { d.ExternalID = &bad },
		"changes":    func(d *Draft) { d.Changes = []Change{{Field: bad}} },
		"parameters": func(d *Draft) { d.Parameters = json.RawMessage(`{"x":"` + bad + `"}`) },
		"raw":        func(d *Draft) { d.Raw = json.RawMessage(`"` + bad + `"`) },
	} {
		d := Draft{Type: "X"}
		put(&d)
		if _, _, err := Prepare(d, origin(t)); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	o := origin(t)
	o.Site = &SiteRef{Kind: "other", Name: bad}
	if _, _, err := Prepare(Draft{Type: "X"}, o); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "site" {
		t.Errorf("site: %v", err)
	}
}

func TestPrepare_MasksBeforeHashing(t *testing.T) {
	d := draft(t, `{"type":"X","parameters":{"sessionToken":"hush1","secretId":"shown"},
		"changes":[{"field":"password","old":"hush2","new":"hush3"},{"field":"name","old":"a","new":"b"}]}`)
	d.Raw = json.RawMessage(`{"masterUserPassword":"hush4"}`)
	b, _, err := Prepare(d, origin(t))
	if err != nil {
		t.Fatal(err)
	}
	data, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "hush") || !strings.Contains(string(data), "shown") || !strings.Contains(string(data), `"new":"b"`) {
		t.Errorf("got %s", data)
	}
	if string(d.Changes[0].Old) != `"hush2"` {
		t.Error("the caller's draft was changed")
	}
}

func TestPrepare_TakesTheObjectFromParameters(t *testing.T) {
	b, _, err := Prepare(draft(t, `{"type":"GoalAdded","parameters":{"goal":{"id":"7","name":"Sign-up"}}}`), origin(t))
	if err != nil {
		t.Fatal(err)
	}
	if b.Object == nil || *b.Object != (Object{Kind: "goal", ID: "7", Name: "Sign-up"}) {
		t.Errorf("got %+v", b.Object)
	}
}

func TestPrepare_TooLarge(t *testing.T) {
	big := `{"list":[` + strings.TrimSuffix(strings.Repeat(`"`+strings.Repeat("x", 8000)+`",`, 10), ",") + `]}`
	d := draft(t, `{"type":"X"}`)
	d.Parameters = json.RawMessage(big)
	if _, _, err := Prepare(d, origin(t)); fault.Public(err) == nil || fault.Public(err).Field != "parameters" {
		t.Errorf("a live door refuses it: %v", err)
	}
	o := origin(t)
	o.Import, o.Source = true, "import:ndjson/main"
	d.Raw = json.RawMessage(big)
	b, cut, err := Prepare(d, o)
	if err != nil || !cut {
		t.Fatalf("an import keeps it, cut: %v %v", cut, err)
	}
	var mark Cut
	if err := json.Unmarshal(b.Raw, &mark); err != nil || !mark.Cut || mark.Length != len(big) || len(mark.SHA256) != 64 {
		t.Errorf("raw is %.100s", b.Raw)
	}
	if size, err := b.size(); err != nil || size > MaxBody {
		t.Errorf("still %d bytes: %v", size, err)
	}
}
