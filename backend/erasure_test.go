package backend

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/erasure"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/ledger"
	"activitylog/backend/source"
	"activitylog/backend/widget"
)

// traces are by what the person of these tests is known. Nothing else has them.
var traces = []string{"zwolle", "Zwinger", "zwirn@example.org", "zwickel", "203.0.113.77"}

// in returns which traces are anywhere in a log's files, in whatever case, and as UTF-16.
func tracesIn(t *testing.T, dir string, texts []string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		low := strings.ToLower(string(data)) + strings.ToLower(path)
		for _, text := range texts {
			want := strings.ToLower(text)
			var wide []byte
			for _, u := range utf16.Encode([]rune(want)) {
				wide = append(wide, byte(u), byte(u>>8))
			}
			if i := strings.Index(low, want); i >= 0 {
				t.Logf("%q", low[max(0, i-150):min(len(low), i+150)])
			}
			if strings.Contains(low, want) || strings.Contains(low, string(wide)) {
				found = append(found, text+" in "+filepath.Base(path))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A haunt is a log in which one person is everywhere.
type haunt struct {
	*wall
	data string
	id   string // of the account
}

func newHaunt(t *testing.T) *haunt {
	data := filepath.Join(t.TempDir(), "data")
	app, c := openIn(t, data)
	h := &haunt{wall: wallOf(t, app, c), data: data}
	super := h.root
	made, err := h.Accounts.CreateUser(super, account.CreateUserIn{Login: "zwolle", Email: "old-zwirn@example.org", Name: "Zwinger", Password: password, Level: "write"})
	h.ok(err)
	h.id = made.ID
	email := "Zwirn@example.org"
	_, err = h.Accounts.ChangeUser(super, account.ChangeUserIn{ID: h.id, Email: &email})
	h.ok(err)
	person := access.With(t.Context(), access.Principal{Door: access.HTTP, IP: "203.0.113.77", Agent: "Zwinger's phone"})
	for range 3 {
		_, err = h.Accounts.SignIn(person, account.SignInIn{Login: "zwolle", Password: "wrong"})
		h.code("a wrong password", err, fault.Unauthenticated)
	}
	s, err := h.Accounts.SignIn(person, account.SignInIn{Login: "zwolle", Password: password})
	h.ok(err)
	p, err := h.Accounts.Authenticate(person, s.Token)
	h.ok(err)
	p.IP = "203.0.113.77"
	own := access.With(t.Context(), p)
	h.record(own, `{"type":"GoalAdded","object":{"kind":"goal","id":"zwolle-1","name":"Zwinger's goal"}}`)
	_, err = h.Accounts.CreateToken(own, account.CreateTokenIn{Name: "zwolle's script", Scopes: []string{"ingest"}})
	h.ok(err)
	h.make(own, widget.CreateIn{Name: "Mine"})
	h.make(super, widget.CreateIn{Name: "Watched", Query: "actor:zwolle"})
	h.make(super, widget.CreateIn{Name: "Other", Query: "actor:ann"})
	h.dark(own)
	h.record(owner(t), `{"type":"GoalAdded","actor":"zwickel","externalId":"z1"}`)
	_, err = h.Accounts.LinkActor(super, account.LinkActorIn{Actor: h.actor("zwickel"), User: &h.id})
	h.ok(err)
	h.record(owner(t), `{"type":"GoalAdded","actor":"bystander","parameters":{"note":"asked by ZWOLLE","zwirn@example.org":1}}`)
	h.record(owner(t), `{"type":"GoalAdded","actor":"bystander","ip":"203.0.113.77"}`)
	h.record(owner(t), `{"type":"GoalAdded","actor":"bystander","parameters":{"note":"another address"},"ip":"203.0.113.7"}`)
	h.record(owner(t), `{"type":"GoalAdded","actor":"bystander","parameters":{"note":"nothing"}}`)
	_, err = h.Sources.SaveMapping(super, source.SaveMappingIn{Name: "Zwinger's files", Mapping: source.Mapping{Type: "GoalAdded", Columns: []source.MappedColumn{{Name: "zwolle", Field: "actor"}}}})
	h.ok(err)
	sum := sha256.Sum256([]byte("zwirn@example.org"))
	h.picture(hex.EncodeToString(sum[:]))
	return h
}

func (h *haunt) picture(name string) {
	h.Helper()
	h.ok(os.MkdirAll(filepath.Join(h.data, "avatars"), 0o700))
	h.ok(os.WriteFile(filepath.Join(h.data, "avatars", name), []byte("\x89PNG\r\n\x1a\n"), 0o600))
}

func (h *haunt) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *haunt) dark(ctx context.Context) {
	h.Helper()
	dark := "dark"
	_, err := h.Accounts.Prefer(ctx, account.PreferIn{Theme: &dark})
	h.ok(err)
}

func (h *haunt) actor(name string) string {
	h.Helper()
	list, err := h.Log.Actors(h.root, activity.ActorsIn{Search: name})
	h.ok(err)
	for _, a := range list.Actors {
		if a.Actor.Name == name {
			return a.Actor.ID
		}
	}
	h.Fatalf("no actor %s", name)
	return ""
}

// erase erases and waits.
func (h *haunt) erase(ctx context.Context, in erasure.In) job.Job {
	h.Helper()
	started, err := h.Erasure.Erase(ctx, in)
	h.ok(err)
	ended, err := h.Jobs.Follow(ctx, started.ID, nil)
	h.ok(err)
	if ended.State != job.StateDone || ended.Title != "" {
		h.Fatalf("ended %+v %+v", ended, ended.Error)
	}
	return ended
}

func (h *haunt) verified(when string) {
	h.Helper()
	report, err := h.Integrity.Verify(owner(h.T), ledger.VerifyIn{Words: true})
	if err != nil || report.State != ledger.Verified {
		h.Fatalf("%s: %+v, %v", when, report, err)
	}
}

func (h *haunt) count(query string) int64 {
	h.Helper()
	n, err := h.Log.Count(h.root, activity.CountIn{Query: query})
	h.ok(err)
	return n.N
}

func TestErasingAPersonLeavesNothingOfThem(t *testing.T) {
	h := newHaunt(t)
	for _, text := range traces {
		if found := tracesIn(t, h.data, []string{text}); len(found) == 0 {
			t.Fatalf("%s is nowhere before: this test would prove nothing", text)
		}
	}
	h.verified("before")
	plan, err := h.Erasure.ErasePlan(h.root, erasure.PlanIn{User: h.id})
	h.ok(err)
	if plan.User == nil || plan.User.Login != "zwolle" || plan.Label != "zwolle" || len(plan.Identities) != 2 || plan.Total != plan.By+plan.About+plan.Naming {
		t.Errorf("plan: %+v", plan)
	}
	counts := map[string]int64{}
	for _, n := range plan.Names {
		counts[n.Kind+" "+n.Text] += n.N
	}
	if counts["login zwolle"] == 0 || counts["address 203.0.113.77"] != 1 || counts["email Zwirn@example.org"] == 0 {
		t.Errorf("names: %v", counts)
	}
	var kinds []string
	for _, tr := range plan.Traces {
		kinds = append(kinds, tr.Kind)
	}
	slices.Sort(kinds)
	if got := strings.Join(kinds, " "); got != "mapping session token widget widget" {
		t.Errorf("traces: %s %+v", got, plan.Traces)
	}
	all := h.count("")
	h.erase(h.root, erasure.PlanIn{User: h.id}.Agreed(&plan.Total))
	if found := tracesIn(t, h.data, traces); len(found) != 0 {
		t.Errorf("still there: %v", found)
	}
	if found, err := filepath.Glob(filepath.Join(h.data, "avatars", "*")); err != nil || len(found) != 0 {
		t.Errorf("pictures: %v, %v", found, err)
	}
	h.verified("after")
	if n := h.count("actor:bystander"); n != 2 {
		t.Errorf("the bystander has %d activities, want those that name nobody", n)
	}
	if n := h.count("type:LogErased actor:root"); n < 2 {
		t.Errorf("%d activities say that something was erased", n)
	}
	if now := h.count(""); now != all-plan.Total+h.count("type:LogErased")+1 { // verification too
		t.Errorf("%d activities of %d, %d went", now, all, plan.Total)
	}
	list, err := h.Widgets.Widgets(h.root, widget.ListIn{})
	h.ok(err)
	if len(list.Widgets) != 1 || list.Widgets[0].Name != "Other" {
		t.Errorf("widgets: %+v", list.Widgets)
	}
	said, err := h.Log.List(h.root, activity.ListIn{Query: "type:LogErased", Limit: 50})
	h.ok(err)
	for _, a := range said.Items {
		if a.IP != nil || a.UserAgent != nil || a.Actor.Label != "root" || a.Actor.Name != "" {
			t.Errorf("LogErased by %+v from %v %v", a.Actor, a.IP, a.UserAgent)
		}
	}
	h.record(owner(t), `{"type":"GoalAdded","actor":"zwickel2"}`)
	h.verified("and later")
}

// What came in by import does not come back, and a namesake inherits nothing.
func TestWhoWasErasedDoesNotComeBack(t *testing.T) {
	h := newHaunt(t)
	h.erase(h.root, erasure.PlanIn{User: h.id}.Agreed(nil))
	d, err := activity.ParseDraft([]byte(`{"type":"GoalAdded","actor":"zwickel","externalId":"z1"}`))
	h.ok(err)
	if _, err := h.Log.Record(owner(t), d); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("recorded again: %v", err)
	}
	again := createUser(t, h.App, "zwolle", "write")
	if n := h.count("actor:zwolle"); n != 0 || again.ID == h.id {
		t.Errorf("a namesake has %d activities", n)
	}
	h.verified("with a namesake")
}

// A super user who erased things stays in the log as a number.
func TestErasingASuperUserWhoErased(t *testing.T) {
	h := newHaunt(t)
	_, err := h.Accounts.GrantSuper(h.root, account.GrantSuperIn{ID: h.id, Super: true})
	h.ok(err)
	person := h.in("zwolle")
	page, err := h.Log.List(h.root, activity.ListIn{Query: "actor:bystander", Limit: 1})
	h.ok(err)
	h.erase(person, erasure.PlanIn{Activities: []string{page.Items[0].ID}}.Agreed(nil))
	h.verified("with one activity gone")
	plan, err := h.Erasure.ErasePlan(h.root, erasure.PlanIn{User: h.id})
	h.ok(err)
	if len(plan.Lasting) != 1 || plan.Lasting[0].Type != "LogErased" || plan.Lasting[0].N != 1 || plan.Lasting[0].Names {
		t.Errorf("lasting: %+v", plan.Lasting)
	}
	h.erase(h.root, erasure.PlanIn{User: h.id}.Agreed(nil))
	if found := tracesIn(t, h.data, traces); len(found) != 0 {
		t.Errorf("still there: %v", found)
	}
	h.verified("after")
}

func TestWhoCannotBeErased(t *testing.T) {
	h := newHaunt(t)
	rootID := "1"
	for name, tt := range map[string]struct {
		ctx  context.Context
		in   erasure.PlanIn
		code fault.Code
		says string
	}{
		"oneself":               {h.root, erasure.PlanIn{User: rootID}, fault.Conflict, "erase yourself"},
		"the last super user":   {owner(t), erasure.PlanIn{User: rootID}, fault.Conflict, "last super user"},
		"by a user":             {h.ann, erasure.PlanIn{User: h.id}, fault.Denied, "super user"},
		"nobody":                {h.root, erasure.PlanIn{User: "4711"}, fault.NotFound, "no such user"},
		"no identity":           {h.root, erasure.PlanIn{Actor: "4711"}, fault.NotFound, "no such identity"},
		"an account's identity": {h.root, erasure.PlanIn{Actor: h.actor("zwickel")}, fault.Conflict, "belongs to the user zwolle"},
		"nothing":               {h.root, erasure.PlanIn{}, fault.Invalid, "what to erase"},
		"two":                   {h.root, erasure.PlanIn{User: h.id, Actor: "1"}, fault.Invalid, "one user or actor"},
		"another's name":        {h.root, erasure.PlanIn{User: h.id, Without: []string{"root"}}, fault.Invalid, "none of the names"},
		"no activity":           {h.root, erasure.PlanIn{Activities: []string{"x"}}, fault.Invalid, "not the number"},
		"an empty name":         {h.root, erasure.PlanIn{User: h.id, Also: []string{" "}}, fault.Invalid, "empty"},
	} {
		_, planned := h.Erasure.ErasePlan(tt.ctx, tt.in)
		_, erased := h.Erasure.Erase(tt.ctx, tt.in.Agreed(nil))
		for door, err := range map[string]error{"plan": planned, "erase": erased} {
			if public := fault.Public(err); err == nil || public.Code != tt.code || !strings.Contains(public.Message, tt.says) {
				t.Errorf("%s, %s: %v", name, door, err)
			}
		}
	}
	one := int64(1)
	_, err := h.Erasure.Erase(h.root, erasure.PlanIn{User: h.id}.Agreed(&one))
	h.code("more than agreed to", err, fault.Conflict)
	_, err = h.Erasure.Erase(h.root, erasure.PlanIn{Activities: []string{"9999"}}.Agreed(nil))
	h.code("no such activity", err, fault.NotFound)
	if found := tracesIn(t, h.data, traces); len(found) == 0 {
		t.Error("something went")
	}
}

// What others did is spared where a name is not to count, or the activity is to stay.
func TestWhatIsSpared(t *testing.T) {
	h := newHaunt(t)
	page, err := h.Log.List(h.root, activity.ListIn{Query: "actor:bystander asked", Limit: 1})
	h.ok(err)
	in := erasure.PlanIn{User: h.id, Without: []string{"203.0.113.77"}, Keep: []string{page.Items[0].ID}}
	h.erase(h.root, in.Agreed(nil))
	if n := h.count("actor:bystander"); n != 4 {
		t.Errorf("the bystander has %d activities of 4", n)
	}
	h.verified("after")
}
