package sqlite

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"activitylog/backend/activity"
)

// A modelRow is an activity as the naive model keeps it.
type modelRow struct {
	seq    int64
	at     int64
	body   activity.Body
	name   string // of the identity
	user   int64  // it is linked to, 0: nobody
	batch  int64
	tokens []string
}

// A model answers what the store answers, by looking at every row.
type model struct {
	rows   []modelRow // oldest first, and in the order they came within a millisecond
	logins map[string]int64
	sites  map[int64]string
}

func (m *model) sort() {
	slices.SortStableFunc(m.rows, func(a, b modelRow) int { return cmp.Compare(a.at, b.at) })
}

// matches returns what a selection matches, oldest first.
func (m *model) matches(sel activity.Selection) []modelRow {
	out := []modelRow{}
	for _, row := range m.rows {
		if (sel.Scope.All || row.user != 0 && row.user == sel.Scope.User) && m.holds(row, sel) {
			out = append(out, row)
		}
	}
	return out
}

func (m *model) holds(row modelRow, sel activity.Selection) bool {
	q := sel.Query
	if q.After != nil && row.at < *q.After || q.Before != nil && row.at >= *q.Before {
		return false
	}
	wanted := map[string]bool{}
	for _, f := range q.Filters {
		hit := m.filter(row, f, sel.Caller)
		if f.Negated && hit {
			return false
		}
		if !f.Negated {
			wanted[string(f.Field)] = wanted[string(f.Field)] || hit
		}
	}
	for _, hit := range wanted {
		if !hit {
			return false
		}
	}
	for _, w := range q.Words {
		if hasWord(row.tokens, w) == w.Negated {
			return false
		}
	}
	return true
}

// goesOn is the rule for values: equal, or followed by "/" or ":".
func goesOn(text, value string) bool {
	return text == value || strings.HasPrefix(text, value+"/") || strings.HasPrefix(text, value+":")
}

func (m *model) filter(row modelRow, f activity.Filter, caller int64) bool {
	b := row.body
	lower := strings.ToLower
	switch f.Field {
	case activity.ByActor:
		if f.Value == activity.Me {
			return caller != 0 && row.user == caller
		}
		name, ok := strings.CutPrefix(f.Value, b.Actor.Kind+":")
		login, known := m.logins[lower(f.Value)]
		return goesOn(row.name, f.Value) || ok && (row.name == name || name != "" && goesOn(row.name, name)) || known && row.user == login
	case activity.ByLogin:
		login, known := m.logins[lower(f.Value)]
		return known && row.user == login || row.user == 0 && row.name == f.Value
	case activity.ByType:
		return goesOn(lower(b.Type), lower(f.Value))
	case activity.ByCategory:
		return slices.Contains(f.Types, b.Type)
	case activity.BySource:
		return goesOn(lower(b.Source), lower(f.Value))
	case activity.BySite:
		if b.Site == nil {
			return false
		}
		var now string
		if b.Site.ID != nil {
			id, _ := strconv.ParseInt(*b.Site.ID, 10, 64)
			now = m.sites[id]
		}
		return goesOn(lower(b.Site.Name), lower(f.Value)) || b.Site.ID != nil && (*b.Site.ID == f.Value || lower(now) == lower(f.Value))
	case activity.ByObject:
		if b.Object == nil {
			return false
		}
		id, ok := strings.CutPrefix(f.Value, b.Object.Kind+":")
		return goesOn(b.Object.Kind, f.Value) || goesOn(b.Object.ID, f.Value) || goesOn(b.Object.Name, f.Value) || ok && id != "" && goesOn(b.Object.ID, id)
	case activity.ByResult:
		return b.Result == f.Value
	case activity.ByBatch:
		return strconv.FormatInt(row.batch, 10) == f.Value
	case activity.ByIP:
		return hasIP(b.IP, f.Value)
	}
	panic("unknown field " + f.Field)
}

func hasIP(ip *string, value string) bool {
	if ip == nil {
		return false
	}
	whole := func(text string) netip.Prefix {
		if p, err := netip.ParsePrefix(text); err == nil {
			return p
		}
		addr := netip.MustParseAddr(text).Unmap()
		return netip.PrefixFrom(addr, addr.BitLen())
	}
	have, want := whole(*ip), whole(value)
	return want.Contains(have.Addr()) && have.Bits() >= want.Bits()
}

// tokenize does what the words index does, for the letters in these tests.
func tokenize(text string) []string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(text)))
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

func hasWord(tokens []string, w activity.Word) bool {
	want := tokenize(w.Text)
	for i := 0; i+len(want) <= len(tokens); i++ {
		last := len(want) - 1
		if slices.Equal(tokens[i:i+last], want[:last]) &&
			(tokens[i+last] == want[last] || w.Prefix && strings.HasPrefix(tokens[i+last], want[last])) {
			return true
		}
	}
	return false
}

// A world is a log with its model. Users: 1 ann, 2 bob with few rows, 3 cyd with
// none. The imported name "ann" is nobody's; "annette" is linked to ann.
type world struct {
	db    *DB
	model *model
	rand  *rand.Rand
}

var worldActors = []struct {
	kind, source, name string
	user               int64
	weight             int
}{
	{"user", "self", "ann", 1, 20},
	{"user", "self", "bob", 2, 1},
	{"user", "import:git/x", "ann", 0, 20},
	{"user", "import:git/x", "annette", 1, 10},
	{"user", "import:git/y", "bob", 0, 20},
	{"os", "cli", "root", 0, 5},
	{"service", "import:cloudtrail/prod", "arn:aws:iam::1:role/x", 0, 20},
	{"service", "import:cloudtrail/prod", "arn:aws:iam::1:role", 0, 3},
	{"anonymous", "import:matomo/a", "", 0, 3},
	{"system", "self", "me", 0, 1},
}

var (
	worldTypes   = []string{"GoalAdded", "GoalChanged", "GoalDeleted", "UserLoggedIn", "Plug/Added", "Plug", "Plugged"}
	worldSites   = []*activity.SiteRef{nil, {ID: new("1"), Kind: "other", Name: "This log"}, {ID: new("1"), Kind: "other", Name: "Old name"}, {Kind: "other", Name: "My shop"}, {Kind: "other", Name: "shop:eu"}, {Kind: "other", Name: "SHOP"}}
	worldObjects = []*activity.Object{
		nil,
		{Kind: "goal", ID: "7", Name: "Sign-up"},
		{Kind: "goal", ID: "7", Name: "Signup"},
		{Kind: "goal", ID: "8", Name: "7"},
		{Kind: "AWS::S3::Bucket", ID: "my-bucket", Name: "my-bucket"},
		{Kind: "AWS", ID: "S3", Name: "x"},
		{Kind: "file", ID: "src/main.go", Name: "src/main.go"},
		{Kind: "file", ID: "src", Name: "goal:9"},
	}
	worldIPs = []*string{
		nil, nil, new("203.0.113.7"), new("203.0.113.8"), new("203.0.113.0/24"), new("203.0.0.0/16"),
		new("::ffff:203.0.113.7"), new("2001:db8::1"), new("2001:db8::/64"),
	}
	worldWords = []string{"alpha", "Beta", "gamma delta", "größe", "GROSSE", "a1", "z", "r0", "foo-bar", "foo bar", "12:30", "it's"}
)

func newWorld(t *testing.T, n int, seed uint64) *world {
	t.Helper()
	w := &world{
		db: openTest(t, testOptions(t.TempDir())), rand: rand.New(rand.NewPCG(seed, 2)),
		model: &model{logins: map[string]int64{"ann": 1, "bob": 2, "cyd": 3}, sites: map[int64]string{1: "This log"}},
	}
	err := w.db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Bun().NewRaw(`INSERT INTO user (login, login_key, email, name, password, super, disabled, version, created_at) VALUES
			('Ann', 'ann', '', 'Ann Smith', '', 0, 0, 1, 0), ('bob', 'bob', '', '', '', 0, 0, 1, 0), ('cyd', 'cyd', '', '', '', 0, 0, 1, 0)`).Exec(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 { // imports and single activities, newer and older mixed
		w.add(t, n/4, 0)
		w.add(t, 1, 0)
		if i == 1 {
			idle(w.db) // those so far are in the kept counts, what follows may not be
		}
	}
	w.add(t, n/4, 1+w.rand.Int64N(2))
	err = w.db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Bun().NewRaw("UPDATE actor SET user_id = 1 WHERE name = 'annette'").Exec(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// add appends random activities to the log and to the model.
func (w *world) add(t *testing.T, n int, batch int64) {
	t.Helper()
	list := make([]activity.Body, n)
	rows := make([]modelRow, n)
	for i := range list {
		list[i], rows[i] = w.body()
		rows[i].batch = batch
	}
	var got []activity.Appended
	var err error
	if batch == 0 {
		got, err = w.db.Append(t.Context(), list)
	} else {
		got, err = w.db.AppendBatch(t.Context(), batch, list)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		if r.Err != nil {
			t.Fatalf("append: %v", r.Err)
		}
		id, _ := strconv.ParseInt(r.Receipt.ID, 10, 64)
		rows[i].seq = id - 1
	}
	w.model.rows = append(w.model.rows, rows...)
	w.model.sort()
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (w *world) body() (activity.Body, modelRow) {
	r := w.rand
	turn := r.IntN(103)
	a := worldActors[0]
	for _, candidate := range worldActors {
		a = candidate
		if turn -= candidate.weight; turn < 0 {
			break
		}
	}
	// Ten days around the clock's start, often at the edge of a slot or in the same
	// millisecond, and some before 1970.
	at := start.UnixMilli() + r.Int64N(10*24*3600*1000) - 5*24*3600*1000
	switch r.IntN(6) {
	case 0:
		at = start.UnixMilli() + r.Int64N(4)*SlotMillis - r.Int64N(2)
	case 1:
		at = start.UnixMilli() + r.Int64N(3)
	case 2:
		if r.IntN(8) == 0 {
			at = -r.Int64N(1 << 30)
		}
	}
	b := activity.Body{
		V: activity.BodyVersion, OccurredAt: at, Type: pick(r, worldTypes), Source: a.source, Result: pick(r, []string{"ok", "ok", "ok", "failed", "denied"}),
		Actor: activity.BodyActor{Kind: a.kind, Source: a.source, Name: new(a.name)}, Site: pick(r, worldSites), Object: pick(r, worldObjects), IP: pick(r, worldIPs),
		Parameters: json.RawMessage(fmt.Sprintf(`{"a":%q,"b":%q}`, pick(r, worldWords), pick(r, worldWords))),
	}
	if a.source == "self" && a.user != 0 {
		b.Actor.User = new(strconv.FormatInt(a.user, 10))
		if a.user == 1 && r.IntN(10) == 0 && len(w.model.rows) > 0 { // found by the row the first import made
			b.Actor.Name = nil
		}
	}
	return b, modelRow{at: at, body: b, name: a.name, user: a.user, tokens: tokenize(activity.Words(b))}
}

// query returns a random query's text.
func (w *world) query() string {
	r := w.rand
	var terms []string
	seen := map[string]bool{}
	for range r.IntN(4) {
		term := w.term()
		if field, _, ok := strings.Cut(term, ":"); ok && (field == "after" || field == "before") {
			if seen[field] {
				continue
			}
			seen[field] = true
		} else if r.IntN(4) == 0 {
			term = "-" + term
		}
		terms = append(terms, term)
	}
	return strings.Join(terms, " ")
}

func (w *world) term() string {
	r := w.rand
	date := func() string {
		at := start.Add(time.Duration(r.Int64N(8*24*3600)-4*24*3600) * time.Second)
		return at.Format(pick(r, []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05.000", "2006-01-02T15"}))
	}
	switch r.IntN(12) {
	case 0, 1:
		return "actor:" + pick(r, []string{"me", "ann", "ANN", "bob", "cyd", "annette", "user:ann", "system:me", "arn:aws:iam::1:role", "service:arn:aws", "root", "anonymous:", "nobody", "os:root"})
	case 2:
		return "type:" + pick(r, []string{"GoalAdded", "goalchanged", "Plug", "plugged", "Goal", "UserLoggedIn"})
	case 3:
		return "category:" + pick(r, []string{"goals", "empty", "plug"})
	case 4:
		return "site:" + pick(r, []string{"1", `"This log"`, `"my shop"`, "shop", "shop:eu", "nowhere", `"Old name"`})
	case 5:
		return "object:" + pick(r, []string{"goal", "goal:7", "7", "Sign-up", "AWS", "AWS::S3::Bucket:my-bucket", "AWS::S3", "src", "file:src", "file", "none"})
	case 6:
		return "ip:" + pick(r, []string{"203.0.113.7", "203.0.113.0/24", "203.0.0.0/16", "0.0.0.0/0", "2001:db8::/32", "::/0", "10.0.0.1"})
	case 7:
		return "result:" + pick(r, []string{"ok", "failed", "denied"})
	case 8:
		return pick(r, []string{"source:import", "source:import:git", "source:self", "source:cli", "source:import:cloudtrail/prod", "batch:1", "batch:2", "batch:3"})
	case 9:
		return "after:" + date()
	case 10:
		return "before:" + date()
	}
	return pick(r, []string{"alpha", "beta", "gamma", `"gamma delta"`, "delta*", "g*", "f*", "1*", "größ*", "GR*", "x*", "q*", `"foo-b"*`, `"gamma d"*`, "grosse", "GRÖSSE", "a1", "a*", "z", "r0", "foo-bar", `"foo b"*`, "12:30", "it's", `"it"`, "ann", "bob", "203.0.113.7", "nothing", `"a1 or z"`, "7"})
}

func worldCategories(name string) ([]string, bool) {
	types, ok := map[string][]string{"goals": {"GoalAdded", "GoalChanged", "GoalDeleted"}, "empty": {}, "plug": {"Plug", "Absent"}}[name]
	return types, ok
}
