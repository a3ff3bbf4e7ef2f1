package ingest

import (
	"encoding/json"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

func TestEventBecomesDraft(t *testing.T) {
	const head = `"specversion":"1.0","id":"A 1","source":"https://shop.example/orders#1"`
	for _, c := range []struct{ event, want string }{
		{
			`{` + head + `,"type":"com.example.order.paid","time":"2026-11-23T09:15:00.5+01:00","subject":"order/7","data":{"sum":12.50,"n":12345678901234567890}}`,
			`{"type":"com.example.order.paid","actor":null,"occurredAt":"2026-11-23T09:15:00.5+01:00","site":null,"object":{"kind":"subject","id":"order/7","name":"order/7"},"changes":null,"parameters":{"cloudEvent":{"source":"https://shop.example/orders#1"},"n":12345678901234567890,"sum":12.50},"result":"","ip":null,"userAgent":null,"requestId":null,"externalId":"https://shop.example/orders#1 A 1"}`,
		},
		{
			`{` + head + `,"type":"A","authid":"svc-7","authtype":"service_account","dataschema":"/s","datacontenttype":"text/plain","data":"a <b>","traceparent":"00-1","n":3,"b":true,"empty":null}`,
			`{"type":"A","actor":{"kind":"service","name":"svc-7"},"occurredAt":null,"site":null,"object":null,"changes":null,"parameters":{"cloudEvent":{"b":true,"datacontenttype":"text/plain","dataschema":"/s","n":3,"source":"https://shop.example/orders#1","traceparent":"00-1"},"data":"a <b>"},"result":"","ip":null,"userAgent":null,"requestId":null,"externalId":"https://shop.example/orders#1 A 1"}`,
		},
		{
			`{` + head + `,"type":"A","data":{"cloudEvent":1}}`,
			`{"type":"A","actor":null,"occurredAt":null,"site":null,"object":null,"changes":null,"parameters":{"cloudEvent":{"source":"https://shop.example/orders#1"},"data":{"cloudEvent":1}},"result":"","ip":null,"userAgent":null,"requestId":null,"externalId":"https://shop.example/orders#1 A 1"}`,
		},
		{
			`{` + head + `,"type":"A","data_base64":"AAEC"}`,
			`{"type":"A","actor":null,"occurredAt":null,"site":null,"object":null,"changes":null,"parameters":{"cloudEvent":{"source":"https://shop.example/orders#1"},"data_base64":"AAEC"},"result":"","ip":null,"userAgent":null,"requestId":null,"externalId":"https://shop.example/orders#1 A 1"}`,
		},
	} {
		d, err := parseEvent([]byte(c.event))
		if err != nil {
			t.Errorf("%s: %v", c.event, err)
			continue
		}
		if got := string(encoded(d)); got != c.want {
			t.Errorf("%s became\n%s, want\n%s", c.event, got, c.want)
		}
	}
}

func TestEventsAreRefusedByAttribute(t *testing.T) {
	for event, field := range map[string]string{
		`{"id":"1","source":"/a","type":"A"}`:                                                           "specversion",
		`{"specversion":"1.0","source":"/a","type":"A"}`:                                                "id",
		`{"specversion":"1.0","id":"","source":"/a","type":"A"}`:                                        "id",
		`{"specversion":"1.0","id":7,"source":"/a","type":"A"}`:                                         "id",
		`{"specversion":"1.0","id":"1","type":"A"}`:                                                     "source",
		`{"specversion":"1.0","id":"1","source":"/a b","type":"A"}`:                                     "source",
		`{"specversion":"1.0","id":"1","source":"/a"}`:                                                  "type",
		`{"specversion":"1.1","id":"1","source":"/a","type":"A"}`:                                       "specversion",
		`{"specversion":"1.0","id":"1","source":"/a","type":"A","Trace_Id":"x"}`:                        "Trace_Id",
		`{"specversion":"1.0","id":"1","source":"/a","type":"A","trace":{"x":1}}`:                       "trace",
		`{"specversion":"1.0","id":"1","source":"/a","type":"A","data":1,"data_base64":"AA=="}`:         "data",
		`{"specversion":"1.0","id":"1","source":"/a","type":"A","data":{"a":1,"a":2}}`:                  "data",
		`{"specversion":"1.0","id":"1","source":"/a","type":"A","authid":"ann","authtype":"superhero"}`: "authtype",
		`{"specversion":"1.0","id":"1","id":"2","source":"/a","type":"A"}`:                              "id",
	} {
		if _, err := parseEvent([]byte(event)); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != field {
			t.Errorf("%s: %v", event, err)
		}
	}
}

// What the log refuses of an event's draft is said in the event's words.
func TestRefusalsNameTheAttribute(t *testing.T) {
	for field, want := range map[string]string{
		"externalId": "id", "occurredAt": "time", "object.id": "subject", "actor": "authid", "actor.name": "authid",
		"parameters": "data", "parameters.a.b": "data.a.b", "type": "type", "": "",
	} {
		if got := fault.Public(blamed(fault.At(field, "x"))).Field; got != want {
			t.Errorf("%s became %s, want %s", field, got, want)
		}
	}
}

// Two events are never taken for one: the external id tells every source and id apart.
func FuzzEventIdentity(f *testing.F) {
	f.Add("/a", "b c", "/a b", "c")
	f.Add("/a", "1", "/a", "1")
	f.Fuzz(func(t *testing.T, source, id, source2, id2 string) {
		external := func(source, id string) (string, bool) {
			d, err := parseEvent(encoded(map[string]string{"specversion": "1.0", "type": "A", "source": source, "id": id}))
			if err != nil || d.ExternalID == nil {
				return "", false
			}
			return *d.ExternalID, true
		}
		one, ok := external(source, id)
		two, ok2 := external(source2, id2)
		if !ok || !ok2 {
			return
		}
		same := text(source) == text(source2) && text(id) == text(id2)
		if (one == two) != same {
			t.Errorf("%q of (%q, %q) and %q of (%q, %q)", one, source, id, two, source2, id2)
		}
	})
}

// text is what JSON makes of a text that may not be UTF-8.
func text(s string) string {
	var out string
	_ = json.Unmarshal(encoded(s), &out) // what was just encoded
	return out
}

var _ Log = (*activity.Service)(nil)
