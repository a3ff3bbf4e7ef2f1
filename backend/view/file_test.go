package view

import (
	"encoding/json"
	"testing"

	"activitylog/backend/fault"
)

// Whatever is taken for a file of views is one, and is taken again as it would be saved.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		`{"kind":"activitylog-views","version":1,"views":[{"name":"a","query":"type:x","columns":["ip"],"order":"oldest","density":"","shared":true}]}`,
		`{"kind":"activitylog-views","version":1,"views":[{"name":"a"}]}`, `{"kind":"activitylog-views","version":1}`, `[]`, `{`, "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		views, err := parseFile(text)
		if err != nil {
			if public := fault.Public(err); public.Code != fault.Invalid || public.Field != "content" {
				t.Fatalf("%q: %+v", text, public)
			}
			return
		}
		saved, err := json.Marshal(file{Kind: fileKind, Version: fileVersion, Views: views})
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseFile(string(saved))
		if err != nil || len(again) != len(views) {
			t.Fatalf("%q, saved as %s: %v", text, saved, err)
		}
	})
}
