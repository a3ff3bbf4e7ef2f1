package system_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// foreign is in every activity that ben must not see: imported, or recorded by ann.
const foreign = "foreignword"

// Two people over HTTP: each sees only what they did, by whichever operation. A user
// made with the login of an imported actor sees nothing of it until a super user says
// that it is the same person.
func TestEachSeesOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	s := newLog(t).serve()
	ann := s.signIn(super)
	imported := s.importNow(ann, drafts(6, func(i int) map[string]any {
		actor := []string{"ben", "cat"}[i%2]
		return map[string]any{
			"type": "Imported" + actor, "actor": actor, "occurredAt": fmt.Sprintf("2026-11-2%dT09:15:00Z", i), "externalId": fmt.Sprint(i),
			"object": map[string]string{"kind": "goal", "id": fmt.Sprint(i), "name": foreign + actor}, "parameters": map[string]string{"note": foreign},
		}
	}))
	if imported != 6 {
		t.Fatalf("%d imported", imported)
	}
	s.ask(ann, "record", text(map[string]any{"type": "GoalAdded", "object": map[string]string{"kind": "goal", "id": "9", "name": foreign + "ann"}}), &nothing{})
	var made struct{ ID string }
	s.ask(ann, "createUser", text(map[string]string{"login": "ben", "email": "ben@example.org", "password": password, "level": "write"}), &made)
	ben := s.signIn("ben")
	s.ask(ben, "record", `{"type":"GoalAdded","object":{"kind":"goal","id":"1","name":"ownword"}}`, &nothing{})

	before := s.walk(ben)
	for _, leak := range []string{foreign, "Importedben", "Importedcat", `"cat"`, `"ann"`, `"ann@example.org"`} {
		if where := before.where(leak); len(where) > 0 {
			t.Errorf("ben is shown %s by %v", leak, where)
		}
	}
	if where := before.where("ownword"); len(where) < 5 {
		t.Errorf("ben's own activity is shown only by %v", where)
	}
	control := s.walk(ann)
	for _, word := range []string{foreign, "Importedben", "ownword"} {
		if where := control.where(word); len(where) < 5 {
			t.Errorf("not even ann is shown %s: only by %v", word, where)
		}
	}

	var actors struct {
		Actors []struct {
			Actor struct{ ID, Source, Name string }
			N     int
		}
	}
	s.ask(ann, "actors", `{"search":"ben","limit":50}`, &actors)
	linked := ""
	for _, a := range actors.Actors {
		if a.Actor.Source == "import:ndjson/main" && a.Actor.Name == "ben" && a.N == 3 {
			linked = a.Actor.ID
		}
	}
	s.ask(ann, "linkActor", text(map[string]string{"actor": linked, "user": made.ID}), &nothing{})
	after := s.walk(ben)
	if where := after.where("Importedben"); len(where) < 5 {
		t.Errorf("the linked activity is shown only by %v", where)
	}
	for _, leak := range []string{"Importedcat", foreign + "cat", foreign + "ann", `"cat"`} {
		if where := after.where(leak); len(where) > 0 {
			t.Errorf("after the link ben is shown %s by %v", leak, where)
		}
	}
	s.ask(ann, "linkActor", text(map[string]any{"actor": linked, "user": nil}), &nothing{})
	if where := s.walk(ben).where("Importedben"); len(where) > 0 {
		t.Errorf("after the link has ended ben is shown it by %v", where)
	}
	s.sound("linked and not")
}

// answers are what was answered, by what was asked.
type answers map[string]string

func (a answers) where(text string) (asked []string) {
	for question, answer := range a {
		if strings.Contains(answer, text) {
			asked = append(asked, question)
		}
	}
	return asked
}

// walk asks everything that reads activity, in every way that names others.
func (s *server) walk(token string) answers {
	s.t.Helper()
	got := answers{}
	ask := func(op, in string) { _, got[op+" "+in] = s.call(token, op, in) }
	// Answers repeat a wrong query, so none of these may hold a word that is looked for.
	for _, q := range []string{
		"", "user:other", "user:ann", "user:ben", "actor:user:cat", "-user:me", "-result:failed", "foreignwor*", "source:import",
		"source:import:ndjson/main", "object:goal", "last:3000d", "batch:1", "type:GoalAdded", "category:goals", "site:1", "result:ok",
	} {
		for _, order := range []string{"newest", "oldest"} {
			ask("list", text(map[string]any{"query": q, "order": order, "limit": 500}))
		}
		ask("count", text(map[string]any{"query": q, "exact": true}))
		ask("histogram", text(map[string]any{"query": q}))
		got["export "+q] = s.export(token, q, "ndjson")
	}
	got["export csv"] = s.export(token, "", "csv")
	for id := range 24 {
		ask("get", text(map[string]string{"id": fmt.Sprint(id)}))
	}
	for _, search := range []string{"", "a", "e", "be", "ca"} {
		ask("actors", text(map[string]any{"search": search, "limit": 500}))
	}
	for _, op := range []string{"types", "sites", "jobs", "settings", "status", "preferences", "users"} {
		ask(op, `{}`)
	}
	return got
}

// Counts and pages of the same question agree, and a foreign id answers as an absent
// one, to the letter.
func TestNumbersKeepTheScopeToo(t *testing.T) {
	t.Parallel()
	s := newLog(t).serve()
	ann := s.signIn(super)
	s.importNow(ann, drafts(40, func(i int) map[string]any {
		return map[string]any{"type": "GoalAdded", "actor": "ben", "externalId": fmt.Sprint(i)}
	}))
	s.ask(ann, "createUser", text(map[string]string{"login": "ben", "email": "ben@example.org", "password": password, "level": "write"}), &nothing{})
	ben := s.signIn("ben")
	for range 3 {
		s.ask(ben, "record", `{"type":"GoalAdded"}`, &nothing{})
	}
	for query, want := range map[string]int{"type:GoalAdded": 3, "user:ben type:GoalAdded": 3, "user:me": 4, "user:other": 0, "-user:me": 0, "source:import": 0, "batch:1": 0} {
		var count struct {
			N     int
			Exact bool
		}
		s.ask(ben, "count", text(map[string]string{"query": query}), &count)
		var bars struct{ Buckets []struct{ N int } }
		s.ask(ben, "histogram", text(map[string]string{"query": query}), &bars)
		sum := 0
		for _, b := range bars.Buckets {
			sum += b.N
		}
		var page struct{ Items []any }
		s.ask(ben, "list", text(map[string]string{"query": query}), &page)
		lines := strings.Count(s.export(ben, query, "ndjson"), "\n")
		if query == "user:me" { // each export is an activity of ben's
			if len(page.Items) != count.N || lines < count.N || lines > count.N+1 {
				t.Errorf("%s: count %d, page %d, export %d", query, count.N, len(page.Items), lines)
			}
			continue
		}
		if !count.Exact || count.N != want || len(page.Items) != want || lines != want || len(bars.Buckets) > 0 && sum != want {
			t.Errorf("%s: count %d, page %d, export %d, bars %d, want %d", query, count.N, len(page.Items), lines, sum, want)
		}
	}
	status, there := s.call(ben, "get", `{"id":"5"}`)
	_, absent := s.call(ben, "get", `{"id":"99995"}`)
	if status != http.StatusNotFound || strings.Replace(absent, "99995", "5", 1) != there {
		t.Errorf("a foreign id answers %s, an absent one %s", there, absent)
	}
}

// A disabled user is out with the next call, and other sites' pages never get in.
func TestRefusedCalls(t *testing.T) {
	t.Parallel()
	s := newLog(t).serve()
	ann := s.signIn(super)
	var made struct{ ID string }
	s.ask(ann, "createUser", text(map[string]string{"login": "ben", "email": "ben@example.org", "password": password, "level": "admin"}), &made)
	ben := s.signIn("ben")
	s.ask(ben, "count", `{}`, &nothing{})
	s.must("user", "change", "ben", "--disable") // by another process
	if status, body := s.call(ben, "count", `{}`); status != http.StatusUnauthorized {
		t.Errorf("disabled: %d %s", status, body)
	}
	if status, body := s.call("", "signIn", text(map[string]string{"login": "ben", "password": password})); status != http.StatusUnauthorized {
		t.Errorf("disabled, signing in: %d %s", status, body)
	}
	const in = `{"type":"` + marker + `"}`
	own := "http://" + s.addr
	for _, c := range []struct {
		name    string
		status  int
		headers []string
	}{
		{"foreign origin", http.StatusForbidden, []string{"Origin", "https://evil.example"}},
		{"no origin of a page", http.StatusForbidden, []string{"Origin", "null"}},
		{"the same host, other port", http.StatusForbidden, []string{"Origin", "http://127.0.0.1:1"}},
		{"cross-site", http.StatusForbidden, []string{"Sec-Fetch-Site", "cross-site"}},
		{"same-site", http.StatusForbidden, []string{"Sec-Fetch-Site", "same-site"}},
		{"cross-site with our origin", http.StatusForbidden, []string{"Origin", own, "Sec-Fetch-Site", "cross-site"}},
		{"another host", http.StatusMisdirectedRequest, []string{"Host", "evil.example"}},
		{"another host on our port", http.StatusMisdirectedRequest, []string{"Host", "evil.example:" + s.addr[strings.LastIndex(s.addr, ":")+1:]}},
		{"a form", http.StatusUnsupportedMediaType, []string{"Content-Type", "text/plain"}},
		{"control: our own page", http.StatusOK, []string{"Origin", own, "Sec-Fetch-Site", "same-origin"}},
	} {
		status, body := s.send(http.MethodPost, "/api/v1/record", ann, in, append([]string{"Content-Type", "application/json"}, c.headers...)...)
		if status != c.status {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
	if n := s.count("type:" + marker); n != 1 {
		t.Errorf("%d are recorded, want the control only", n)
	}
}
