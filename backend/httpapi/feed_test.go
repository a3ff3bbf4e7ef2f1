package httpapi_test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// A subscribedFeed is a feed as a reader understands it, whichever form it has.
type subscribedFeed struct {
	id, title, self, language string
	entries                   []subscribedEntry
}

type subscribedEntry struct {
	id, link, title, author, text string
	published, updated            time.Time
}

// readAtom reads a feed and holds it against what RFC 4287, 4.1 asks for.
func readAtom(t *testing.T, body string) subscribedFeed {
	t.Helper()
	type link struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	}
	var in struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
		ID      []string `xml:"id"`
		Title   []string `xml:"title"`
		Updated []string `xml:"updated"`
		Links   []link   `xml:"link"`
		Entries []struct {
			ID        []string `xml:"id"`
			Title     []string `xml:"title"`
			Updated   []string `xml:"updated"`
			Published []string `xml:"published"`
			Authors   []string `xml:"author>name"`
			Links     []link   `xml:"link"`
			Content   []struct {
				Type string `xml:"type,attr"`
				Text string `xml:",chardata"`
				Rest []byte `xml:",innerxml"`
			} `xml:"content"`
		} `xml:"entry"`
	}
	dec := xml.NewDecoder(strings.NewReader(body))
	dec.Strict = true
	if err := dec.Decode(&in); err != nil {
		t.Fatalf("no XML: %v\n%s", err, body)
	}
	if _, err := dec.Token(); err != io.EOF {
		if _, err = dec.Token(); err != io.EOF {
			t.Errorf("something stands after the feed: %v", err)
		}
	}
	one := func(what string, list []string) string {
		t.Helper()
		if len(list) != 1 || list[0] == "" {
			t.Fatalf("there must be one %s: %q", what, list)
		}
		return list[0]
	}
	to := func(rel string, links []link) string {
		for _, l := range links {
			if l.Rel == rel {
				return absolute(t, l.Href)
			}
		}
		t.Fatalf("no link %s", rel)
		return ""
	}
	out := subscribedFeed{id: absolute(t, one("id", in.ID)), title: one("title", in.Title), self: to("self", in.Links), language: in.Lang}
	when(t, one("updated", in.Updated))
	for _, e := range in.Entries {
		if len(e.Content) != 1 || e.Content[0].Type != "text" || strings.Contains(string(e.Content[0].Rest), "<") {
			t.Fatalf("the content must be text: %+v", e.Content)
		}
		out.entries = append(out.entries, subscribedEntry{
			id: absolute(t, one("id", e.ID)), link: to("alternate", e.Links), title: one("title", e.Title), author: one("author", e.Authors),
			text: e.Content[0].Text, published: when(t, one("published", e.Published)), updated: when(t, one("updated", e.Updated)),
		})
	}
	return out
}

// readJSON reads a feed and holds it against what JSON Feed 1.1 asks for.
func readJSON(t *testing.T, body string) subscribedFeed {
	t.Helper()
	var in struct {
		Version, Title, Language string
		FeedURL                  string `json:"feed_url"`
		HomePage                 string `json:"home_page_url"`
		Items                    []struct {
			ID, URL, Title string
			Text           string                  `json:"content_text"`
			Published      string                  `json:"date_published"`
			Modified       string                  `json:"date_modified"`
			Authors        []struct{ Name string } `json:"authors"`
			Tags           []string
		}
	}
	dec := json.NewDecoder(strings.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil || in.Version != "https://jsonfeed.org/version/1.1" || in.Items == nil {
		t.Fatalf("no JSON Feed: %v\n%s", err, body)
	}
	absolute(t, in.HomePage)
	out := subscribedFeed{title: in.Title, self: absolute(t, in.FeedURL), language: in.Language}
	for _, e := range in.Items {
		if len(e.Authors) != 1 || len(e.Tags) != 1 {
			t.Fatalf("%+v", e)
		}
		out.entries = append(out.entries, subscribedEntry{
			id: absolute(t, e.ID), link: absolute(t, e.URL), title: e.Title, author: e.Authors[0].Name, text: e.Text,
			published: when(t, e.Published), updated: when(t, e.Modified),
		})
	}
	return out
}

func absolute(t *testing.T, text string) string {
	t.Helper()
	if u, err := url.Parse(text); err != nil || !u.IsAbs() {
		t.Errorf("%q is no address: %v", text, err)
	}
	return text
}

func when(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Errorf("no time of RFC 3339: %v", err)
	}
	return at
}

// feed asks for a feed by a token in its header.
func (s *reported) feed(t *testing.T, path, who string, headers ...string) (*http.Response, string) {
	t.Helper()
	if secret := s.secrets[who]; secret != "" {
		headers = append(headers, "Authorization", "Bearer "+secret)
	}
	response, body := s.request(t, http.MethodGet, path, headers...)
	return response, body
}

func (s *reported) request(t *testing.T, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

var feedReaders = map[string]func(*testing.T, string) subscribedFeed{"/feed.atom": readAtom, "/feed.json": readJSON}

func TestFeed_SaysWhatTheQueryFinds(t *testing.T) {
	s := report(t)
	s.must(s.secrets["SESSION_OF_BEN"], "prefer", `{"language":"de","zone":"Asia/Kathmandu"}`, &struct{}{})
	for path, read := range feedReaders {
		_, body := s.feed(t, path+"?q=type:GoalDeleted", "ALL")
		got := read(t, body)
		if len(got.entries) != 1 || got.title != "Activity Log: type:GoalDeleted" || got.language != "en" || got.self != "http://"+s.addr+path+"?q=type%3AGoalDeleted" {
			t.Fatalf("%s: %+v", path, got)
		}
		e := got.entries[0]
		if e.author != "cat" || !strings.Contains(e.title, `<b>&"Sign up"</b>`) || !strings.HasPrefix(e.text, e.title) ||
			!e.published.Equal(time.Date(2025, 11, 21, 10, 0, 0, 0, time.UTC)) || !strings.HasPrefix(e.link, "http://"+s.addr+"/#/timeline?sel=") {
			t.Errorf("%s: %+v", path, e)
		}
		_, body = s.feed(t, path+"?q=type:BackupDone", "OWN")
		got = read(t, body)
		if len(got.entries) != 1 || got.language != "de" || got.entries[0].text != got.entries[0].title+"\nsize: 1 → –" {
			t.Errorf("%s: %+v", path, got)
		}
		if !strings.Contains(body, "2025-12-02T04:15:00.000+05:45") {
			t.Errorf("%s: not in its maker's zone: %s", path, body)
		}
		if _, body = s.feed(t, path+"?q=nothing-at-all", "ALL"); len(read(t, body).entries) != 0 {
			t.Errorf("%s: %s", path, body)
		}
		for limit, n := range map[string]int{"": 50, "&limit=1": 1, "&limit=200": 120} {
			if _, body = s.feed(t, path+"?q=type:PageViewed"+limit, "ALL"); len(read(t, body).entries) != n {
				t.Errorf("%s%s: %d entries", path, limit, len(read(t, body).entries))
			}
		}
	}
}

// An entry keeps its id, in both forms and in every feed it stands in.
func TestFeed_IdsStay(t *testing.T) {
	s := report(t)
	ids := map[string]bool{}
	feeds := map[string]bool{}
	for _, path := range []string{"/feed.atom?q=type:GoalAdded", "/feed.json?q=type:GoalAdded", "/feed.atom?q=site:Shop*%20type:GoalAdded"} {
		for _, who := range []string{"ALL", "OWN", "OWN"} {
			_, body := s.feed(t, path, who)
			read := feedReaders[path[:len("/feed.atom")]]
			got := read(t, body)
			for _, e := range got.entries {
				ids[e.id] = true
			}
			if got.id != "" {
				feeds[got.id] = true
			}
		}
	}
	if len(ids) != 1 || len(feeds) != 4 {
		t.Errorf("one activity has the ids %v, four feeds %v", ids, feeds)
	}
}

func TestFeed_IsCheapWhileNothingChanges(t *testing.T) {
	s := report(t)
	for path := range feedReaders {
		path += "?q=user:ben%20last:30d"
		first, body := s.feed(t, path, "OWN")
		tag := first.Header.Get("ETag")
		if first.StatusCode != http.StatusOK || tag == "" || body == "" {
			t.Fatalf("%s: %d %q", path, first.StatusCode, tag)
		}
		for name, known := range map[string]string{"as it is": tag, "weak": "W/" + tag, "of several": `"x", ` + tag, "any": "*"} {
			if again, body := s.feed(t, path, "OWN", "If-None-Match", known); again.StatusCode != http.StatusNotModified || body != "" {
				t.Errorf("%s, %s: %d %q", path, name, again.StatusCode, body)
			}
		}
		if other, _ := s.feed(t, path, "OWN", "If-None-Match", `"x"`); other.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, other.StatusCode)
		}
		s.must(s.secrets["SESSION_OF_BEN"], "record", `{"type":"BackupDone"}`, &struct{}{})
		if after, _ := s.feed(t, path, "OWN", "If-None-Match", tag); after.StatusCode != http.StatusOK || after.Header.Get("ETag") == tag {
			t.Errorf("%s, after something happened: %d", path, after.StatusCode)
		}
		// Who may not read any more does not hear that nothing has changed either.
		if refused, body := s.feed(t, path, "NOBODY", "If-None-Match", "*"); refused.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", path, refused.StatusCode, body)
		}
		if head, body := s.request(t, http.MethodHead, path, "Authorization", "Bearer "+s.secrets["OWN"]); head.StatusCode != http.StatusOK || body != "" || head.Header.Get("ETag") == "" {
			t.Errorf("HEAD: %d %q", head.StatusCode, body)
		}
	}
}

func TestFeed_WhoMayRead(t *testing.T) {
	s := report(t)
	for path := range feedReaders {
		in := func(name string) string { return path + "?token=" + url.QueryEscape(s.secrets[name]) }
		for name, test := range map[string]struct {
			address string
			headers []string
			status  int
			code    string
		}{
			"in the address, allowed":      {in("OWN_BY_GET"), nil, 200, ""},
			"in the address, not allowed":  {in("OWN"), nil, 401, "unauthenticated"},
			"a session's in the address":   {in("SESSION_OF_ANN"), nil, 401, "unauthenticated"},
			"an empty one":                 {path + "?token=", nil, 401, "unauthenticated"},
			"a wrong one":                  {path + "?token=al_x", nil, 401, "unauthenticated"},
			"none":                         {path, nil, 401, "unauthenticated"},
			"a session's":                  {path, []string{"Authorization", "Bearer " + s.secrets["SESSION_OF_ANN"]}, 200, ""},
			"one that only records":        {path, []string{"Authorization", "Bearer " + s.secrets["INGEST"]}, 403, "denied"},
			"records, in the address":      {in("INGEST"), nil, 403, "denied"},
			"both":                         {in("OWN_BY_GET"), []string{"Authorization", "Bearer " + s.secrets["OWN"]}, 400, "invalid"},
			"two":                          {in("OWN_BY_GET") + "&token=x", nil, 400, "invalid"},
			"another scheme":               {path, []string{"Authorization", "Basic eA=="}, 401, "unauthenticated"},
			"another site's page":          {in("OWN_BY_GET"), []string{"Sec-Fetch-Site", "cross-site"}, 403, "denied"},
			"another site's frame":         {in("OWN_BY_GET"), []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Mode", "navigate"}, 403, "denied"},
			"a query that is none":         {in("OWN_BY_GET") + "&q=type:%22", nil, 400, "invalid"},
			"a limit that is none":         {in("OWN_BY_GET") + "&limit=0", nil, 400, "invalid"},
			"a limit too high":             {in("OWN_BY_GET") + "&limit=201", nil, 400, "invalid"},
			"a name that means nothing":    {in("OWN_BY_GET") + "&zone=UTC", nil, 400, "invalid"},
			"an escape that is none":       {in("OWN_BY_GET") + "&q=%zz", nil, 400, "invalid"},
			"a query that is far too long": {in("OWN_BY_GET") + "&q=" + strings.Repeat("a", 2001), nil, 400, "invalid"},
		} {
			response, body := s.request(t, http.MethodGet, test.address, test.headers...)
			if response.StatusCode != test.status || test.code != "" && string(code(t, body)) != test.code {
				t.Errorf("%s, %s: %d %s", path, name, response.StatusCode, body)
			}
			if secret := s.secrets["OWN_BY_GET"]; strings.Contains(body, secret) {
				t.Errorf("%s, %s: the answer holds the token", path, name)
			}
		}
		if response, _ := s.request(t, http.MethodPost, path); response.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("POST: %d", response.StatusCode)
		}
	}
}

// What an activity says is text in both forms, whatever it looks like.
func TestFeed_NothingInItIsMarkup(t *testing.T) {
	s := report(t)
	for _, word := range []string{
		`</title><script>alert(1)</script>`, `]]></content><x/>`, `&lt;b&gt; &amp; &#x41;`, "a\u0000b\u0001c\u001bd\uFFFEe", "line\nline\ttab\r\n", `"'\ <!-- -->`, "\u202Egnp.exe",
	} {
		quoted, _ := json.Marshal(word)
		owner := access.With(t.Context(), access.Principal{Owner: true, Role: access.Super, Login: "root", Door: access.CLI})
		one := draft(t, `{"type":"GoalAdded","parameters":{"goal":{"id":"1","name":`+string(quoted)+`}},
			"changes":[{"field":"name","old":null,"new":`+string(quoted)+`}]}`)
		one.Actor = &activity.DraftActor{Kind: activity.KindUser, Name: "mallory"}
		if _, err := s.app.Log.Record(owner, one); err != nil {
			t.Fatal(err)
		}
		for path, read := range feedReaders {
			_, body := s.feed(t, path+"?q=actor:mallory&limit=1", "ALL")
			got := read(t, body)
			want := word
			if path == "/feed.atom" { // what XML cannot hold
				want = strings.Map(func(r rune) rune {
					if r < ' ' && !slices.Contains([]rune("\n\t\r"), r) || r == 0xFFFE {
						return 0xFFFD
					}
					return r
				}, word)
			}
			if len(got.entries) != 1 || !strings.Contains(got.entries[0].text, want) {
				t.Errorf("%s: %q became %q", path, word, got.entries[0].text)
			}
		}
	}
}

// No feed shows what somebody else did, whatever it asks for. The same feeds for a super
// user's token are the control.
func TestFeed_KeepsTheScope(t *testing.T) {
	s := report(t)
	for _, who := range []string{"BEN", "ANN"} {
		word := map[string]string{"BEN": ownWord, "ANN": foreignWord}[who]
		for range 5 {
			s.must(s.secrets["SESSION_OF_"+who], "record", `{"type":"GoalAdded","parameters":{"goal":{"id":"1","name":"`+word+`"}},
				"changes":[{"field":"`+word+`","old":"`+word+`","new":"shared"}],"site":"`+word+`"}`, &struct{}{})
		}
	}
	terms := []string{
		"", "user:me", "user:ann", "-user:me", "actor:ann", "type:GoalAdded", "shared", "foreign*", "-site:shop", "object:goal",
		"result:ok", "source:manual", "last:7d", "category:goals", "own*", "me", "-shared",
	}
	seen, control := 0, 0
	for _, first := range terms {
		for i, second := range terms {
			path := []string{"/feed.atom", "/feed.json"}[i%2] + "?limit=200&q=" + url.QueryEscape(first+" "+second)
			who := []string{"OWN", "SESSION_OF_BEN", "INGEST", "NOBODY"}[(i/2)%4]
			_, body := s.feed(t, path, who)
			if strings.Contains(body, foreignWord) {
				t.Fatalf("%s was shown somebody else's activity by %s\n%s", who, path, body)
			}
			if strings.Contains(body, ownWord) {
				seen++
			}
			if _, body = s.feed(t, path, "ALL"); strings.Contains(body, foreignWord) {
				control++
			}
		}
	}
	if seen < 20 || control < 20 {
		t.Errorf("%d feeds showed something of one's own, %d of somebody else's to a super user: too few to tell anything", seen, control)
	}
}
