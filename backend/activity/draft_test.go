package activity

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"activitylog/backend/fault"
)

const fullDraft = `{"type": "GoalChanged", "actor": "ann", "occurredAt": "2026-11-23T09:15:00+01:00", "site": "shop",
 "object": {"kind": "goal", "id": "7", "name": "Sign-up"}, "changes": [{"field": "name", "old": "Signup", "new": "Sign-up"}],
 "parameters": {"pattern": "contains", "big": 12345678901234567890}, "result": "ok", "ip": "203.0.113.7",
 "userAgent": "curl/8", "requestId": "r1", "externalId": "x1"}`

func TestParseDraft(t *testing.T) {
	d, err := ParseDraft([]byte(fullDraft))
	if err != nil {
		t.Fatal(err)
	}
	if d.Type != "GoalChanged" || d.Actor.Kind != KindUser || d.Actor.Name != "ann" || *d.Site != "shop" ||
		d.Object.ID != "7" || len(d.Changes) != 1 || *d.ExternalID != "x1" {
		t.Errorf("got %+v", d)
	}
	if !bytes.Contains(d.Parameters, []byte("12345678901234567890")) {
		t.Errorf("parameters lost digits: %s", d.Parameters)
	}
	d, err = ParseDraft([]byte(`{"type":"X","actor":{"kind":"service","name":"cron"}}`))
	if err != nil || d.Actor.Kind != KindService || d.Actor.Name != "cron" {
		t.Errorf("actor object: %+v, %v", d.Actor, err)
	}
}

func TestParseDraft_Refuses(t *testing.T) {
	for _, c := range []struct{ name, text, field, says string }{
		{"unknown field", `{"type":"X","colour":"red"}`, "colour", "no field"},
		{"source is not the draft's to say", `{"type":"X","source":"self"}`, "source", "no field"},
		{"raw is the importers'", `{"type":"X","raw":{}}`, "raw", "no field"},
		{"other case", `{"Type":"X"}`, "Type", "no field"},
		{"twice", `{"type":"X","type":"Y"}`, "type", "twice"},
		{"no type", `{}`, "type", "needs a type"},
		{"unknown field of the actor", `{"type":"X","actor":{"name":"a","source":"self"}}`, "actor.source", "door"},
		{"unknown field of the object", `{"type":"X","object":{"kind":"a","ID":"1","colour":"b"}}`, "object", "must be"},
		{"wrong kind", `{"type":7}`, "type", "must be a string"},
		{"not an object", `[]`, "", "must be a JSON object"},
		{"cut off", `{"type":"X"`, "", "not valid JSON"},
		{"something after", `{"type":"X"} {}`, "", "after the end"},
		{"invalid UTF-8", "{\"type\":\"a\xffb\"}", "", "Byte 11"},
		{"half a surrogate pair", `{"type":"a\ud800b"}`, "", "half of a surrogate"},
		{"second half first", `{"type":"a\udc00b"}`, "", "half of a surrogate"},
	} {
		_, err := ParseDraft([]byte(c.text))
		public := fault.Public(err)
		if public == nil || public.Code != fault.Invalid || public.Field != c.field || !strings.Contains(public.Message, c.says) {
			t.Errorf("%s: got %+v, want field %q and %q", c.name, public, c.field, c.says)
		}
	}
}

func TestParseDraft_KeepsWhatIsOddButValid(t *testing.T) {
	for _, text := range []string{
		`{"type":"X","parameters":{"nul":"a\u0000b"}}`,
		`{"type":"X","parameters":{"pair":"\ud83d\ude00","slash":"\\ud800"}}`,
		`{"type":"X","parameters":null,"result":null,"actor":null}`,
	} {
		if _, err := ParseDraft([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzParseDraft(f *testing.F) {
	f.Add([]byte(fullDraft))
	f.Add([]byte(`{"type":"a\ud800b"}`))
	f.Add([]byte(`{"type":"X","actor":{"kind":"user","name":""}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDraft(data)
		if err != nil {
			if fault.CodeOf(err) != fault.Invalid {
				t.Fatalf("%q: %v", data, err)
			}
			return
		}
		if d.Type == "" || !json.Valid(data) {
			t.Fatalf("%q was accepted", data)
		}
	})
}

func TestLimits(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 9) + "1" + strings.Repeat("}", 9)
	wide := `{"list":[` + strings.TrimSuffix(strings.Repeat("1,", 65), ",") + `]}`
	long := `{"text":"` + strings.Repeat("x", 8<<10+1) + `"}`
	for _, c := range []struct{ name, value, field string }{
		{"too deep", deep, "parameters.a.a.a.a.a.a.a.a"},
		{"too wide", wide, "parameters.list"},
		{"too long", long, "parameters.text"},
	} {
		err := LiveLimits.check("parameters", json.RawMessage(c.value))
		if public := fault.Public(err); public == nil || public.Field != c.field {
			t.Errorf("%s: got %+v, want field %s", c.name, public, c.field)
		}
		if err := ImportLimits.check("parameters", json.RawMessage(c.value)); err != nil {
			t.Errorf("%s: an import may carry it: %v", c.name, err)
		}
	}
	fits := strings.Repeat(`{"a":`, 7) + `"` + strings.Repeat("x", 8<<10) + `"` + strings.Repeat("}", 7)
	if err := LiveLimits.check("parameters", json.RawMessage(fits)); err != nil {
		t.Error(err)
	}
}

func TestBody_RoundTrip(t *testing.T) {
	name := "ann <&>"
	b := Body{V: 1, OccurredAt: 1, Type: "X", Actor: BodyActor{Kind: KindUser, Source: "cli", Name: &name}, Source: "cli", Result: OK}
	data, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"v":1,"occurredAt":1,"offsetMinutes":0,"type":"X","actor":{"kind":"user","source":"cli","name":"ann <&>","user":null},` +
		`"object":null,"site":null,"source":"cli","externalId":null,"ip":null,"userAgent":null,"requestId":null,"result":"ok",` +
		`"changes":[],"parameters":{},"raw":null}`
	if string(data) != want {
		t.Errorf("the hashed bytes changed:\n got %s\nwant %s", data, want)
	}
	back, err := DecodeBody(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.Encode()
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("decoded and encoded again: %s, %v", again, err)
	}
	if _, err := DecodeBody([]byte(`{"v":2}`)); err == nil {
		t.Error("a body of another version was read")
	}
}
