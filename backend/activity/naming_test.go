package activity

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func stored(t testing.TB, b Body) []byte {
	t.Helper()
	b.V = BodyVersion
	data, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWhereNamesAreFound(t *testing.T) {
	name, external, agent, ip := "Ann", "case of ann", "Ann's phone", "203.0.113.7"
	quiet := Body{Type: "ann", Result: OK, Actor: BodyActor{Kind: "ann"}, Source: "ann"}
	for where, change := range map[string]func(*Body){
		"actor":            func(b *Body) { b.Actor.Name = &name },
		"actor's source":   func(b *Body) { b.Actor.Source = "import:git/ann" },
		"source":           func(b *Body) { b.Source = "import:git/ann" },
		"object's id":      func(b *Body) { b.Object = &Object{ID: "user:ann"} },
		"object's kind":    func(b *Body) { b.Object = &Object{Kind: "ann"} },
		"object's name":    func(b *Body) { b.Object = &Object{Name: "ANN"} },
		"site":             func(b *Body) { b.Site = &SiteRef{Name: "www.ann.example"} },
		"external id":      func(b *Body) { b.ExternalID = &external },
		"request id":       func(b *Body) { b.RequestID = &external },
		"agent":            func(b *Body) { b.UserAgent = &agent },
		"old value":        func(b *Body) { b.Changes = []Change{{Field: "x", Old: json.RawMessage(`"ann"`)}} },
		"new value":        func(b *Body) { b.Changes = []Change{{Field: "x", New: json.RawMessage(`["bob","ann"]`)}} },
		"parameter":        func(b *Body) { b.Parameters = json.RawMessage(`{"a":{"b":["by ann, today"]}}`) },
		"key":              func(b *Body) { b.Parameters = json.RawMessage(`{"Ann":1}`) },
		"raw":              func(b *Body) { b.Raw = json.RawMessage(`{"who":"ann"}`) },
		"escaped":          func(b *Body) { b.Raw = json.RawMessage(`{"who":"\u0061nn"}`) },
		"wide letters":     func(b *Body) { b.Raw = json.RawMessage(`{"who":"ａｎｎ"}`) },
		"behind an umlaut": func(b *Body) { b.Raw = json.RawMessage(`{"who":"für ann"}`) },
	} {
		names := NewNames([]string{"bert", "ann", ""})
		b := quiet
		if found, err := names.In(stored(t, b)); err != nil || len(found) != 0 {
			t.Fatalf("%s: found %v, %v before", where, found, err)
		}
		change(&b)
		if found, err := names.In(stored(t, b)); err != nil || !slices.Equal(found, []int{1}) {
			t.Errorf("%s: found %v, %v", where, found, err)
		}
	}
	quiet.IP = &ip
	if found, err := NewNames([]string{ip}).In(stored(t, quiet)); err != nil || len(found) != 1 {
		t.Errorf("address: found %v, %v", found, err)
	}
}

// An IPv6 address is found however it is spelled.
func TestAddressesAreFoundInAnySpelling(t *testing.T) {
	names := NewNames([]string{"2001:db8::7", "ann"})
	for text, want := range map[string]bool{
		"2001:db8::7":                      true,
		"from 2001:DB8:0:0:0:0:0:7.":       true,
		"[2001:0db8:0000::0007]:443":       true,
		"http://[2001:db8:0::7]/":          true,
		"2001:db8::8":                      false,
		"2001:db8::70":                     false,
		"at 10:20:30":                      false,
		"2001:db8:0:0:0:0:0:7:1 is no one": false,
	} {
		data, err := json.Marshal(map[string]string{"from": text})
		if err != nil {
			t.Fatal(err)
		}
		b := Body{Type: "GoalAdded", Result: OK, Actor: BodyActor{Kind: "user"}, Source: "self", Parameters: data}
		found, err := names.In(stored(t, b))
		if err != nil || slices.Equal(found, []int{0}) != want {
			t.Errorf("%q: found %v, %v", text, found, err)
		}
		b.Parameters = json.RawMessage(fmt.Sprintf(`{%q:1}`, text))
		if found, err := names.In(stored(t, b)); err != nil || slices.Equal(found, []int{0}) != want {
			t.Errorf("key %q: found %v, %v", text, found, err)
		}
	}
}

func TestNamesAreWholeWords(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		found      bool
	}{
		{"ann", "annual", false},
		{"ann", "joann", false},
		{"ann", "ann", true},
		{"ann", "ANN!", true},
		{"ann", "ann_smith", true},
		{"ann", "ann2", false},
		{"ann", "annä", false},
		{"ann", "ännann ann", true},
		{"ann@example.org", "joann@example.org", false},
		{"ann@example.org", "<Ann@Example.org>", true},
		{"203.0.113.7", "203.0.113.70", false},
		{"203.0.113.7", "1203.0.113.7", false},
		{"203.0.113.7", "from 203.0.113.7.", true},
		{"2001:db8::1", "2001:DB8::1", true},
		{"2001:db8::1", "2001:db8::12", false},
		{"::1", "x ::1", true},
		{"Jürgen Groß", "jürgen groß", true},
		{"Jürgen", "JÜRGEN", true},
		{"Jürgen", "Ju\u0308rgen", true},
		{"Ö", "Ö", true},
		{"Ö", "Öl", false},
		{"小林", "小林", true},
		{"a b", "xa b", false},
		{"a b", "a b", true},
		{"@ann", "hello@ann", true},
	} {
		if found := NewNames([]string{tt.name}).InText(tt.text); (len(found) == 1) != tt.found {
			t.Errorf("%q in %q: %v", tt.name, tt.text, found)
		}
	}
}

// A login like "user" is no reason to take every activity: keys count only where they
// are nothing but the name, and what the program writes itself does not.
func TestNamesAreNoFields(t *testing.T) {
	b := Body{Type: "GoalAdded", Result: OK, Actor: BodyActor{Kind: "user", Source: "cli"}, Source: "cli", Parameters: json.RawMessage(`{"user_id":1,"mail ann@example.org":2}`)}
	for name, found := range map[string]bool{"user": false, "cli": false, "ok": false, "parameters": false, "GoalAdded": false, "ann@example.org": true, "user_id": true} {
		got, err := NewNames([]string{name}).In(stored(t, b))
		if err != nil || (len(got) == 1) != found {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
}

// The quick look never says no where the thorough one finds something.
func FuzzNames(f *testing.F) {
	f.Add("ann", `by "ann"`, `{"a":"ann"}`)
	f.Add("Jürgen", "JÜRGEN\u0308", `{"\u0061nn":["\ud83d\ude00"]}`)
	f.Add("::1", "a::1", `null`)
	f.Fuzz(func(t *testing.T, name, text, raw string) {
		if !json.Valid([]byte(raw)) || CheckText([]byte(raw)) != nil || CheckText([]byte(fmt.Sprintf("%q", text))) != nil {
			t.Skip()
		}
		names := NewNames([]string{name})
		b := Body{V: BodyVersion, Result: OK, Actor: BodyActor{Name: &text}, Raw: json.RawMessage(raw)}
		data, err := b.Encode()
		if err != nil {
			t.Skip()
		}
		back, err := DecodeBody(data)
		if err != nil {
			t.Skip()
		}
		clear(names.hit)
		names.body(back)
		if hit := names.hit[0]; hit && !names.may(data) {
			t.Fatalf("%q is in %s, but the quick look says no", name, data)
		}
		if name != "" && strings.TrimSpace(name) == name && len(names.InText(name)) == 0 {
			t.Fatalf("%q is not in itself", name)
		}
	})
}
