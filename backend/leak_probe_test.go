package backend_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"activitylog/backend/access"
)

// A probe is a random request, to be sent with any credential.
type probe struct {
	door           string // what the figures are kept by
	method, target string
	query          url.Values
	form           url.Values // a body of a form; nil: body is it
	body           string
	headers        []string
	at             string // where the credential stands: "" the header, query or form
	name           string // and under which name
	// also are credentials that children of a bulk request have, beside their one.
	also []*credential
	// number is one that the answer says, and whether it is how many the caller may see;
	// it says -1 where there is none.
	number func(a answer) (n int, exact bool)
	// judge looks at more than words and numbers.
	judge func(a answer, s []sight)
	// sight is the caller's where that is not what it may read.
	sight func(c *credential) sight
	// person is set where only persons get anything.
	person bool
}

// exposed reports whether the credential stands in the address.
func (p *probe) exposed() bool { return p.at == "query" }

// sights are those of whoever the request may be answered for.
func (p *probe) sights(w *world, c *credential) []sight {
	if p.sight != nil {
		return []sight{p.sight(c)}
	}
	all := []sight{w.sees(c, p.exposed())}
	for _, other := range p.also {
		all = append(all, w.sees(other, p.query.Has("urls[0]")))
	}
	return all
}

// send sends the probe with a credential.
func (p *probe) send(w *world, c *credential) answer {
	w.Helper()
	query, form, headers := url.Values{}, url.Values{}, p.headers
	for name, values := range p.query {
		query[name] = values
	}
	for name, values := range p.form {
		form[name] = values
	}
	switch {
	case c.secret == "":
	case p.at == "query":
		query.Set(p.name, c.secret)
	case p.at == "form":
		form.Set(p.name, c.secret)
	default:
		headers = append([]string{"Authorization", "Bearer " + c.secret}, headers...)
	}
	target, body := p.target, p.body
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	if p.form != nil {
		body = form.Encode()
		headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
	}
	return w.sendAs(p.method, target, body, c, headers...)
}

func (w *world) pick(list ...string) string { return list[w.rand.IntN(len(list))] }

// one is true once in n times.
func (w *world) one(n int) bool { return w.rand.IntN(n) == 0 }

// anybody is a random caller; any but root's ways to everything.
func (w *world) anybody() *credential {
	for {
		c := w.credentials[w.rand.IntN(len(w.credentials))]
		if c != w.all && c != w.byGet && c != w.root.session {
			return c
		}
	}
}

// caller is anybody, though mostly one who may see something, but not everything, by a
// credential where it is going to stand.
func (w *world) caller(exposed bool) *credential {
	return w.callerWho(func(c *credential) sight { return w.sees(c, exposed) })
}

func (w *world) callerWho(sees func(*credential) sight) *credential {
	c := w.anybody()
	for range 60 {
		if s := sees(c); w.one(12) || s.user != nil && !s.all {
			break
		}
		c = w.anybody()
	}
	return c
}

// search is a query that may name others, but holds none of their words.
func (w *world) search() string {
	term := func() string {
		login := w.users[w.rand.IntN(len(w.users))].login
		return w.pick("", "", "user:me", "-user:me", "user:"+login, "actor:user:"+login, "actor:who*", "shared", "-shared", `"shared bait"`, "ba*", "zq*", "f*", "-nothing",
			"type:GoalAdded", "-type:GoalAdded", "type:UserLoggedIn", "category:goals", "object:goal", "object:*", "source:self", "-source:self", "source:import", "source:manual",
			"source:cli", "source:api", "source:api:1", "ip:203.0.113.0/24", "ip:0.0.0.0/0", "result:ok", "result:denied", "-result:ok", "site:shop*", "site:1", "batch:1", "batch:2",
			"last:3650d", "after:2025-01-01", "before:2025-06", `"x" OR 1=1`, "facets:z", "%", "OR")
	}
	return strings.TrimSpace(term() + " " + w.pick("", term()))
}

// decoys put a super user's credential where no door takes one.
func (w *world) decoys(p *probe) *probe {
	secret := w.pick(w.root.session.secret, w.all.secret)
	switch w.rand.IntN(12) {
	case 0:
		p.headers = append(p.headers, "Cookie", "token="+secret+"; session="+secret+"; MATOMO_SESSID="+secret+"; token_auth="+secret)
	case 1:
		p.headers = append(p.headers, "X-Authorization", "Bearer "+secret, "Proxy-Authorization", "Bearer "+secret, "X-Api-Key", secret)
	case 2:
		p.headers = append(p.headers, "X-Forwarded-User", "root", "X-Remote-User", "root", "X-Original-Url", "/api/v1/users", "X-Http-Method-Override", "GET")
	case 3:
		p.headers = append(p.headers, "Accept-Encoding", "gzip, br", "Range", "bytes=0-999999")
	}
	return p
}

func (w *world) operation(door, op string, in any) *probe {
	p := &probe{door: door, method: http.MethodPost, target: "/api/v1/" + op, body: jsonOf(in), headers: []string{"Content-Type", "application/json"}}
	if text, ok := in.(string); ok {
		p.body = text
	}
	if w.one(8) { // operations take no credential in an address
		p.query = url.Values{w.pick("token", "token_auth", "access_token", "api_key"): {w.byGet.secret}}
	}
	return p
}

type object = map[string]any

// listing asks for a page, or for one that somebody else was led to.
func (w *world) listing() *probe {
	in := object{"query": w.search(), "zone": w.pick("", "", "Asia/Kathmandu"), "order": w.pick("", "newest", "oldest"), "limit": w.rand.IntN(120)}
	if w.one(6) {
		in["at"] = 1735689600000 + w.rand.Int64N(40e9)
	}
	p := w.operation("list", "list", in)
	if len(w.loot.pages) > 0 && w.one(4) {
		p.body = w.pick(w.loot.pages...)
	}
	p.judge = func(a answer, _ []sight) {
		var page struct{ Next, Previous *string }
		var asked object
		if json.Unmarshal(a.body, &page) != nil || json.Unmarshal([]byte(p.body), &asked) != nil {
			return
		}
		for _, cursor := range []*string{page.Next, page.Previous} {
			if cursor != nil && w.one(3) {
				delete(asked, "at")
				asked["cursor"] = *cursor
				w.loot.pages = append(w.loot.pages, jsonOf(asked))
			}
		}
	}
	return p
}

func (w *world) counting() *probe {
	query := w.pick("", w.search())
	p := w.operation("count", "count", object{"query": query, "exact": w.one(2)})
	p.number = func(a answer) (int, bool) {
		var count struct {
			N     int
			Exact bool
		}
		if a.status != http.StatusOK || json.Unmarshal(a.body, &count) != nil {
			return -1, false
		}
		return count.N, query == "" && count.Exact
	}
	return p
}

func (w *world) spreading() *probe {
	query := w.pick("", w.search())
	p := w.operation("histogram", "histogram", object{"query": query, "buckets": w.rand.IntN(512), "zone": w.pick("", "America/St_Johns")})
	p.number = func(a answer) (n int, exact bool) {
		var h struct {
			Buckets []struct{ N int }
			Exact   bool
		}
		if a.status != http.StatusOK || json.Unmarshal(a.body, &h) != nil {
			return -1, false
		}
		for _, b := range h.Buckets {
			n += b.N
		}
		return n, query == "" && h.Exact
	}
	return p
}

func (w *world) naming() *probe {
	search := w.pick("", "", "who", "a", "zq", "wilma", "root")
	p := w.operation("actors", "actors", object{"search": search, "limit": 500})
	p.number = func(a answer) (n int, exact bool) {
		var list struct{ Actors []struct{ N int } }
		if a.status != http.StatusOK || json.Unmarshal(a.body, &list) != nil {
			return -1, false
		}
		for _, one := range list.Actors {
			n += one.N
		}
		return n, search == ""
	}
	return p
}

// opening asks for one activity, of somebody else or of the caller's own.
func (w *world) opening(c *credential) *probe {
	id := w.rand.IntN(len(w.rows) + 2)
	for range 20 {
		if i := w.rows[id%len(w.rows)]; w.one(8) || i != nil && i.user != nil && i.user == c.user {
			break
		}
		id = w.rand.IntN(len(w.rows))
	}
	text := strconv.Itoa(id + 1)
	return w.operation("get", "get", object{"id": w.pick(text, text, text, text, "0", "-1", "0"+text, "99999999999999999999")})
}

// reading is one of the other operations that answer.
func (w *world) reading() *probe {
	op := w.pick("types", "types", "sites", "settings", "preferences", "avatar", "users", "tokens", "tokens", "widgets", "widgets", "widgets", "widgets", "jobs", "me", "status", "status", "health", "mappings", "cancelJob", "importPreview", "views", "views", "exportViews", "plugins", "retention", "retentionRuns")
	in := object{}
	switch op {
	case "avatar":
		in["actor"] = strconv.Itoa(w.rand.IntN(40))
	case "cancelJob":
		in["id"] = w.pick(w.loot.jobs...)
	case "exportViews":
		if w.one(2) {
			in["ids"] = []string{w.users[w.rand.IntN(len(w.users))].view}
		}
	case "importPreview":
		in["handles"] = []string{w.pick(w.loot.handles...)}
	}
	p := w.operation(op, op, in)
	p.person = op != "types" && op != "status"
	if op == "status" {
		p.judge = func(a answer, s []sight) {
			var status struct{ Revision, Size, Key string }
			if json.Unmarshal(a.body, &status) != nil {
				return
			}
			w.checkRevision(s[0], status.Revision)
			if !s[0].all && status.Size+status.Key != "" {
				w.Fatalf("status tells of the whole log: %s", a.body)
			}
		}
	}
	return p
}

// meddling asks for what only others may do, or only to what is their own.
func (w *world) meddling(c *credential) *probe {
	token, f, u := w.foreign(c), w.widgets[w.rand.IntN(len(w.widgets))], w.users[w.rand.IntN(len(w.users))]
	for f.maker == c.user {
		f = w.widgets[w.rand.IntN(len(w.widgets))]
	}
	v := w.users[0].view
	for _, other := range w.rand.Perm(len(w.users)) {
		if w.users[other] != c.user {
			v = w.users[other].view
			break
		}
	}
	asks := []struct {
		op string
		in object
	}{
		{"saveView", object{"id": v, "name": "x"}},
		{"saveView", object{"id": v, "shared": true}},
		{"removeView", object{"id": v}},
		{"pinView", object{"id": v, "pinned": true}},
		{"seeView", object{"id": v}},
		{"exportViews", object{"ids": []string{v}}},
		{"holdView", object{"id": v, "hold": true}},
		{"erasePlan", object{"user": u.id}},
		{"erasePlan", object{"activities": []string{"1"}}},
		{"erase", object{"user": u.id}},
		{"erase", object{"activities": []string{"1", "2"}}},
		{"retention", object{}},
		{"retentionDryRun", object{"rules": []object{{"name": "x", "scope": "all", "age": 1, "unit": "days"}}}},
		{"configureRetention", object{"enabled": true}},
		{"runRetention", object{}},
		{"plugins", object{}},
		{"removePlugin", object{"name": "Goals"}},
		{"deactivatePlugin", object{"name": "Goals"}},
		{"revokeToken", object{"id": token.id}},
		{"changeToken", object{"id": token.id, "name": "x"}},
		{"removeWidget", object{"id": f.id}},
		{"renewWidget", object{"id": f.id}},
		{"changeWidget", object{"id": f.id, "limit": 3}},
		{"linkActor", object{"actor": w.stranger().actor, "user": u.id}},
		{"grantSuper", object{"id": u.id, "super": true}},
		{"setAccess", object{"id": u.id, "site": "1", "level": "admin"}},
		{"createSite", object{"name": "x"}},
		{"changeSite", object{"id": "3", "name": "x"}},
		{"configureSite", object{"id": "2", "offered": false}},
		{"removeSite", object{"id": "2", "try": true}},
		{"createToken", object{"name": "x", "scopes": []string{"read:all"}}},
		{"createWidget", object{"name": "x", "everybody": true}},
		{"import", object{"handles": w.loot.handles}},
		{"importPreview", object{"handles": w.loot.handles}},
		{"verify", object{}},
		{"users", object{}},
		{"mappings", object{}},
		{"configure", object{}},
		{"record", object{"type": "GoalAdded", "actor": "who"}},
	}
	ask := asks[w.rand.IntN(len(asks))]
	p := w.operation("meddling", ask.op, ask.in)
	p.judge = func(a answer, _ []sight) {
		// A super user's token for ingest records for others.
		if a.status == http.StatusOK && (ask.op != "record" || !c.has("ingest") || c.user.role() != access.Super) {
			w.Fatalf("%s %s is done for %s", ask.op, p.body, c.user.login)
		}
	}
	return p
}

// foreign is a token of somebody else's.
func (w *world) foreign(c *credential) *credential {
	for {
		if other := w.credentials[w.rand.IntN(len(w.credentials))]; other.id != "" && other.user != c.user {
			return other
		}
	}
}

// recording stores something of the caller's own; its word is in it.
func (w *world) recording(c *credential) *probe {
	note := "shared bait"
	if !c.dead && c.user != nil {
		note += " " + c.user.self.word
	}
	draft := object{"type": "GoalAdded", "parameters": object{"note": note}, "site": w.pick("1", "Shop", "This log")}
	if c.user != nil && c.user.role() != access.Super { // who knows no site of that number records only the number; what a super user recorded stays their own
		draft["site"] = w.pick("1", "2", "3", "Shop", "This log")
	}
	if w.one(3) {
		p := w.operation("record", "ingest", []any{draft, object{"type": "A", "actor": "who"}, draft})
		return p
	}
	return w.operation("record", "record", draft)
}

var counted = regexp.MustCompile(`"value":\s*"?(\d+)"?[,}]`)

// number is for limits and offsets.
func (w *world) number() string { return w.pick("-1", "-1", "0", "1", "3", "25", "200", "100000", "x") }

// matomoCall are the parameters of one method.
func (w *world) matomoCall() url.Values {
	v := url.Values{"method": {w.pick("ActivityLog.getEntries", "ActivityLog.getEntries", "ActivityLog.getEntries", "ActivityLog.getEntries", "ActivityLog.getEntryCount", "ActivityLog.getEntryCount",
		"ActivityLog.getAllActivityTypes", "UsersManager.getUsersLogin", "UsersManager.getUser", "SitesManager.getSitesWithAtLeastViewAccess", "API.getSettings", "ActivityLog.none")}}
	login := w.users[w.rand.IntN(len(w.users))].login
	for _, given := range [][2]string{
		{"limit", w.number()},
		{"offset", w.number()},
		{"filter_limit", w.number()},
		{"filter_offset", w.number()},
		{"filterByUserLogin", w.pick(login, strings.ToUpper(login), "me", "*", "%", "who", login+"' OR '1'='1", "user:"+login)},
		{"userLogin", login},
		{"filterByActivityType", w.pick("GoalAdded", "Goals/GoalAdded", "Others", "x")},
		{"period", w.pick("day", "year", "range", "month")},
		{"date", w.pick("2025-03-05", "2025-01-01,2025-12-31", "last3000", "today")},
		{"hideColumns", "id,type"},
		{"showColumns", w.pick("parameters", "user_login,user_name", "id,description,changes,ip,site")},
		{"filter_pattern", w.pick(".", "zq", "bait")},
		{"filter_column[]", w.pick("parameters", "description", "ip")},
		{"language", w.pick("de", "en")},
		{"idSite", w.pick("1", "all")},
		{"super", "1"},
		{"serialize", "1"},
		{"convertToUnicode", "0"},
		{"filterLimit", w.number()},
	} {
		if w.one(16) {
			v.Set(given[0], given[1])
		}
	}
	if w.one(3) {
		v.Set("limit", "-1")
		v.Set("filter_limit", "-1")
	}
	return v
}

// matomo asks by Matomo's reporting API, in any of its formats, one method or several.
func (w *world) matomo() *probe {
	format := w.pick("json", "xml", "csv", "tsv", "html", "original", "console", "json", "xml", "csv", "tsv", "html", "original", "console", "rss", "none")
	p := &probe{door: "matomo " + format, method: http.MethodGet, target: w.pick("/", "/index.php"), at: w.pick("", "query", "form", "query"), name: "token_auth"}
	call := w.matomoCall()
	p.query = call
	if w.one(3) {
		p.door = "matomo bulk"
		p.query = w.bulk(p, call)
	}
	p.query.Set("format", format)
	if w.one(2) {
		p.query.Set("module", "API")
	}
	if p.at == "form" || w.one(4) {
		p.method = http.MethodPost
		p.form = url.Values{}
		if w.one(2) {
			p.form, p.query = p.query, url.Values{}
		}
	}
	// Two credentials that differ are refused, whichever they are.
	if other := w.byGet; p.at != "query" && w.one(8) {
		p.query.Set("token_auth", other.secret)
		p.sight = func(c *credential) sight {
			if c.secret == "" || c == other {
				return w.sees(other, true)
			}
			return sight{}
		}
	}
	p.number = func(a answer) (most int, exact bool) {
		most = -1
		for _, match := range counted.FindAllSubmatch(a.body, -1) {
			n, _ := strconv.Atoi(string(match[1])) // digits, by the pattern
			most = max(most, n)
		}
		return most, false
	}
	return p
}

// bulk puts several calls into one, some with a token of their own.
func (w *world) bulk(p *probe, outer url.Values) url.Values {
	outer.Set("method", "API.getBulkRequest")
	for n := range 1 + w.rand.IntN(4) {
		child := w.matomoCall()
		if w.one(4) {
			c := w.anybody()
			child.Set("token_auth", c.secret)
			p.also = append(p.also, c)
		}
		if w.one(6) {
			child.Set("method", "API.getBulkRequest")
			child.Set("urls[]", w.matomoCall().Encode()+"&token_auth="+w.byGet.secret) // left out, with all in it
		}
		text := w.pick("", "?") + child.Encode()
		if w.one(4) {
			text = url.QueryEscape(text)
		}
		outer.Set(fmt.Sprintf("urls[%d]", n), text)
	}
	return outer
}

// feeding asks for a feed.
func (w *world) feeding() *probe {
	p := &probe{door: w.pick("feed.atom", "feed.json"), method: w.pick(http.MethodGet, http.MethodGet, http.MethodGet, http.MethodHead), query: url.Values{}, at: w.pick("", "query"), name: "token"}
	p.target = "/" + p.door
	if w.one(2) {
		p.query.Set("q", w.search())
	}
	if w.one(2) {
		p.query.Set("limit", w.pick("1", "7", "200"))
	}
	if w.one(5) && len(w.loot.tags) > 0 {
		p.headers = append(p.headers, "If-None-Match", w.pick(w.loot.tags...))
	}
	if w.one(10) && p.at == "" { // both are refused
		p.query.Set("token", w.byGet.secret)
		p.sight = func(c *credential) sight {
			if c.secret == "" {
				return w.sees(w.byGet, true)
			}
			return sight{}
		}
	}
	p.judge = func(a answer, _ []sight) {
		if tag := a.header.Get("ETag"); tag != "" && w.one(4) {
			w.loot.tags = append(w.loot.tags, tag)
		}
	}
	return p
}

// framing opens a widget, whosever it is.
func (w *world) framing() *probe {
	f := w.widgets[w.rand.IntN(len(w.widgets))]
	if w.one(6) {
		return &probe{door: "widget page", method: http.MethodGet, target: w.pick("/widget/"+f.id, "/?module=Widgetize&action=iframe&moduleToWidgetize=ActivityLog&widget="+f.id, "/widget/"+f.id+"?token="+w.byGet.secret)}
	}
	p := w.operation("widget", "widget", object{"id": w.pick(f.id, f.id, f.id, strings.ToLower(f.id), "A"+f.id[1:])})
	p.sight = func(c *credential) sight { return w.opens(c, f) }
	return p
}
