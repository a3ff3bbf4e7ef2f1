package ops

import (
	"strings"
	"testing"

	"activitylog/backend/fault"
)

type input struct {
	Query string   `json:"query"`
	Limit int      `json:"limit"`
	At    *int64   `json:"at"`
	Exact *bool    `json:"exact"`
	Names []string `json:"names"`
	Deep  struct {
		ID string `json:"id"`
	} `json:"deep"`
}

// What a caller sent wrong is named in words of JSON, never in those of Go.
func TestDecodeSaysWhatIsWrong(t *testing.T) {
	for _, tt := range []struct{ in, field, says string }{
		{`{"query":1}`, "query", "query must be text."},
		{`{"limit":"x"}`, "limit", "limit must be a whole number."},
		{`{"limit":1.5}`, "limit", "limit must be a whole number."},
		{`{"at":"now"}`, "at", "at must be a whole number."},
		{`{"exact":"yes"}`, "exact", "exact must be true or false."},
		{`{"names":"x"}`, "names", "names must be a list."},
		{`{"deep":[]}`, "deep", "deep must be an object."},
		{`{"deep":{"id":7}}`, "deep.id", "deep.id must be text."},
		{`[]`, "", "The input must be one JSON object."},
		{`"x"`, "", "The input must be one JSON object."},
		{`{"other":1}`, "other", `There is no field "other" here.`},
		{`{} {}`, "", "after the end"},
		{`{"query":}`, "", "not valid JSON"},
		{"{\"query\":\"a\xff\"}", "", "Byte 12 is not valid UTF-8"},
		{`{"query":"\ud800"}`, "", "half of a surrogate pair"},
	} {
		err := decode([]byte(tt.in), new(input))
		public := fault.Public(err)
		if public == nil || public.Code != fault.Invalid || public.Field != tt.field || !strings.Contains(public.Message, tt.says) {
			t.Errorf("%s: %+v", tt.in, public)
		}
	}
	for _, in := range []string{"", " \n", "{}", `{"query":"\ud83d\ude00","at":null,"exact":true,"deep":{"id":"x"}}`} {
		if err := decode([]byte(in), new(input)); err != nil {
			t.Errorf("%s: %v", in, err)
		}
	}
}
