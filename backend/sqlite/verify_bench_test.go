package sqlite

import (
	"testing"
	"time"
)

// The figures of a verification: activities a second of the first pass, of the
// second over the words, and of SQLite's own check of the file.
func BenchmarkVerify(b *testing.B) {
	db := openTest(b, testOptions(b.TempDir()))
	for slice := range benchSlices {
		appendAll(b, db, benchBodies(slice))
	}
	in := db.evidence()
	in.now, in.noMark = time.Now, true
	n := float64(benchSlice * benchSlices)
	for b.Loop() {
		r, err := verifyFile(b.Context(), in, VerifyOptions{Words: true})
		if err != nil || r.State != "verified" {
			b.Fatal(r.State, r.Problems, err)
		}
		b.ReportMetric(n*1000/float64(max(r.Millis, 1)), "activities/s")
		b.ReportMetric(n*1000/float64(max(*r.WordMillis, 1)), "words-activities/s")
		b.ReportMetric(n*1000/float64(max(r.FileMillis, 1)), "file-activities/s")
		b.ReportMetric(0, "ns/op")
	}
}
