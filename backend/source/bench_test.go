package source

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/catalog"
)

// What reading and preparing a record costs, before it is stored.
func BenchmarkPrepare(b *testing.B) {
	cat, err := catalog.Load()
	if err != nil {
		b.Fatal(err)
	}
	draft := `{"type":"GoalAdded","actor":"user7","occurredAt":"2025-01-02T10:00:00Z","object":{"kind":"goal","id":"7","name":"Goal 7"},"parameters":{"pattern":"contains","n":%d},"ip":"203.0.113.7"}`
	for _, bb := range []struct {
		name, record string
		mapAs        func() mapping
	}{
		{"ndjson", draft, draftMapping},
		{"cloudtrail", with(`"n": %d, "userIdentity": {"type": "IAMUser", "userName": "ann"}, "requestParameters": {"bucketName": "logs", "text": "` + strings.Repeat("x", 1000) + `"}`), trailMapping},
	} {
		b.Run(bb.name, func(b *testing.B) {
			var text strings.Builder
			for i := range b.N {
				fmt.Fprintf(&text, bb.record+"\n", i)
			}
			path := file(b, "x", text.String())
			r := jsonFiles([]string{path}, []string{"x"}, bb.mapAs())
			s := &Service{options: Options{Now: time.Now, Catalog: cat}}
			p := s.preparer(access.Principal{UserID: 1, Login: "ann"}, "import:x/main")
			b.ResetTimer()
			for {
				record, err := r.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
				if _, _, err := p.body(b.Context(), record); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
