package catalog

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// example returns a value for a parameter, as an activity would carry it.
func example(p Parameter) any {
	switch p.Kind {
	case kindNumber:
		return 30
	case kindFlag:
		return true
	case kindDate:
		return "2026-11-23"
	case kindList:
		return []string{"Shop", "Blog"}
	case kindEntity:
		return map[string]any{"id": 7, "name": "The " + p.Title.EN}
	}
	return p.Name + " 1"
}

// examples are subjects for a type: with everything, with nothing, and one for each
// value a variant asks for.
func examples(t Type) []Subject {
	full := map[string]any{}
	for _, p := range t.Parameters {
		if p.Name != "count" && p.Name != "phase" {
			full[p.Name] = example(p)
		}
	}
	site := &Site{Kind: "website", Name: "Shop"}
	all := []Subject{
		{Type: t.ID, Actor: "ann", Site: site, Parameters: encode(full), ChangedFields: []string{"name", "pattern"}, Result: "ok"},
		{Type: t.ID, Actor: "ann", Result: "ok"},
	}
	for _, v := range t.variants {
		is := v.when.Is
		if len(is) == 0 {
			is = []string{"37"}
		}
		changed := map[string]any{}
		for k, value := range full {
			changed[k] = value
		}
		changed[v.when.Parameter] = is[0]
		all = append(all, Subject{Type: t.ID, Actor: "ann", Site: site, Parameters: encode(changed), Result: "ok"})
	}
	return all
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func TestGoldenSentences(t *testing.T) {
	c := load(t)
	var b strings.Builder
	for _, typ := range c.Types() {
		fmt.Fprintf(&b, "%s  %s / %s\n", typ.ID, typ.Label("en"), typ.Label("de"))
		for _, s := range examples(typ) {
			fmt.Fprintf(&b, "  en  %s\n  de  %s\n", Plain(c.Sentence("en", s)), Plain(c.Sentence("de", s)))
		}
	}
	path := filepath.Join("testdata", "sentences.golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(b.String(), "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("line %d differs: want %q. If that is meant, run go test ./backend/catalog -update and read the difference", i+1, line)
		}
	}
	if b.String() != string(want) {
		t.Fatal("there are more sentences than in the golden file")
	}
}

func TestSentences(t *testing.T) {
	c := load(t)
	shop := &Site{Kind: "website", Name: "Shop"}
	tests := []struct {
		name, lang, want string
		subject          Subject
	}{
		{"object and site", "en", `added the goal "Sign-up" for site "Shop"`, Subject{Type: "GoalAdded", Object: &Object{"goal", "7", "Sign-up"}, Site: shop}},
		{"no site", "en", `added the goal "Sign-up"`, Subject{Type: "GoalAdded", Object: &Object{"goal", "7", "Sign-up"}}},
		{"object's id for its name", "en", `added the goal "7"`, Subject{Type: "GoalAdded", Object: &Object{"goal", "7", ""}}},
		{"parameter for the object", "en", `added the goal "Sign-up"`, Subject{Type: "GoalAdded", Parameters: []byte(`{"goal": "Sign-up"}`)}},
		{"nothing", "en", `added a goal`, Subject{Type: "GoalAdded"}},
		{"empty strings", "en", `added a goal`, Subject{Type: "GoalAdded", Object: &Object{}, Site: &Site{}, Parameters: []byte(`{"goal": {"name": ""}}`)}},
		{"parameters are no object", "en", `added a goal`, Subject{Type: "GoalAdded", Parameters: []byte(`[1]`)}},
		{"a list where a name should be", "en", `added a goal`, Subject{Type: "GoalAdded", Parameters: []byte(`{"goal": [{"a": {}}]}`)}},
		{"other language", "de", `hat das Ziel „Sign-up“ für die Website „Shop“ hinzugefügt`, Subject{Type: "GoalAdded", Object: &Object{"goal", "7", "Sign-up"}, Site: shop}},
		{"unknown language", "fr", `added a goal`, Subject{Type: "GoalAdded"}},
		{"granted", "en", `granted Super User access to user "bob"`, Subject{Type: "SuperUserAccessChanged", Object: &Object{"user", "2", "bob"}, Parameters: []byte(`{"hasSuperUserAccess": true}`)}},
		{"removed", "en", `removed Super User access from user "bob"`, Subject{Type: "SuperUserAccessChanged", Object: &Object{"user", "2", "bob"}, Parameters: []byte(`{"hasSuperUserAccess": 0}`)}},
		{"neither", "en", `changed the Super User access of user "bob"`, Subject{Type: "SuperUserAccessChanged", Object: &Object{"user", "2", "bob"}}},
		{"Matomo itself", "en", `updated Matomo to version 5.2.0`, Subject{Type: "ComponentUpdated", Parameters: []byte(`{"component": "core", "version": "5.2.0"}`)}},
		{"for oneself", "en", `disabled two-factor authentication`, Subject{Type: "TwoFactorDisabled", Actor: "ann", Parameters: []byte(`{"user": "ann"}`)}},
		{"for somebody else", "en", `disabled two-factor authentication for user "bob"`, Subject{Type: "TwoFactorDisabled", Actor: "ann", Parameters: []byte(`{"user": "bob"}`)}},
		{"fields", "en", `changed the user "bob" (email, name, super and 2 more)`, Subject{Type: "UserChanged", Object: &Object{"user", "2", "bob"}, ChangedFields: []string{"email", "name", "super", "a", "b"}}},
		{"many tries", "de", `konnte sich 37-mal nicht anmelden`, Subject{Type: "UserFailedToLogIn", Result: "failed", Parameters: []byte(`{"count": 37}`)}},
		{"its own result", "en", `failed to log in`, Subject{Type: "UserFailedToLogIn", Result: "failed"}},
		{"failed", "en", `deleted a goal — failed (Timeout)`, Subject{Type: "GoalDeleted", Result: "failed", Parameters: []byte(`{"errorCode": "Timeout"}`)}},
		{"denied", "de", `hat ein Ziel gelöscht — verweigert`, Subject{Type: "GoalDeleted", Result: "denied"}},
		{"call", "en", `called RunInstances on ec2 for "web-1" — denied (Client.UnauthorizedOperation)`, Subject{Type: "ec2:RunInstances", Object: &Object{"instance", "i-1", "web-1"}, Result: "denied", Parameters: []byte(`{"errorCode": "Client.UnauthorizedOperation"}`)}},
		{"call", "de", `hat RunInstances bei ec2 für „web-1“ aufgerufen`, Subject{Type: "ec2:RunInstances", Object: &Object{"instance", "i-1", "web-1"}}},
		{"unknown", "en", `recorded Order paid (Shop) for "A 17"`, Subject{Type: "Shop/OrderPaid", Object: &Object{"order", "17", "A 17"}}},
		{"unknown", "de", `hat Order paid (Shop) aufgezeichnet`, Subject{Type: "Shop/OrderPaid"}},
		{"line breaks and control characters", "en", `added the goal "a b c"`, Subject{Type: "GoalAdded", Object: &Object{"goal", "7", " a\r\nb\x00 c\t"}}},
		{"digits beyond a float", "en", `imported 9007199254740993 activities`, Subject{Type: "LogImported", Parameters: []byte(`{"new": 9007199254740993}`)}},
		{"a date as milliseconds", "en", `sent a scheduled report for 2026-11-23`, Subject{Type: "ScheduledReportSent", Parameters: []byte(`{"date": 1795392000000}`)}},
	}
	for _, tt := range tests {
		if got := Plain(c.Sentence(tt.lang, tt.subject)); got != tt.want {
			t.Errorf("%s (%s):\n got %s\nwant %s", tt.name, tt.lang, got, tt.want)
		}
	}
}

func TestResultIsAPartOfItsOwn(t *testing.T) {
	c := load(t)
	got := c.Sentence("en", Subject{Type: "GoalDeleted", Result: "denied", Parameters: []byte(`{"errorCode": "AccessDenied"}`)})
	want := []Part{{"text", `deleted a goal`, ""}, {"result", ` — denied (AccessDenied)`, ""}}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, result := range []string{"", "ok"} {
		for _, part := range c.Sentence("en", Subject{Type: "GoalDeleted", Result: result}) {
			if part.Kind == "result" {
				t.Errorf("%q: %q", result, part)
			}
		}
	}
}

func TestPartsCanBeFilteredBy(t *testing.T) {
	c := load(t)
	got := c.Sentence("en", Subject{
		Type: "TagAdded", Object: &Object{"tag", "7", "Pixel"}, Site: &Site{Name: `My "Shop"`},
		Parameters: []byte(`{"container": {"id": "a b", "name": "Main"}}`),
	})
	want := []Part{
		{"text", `added the tag "`, ""},
		{"object", "Pixel", "object:tag:7"},
		{"text", `" to container "`, ""},
		{"object", "Main", `object:"container:a b"`},
		{"text", `" for site "`, ""},
		{"site", `My "Shop"`, `site:"My \"Shop\""`},
		{"text", `"`, ""},
	}
	if !slices.Equal(got, want) {
		t.Errorf("parts\n got %q\nwant %q", got, want)
	}
	got = c.Sentence("en", Subject{Type: "DeleteClientWithOwner", Parameters: []byte(`{"client": {"id": 5, "name": "App"}, "owner": "ann lee"}`)})
	if want := (Part{"actor", "ann lee", `user:"ann lee"`}); !slices.Contains(got, want) {
		t.Errorf("%q has no %q", got, want)
	}
	if want := (Part{"object", "App", "object:oauth-client:5"}); !slices.Contains(got, want) {
		t.Errorf("%q has no %q", got, want)
	}
}

func FuzzSentence(f *testing.F) {
	c, err := Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("GoalAdded", "7", "Sign-up", []byte(`{"goal": {"id": 7}}`), "failed")
	f.Add("ec2:RunInstances", "", "", []byte(`{"errorCode": {"a": "b"}}`), "denied")
	f.Add("LogErased", "", " ", []byte(`{"count": [1, {"name": ""}, [2]]}`), "ok")
	f.Fuzz(func(t *testing.T, typ, id, name string, parameters []byte, result string) {
		for _, lang := range []string{"en", "de"} {
			all := c.Sentence(lang, Subject{Type: typ, Object: &Object{"goal", id, name}, Site: &Site{Name: name}, Parameters: parameters, Result: result})
			for _, part := range all {
				if part.Text == "" {
					t.Fatalf("an empty part in %q", all)
				}
				if part.Kind != "text" {
					continue
				}
				if _, known := c.Type(typ); known && (strings.ContainsAny(part.Text, "{}[]|") || strings.Contains(part.Text, `""`) || strings.Contains(part.Text, "„“")) {
					t.Fatalf("%q is not fit to read", part.Text)
				}
			}
		}
	})
}
