package backend_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"activitylog/backend"
	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/httpapi"
	"activitylog/backend/ingest"
)

// A world is a served log with several users, and what a plain list of lists knows of who
// may see what in it. Nothing of the model is read from the program but, of each entry,
// whose name stands in it.
type world struct {
	*testing.T
	rand   *rand.Rand
	app    *backend.App
	clock  atomic.Int64 // ms
	addr   string
	client *http.Client

	users       []*user
	identities  []*identity
	credentials []*credential
	widgets     []*frame
	marks       map[string]mark   // words and addresses that answers are searched for
	rows        []*identity       // of every entry, in order; nil: nobody's
	revisions   map[string]string // of what somebody may see, by what that is
	loot        loot
	exports     map[string]*exported // by ticket
	figures     map[string]*figure   // by door

	root       *user // a super user throughout, who makes all changes
	all, byGet *credential
}

// A user is an account of the log.
type user struct {
	id, login, profile string
	view               string // a view of their own
	level, elsewhere   string // on this log, and on a site that only some know
	super, disabled    bool
	self               *identity
	session            *credential // the newest
	changed            int         // how often what the user is has changed
}

func (u *user) role() access.Role {
	switch {
	case u.disabled:
		return access.None
	case u.super:
		return access.Super
	}
	if here, there := access.Role(u.level), access.Role(u.elsewhere); here.AtLeast(there) {
		return here
	}
	return access.Role(u.elsewhere)
}

// An identity is who did something. Its word and address stand in its activities, in
// every field that can hold them, and in no request.
type identity struct {
	kind, source, name string
	actor              string // id in the log's dictionary
	word, ip           string
	user               *user // whose it is now; nil: nobody's
}

// A mark is what a word tells of: one of them is set.
type mark struct {
	deeds   *identity   // what that one did
	name    *identity   // how it is called
	account *user       // how a user is called, and the address
	token   *credential // how a token is called, or its widget
	place   *place      // what there is to know of a site
}

// A place is a site that some have access to. Its word stands in all that is said of it.
type place struct {
	id      string
	readers []*user
}

// A credential is what a caller sends.
type credential struct {
	secret  string
	user    *user // nil: the owner of the data directory, or nobody
	id      string
	session bool
	dead    bool // revoked, expired, over, or never any good
	scopes  []string
	get     bool   // may stand in an address
	bound   *frame // the only widget it opens
}

func (c *credential) has(scope string) bool { return slices.Contains(c.scopes, scope) }

// A frame is a widget.
type frame struct {
	id        string
	maker     *user
	everybody bool
}

// A loot is what callers keep of other callers' answers.
type loot struct {
	pages                                   []string // inputs of list, with a cursor
	revisions, tags, jobs, handles, tickets []string
}

const passphrase = "four calm otters rowing"

// perIdentity is how many activities each identity has at the start.
const perIdentity = 7

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		T: t, rand: rand.New(rand.NewPCG(seed, 1)), marks: map[string]mark{}, revisions: map[string]string{},
		client: &http.Client{
			Transport:     &http.Transport{DisableCompression: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	w.exports, w.figures = map[string]*exported{}, map[string]*figure{}
	w.clock.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	w.serve()
	w.people()
	w.strangers()
	w.programs()
	w.places()
	w.roles()
	w.bindWidgets()
	w.clock.Add(2 * time.Minute.Milliseconds()) // what expires, has
	w.sync()
	return w
}

func (w *world) serve() {
	now := func() time.Time { return time.UnixMilli(w.clock.Load()) }
	app, err := backend.OpenAt(w.Context(), backend.Config{Data: filepath.Join(w.TempDir(), "data"), Create: true, Version: "test"}, backend.Cheap, now)
	if err != nil {
		w.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	pages := fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "widget.html": {Data: []byte("<!doctype html>")}}
	go func() {
		done <- httpapi.Serve(ctx, l, httpapi.Over(app, httpapi.Options{
			Hosts: httpapi.LoopbackHosts(port), Page: pages, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		}))
	}()
	w.Cleanup(func() {
		w.client.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			w.Errorf("Serve: %v", err)
		}
		if err := app.Close(); err != nil {
			w.Errorf("Close: %v", err)
		}
	})
	w.app, w.addr = app, l.Addr().String()
}

// owner is the command line.
func (w *world) owner() context.Context {
	return access.With(w.Context(), access.Principal{Owner: true, Role: access.Super, Door: access.CLI, Login: "tester"})
}

// word is one that stands nowhere else.
func (w *world) word() string {
	text := []byte("zq")
	for range 10 {
		text = append(text, byte('a'+w.rand.IntN(26)))
	}
	return string(text)
}

func (w *world) identity(kind, source, name string) *identity {
	i := &identity{kind: kind, source: source, name: name, word: w.word(), ip: fmt.Sprintf("203.0.113.%d", 101+len(w.identities))}
	if name == "" {
		called := w.word()
		i.name = "who" + called
		w.marks[called] = mark{name: i}
	}
	w.marks[i.word], w.marks[i.ip] = mark{deeds: i}, mark{deeds: i}
	w.identities = append(w.identities, i)
	return i
}

// drafts are activities in which the identity's word stands wherever one can.
func (i *identity) drafts(named bool) []map[string]any {
	var list []map[string]any
	for n := range perIdentity {
		d := map[string]any{
			"type": []string{"GoalAdded", "GoalChanged", i.word + "Done"}[n%3], "occurredAt": fmt.Sprintf("2025-%02d-%02dT10:%02d:00Z", 1+n, 1+n*3, n),
			"ip": i.ip, "userAgent": "agent " + i.word, "requestId": i.word + fmt.Sprint(n), "result": []string{"ok", "failed", "denied"}[n%3],
			"object":     map[string]string{"kind": "goal", "id": i.word + fmt.Sprint(n), "name": "Goal " + i.word},
			"changes":    []any{map[string]any{"field": "f" + i.word, "old": i.word, "new": map[string]any{"deep": []string{i.word}}}},
			"parameters": map[string]any{"note": i.word + " shared bait", "k" + i.word: n, "deep": []any{map[string]string{"in": i.word}}},
		}
		if n%2 == 0 {
			d["site"] = "Shop " + i.word
		}
		if named {
			d["actor"] = map[string]string{"kind": i.kind, "name": i.name}
			d["externalId"] = i.word + fmt.Sprint(n)
		}
		list = append(list, d)
	}
	return list
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// people makes the users, who all do something.
func (w *world) people() {
	token, err := w.app.Accounts.SetUpToken(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	for _, login := range []string{"root", "sid", "adam", "wilma", "vera", "nora", "dora"} {
		u := &user{login: login, profile: w.word(), level: "write", self: w.identity("user", "self", login)}
		u.self.user, w.marks[u.profile] = u, mark{account: u}
		about := map[string]any{"login": login, "email": u.profile + "@example.org", "name": "Name " + u.profile, "password": passphrase}
		if login == "root" {
			about["token"], u.super = token, true
			var made struct {
				Me struct{ User struct{ ID string } }
			}
			w.must(&credential{}, "setUp", jsonOf(about), &made)
			u.id, w.root = made.Me.User.ID, u
		} else {
			about["level"] = u.level
			var made struct{ ID string }
			w.must(w.root.session, "createUser", jsonOf(about), &made)
			u.id = made.ID
		}
		w.users = append(w.users, u)
		w.signIn(u)
		var kept struct{ ID string }
		w.must(u.session, "saveView", jsonOf(object{"name": "View " + u.profile, "query": u.profile}), &kept)
		u.view = kept.ID
		for _, d := range u.self.drafts(false) {
			w.must(u.session, "record", jsonOf(d), nil)
		}
	}
}

func (w *world) signIn(u *user) {
	var in struct{ Token string }
	w.must(&credential{user: u}, "signIn", jsonOf(map[string]string{"login": u.login, "password": passphrase}), &in)
	u.session = &credential{secret: in.Token, user: u, session: true}
	w.credentials = append(w.credentials, u.session)
}

// strangers are identities that came in through the other doors.
func (w *world) strangers() {
	for range 2 {
		for _, d := range w.identity("user", "manual", "").drafts(true) {
			w.must(w.root.session, "record", jsonOf(d), nil)
		}
		for _, d := range w.identity("service", "cli", "").drafts(true) {
			draft, err := activity.ParseDraft([]byte(jsonOf(d)))
			if err != nil {
				w.Fatal(err)
			}
			if _, err := w.app.Log.Record(w.owner(), draft); err != nil {
				w.Fatal(err)
			}
		}
	}
	feeder := w.token(w.root, "feeder", false, "ingest")
	lines, events := w.identity("user", "api:"+feeder.id, ""), w.identity("user", "api:"+feeder.id, "")
	body := ""
	for _, d := range lines.drafts(true) {
		body += jsonOf(d) + "\n"
	}
	w.ingest(feeder, ingest.Lines, body)
	var list []map[string]any
	for n := range perIdentity {
		list = append(list, map[string]any{
			"specversion": "1.0", "id": events.word + fmt.Sprint(n), "source": "/" + events.word, "type": events.word + "." + fmt.Sprint(n%3), "subject": events.word,
			"authid": events.name, "data": map[string]string{"note": events.word + " shared bait"}, "traceparent": events.word,
		})
	}
	w.ingest(feeder, ingest.Events, jsonOf(list))
	w.imported()
	var found struct {
		Actors []struct{ Actor activity.Actor }
	}
	w.must(w.root.session, "actors", `{"limit":500}`, &found)
	for _, i := range w.identities {
		for _, a := range found.Actors {
			if a.Actor.Kind == i.kind && a.Actor.Source == i.source && a.Actor.Name == i.name {
				i.actor = a.Actor.ID
			}
		}
		if i.actor == "" {
			w.Fatalf("%s %s %s is not in the log", i.kind, i.source, i.name)
		}
	}
}

func (w *world) ingest(c *credential, media, body string) {
	a := w.send(http.MethodPost, "/api/v1/ingest", body, c, "Content-Type", media)
	if a.status != http.StatusOK {
		w.Fatalf("ingest: %d %s", a.status, a.body)
	}
}

// imported is what files bring in: drafts, and records that stand there as they came.
func (w *world) imported() {
	drafts, trail := "", []any{}
	for range 2 {
		for _, d := range w.identity("user", "import:ndjson/past", "").drafts(true) {
			drafts += jsonOf(d) + "\n"
		}
		i := w.identity("user", "import:cloudtrail/cloud", "")
		for n := range perIdentity {
			trail = append(trail, map[string]any{
				"eventID": i.word + fmt.Sprint(n), "eventTime": fmt.Sprintf("2025-02-%02dT08:00:00Z", 1+n), "eventSource": "s3.amazonaws.com",
				"eventName": "Get" + i.word, "sourceIPAddress": i.ip, "userAgent": "aws " + i.word, "requestID": i.word, "recipientAccountId": i.word,
				"userIdentity":      map[string]string{"type": "IAMUser", "userName": i.name, "accountId": i.word},
				"requestParameters": map[string]string{"bucketName": "b-" + i.word, "note": "shared bait"}, "kept": map[string]string{"raw": i.word},
			})
		}
	}
	for n, file := range [][2]string{{"past", drafts}, {"cloud", jsonOf(map[string]any{"Records": trail})}} {
		handle := w.upload(w.root.self.word+file[0], file[1])
		w.must(w.root.session, "import", jsonOf(map[string]any{"handles": []string{handle}, "name": file[0]}), nil)
		w.jobsDone(n + 1)
	}
	w.loot.jobs = []string{"1", "2"}
	// One that waits to be imported.
	w.loot.handles = append(w.loot.handles, w.upload(w.root.self.word+"waits", jsonOf(w.root.self.drafts(true)[0])+"\n"))
}

// jobsDone waits until so many jobs are.
func (w *world) jobsDone(n int) {
	w.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		var list struct{ Jobs []struct{ State string } }
		w.must(w.root.session, "jobs", `{}`, &list)
		done := 0
		for _, j := range list.Jobs {
			if j.State == "done" {
				done++
			}
		}
		if done == n {
			return
		}
		if time.Now().After(deadline) {
			w.Fatalf("the imports do not end: %+v", list)
		}
	}
}

func (w *world) upload(name, content string) string {
	a := w.send(http.MethodPost, "/api/v1/upload", content, w.root.session, "Content-Type", "application/octet-stream", "X-File-Name", name)
	var handle struct{ ID string }
	if err := json.Unmarshal(a.body, &handle); err != nil || a.status != http.StatusOK {
		w.Fatalf("upload: %d %s", a.status, a.body)
	}
	return handle.ID
}

// token makes one of a user's, by the user's own session.
func (w *world) token(maker *user, name string, get bool, scopes ...string) *credential {
	return w.tokenUntil(maker, name, nil, get, scopes...)
}

func (w *world) tokenUntil(maker *user, name string, end *int64, get bool, scopes ...string) *credential {
	var made struct {
		Secret string
		Token  struct{ ID string }
	}
	// What is said of a feeder stands beside what it brought in, whosever that is by now.
	word := w.word()
	if !slices.Contains(scopes, "ingest") {
		name += " " + word
	}
	w.must(maker.session, "createToken", jsonOf(map[string]any{"name": name, "scopes": scopes, "allowGet": get, "expiresAt": end}), &made)
	c := &credential{secret: made.Secret, id: made.Token.ID, user: maker, scopes: scopes, get: get}
	w.credentials, w.marks[word] = append(w.credentials, c), mark{token: c}
	return c
}

// programs makes the tokens: each scope of each maker, and some that are over.
func (w *world) programs() {
	w.all = w.token(w.root, "all", false, "read:all")
	w.byGet = w.token(w.root, "all by get", true, "read:all")
	for _, u := range w.users[1:] { // what root did to others is root's own, and names them
		w.token(u, "own", false, "read:own")
		w.token(u, "own by get", true, "read:own")
		w.token(u, "ingest", false, "ingest")
		w.token(u, "both", true, "ingest", "read:own")
		w.token(u, "widget", true, "widget")
	}
	soon := w.clock.Load() + time.Minute.Milliseconds()
	w.tokenUntil(w.root, "short", &soon, true, "read:all").dead = true
	revoked := w.token(w.root, "revoked", true, "read:all")
	w.must(w.root.session, "revokeToken", jsonOf(map[string]string{"id": revoked.id}), nil)
	revoked.dead = true
	w.credentials = append(w.credentials,
		&credential{dead: true}, &credential{dead: true, secret: "anonymous"}, &credential{dead: true, secret: "al_nonsense"},
		&credential{dead: true, secret: access.NewAPIToken()}, &credential{dead: true, secret: w.root.session.secret + "x"},
	)
}

// places makes the sites: one that vera may read, and one that only super users know.
func (w *world) places() {
	vera := w.named("vera")
	for n, p := range []*place{{readers: []*user{vera}}, {}} {
		word := w.word()
		var made struct{ ID string }
		address := "https://" + word + ".example"
		w.must(w.root.session, "createSite", jsonOf(map[string]any{"name": "Place " + word, "addresses": []string{address}}), &made)
		w.must(w.root.session, "configureSite", jsonOf(map[string]string{"id": made.ID, "description": word, "objectLink": address + "/{id}"}), nil)
		p.id, w.marks[word] = made.ID, mark{place: p}
		if n == 0 {
			w.must(w.root.session, "setAccess", jsonOf(map[string]string{"id": vera.id, "site": p.id, "level": "view"}), nil)
			vera.elsewhere = "view"
		}
	}
}

// roles makes of everybody what they are at the start.
func (w *world) roles() {
	sid := w.named("sid")
	w.setSuper(sid, true)
	w.setLevel(w.named("adam"), "admin")
	w.setLevel(w.named("vera"), "view")
	w.setLevel(w.named("nora"), "none")
	w.setDisabled(w.named("dora"), true)
	w.token(sid, "all", false, "read:all")
	w.token(sid, "all by get", true, "read:all")
	for n, i := range w.identities {
		if i.source != "self" && n%2 == 0 {
			w.link(i, w.users[1+n%(len(w.users)-1)])
		}
	}
}

func (w *world) named(login string) *user {
	return w.users[slices.IndexFunc(w.users, func(u *user) bool { return u.login == login })]
}

func (w *world) bindWidgets() {
	for _, f := range []*frame{
		{maker: w.root, everybody: true}, {maker: w.named("sid"), everybody: true}, {maker: w.named("sid")}, {maker: w.named("wilma")}, {maker: w.named("vera")}, {maker: w.named("adam")},
	} {
		word := w.word()
		var made struct {
			Secret string
			Widget struct {
				ID    string
				Token struct{ ID string }
			}
		}
		w.must(f.maker.session, "createWidget", jsonOf(map[string]any{
			"name": "wall " + word, "everybody": f.everybody, "limit": 100, "ancestors": []string{"https://intranet.example.org"},
		}), &made)
		f.id = made.Widget.ID
		w.widgets = append(w.widgets, f)
		c := &credential{secret: made.Secret, id: made.Widget.Token.ID, user: f.maker, scopes: []string{"widget"}, bound: f}
		w.credentials, w.marks[word] = append(w.credentials, c), mark{token: c}
	}
}

// sync reads whose the entries are that came in since.
func (w *world) sync() {
	w.Helper()
	for {
		d, err := w.app.Log.Get(w.owner(), activity.GetIn{ID: fmt.Sprint(len(w.rows) + 1)})
		if fault.CodeOf(err) == fault.NotFound {
			return
		}
		if err != nil {
			w.Fatal(err)
		}
		var whose *identity
		for _, i := range w.identities {
			if a := d.Activity.Actor; a.Kind == i.kind && a.Source == i.source && a.Name == i.name {
				whose = i
			}
		}
		w.rows = append(w.rows, whose)
	}
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// text is all of an answer in which a word may stand, in lower case, without what UTF-16
// puts between letters.
func (a answer) text() string {
	var head strings.Builder
	_ = a.header.Write(&head) // a builder takes everything
	return strings.ToLower(strings.ReplaceAll(head.String()+string(a.body), "\x00", ""))
}

// must calls an operation that may not fail.
func (w *world) must(c *credential, op, in string, out any) {
	w.Helper()
	a := w.send(http.MethodPost, "/api/v1/"+op, in, c, "Content-Type", "application/json")
	if a.status != http.StatusOK {
		w.Fatalf("%s %s: %d %s", op, in, a.status, a.body)
	}
	if out != nil {
		if err := json.Unmarshal(a.body, out); err != nil {
			w.Fatalf("%s: %v in %s", op, err, a.body)
		}
	}
}

// send sends a request with a credential in its header, and its user's word as agent.
func (w *world) send(method, target, body string, c *credential, headers ...string) answer {
	w.Helper()
	if c != nil && c.secret != "" {
		headers = append([]string{"Authorization", "Bearer " + c.secret}, headers...)
	}
	return w.sendAs(method, target, body, c, headers...)
}

func (w *world) sendAs(method, target, body string, c *credential, headers ...string) answer {
	w.Helper()
	request, err := http.NewRequestWithContext(w.Context(), method, "http://"+w.addr+target, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	request.Header.Set("User-Agent", "asker")
	if c != nil && !c.dead && c.user != nil {
		request.Header.Set("User-Agent", "asker "+c.user.self.word)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := w.client.Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	content := io.Reader(response.Body)
	if response.Header.Get("Content-Encoding") == "gzip" {
		if content, err = gzip.NewReader(response.Body); err != nil {
			w.Fatal(err)
		}
	}
	if a.body, err = io.ReadAll(content); err != nil {
		w.Fatalf("%s %s: %v", method, target, err)
	}
	return a
}
