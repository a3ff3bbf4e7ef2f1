package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// summary is each record's line, type and field at fault.
func summary(records []record) string {
	var out strings.Builder
	for _, r := range records {
		fmt.Fprintf(&out, "%d:%s", r.line, r.draft.Type)
		if r.err != nil {
			fmt.Fprintf(&out, "!%s", fault.Public(r.err).Field)
		}
		out.WriteByte(' ')
	}
	return strings.TrimSpace(out.String())
}

func TestRead(t *testing.T) {
	event := `{"specversion":"1.0","id":"1","source":"/a","type":"A"}`
	for _, c := range []struct{ media, body, want string }{
		{JSON, `{"type":"A"}`, "0:A"},
		{JSON, ` [{"type":"A"}, {"type":"B"}] `, "0:A 0:B"},
		{JSON, `[]`, ""},
		{JSON, `[{"type":"A"},{"typ":"B"},7,null,{"type":"C"}]`, "0:A 0:!typ 0:! 0:! 0:C"},
		{JSON, "[{\"type\":\"\xff\"},{\"type\":\"C\"}]", "0:! 0:C"},
		{Lines, "{\"type\":\"A\"}\n\n{\"type\":\r\n{\"type\":\"C\"}", "1:A 3:! 4:C"},
		{Lines, "", ""},
		{Lines, "[{\"type\":\"A\"}]\n", "1:!"},
		{Event, event, "0:A"},
		{Event, `{}`, "0:!specversion"},
		{Events, `[` + event + `,{"specversion":"0.3","id":"1","source":"/a","type":"A"},` + event + `]`, "0:A 0:!specversion 0:A"},
	} {
		records, err := read(c.media, []byte(c.body))
		if err != nil {
			t.Errorf("%s %q: %v", c.media, c.body, err)
		} else if got := summary(records); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.media, c.body, got, c.want)
		}
	}
}

// After a mistake in the JSON around the records nobody can say where the next one
// begins: none is taken.
func TestReadRefusesWholeBodies(t *testing.T) {
	for _, c := range []struct{ media, body string }{
		{JSON, ``},
		{JSON, `7`},
		{JSON, `"x"`},
		{JSON, `{"type":"A"} {"type":"B"}`},
		{JSON, `{"type":"A"`},
		{JSON, `[{"type":"A"}`},
		{JSON, `[{"type":"A"}] x`},
		{JSON, `[{"type":"A"},]`},
		{Event, ``},
		{Event, `{`},
		{Events, `{}`},
		{Events, `[{]`},
		{"text/plain", `{}`},
	} {
		if records, err := read(c.media, []byte(c.body)); fault.CodeOf(err) != fault.Invalid || records != nil {
			t.Errorf("%s %q: %v, %v", c.media, c.body, summary(records), err)
		}
	}
	many := strings.Repeat(`{"type":"A"},`, MaxRecords)
	lines := strings.ReplaceAll(many, ",", "\n")
	for media, body := range map[string]string{JSON: "[" + many + `{"type":"A"}]`, Lines: lines + `{"type":"A"}`} {
		if _, err := read(media, []byte(body)); !errors.Is(err, ErrLarge) {
			t.Errorf("%s of 10,001 records: %v", media, err)
		}
	}
	for media, body := range map[string]string{JSON: "[" + strings.TrimSuffix(many, ",") + "]", Lines: lines + "\n\n"} {
		if records, err := read(media, []byte(body)); err != nil || len(records) != MaxRecords {
			t.Errorf("%s of 10,000 records: %d, %v", media, len(records), err)
		}
	}
}

// FuzzRead holds that no record of a body gets lost in reading, whatever stands beside
// it: each line that is not empty, each element of an array, is one record.
func FuzzRead(f *testing.F) {
	event := `{"specversion":"1.0","id":"1","source":"/a","type":"A","time":"2026-11-23T09:15:00Z","subject":"s","data":{"n":1,"cloudEvent":2},"authid":"ann","x":true}`
	for _, body := range []string{
		"", "[]", `{"type":"A"}`, "[{\"type\":\"A\"},1,{}]", "{\"type\":\"A\"}\nx\n\r\n[1]", event, "[" + event + `,{"data_base64":"AA==","data":1}]`,
		"[{\"type\":\"\\ud800\"}]", "\xff\n\xfe", `{"type":"A","type":"B"}`, `[[[[[[`, "null", " \n \n",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, media := range MediaTypes() {
			records, err := read(media, body)
			if err != nil {
				if fault.CodeOf(err) != fault.Invalid || fault.Public(err).Message == "" {
					t.Errorf("%s: %v", media, err)
				}
				continue
			}
			if want := recordsIn(media, body); len(records) != want {
				t.Errorf("%s: %d records of %d", media, len(records), want)
			}
			for _, r := range records {
				check(t, media, r)
			}
		}
	})
}

// recordsIn counts the records of a body that can be read, in another way.
func recordsIn(media string, body []byte) int {
	n := 0
	if media == Lines {
		for line := range strings.SplitSeq(string(body), "\n") {
			if strings.TrimSpace(line) != "" {
				n++
			}
		}
		return n
	}
	var items []json.RawMessage
	if media != Event && json.Unmarshal(body, &items) == nil && items != nil {
		return len(items)
	}
	return 1
}

func check(t *testing.T, media string, r record) {
	t.Helper()
	if r.err != nil {
		if fault.CodeOf(r.err) != fault.Invalid {
			t.Errorf("%s: %v", media, r.err)
		}
		return
	}
	if r.draft.Type == "" {
		t.Errorf("%s: a draft without a type", media)
	}
	if len(r.draft.Parameters) > 0 && !json.Valid(r.draft.Parameters) {
		t.Errorf("%s: parameters %q", media, r.draft.Parameters)
	}
	if r.event && (r.draft.ExternalID == nil || strings.Count(strings.SplitN(*r.draft.ExternalID, " ", 2)[0], " ") != 0) {
		t.Errorf("%s: external id %v", media, r.draft.ExternalID)
	}
	_, _, err := activity.Prepare(r.draft, activity.Origin{Source: "api:1"})
	if err != nil && fault.CodeOf(err) != fault.Invalid {
		t.Errorf("%s: %v", media, err)
	}
}
