package httpapi_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// In every activity of the one below stands a word that no request holds, so that an
// answer that has it tells of that activity.
const (
	ownWord     = "ownword"
	foreignWord = "foreignword"
)

// An asker makes requests that mean harm, or nothing at all.
type asker struct{ *rand.Rand }

func (a asker) pick(list ...string) string { return list[a.IntN(len(list))] }

// parameters are those of one random call.
func (a asker) parameters() url.Values {
	p := url.Values{"method": {"ActivityLog.getEntries"}}
	if a.IntN(2) == 0 {
		p.Set("method", a.pick("ActivityLog.getEntryCount", "ActivityLog.getEntryCount", "ActivityLog.getAllActivityTypes",
			"UsersManager.getUsersLogin", "UsersManager.getUser", "SitesManager.getSitesWithAtLeastViewAccess", "API.getSettings", "ActivityLog.none", ""))
	}
	for name, values := range map[string][]string{
		"limit": {"-1", "5", "0", "100000", "abc"}, "offset": {"0", "1", "3", "-1", "99999999999"}, "filter_limit": {"-1", "1", "1000", "-3"}, "filter_offset": {"1", "-1", "-50"},
		"filterByUserLogin":    {"ann", "ben", "BEN", "cat", "me", "*", "", "ben' OR '1'='1", "user:ann", "ann/", "%", "root", "anonymous"},
		"filterByActivityType": {"GoalAdded", "Goals/GoalAdded", "Others", "X' OR 1=1 --", ""},
		"period":               {"day", "range", "year", "month", "x"}, "date": {"2025-11-20", "2025-01-01,2025-12-31", "last30", "yesterday", "y"},
		"hideColumns": {"id", "user_login,parameters"}, "showColumns": {"parameters", "description,object,changes", "user_login"},
		"filter_pattern": {".", "o", "word$"}, "filter_column[]": {"parameters", "description", "user_login", "object"},
		"userLogin": {"ann", "ben", "cat", "me"}, "language": {"de", "en", "xx"}, "idSite": {"1", "all"}, "segment": {"userId==1"}, "scope": {"all"},
		"super": {"1"}, "access": {"superuser"}, "force_api_session": {"1"}, "serialize": {"1"}, "convertToUnicode": {"0"},
	} {
		if a.IntN(8) == 0 {
			p[name] = []string{a.pick(values...)}
		}
	}
	if a.IntN(10) > 0 {
		p.Set("format", a.pick("json", "xml", "csv", "tsv", "html", "original", "console", "rss", "JSON", "none"))
	}
	return p
}

// request is a random request, bulk requests within limits too.
func (a asker) request() url.Values {
	p := a.parameters()
	if a.IntN(3) > 0 {
		return p
	}
	outer := a.parameters()
	outer.Set("method", "API.getBulkRequest")
	for i := range 1 + a.IntN(4) {
		child := a.parameters()
		if a.IntN(6) == 0 {
			child.Set("token_auth", a.pick("anonymous", "nonsense", ""))
		}
		if a.IntN(8) == 0 {
			child.Set("method", "API.getBulkRequest")
			child.Set("urls[]", a.parameters().Encode())
		}
		text := a.pick("", "?") + child.Encode()
		if a.IntN(4) == 0 {
			text = url.QueryEscape(text)
		}
		outer.Set(fmt.Sprintf("urls[%d]", i), text)
	}
	return outer
}

// send sends parameters with a credential, one way or another, and returns the body
// without what UTF-16 adds.
func (s *reported) ask(t *testing.T, a asker, p url.Values, who string) string {
	t.Helper()
	secret := s.secrets[who]
	byGet := strings.HasSuffix(who, "_BY_GET")
	p.Del("token_auth")
	switch way := a.IntN(3); {
	case byGet || way == 0 && a.IntN(4) == 0:
		p.Set("token_auth", secret)
		_, body := s.raw(t, http.MethodGet, a.pick("/", "/index.php"), p.Encode(), "")
		return strings.ReplaceAll(body, "\x00", "")
	case way == 1:
		p.Set("token_auth", secret)
		_, body := s.raw(t, http.MethodPost, "/", "", p.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		return strings.ReplaceAll(body, "\x00", "")
	}
	_, body := s.raw(t, http.MethodGet, "/index.php", p.Encode(), "", "Authorization", "Bearer "+secret)
	return strings.ReplaceAll(body, "\x00", "")
}

// No request with another's token, or none, gets what somebody else did. The same
// requests with a super user's token are the control.
func TestReportingKeepsTheScope(t *testing.T) {
	s := report(t)
	word := func(i int, word string) string {
		return fmt.Sprintf(`{"type":"GoalAdded","occurredAt":"2025-11-2%dT10:00:00Z","parameters":{"goal":{"id":"%d","name":"%s"},"note":"%s"},
			"changes":[{"field":"name","old":"%s","new":1}],"site":"%s"}`, i%9, i, word, word, word, word)
	}
	owner := access.With(t.Context(), access.Principal{Owner: true, Role: access.Super, Login: "root", Door: access.CLI})
	own := 0
	for i := range 12 {
		s.must(s.secrets["SESSION_OF_ANN"], "record", word(i, foreignWord), &struct{}{})
		foreign := draft(t, word(i, foreignWord))
		foreign.Actor = &activity.DraftActor{Kind: activity.KindUser, Name: []string{"ben", "cat", "ann"}[i%3]} // not the user ben
		if _, err := s.app.Log.Record(owner, foreign); err != nil {
			t.Fatal(err)
		}
		s.must(s.secrets["SESSION_OF_BEN"], "record", word(i, ownWord), &struct{}{})
	}
	var count struct{ N int }
	s.must(s.secrets["SESSION_OF_BEN"], "count", `{"query":"","exact":true}`, &count)
	own = count.N

	rounds, seen, control := 1500, 0, 0
	if testing.Short() {
		rounds = 300
	}
	a := asker{rand.New(rand.NewPCG(7, 11))}
	for range rounds {
		p := a.request()
		who := a.pick("OWN", "OWN", "OWN_BY_GET", "SESSION_OF_BEN", "INGEST", "NOBODY")
		body := s.ask(t, a, p, who)
		if strings.Contains(body, foreignWord) {
			t.Fatalf("%s was shown somebody else's activity by %s\n%s", who, p.Encode(), body)
		}
		if strings.Contains(body, ownWord) {
			seen++
			if who == "INGEST" || who == "NOBODY" {
				t.Fatalf("%s was shown activity by %s\n%s", who, p.Encode(), body)
			}
		}
		if n := largest(body); p.Get("method") != "ActivityLog.getEntries" && n > own {
			t.Fatalf("%s counts %d, there are %d: %s\n%s", who, n, own, p.Encode(), body)
		}
		if strings.Contains(s.ask(t, a, p, "ALL"), foreignWord) {
			control++
		}
	}
	t.Logf("of %d requests %d were shown their own activity, %d a super user's token everybody's", rounds, seen, control)
	if seen < rounds/20 || control < rounds/20 {
		t.Error("too few to tell anything")
	}
}

// largest is the largest count in an answer of JSON: {"value":n}, also in a list.
func largest(body string) (most int) {
	type counted struct{ Value json.RawMessage }
	var list []json.RawMessage
	if json.Unmarshal([]byte(body), &list) != nil {
		list = []json.RawMessage{json.RawMessage(body)}
	}
	for _, item := range list {
		var one counted
		var n int
		if json.Unmarshal(item, &one) == nil && json.Unmarshal(one.Value, &n) == nil {
			most = max(most, n)
		}
	}
	return most
}
