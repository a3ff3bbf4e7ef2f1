package export

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

func sample() activity.Activity {
	ip, user := "203.0.113.7", "4"
	return activity.Activity{
		ID: "8", OccurredAt: 1_795_392_000_123, OffsetMinutes: 90, RecordedAt: 1_795_392_001_000, Type: "GoalChanged", Category: "goals",
		Actor:    activity.Actor{Kind: "user", Source: "self", Name: "ann", User: &user},
		Object:   &activity.Object{Kind: "goal", ID: "7", Name: `Sign-"up", now`},
		Site:     &activity.SiteRef{Kind: "website", Name: "Shop"},
		Source:   "manual",
		Result:   "ok",
		IP:       &ip,
		Changes:  []activity.Change{{Field: "name", Old: json.RawMessage(`"a"`), New: json.RawMessage(`9007199254740993`)}},
		Sentence: []activity.Part{{Kind: "text", Text: "changed the goal "}, {Kind: "object", Text: "Sign-up"}},
		// A line break inside a value stays in its cell.
		Parameters: json.RawMessage(`{"text":"a\nb"}`),
	}
}

func TestCSV(t *testing.T) {
	var out bytes.Buffer
	w := newCSV(sheet{out: bufio.NewWriter(&out), columns: flat})
	zone := time.FixedZone("", 90*60)
	bare := activity.Activity{ID: "9", Changes: []activity.Change{}, Parameters: json.RawMessage("{}")}
	for _, err := range []error{w.begin(), w.write(row{sample(), nil, zone}), w.write(row{bare, nil, time.UTC}), w.end(2)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Join([]string{
		"id,occurredAt,recordedAt,type,category,actor,actorKind,actorSource,user,sentence,objectKind,objectId,objectName,siteKind,site,source,result,ip,userAgent,requestId,externalId,reportedBy,data",
		`8,2026-11-23T01:30:00.123+01:30,2026-11-23T01:30:01.000+01:30,GoalChanged,goals,ann,user,self,4,changed the goal Sign-up,goal,7,"Sign-""up"", now",website,Shop,manual,ok,203.0.113.7,,,,,"{""object"":{""kind"":""goal"",""id"":""7"",""name"":""Sign-\""up\"", now""},""site"":{""id"":null,""kind"":""website"",""name"":""Shop""},""changes"":[{""field"":""name"",""old"":""a"",""new"":9007199254740993}],""parameters"":{""text"":""a\nb""}}"`,
		"9,1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.000Z,,,,,,,,,,,,,,,,,,,,\"{\"\"object\"\":null,\"\"site\"\":null,\"\"changes\"\":[],\"\"parameters\"\":{}}\"",
		"",
	}, "\r\n")
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	for _, evil := range []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "＝1", "＋1", "－1", "＠x",
		" =1", "  \t+1", "\u00a0=1", "\ufeff=1", "\u200b@x", "\v-1", "\u0085=1", "\u2028=1", "\x1b＝1",
	} {
		if got := safe(evil); got != "'"+evil {
			t.Errorf("%q is written as %q", evil, got)
		}
	}
	for _, plain := range []string{"", "a=1", " 1", "'x", "1-2", "é", "\xff", " ", "\u200ba=1", "\ufffd=1"} {
		if got := safe(plain); got != plain {
			t.Errorf("%q is written as %q", plain, got)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("a", "=b", "c\"\r\nd")
	f.Add("", " x ", "\x00,")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		var out bytes.Buffer
		w := &csvWriter{out: bufio.NewWriter(&out)}
		if err := w.row([]string{a, b, c}); err != nil {
			t.Fatal(err)
		}
		if err := w.end(1); err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(&out)
		got, err := r.Read()
		if err != nil {
			t.Fatalf("%q: %v", []string{a, b, c}, err)
		}
		want := []string{safe(a), safe(b), safe(c)}
		for i := range want { // the reader makes \r\n one character
			want[i] = strings.ReplaceAll(want[i], "\r\n", "\n")
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestJSONLinesAndArrays(t *testing.T) {
	write := func(array bool, n int) string {
		var out bytes.Buffer
		w := newJSON(sheet{out: bufio.NewWriter(&out)}, array)
		if err := w.begin(); err != nil {
			t.Fatal(err)
		}
		for range n {
			if err := w.write(row{sample(), json.RawMessage(`{"n":1.50,"t":"<&>"}`), time.UTC}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.end(int64(n)); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	lines := strings.Split(write(false, 2), "\n")
	if len(lines) != 3 || lines[2] != "" || lines[0] != lines[1] {
		t.Fatalf("lines %q", lines)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(lines[0]), &m); err != nil {
		t.Fatal(err)
	}
	if string(m["raw"]) != `{"n":1.50,"t":"<&>"}` || string(m["id"]) != `"8"` || m["sentence"] == nil {
		t.Errorf("line %s", lines[0])
	}
	for n := range 3 {
		var all []line
		if err := json.Unmarshal([]byte(write(true, n)), &all); err != nil || len(all) != n {
			t.Errorf("an array of %d: %d, %v", n, len(all), err)
		}
	}
}

// Chosen columns are keys in their order; what is absent is null, what is nested stays
// JSON.
func TestJSONOfChosenColumns(t *testing.T) {
	var out bytes.Buffer
	w := newNDJSON(sheet{out: bufio.NewWriter(&out), columns: named("occurredAt", "id", "userAgent", "occurredMs", "offsetMinutes", "changes", "raw", "objectName")})
	for _, err := range []error{w.begin(), w.write(row{sample(), nil, time.FixedZone("", 3600)}), w.end(1)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := `{"occurredAt":"2026-11-23T01:00:00.123+01:00","id":"8","userAgent":null,"occurredMs":1795392000123,"offsetMinutes":90,` +
		`"changes":[{"field":"name","old":"a","new":9007199254740993}],"raw":null,"objectName":"Sign-\"up\", now"}` + "\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestColumnsAreNamedOnceAndKnown(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range columns {
		if seen[c.name] {
			t.Errorf("%s is there twice", c.name)
		}
		seen[c.name] = true
	}
	for _, names := range [][]string{{"id", "id"}, {"nosuch"}, {""}, {"ID"}} {
		if _, err := chosen(names, nil); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "columns" {
			t.Errorf("%q: %v", names, err)
		}
	}
	if list, err := chosen([]string{"ip", "id"}, flat); err != nil || !slices.Equal(namesOf(list), []string{"ip", "id"}) {
		t.Errorf("%v, %v", namesOf(list), err)
	}
}
