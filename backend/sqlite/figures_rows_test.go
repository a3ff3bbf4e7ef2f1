//go:build bench

package sqlite

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"activitylog/backend/activity"
)

// The rows of the figures: the same for the same number of rows, whoever makes them.
const (
	figureSlice   = 5000
	figureActors  = 300
	figureObjects = 20_000
	figureOwn     = 100 // rows of the one user who is no super user
	commonWord    = "dashboard"
	rareWord      = "quokka"
	rareEvery     = 20_000 // rows for each one with the rare word
)

// figureStart and figureSpan are the time the rows are spread over, evenly but for
// some seconds.
var figureStart = time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)

const figureSpan = 730 * 24 * time.Hour

var figureEnd = figureStart.Add(figureSpan)

// figureTypes come in the proportion of their weights.
var figureTypes = []struct {
	name, object string
	weight       int
}{
	{"UserLoggedIn", "", 300},
	{"GoalChanged", "goal", 200},
	{"SegmentUpdated", "segment", 130},
	{"ScheduledReportSent", "report", 120},
	{"CustomReportUpdated", "report", 80},
	{"GoalAdded", "goal", 60},
	{"MeasurableChanged", "site", 40},
	{"AnnotationAdded", "annotation", 39},
	{"SegmentCreated", "segment", 30},
	{"PrivacyDntEnabled", "", 1},
}

// figureWords are what people write; those in front are more frequent.
var figureWords = func() []string {
	r := rand.New(rand.NewPCG(7, 7))
	list := []string{commonWord}
	for len(list) < 3000 {
		word := make([]byte, 4+r.IntN(6))
		for i := range word {
			word[i] = "bcdfghjklmnprstvw"[r.IntN(17)]
			if i%2 == 1 {
				word[i] = "aeiou"[r.IntN(5)]
			}
		}
		list = append(list, string(word))
	}
	return list
}()

// figureBodies returns a slice of rows, out of order within it, as imports are.
func figureBodies(total, slice int) []activity.Body {
	r := rand.New(rand.NewPCG(1, uint64(slice)))
	from := slice * figureSlice
	list := make([]activity.Body, min(figureSlice, total-from))
	for i := range list {
		list[i] = figureBody(r, total, from+i)
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func figureBody(r *rand.Rand, total, n int) activity.Body {
	step := int64(figureSpan/time.Millisecond) / int64(total)
	every := max(total/figureOwn, 1)
	own := n%every == every/2 && n/every < figureOwn
	b := activity.Body{
		V: activity.BodyVersion, OccurredAt: figureStart.UnixMilli() + int64(n)*step + r.Int64N(max(step, 1)),
		Source: "import:figures/main", ExternalID: new("record-" + strconv.Itoa(n)),
		IP:        new(fmt.Sprintf("203.%d.113.%d", r.IntN(8), 1+int(250*skew(r)))),
		UserAgent: new("Mozilla/5.0 (X11; Linux x86_64)"),
		Site:      &activity.SiteRef{Kind: "website", Name: []string{"Shop", "Shop", "Shop", "Blog", "Blog", "Docs"}[r.IntN(6)]},
		Result:    activity.OK, Changes: []activity.Change{},
	}
	actor := "person" + strconv.Itoa(int(figureActors*skew(r)))
	b.Actor = activity.BodyActor{Kind: activity.KindUser, Source: b.Source, Name: &actor}
	if own {
		b.Source, b.ExternalID = "manual", nil
		b.Actor = activity.BodyActor{Kind: activity.KindUser, Source: self, Name: new("bo"), User: new("2")}
	}
	if chance := r.IntN(100); chance < 4 {
		b.Result = activity.Failed
	} else if chance < 5 {
		b.Result = activity.Denied
	}
	figureContent(r, &b, n, own && n/every == figureOwn/2)
	return b
}

// skew returns a number from 0 to 1 that is small more often than large.
func skew(r *rand.Rand) float64 { f := r.Float64(); return f * f * f }

// figureContent fills in what was done.
func figureContent(r *rand.Rand, b *activity.Body, n int, rare bool) {
	pick := r.IntN(1000)
	at := 0
	for ; pick >= figureTypes[at].weight; at++ {
		pick -= figureTypes[at].weight
	}
	word := func() string { return figureWords[1+int(float64(len(figureWords)-1)*skew(r))] }
	note := word() + " " + word() + " " + word() + " " + word()
	if r.IntN(2) == 0 {
		note += " " + commonWord
	}
	if rare || n%rareEvery == rareEvery/2 {
		note += " " + rareWord
	}
	b.Type = figureTypes[at].name
	b.Parameters = json.RawMessage(fmt.Sprintf(`{"number":%d,"note":%q,"pattern":"contains","requestId":"%016x"}`, n, note, r.Uint64()))
	kind := figureTypes[at].object
	if kind == "" {
		return
	}
	id := int(figureObjects * skew(r))
	b.Object = &activity.Object{Kind: kind, ID: strconv.Itoa(id), Name: "The " + figureWords[1+id%2999] + " " + kind}
	b.Changes = []activity.Change{
		{Field: "name", Old: json.RawMessage(strconv.Quote(word())), New: json.RawMessage(strconv.Quote(word()))},
		{Field: "limit", Old: json.RawMessage(strconv.Itoa(r.IntN(100))), New: json.RawMessage(strconv.Itoa(r.IntN(100)))},
	}
}
