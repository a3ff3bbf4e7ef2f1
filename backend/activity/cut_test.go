package activity

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestNoBodyIsLongerThanItsLongest(t *testing.T) {
	evil := strings.Repeat("\x00\"<\u2028é\x7f", 50)
	id := "9223372036854775807"
	body := Body{
		V: 1, OccurredAt: -1 << 62, OffsetMinutes: -840, Type: evil, Source: evil, Result: Failed,
		Actor: BodyActor{Kind: evil, Source: evil, Name: &evil, User: &id}, Object: &Object{evil, evil, evil},
		Site: &SiteRef{&id, evil, evil}, ExternalID: &evil, IP: &evil, UserAgent: &evil, RequestID: &evil,
		Changes:    []Change{{Field: evil}, {Field: "a", Old: json.RawMessage(`"\u2028"`), New: json.RawMessage("\"\u2028<\"")}},
		Parameters: json.RawMessage("{\"a\": \"\u2028<&>\"}"), Raw: json.RawMessage("\"\u2029\""),
	}
	for name, b := range map[string]Body{"full": body, "empty": {}} {
		size, err := b.size()
		if err != nil {
			t.Fatal(err)
		}
		if size > b.longest() {
			t.Errorf("%s: %d bytes, said to be at most %d", name, size, b.longest())
		}
	}
}

func TestTheQuickLookAgreesWithTheWalk(t *testing.T) {
	l := Limits{Keys: 3, Depth: 2}
	for value, ok := range map[string]bool{
		`{"a":1,"b":2,"c":3}`:       true,
		`{"a":1,"b":2,"c":3,"d":4}`: false,
		`{"a":",,,,","b":"[[[["}`:   true,
		`[[1]]`:                     true,
		`[[[1]]]`:                   false,
		`[[1],[2],[3]]`:             true,
		`[1`:                        false,
	} {
		if err := l.check("x", json.RawMessage(value)); (err == nil) != ok {
			t.Errorf("%s: %v", value, err)
		}
	}
	l.String = 8
	for value, ok := range map[string]bool{
		`"12345678"`:       true,
		`"123456789"`:      false,
		"\"\xff\"":         true,
		"\"\xff\xff\xff\"": false, // nine bytes once they are U+FFFD
		`1`:                true,
	} {
		if err := l.check("x", json.RawMessage(value)); (err == nil) != ok {
			t.Errorf("%q: %v", value, err)
		}
	}
}
