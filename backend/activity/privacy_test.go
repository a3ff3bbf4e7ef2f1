package activity

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestPrivacyMasksAddresses(t *testing.T) {
	for _, test := range []struct {
		ip   string
		n    int
		want string
	}{
		{"203.0.113.7", 0, "203.0.113.7"},
		{"203.0.113.7", 1, "203.0.113.0/24"},
		{"203.0.113.7", 2, "203.0.0.0/16"},
		{"203.0.113.7", 3, "203.0.0.0/8"},
		{"203.0.113.7", 4, "203.0.113.7"}, // no such setting: nothing is done by halves
		{"2001:db8:1234:5678:9abc::1", 1, "2001:db8:1234:5678::/64"},
		{"2001:db8:1234:5678:9abc::1", 2, "2001:db8:1234::/48"},
		{"2001:db8:1234:5678:9abc::1", 3, "2001:d00::/24"},
		{"203.0.113.0/24", 2, "203.0.0.0/16"},
		{"203.0.0.0/16", 1, "203.0.0.0/16"}, // never finer than it is
	} {
		got := Privacy{MaskBytes: test.n}.Apply(Body{IP: &test.ip})
		if *got.IP != test.want {
			t.Errorf("%s, %d bytes: %s, want %s", test.ip, test.n, *got.IP, test.want)
		}
		if n := MaskedBytes(got.IP); n > 0 && *(Privacy{MaskBytes: n}).Apply(Body{IP: &test.ip}).IP != *got.IP {
			t.Errorf("%s is said to be masked by %d", *got.IP, n)
		}
	}
	if got := (Privacy{MaskBytes: 2}).Apply(Body{}); got.IP != nil {
		t.Errorf("an address from nowhere: %s", *got.IP)
	}
}

// The address is masked wherever the activity repeats it, and only there.
func TestPrivacyMasksRepeatedAddresses(t *testing.T) {
	ip, name := "203.0.113.7", "203.0.113.7"
	b := Body{
		IP: &ip, Actor: BodyActor{Kind: KindAnonymous, Name: &name}, Object: &Object{Kind: "address", ID: "203.0.113.7", Name: "from 203.0.113.7:443."},
		Parameters: json.RawMessage(`{"a":"203.0.113.7","b":["Login from 203.0.113.7.","::ffff:203.0.113.7"],"203.0.113.7":1,"c":"203.0.113.77 1203.0.113.7 v203.0.113.7 203.0.113.7x x-203.0.113.7 203.0.113.8","d":203.5}`),
		Raw:        json.RawMessage(`"203.0.113.7"`), UserAgent: new("curl from 203.0.113.7"), RequestID: new("203.0.113.7-9"),
		Changes: []Change{{Field: "ip", Old: json.RawMessage(`"203.0.113.7"`), New: json.RawMessage(`"203.0.113.9"`)}},
	}
	before := b.Changes[0].Old
	got := Privacy{MaskBytes: 1}.Apply(b)
	want := `{"a":"203.0.113.0/24","b":["Login from 203.0.113.0/24.","203.0.113.0/24"],"203.0.113.0/24":1,"c":"203.0.113.77 1203.0.113.7 v203.0.113.7 203.0.113.7x x-203.0.113.7 203.0.113.8","d":203.5}`
	if string(got.Parameters) != want {
		t.Errorf("parameters %s\nwant %s", got.Parameters, want)
	}
	if string(got.Raw) != `"203.0.113.0/24"` || string(got.Changes[0].Old) != `"203.0.113.0/24"` || string(got.Changes[0].New) != `"203.0.113.9"` {
		t.Errorf("raw %s, changes %s", got.Raw, got.Changes)
	}
	if *got.UserAgent != "curl from 203.0.113.0/24" || *got.RequestID != "203.0.113.7-9" {
		t.Errorf("agent %s, request %s", *got.UserAgent, *got.RequestID)
	}
	if *got.Actor.Name != "203.0.113.0/24" || *got.Object != (Object{Kind: "address", ID: "203.0.113.0/24", Name: "from 203.0.113.0/24:443."}) {
		t.Errorf("actor %s, object %+v", *got.Actor.Name, *got.Object)
	}
	if string(before) != `"203.0.113.7"` || string(b.Changes[0].Old) != string(before) || b.Object.ID != ip {
		t.Error("the caller's own body was changed")
	}
	again := Privacy{MaskBytes: 2}.Apply(got)
	if strings.Contains(string(again.Parameters), "/24") || string(again.Raw) != `"203.0.0.0/16"` {
		t.Errorf("masked twice: %s, %s", again.Parameters, again.Raw)
	}
}

// An escape's letter is no letter of a word, and one may spell the address itself.
func TestPrivacyMasksBehindEscapes(t *testing.T) {
	ip := "203.0.113.7"
	for raw, want := range map[string]string{
		`{"t":"x\n203.0.113.7","u":"\u000a203.0.113.7\t"}`: `{"t":"x\n203.0.113.0/24","u":"\n203.0.113.0/24\t"}`,
		`"\u0032\u0030\u0033.0.113.7 <a>"`:                 `"203.0.113.0/24 <a>"`,
		`"\\u000a203.0.113.7"`:                             `"\\u000a203.0.113.7"`, // a backslash and a word
		`["\b203.0.113.7\f", 203.0, "a\"203.0.113.7\""]`:   `["\b203.0.113.0/24\f", 203.0, "a\"203.0.113.0/24\""]`,
	} {
		got := Privacy{MaskBytes: 1}.Apply(Body{IP: &ip, Raw: json.RawMessage(raw)})
		if string(got.Raw) != want {
			t.Errorf("%s became %s, want %s", raw, got.Raw, want)
		}
	}
}

// What the log says of itself is replayed by verification: its content stays.
func TestPrivacyLeavesWhatIsReplayed(t *testing.T) {
	ip, content := "127.0.0.1", `{"actor":{"id":"3","name":"root@127.0.0.1"}}`
	got := Privacy{MaskBytes: 1}.Apply(Body{Type: "ActorLinked", Source: "self", IP: &ip, Parameters: json.RawMessage(content)})
	if string(got.Parameters) != content || *got.IP != "127.0.0.0/24" {
		t.Errorf("%s, %s", got.Parameters, *got.IP)
	}
	got = Privacy{MaskBytes: 1}.Apply(Body{Type: "ActorLinked", Source: "import:ndjson/main", IP: &ip, Parameters: json.RawMessage(content)})
	if string(got.Parameters) == content {
		t.Error("another log's own is not replayed here")
	}
}

func TestPrivacyDoNotTrack(t *testing.T) {
	for _, test := range []struct {
		typ       string
		on, asked bool
		left      bool
	}{
		{"UserPreferenceSet", true, true, false},
		{"UserPreferenceSet", true, false, true},
		{"UserPreferenceSet", false, true, true},
		{"SegmentCreated", true, true, false},
		{"UserLoggedIn", true, true, true},
		{"UserFailedToLogIn", true, true, true},
		{"SiteAccessChanged", true, true, true},
		{"TokenCreated", true, true, true},
		{"LogExported", true, true, true},
		{"SomethingNew", true, true, true},
	} {
		ip, agent := "203.0.113.7", "a browser"
		got := Privacy{DoNotTrack: test.on}.Apply(Body{Type: test.typ, IP: &ip, UserAgent: &agent, DoNotTrack: test.asked})
		if (got.IP != nil) != test.left || (got.UserAgent != nil) != test.left {
			t.Errorf("%+v: %v, %v", test, got.IP, got.UserAgent)
		}
	}
}

// Whatever a text looks like, it stays valid JSON, what is masked is masked for good, and
// the address is nowhere in it as a word of its own.
func FuzzPrivacy(f *testing.F) {
	f.Add(`{"a":"203.0.113.7 x"}`, "203.0.113.7", 1)
	f.Add(`["2001:db8::1]:443","::FFFF:203.0.113.7/128"]`, "2001:db8::1", 2)
	f.Add(`"203.0.113.0/24/24"`, "203.0.113.0/24", 3)
	f.Add(`"x\n203.0.113.7\u002e"`, "203.0.113.7", 2)
	f.Fuzz(func(t *testing.T, raw, ip string, n int) {
		if !json.Valid([]byte(raw)) {
			return
		}
		p := Privacy{MaskBytes: n}
		got := p.Apply(Body{IP: &ip, Raw: json.RawMessage(raw), Parameters: json.RawMessage("{}")})
		if !json.Valid(got.Raw) {
			t.Fatalf("%s became %s", raw, got.Raw)
		}
		if again := p.Apply(got); string(again.Raw) != string(got.Raw) || *again.IP != *got.IP {
			t.Fatalf("%s, masked again %s", got.Raw, again.Raw)
		}
		whole, err := netip.ParseAddr(ip)
		if err != nil || n < 1 || n > MostMasked || *got.IP == ip {
			return
		}
		var text strings.Builder
		eachScalar(got.Raw, func(value string) { text.WriteString(value + " ") })
		words := strings.FieldsFunc(text.String(), func(r rune) bool { return strings.ContainsRune(" \"{}[],\n\t\r", r) })
		if slices.Contains(words, whole.String()) && !strings.ContainsRune(whole.Zone(), ' ') {
			t.Fatalf("%s is left in %s", whole, got.Raw)
		}
	})
}
