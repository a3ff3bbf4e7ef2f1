package sqlite

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

func TestKnownExternalID(t *testing.T) {
	raw := func(s string) func(*activity.Body) { return func(b *activity.Body) { b.Raw = json.RawMessage(s) } }
	nothing := func(*activity.Body) {}
	for name, c := range map[string]struct {
		first, second func(*activity.Body)
		conflict, new bool
	}{
		"the same":            {first: nothing, second: nothing},
		"other parameters":    {nothing, func(b *activity.Body) { b.Parameters = json.RawMessage(`{"n":2}`) }, true, false},
		"spelled otherwise":   {nothing, func(b *activity.Body) { b.Parameters = append(json.RawMessage("  "), b.Parameters...) }, false, false},
		"other time":          {nothing, func(b *activity.Body) { b.OccurredAt++ }, true, false},
		"no time given":       {nothing, func(b *activity.Body) { b.OccurredAt, b.Undated = b.OccurredAt+5, true }, false, false},
		"other result":        {nothing, func(b *activity.Body) { b.Result = activity.Denied }, true, false},
		"other actor":         {nothing, func(b *activity.Body) { b.Actor.Name = new("else") }, true, false},
		"claims to be linked": {nothing, func(b *activity.Body) { b.Actor.User = new("5") }, false, false},
		"other site":          {nothing, func(b *activity.Body) { b.Site = &activity.SiteRef{Kind: "other", Name: "else"} }, true, false},
		"same raw":            {raw(`{"a":1}`), raw(`{"a": 1}`), false, false},
		"same raw, else read": {raw(`{"a":1}`), func(b *activity.Body) { raw(`{"a":1}`)(b); b.Type = "Else" }, false, false},
		"other raw":           {raw(`{"a":1}`), raw(`{"a":2}`), true, false},
		"one has raw":         {raw(`{"a":1}`), nothing, false, false},
		"one, and other type": {raw(`{"a":1}`), func(b *activity.Body) { b.Type = "Else" }, true, false},
		"masked":              {raw(`{"hide":"x"}`), raw(`{"hide":"y"}`), false, false},
		"other external id":   {nothing, func(b *activity.Body) { b.ExternalID = new("else") }, false, true},
		"no external id":      {nothing, func(b *activity.Body) { b.ExternalID = nil }, false, true},
		"other source":        {nothing, func(b *activity.Body) { b.Source = "import:else/main" }, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := testOptions(t.TempDir())
			o.Mask = func(b activity.Body) activity.Body {
				var v map[string]any
				if json.Unmarshal(b.Raw, &v) == nil && v["hide"] != nil {
					b.Raw = json.RawMessage(`{"hide":"***"}`)
				}
				return b
			}
			first, second := bodyAt(1, start), bodyAt(1, start)
			c.first(&first)
			c.second(&second)
			apart, within := openTest(t, o), openTest(t, testOptions(t.TempDir()))
			within.options.Mask = o.Mask
			got := appendAll(t, apart, []activity.Body{first})
			later, err := apart.Append(t.Context(), []activity.Body{second})
			if err != nil {
				t.Fatal(err)
			}
			// The same answers come if both are in one call.
			both, err := within.Append(t.Context(), []activity.Body{first, second})
			if err != nil {
				t.Fatal(err)
			}
			for way, r := range map[string]activity.Appended{"apart": later[0], "within": both[1]} {
				if r.Err != nil || r.Erased || r.Conflict != c.conflict || r.Receipt.Duplicate == c.new {
					t.Errorf("%s: %+v", way, r)
				}
			}
			if !c.new && later[0].Receipt.Leaf != got[0].Receipt.Leaf {
				t.Errorf("not the first receipt: %+v, %+v", later[0].Receipt, got[0].Receipt)
			}
			if n := checkLedger(t, apart); (n == 2) != c.new {
				t.Errorf("%d entries", n)
			}
			err = apart.Write(t.Context(), func(tx *Tx) error { _, err := tx.Record(t.Context(), second); return err })
			if (fault.CodeOf(err) == fault.Conflict) != c.conflict {
				t.Errorf("Record: %v", err)
			}
		})
	}
}

// An identity that was linked meanwhile is still the same content.
func TestLinkIsCompletedByTheWriter(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	ctx := t.Context()
	userOf := func(seq int) *string {
		var text *string
		err := db.read.QueryRowContext(ctx, "SELECT json_extract(CAST(body AS TEXT), '$.actor.user') FROM activity WHERE seq = ?", seq).Scan(&text)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	claims := bodyAt(0, start)
	claims.Actor.User = new("5")
	appendAll(t, db, []activity.Body{claims})
	if u := userOf(0); u != nil {
		t.Errorf("a draft linked its actor to user %s", *u)
	}
	err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Bun().ExecContext(ctx, "UPDATE actor SET user_id = 41 WHERE name = 'person0'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	later := bodyAt(7, start) // person0 again
	appendAll(t, db, []activity.Body{later})
	if u := userOf(1); u == nil || *u != "41" {
		t.Errorf("the linked actor's user is %v", u)
	}
	if got, err := db.Append(ctx, []activity.Body{claims}); err != nil || got[0].Conflict || !got[0].Receipt.Duplicate {
		t.Errorf("the same from before the link: %+v, %v", got, err)
	}
	if n := count(t, db, "SELECT count(*) FROM actor"); n != 1 {
		t.Errorf("%d actors", n)
	}
}

func TestOwnIdentities(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	own := func(n int, user *string, name *string) activity.Body {
		b := bodyAt(n, start)
		b.Source, b.Actor = "self", activity.BodyActor{Kind: "user", Source: "self", Name: name, User: user}
		return b
	}
	appendAll(t, db, []activity.Body{
		own(1, new("3"), new("ann")), own(2, new("3"), new("ann")), // one row
		own(3, new("4"), new("ann")),                 // another user of that name
		own(4, new("3"), new("anna")),                // renamed
		own(5, new("3"), nil), own(6, new("9"), nil), // without a name
		own(7, nil, new("program")), own(8, nil, new("program")), // nobody's
	})
	got := make([]int64, 8)
	for i := range got {
		got[i] = count(t, db, "SELECT actor FROM activity WHERE seq = ?", i)
	}
	want := []int64{1, 1, 2, 3, 3, 4, 5, 5}
	if !slices.Equal(got, want) {
		t.Errorf("actors %v, want %v", got, want)
	}
	if n := count(t, db, "SELECT count(*) FROM actor WHERE user_id = 3"); n != 2 {
		t.Errorf("user 3 has %d rows", n)
	}
}

func TestKeys(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	at := func(n int, ms int64) activity.Body {
		b := bodyAt(n, start)
		b.OccurredAt = ms
		return b
	}
	var list []activity.Body
	times := []int64{0, -1, earliest, latest - 1, start.UnixMilli(), start.UnixMilli(), start.UnixMilli() + 1}
	for i, ms := range times {
		list = append(list, at(i, ms))
	}
	appendAll(t, db, list)
	for i, ms := range times {
		b := at(100+i, ms)
		appendAll(t, db, []activity.Body{b})
	}
	for ms, n := range map[int64]int64{0: 2, -1: 2, earliest: 2, latest - 1: 2, start.UnixMilli(): 4, start.UnixMilli() + 1: 2} {
		if got := count(t, db, "SELECT count(*) FROM activity WHERE key >> 21 = ? AND key & 2097151 < 4", ms); got != n {
			t.Errorf("%d rows at %d, want %d", got, ms, n)
		}
	}
	if n := count(t, db, "SELECT count(*) FROM activity WHERE key >> 21 <> json_extract(CAST(body AS TEXT), '$.occurredAt')"); n != 0 {
		t.Errorf("%d keys are of another time than the body", n)
	}
	for ms, good := range map[int64]bool{earliest - 1: false, latest: false, earliest: true} {
		got, err := db.Append(t.Context(), []activity.Body{at(200, ms)})
		if err != nil || (got[0].Err == nil) != good {
			t.Errorf("%d: %+v, %v", ms, got, err)
		}
	}
	checkLedger(t, db)
}

// The last place of a millisecond is taken; the next activity of it is refused.
func TestFullMillisecond(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	appendAll(t, db, bodies(0, 1))
	ms := start.UnixMilli()
	other := otherProgram(t, db.options.Path)
	move := func(key int64) {
		t.Helper()
		for _, q := range []string{
			"DROP TRIGGER IF EXISTS activity_update",
			fmt.Sprintf("UPDATE activity SET key = %d WHERE seq = 0", key),
		} {
			if _, err := other.ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
	}
	move(ms<<keyBits | keyMask)
	b := bodyAt(1, start)
	got, err := db.Append(t.Context(), []activity.Body{b, bodyAt(2, start.Add(time.Millisecond))})
	if err != nil || fault.CodeOf(got[0].Err) != fault.Invalid || got[1].Err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	move(ms<<keyBits | keyMask - 1)
	appendAll(t, db, []activity.Body{b})
	if n := count(t, db, "SELECT key & 2097151 FROM activity WHERE seq = 2"); n != keyMask {
		t.Errorf("n is %d", n)
	}
}

// Whichever way the input is sorted and cut into slices, the same can be asked of it.
func TestOrderOfInput(t *testing.T) {
	const n = 300
	forward, backward, single := openTest(t, testOptions(t.TempDir())), openTest(t, testOptions(t.TempDir())), openTest(t, testOptions(t.TempDir()))
	list := bodies(0, n)
	appendAll(t, forward, list)
	slices.Reverse(list)
	for part := range slices.Chunk(list, 37) {
		appendAll(t, backward, part)
	}
	for _, b := range list {
		appendAll(t, single, []activity.Body{b})
	}
	for _, db := range []*DB{forward, backward, single} {
		idle(db)
	}
	for _, q := range []string{
		"SELECT json_group_array(json_extract(CAST(body AS TEXT), '$.externalId')) FROM (SELECT body FROM activity ORDER BY key)",
		"SELECT json_group_array(key >> 21) FROM (SELECT key FROM activity ORDER BY key)",
		`SELECT json_group_array(json_array(x, slot, n)) FROM (SELECT c.name AS x, slot, n FROM slot_actor s JOIN actor c ON c.id = s.actor ORDER BY 1, 2)`,
		`SELECT json_group_array(x) FROM (SELECT words.rowid >> 21 AS x FROM words WHERE words MATCH '"Goal 7" OR person3' ORDER BY words.rowid)`,
	} {
		var answers [3]string
		for i, db := range []*DB{forward, backward, single} {
			if err := db.read.QueryRowContext(t.Context(), q).Scan(&answers[i]); err != nil {
				t.Fatal(err)
			}
		}
		if answers[0] != answers[1] || answers[0] != answers[2] || len(answers[0]) < 20 {
			t.Errorf("%s:\n%s\n%s\n%s", q, answers[0], answers[1], answers[2])
		}
	}
	for _, db := range []*DB{forward, backward, single} {
		checkLedger(t, db)
	}
}

func TestReceiptsAreInTheCallersOrder(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	list := bodies(0, 50)
	slices.Reverse(list)
	for i, r := range appendAll(t, db, list) {
		if want := fmt.Sprint(50 - i); r.Receipt.ID != want {
			t.Fatalf("receipt %d is of activity %s, not %s", i, r.Receipt.ID, want)
		}
	}
}

func TestBatch(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	if _, err := db.AppendBatch(t.Context(), 12, bodies(0, 3)); err != nil {
		t.Fatal(err)
	}
	appendAll(t, db, bodies(3, 2))
	if n := count(t, db, "SELECT count(*) FROM activity WHERE batch = 12"); n != 3 {
		t.Errorf("%d rows of the batch", n)
	}
	if n := count(t, db, "SELECT count(*) FROM words WHERE words MATCH 'facets:b12'"); n != 3 {
		t.Errorf("%d words of the batch", n)
	}
	if n := count(t, db, "SELECT count(*) FROM words WHERE words MATCH 'facets:z NOT facets:b12'"); n != 2 {
		t.Errorf("%d words of none", n)
	}
}

// What is sent again is the same whatever became of its site meanwhile: it was made one
// of this log's, renamed, removed, made again.
func TestSentAgainAfterItsSiteChanged(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	run := func(query string) {
		t.Helper()
		err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Bun().ExecContext(t.Context(), query)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	names := []string{"Shop", "shop  one", "2", "https://shop.example/", "Else"}
	again := func(when string) {
		t.Helper()
		for n, name := range names {
			got, err := db.Append(t.Context(), []activity.Body{calling(n, name)})
			if err != nil || got[0].Conflict || !got[0].Receipt.Duplicate {
				t.Errorf("%s: %q: %+v, %v", when, name, got, err)
			}
		}
	}
	for n, name := range names {
		appendAll(t, db, []activity.Body{calling(n, name)})
	}
	again("foreign")
	run("INSERT INTO measurable (id, kind, name, zone, created_at) VALUES (2, 'website', 'Shop', 'UTC', 0)")
	run("INSERT INTO address VALUES (2, 0, 'https://shop.example', 'shop.example')")
	again("made a site")
	appendAll(t, db, []activity.Body{calling(10, "Shop"), calling(11, "2"), calling(12, "http://SHOP.example")})
	run("UPDATE measurable SET name = 'Mall' WHERE id = 2")
	for n, name := range []string{"Shop", "2", "Mall"} { // the last is what that site is called now
		got, err := db.Append(t.Context(), []activity.Body{calling(10+n, name)})
		if err != nil || got[0].Conflict || !got[0].Receipt.Duplicate {
			t.Errorf("renamed: %q: %+v, %v", name, got, err)
		}
	}
	run("DELETE FROM measurable WHERE id = 2")
	for n, name := range []string{"Shop", "2"} {
		got, err := db.Append(t.Context(), []activity.Body{calling(10+n, name)})
		if err != nil || got[0].Conflict || !got[0].Receipt.Duplicate {
			t.Errorf("removed: %q: %+v, %v", name, got, err)
		}
	}
	run("INSERT INTO measurable (id, kind, name, zone, created_at) VALUES (3, 'website', 'Shop', 'UTC', 0)")
	made, err := db.Append(t.Context(), []activity.Body{calling(10, "Shop"), calling(11, "Shop"), calling(10, "Kiosk")})
	if err != nil || made[0].Conflict || made[1].Conflict || !made[2].Conflict {
		t.Errorf("made again: %+v, %v", made, err)
	}
}
