package export

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/activity"
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
	w := csvWriter{bufio.NewWriter(&out)}
	bare := activity.Activity{ID: "9", Changes: []activity.Change{}, Parameters: json.RawMessage("{}")}
	for _, err := range []error{w.begin(), w.write(sample(), nil), w.write(bare, nil), w.end()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Join([]string{
		"id,occurredAt,recordedAt,type,category,actor,actorKind,actorSource,user,sentence,objectKind,objectId,objectName,siteKind,site,source,result,ip,userAgent,requestId,externalId,changes,parameters,reportedBy",
		`8,2026-11-23T01:30:00.123+01:30,2026-11-23T00:00:01.000Z,GoalChanged,goals,ann,user,self,4,changed the goal Sign-up,goal,7,"Sign-""up"", now",website,Shop,manual,ok,203.0.113.7,,,,"[{""field"":""name"",""old"":""a"",""new"":9007199254740993}]","{""text"":""a\nb""}",`,
		"9,1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.000Z,,,,,,,,,,,,,,,,,,,[],{},",
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
		w := csvWriter{bufio.NewWriter(&out)}
		if err := w.row([]string{a, b, c}); err != nil {
			t.Fatal(err)
		}
		if err := w.end(); err != nil {
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
		w := &jsonWriter{out: bufio.NewWriter(&out), array: array}
		if err := w.begin(); err != nil {
			t.Fatal(err)
		}
		for range n {
			if err := w.write(sample(), json.RawMessage(`{"n":1.50,"t":"<&>"}`)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.end(); err != nil {
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
