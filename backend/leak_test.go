package backend_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

var (
	seed  = flag.Uint64("leak-seed", 20261128, "which random requests are sent")
	rate  = flag.Int("leak-requests", 5000, "how many")
	every = 50 // requests between two changes of who may see what
)

// A figure is how often a door was asked, how often a caller who may not see everything
// was shown something there, and how often a super user, by the same request, something
// that the caller may not see.
type figure struct{ asked, shown, control int }

// Through no door does anybody get what is not theirs to see: random requests by
// callers of every kind, over everything that is served, with what they took from the
// answers of others, while tokens are revoked, people demoted and identities linked. Each
// answer, its headers too, is searched for words that only one identity's activities
// hold, and its counts are held against a model's. The control is in the test: the same
// requests by a super user, judged as if they were the caller's. They must be found to
// tell of others, at every door and in every format; that is what a log without scopes
// would answer.
func TestNobodySeesWhatOthersDid(t *testing.T) {
	requests := *rate
	if testing.Short() {
		requests /= 5
	}
	t.Logf("the seed is %d", *seed)
	w := newWorld(t, *seed)
	for w.asked() < requests {
		if w.one(every) {
			w.change()
		}
		switch n := w.rand.IntN(100); {
		case n < 4:
			w.export(w.caller(false))
		case n < 6:
			w.steal()
		case n < 9:
			w.follow(w.caller(false))
		default:
			w.ask(w.random(n))
		}
	}
	w.report(requests)
}

// random is a request that has one answer, and its caller.
func (w *world) random(n int) (*probe, *credential) {
	c := w.caller(false)
	var p *probe
	switch {
	case n < 22:
		p = w.listing()
	case n < 27:
		p = w.counting()
	case n < 31:
		p = w.spreading()
	case n < 34:
		p = w.naming()
	case n < 39:
		p = w.opening(c)
	case n < 51:
		p = w.reading()
	case n < 54 && !w.sees(c, false).all:
		p = w.meddling(c)
	case n < 56:
		p = w.recording(c)
	case n < 84:
		p = w.matomo()
	case n < 92:
		p = w.feeding()
	default:
		p = w.framing()
	}
	switch {
	case p.door == "widget":
		c = w.callerWho(p.sight)
	case p.person:
		c = w.callerWho(func(c *credential) sight {
			if !c.session {
				return sight{}
			}
			return w.sees(c, false)
		})
	case p.exposed():
		c = w.caller(true)
	}
	return w.decoys(p), c
}

func (w *world) asked() (n int) {
	for _, f := range w.figures {
		n += f.asked
	}
	return n
}

func (w *world) figure(door string) *figure {
	if w.figures[door] == nil {
		w.figures[door] = &figure{}
	}
	return w.figures[door]
}

// ask sends a request and holds the answer against the model; now and then a super user
// asks the same.
func (w *world) ask(p *probe, c *credential) {
	w.Helper()
	s := p.sights(w, c)
	a := p.send(w, c)
	rightful := w.held(p.door, a, s, p.method+" "+p.target+" "+p.query.Encode()+" "+p.form.Encode()+" "+p.body)
	n := -1
	if p.number != nil {
		var exact bool
		n, exact = p.number(a)
		if most := w.most(s); n > most || exact && n != most {
			w.Fatalf("%s %s says %d to somebody who may see %d", p.target, p.body, n, most)
		}
	}
	f := w.figure(p.door)
	if !everything(s) && a.status == http.StatusOK && (rightful > 0 || n > 0) {
		f.shown++
	}
	if p.judge != nil {
		p.judge(a, s)
	}
	if p.door == "meddling" || p.door == "record" || everything(s) || !w.one(5) {
		return
	}
	super := w.superFor(p)
	a = p.send(w, super)
	_, leak := w.found(a, s)
	if p.number != nil {
		n, _ = p.number(a)
	}
	if leak != "" || n > 0 && n > w.most(s) {
		f.control++
	}
}

// held fails where an answer tells of what none of the sights holds.
func (w *world) held(door string, a answer, s []sight, what string) (rightful int) {
	w.Helper()
	w.figure(door).asked++
	rightful, leak := w.found(a, s)
	if leak != "" {
		w.Fatalf("%s tells somebody of what is not theirs: %s\nasked: %s\nanswered: %d %v %.3000q", door, leak, what, a.status, a.header, a.body)
	}
	return rightful
}

func everything(s []sight) bool {
	return slices.ContainsFunc(s, func(one sight) bool { return one.all })
}

// most is how many activities the widest of the sights holds.
func (w *world) most(s []sight) (most int) {
	w.sync()
	for _, one := range s {
		most = max(most, w.seen(one))
	}
	return most
}

// superFor is a way to everything that the request can be sent with.
func (w *world) superFor(p *probe) *credential {
	switch {
	case p.at == "query":
		return w.byGet
	case p.person || p.door == "widget" || w.one(2):
		return w.root.session
	}
	return w.all
}

// follow begins a live stream where somebody else's ended, and reads what it says at once.
func (w *world) follow(c *credential) {
	w.Helper()
	since := object{}
	if len(w.loot.revisions) > 0 && w.one(2) {
		since["since"] = w.pick(w.loot.revisions...)
	}
	s := []sight{w.sees(c, false)}
	a := w.stream(c, jsonOf(since))
	rightful := w.held("live", a, s, jsonOf(since))
	for line := range strings.Lines(string(a.body)) {
		var said struct{ Revision *string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Revision != nil && *said.Revision != "" {
			w.checkRevision(s[0], *said.Revision)
			rightful++
		}
	}
	f := w.figure("live")
	if !s[0].all && rightful > 0 {
		f.shown++
	}
	if _, leak := w.found(w.stream(w.root.session, `{}`), s); leak != "" {
		f.control++
	}
}

// stream is what a live stream says until it has nothing more to say for now.
func (w *world) stream(c *credential, in string) answer {
	w.Helper()
	ctx, stop := context.WithCancel(w.Context())
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.addr+"/api/v1/live", strings.NewReader(in))
	if err != nil {
		w.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if c.secret != "" {
		request.Header.Set("Authorization", "Bearer "+c.secret)
	}
	response, err := w.client.Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	for lines := bufio.NewReader(response.Body); ; {
		line, err := lines.ReadString('\n')
		a.body = append(a.body, line...)
		if line == "\n" || err != nil {
			return a
		}
	}
}

// An exported is an export that was asked for.
type exported struct {
	maker            *credential
	format, manifest string
	in               string
}

// export asks for an export, and mostly has it fetched by somebody, once too often.
func (w *world) export(c *credential) {
	w.Helper()
	in := object{"query": w.search(), "format": w.pick("csv", "ndjson", "json", "html", "sqlite"), "zone": w.pick("", "Asia/Tokyo")}
	if w.one(4) {
		in["columns"] = []string{"occurredAt", "actorLabel", "sentence", "changes", "ip"}
	}
	ticket := w.ticket(c, in)
	if ticket == "" || w.one(6) {
		return // left to whoever finds it
	}
	if w.one(5) {
		w.change()
	}
	w.fetch(ticket)
}

func (w *world) ticket(c *credential, in object) string {
	w.Helper()
	a := w.operation("", "export", in).send(w, c)
	w.held("export", a, []sight{w.sees(c, false)}, jsonOf(in))
	var out struct{ Ticket, Manifest string }
	if a.status != http.StatusOK || json.Unmarshal(a.body, &out) != nil {
		return ""
	}
	w.exports[out.Ticket] = &exported{c, in["format"].(string), out.Manifest, jsonOf(in)}
	w.loot.tickets = append(w.loot.tickets, out.Ticket)
	return out.Ticket
}

// steal fetches what somebody else asked for.
func (w *world) steal() {
	w.Helper()
	if len(w.loot.tickets) > 0 {
		w.fetch(w.pick(w.loot.tickets...))
	}
}

// fetch redeems a ticket, which is a credential itself: whoever has it gets what its maker
// may see now, once, and nothing where the maker is another by now.
func (w *world) fetch(ticket string) {
	w.Helper()
	e := w.exports[ticket]
	door := "export " + e.format
	s := []sight{w.sees(e.maker, false)}
	a := w.download(ticket)
	f := w.figure(door)
	if rightful := w.held(door, a, s, e.in); rightful > 0 && !s[0].all {
		f.shown++
	}
	w.loot.tickets = slices.DeleteFunc(w.loot.tickets, func(other string) bool { return other == ticket })
	again := w.download(ticket)
	w.held(door, again, nil, "a second time")
	if again.status == http.StatusOK {
		w.Fatalf("a ticket is good twice: %s", again.body)
	}
	w.held("manifest", w.download(e.manifest), s, e.in)
	if everything(s) || w.one(2) {
		return
	}
	var out struct{ Ticket string }
	w.must(w.root.session, "export", e.in, &out)
	if _, leak := w.found(w.download(out.Ticket), s); leak != "" {
		f.control++
	}
}

// download asks for a file, as somebody who need not be whose it is.
func (w *world) download(ticket string) answer {
	w.Helper()
	return w.send(http.MethodGet, "/api/v1/download/"+ticket, "", w.anybody())
}

// report fails where a door was not really tried.
func (w *world) report(requests int) {
	w.Helper()
	least := map[string]int{}
	for _, door := range []string{
		"list", "count", "histogram", "actors", "get", "types", "feed.atom", "feed.json", "widget", "matomo bulk", "tokens", "widgets",
		"matomo json", "matomo xml", "matomo csv", "matomo tsv", "matomo html", "matomo original", "matomo console",
		"live", "export csv", "export ndjson", "export json", "export html", "export sqlite",
	} {
		least[door] = requests / 1500
	}
	for _, door := range slices.Sorted(maps.Keys(w.figures)) {
		f := w.figures[door]
		w.Logf("%-16s asked %4d, shown %4d, control %4d", door, f.asked, f.shown, f.control)
	}
	for door, n := range least {
		if f := w.figure(door); f.shown < n || f.control < n {
			w.Errorf("%s: %+v: too few to tell anything", door, *f)
		}
	}
	w.Logf("%d requests, %d entries", w.asked(), len(w.rows))
}
