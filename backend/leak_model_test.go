package backend_test

import (
	"fmt"
	"slices"
	"strings"

	"activitylog/backend/access"
)

// A sight is what a caller may see: everybody's activity, one user's own, or nothing. A
// person also sees their own account, whatever their role, and a token hears its name.
type sight struct {
	all     bool
	user    *user
	account *user
	token   *credential
}

// holds reports whether what a mark tells of is the sight's to see.
func (s sight) holds(m mark) bool {
	switch {
	case s.all:
		return true
	case m.deeds != nil:
		return m.deeds.user != nil && m.deeds.user == s.user
	case m.name != nil:
		return m.name.user != nil && m.name.user == s.account
	case m.account != nil:
		return m.account == s.account
	case m.place != nil:
		return slices.Contains(m.place.readers, s.user)
	}
	return m.token.user == s.user || m.token == s.token
}

// sees is the model's one rule: what a credential opens now. Exposed, it stood in an
// address.
func (w *world) sees(c *credential, exposed bool) sight {
	if c == nil || c.dead || exposed && !c.get {
		return sight{}
	}
	role := c.user.role()
	switch {
	case c.user.disabled:
		return sight{}
	case c.session && role == access.None:
		return sight{account: c.user}
	case role == access.None:
		return sight{}
	case c.session:
		return sight{all: role == access.Super, user: c.user, account: c.user}
	case c.has("read:all") && role == access.Super:
		return sight{all: true, user: c.user, account: c.user, token: c}
	case c.has("read:all") || c.has("read:own"):
		return sight{user: c.user, account: c.user, token: c}
	}
	return sight{token: c}
}

// opens is what a widget shows to a credential.
func (w *world) opens(c *credential, f *frame) sight {
	mine := w.sees(c, false)
	whole, nothing := sight{all: f.everybody, user: f.maker, account: f.maker, token: mine.token}, sight{token: mine.token}
	switch {
	case c.dead || c.user.disabled || f.maker.role() == access.None || f.everybody && f.maker.role() != access.Super:
		return nothing
	case c.session && (mine.all || mine.user == f.maker):
		return whole
	case c.session || !c.has("widget") || c.bound != nil && c.bound != f || c.user != f.maker:
		return nothing
	}
	return whole
}

// own is how many activities are a user's now.
func (w *world) own(u *user) int {
	n := 0
	for _, i := range w.rows {
		if u != nil && i != nil && i.user == u {
			n++
		}
	}
	return n
}

// seen is how many activities somebody may see now.
func (w *world) seen(s sight) int {
	if s.all {
		return len(w.rows)
	}
	return w.own(s.user)
}

// found are the words and addresses in an answer: those that one of the sights holds, and
// one that none does.
func (w *world) found(a answer, sights []sight) (rightful int, leak string) {
	text := a.text()
	look := func(mark string, length int) {
		for at := 0; ; {
			next := strings.Index(text[at:], mark)
			if next < 0 || at+next+length > len(text) {
				return
			}
			word := text[at+next : at+next+length]
			at += next + 1
			switch m, ours := w.marks[word]; {
			case !ours:
			case slices.ContainsFunc(sights, func(s sight) bool { return s.holds(m) }):
				rightful++
			case leak == "":
				leak = word + ", " + m.String()
			}
		}
	}
	look("zq", len("zq")+10)
	look("203.0.113.", len("203.0.113.101"))
	return rightful, leak
}

func (m mark) String() string {
	switch {
	case m.deeds != nil:
		return fmt.Sprintf("what %s %s %s did", m.deeds.kind, m.deeds.source, m.deeds.name)
	case m.name != nil:
		return "the name of an actor of " + m.name.source
	case m.account != nil:
		return "the account of " + m.account.login
	case m.place != nil:
		return "the site " + m.place.id
	}
	return "a token of " + m.token.user.login
}

// A revision tells somebody that what they may see has changed, and nothing else: while
// that is the same, so is the revision.
func (w *world) checkRevision(s sight, revision string) {
	if revision == "" {
		return
	}
	w.loot.revisions = append(w.loot.revisions, revision)
	if s.all || s.user == nil {
		return
	}
	w.sync()
	key := fmt.Sprint(s.user.id, " ", w.seen(s), " ", s.user.changed)
	for _, i := range w.identities {
		if i.user == s.user {
			key += " " + i.word
		}
	}
	if before, ok := w.revisions[key]; ok && before != revision {
		w.Fatalf("%s is told of a change where only others did something", s.user.login)
	}
	w.revisions[key] = revision
}

// change changes who may see what, and what the model knows of it.
func (w *world) change() {
	w.clock.Add(100) // sessions last for some 300,000 requests
	others := w.users[1:]
	u := others[w.rand.IntN(len(others))]
	switch w.rand.IntN(9) {
	case 0, 1:
		w.setLevel(u, []string{"view", "write", "admin", "view", "write", "none"}[w.rand.IntN(6)])
	case 2:
		w.setDisabled(u, !u.disabled)
	case 3:
		u = others[w.rand.IntN(2)]
		w.setSuper(u, !u.super)
	case 4:
		w.replaceToken()
	case 5, 6:
		w.link(w.stranger(), u)
	case 7:
		w.link(w.stranger(), nil)
	case 8:
		w.signOut(u)
	}
}

func (w *world) stranger() *identity {
	for {
		if i := w.identities[w.rand.IntN(len(w.identities))]; i.source != "self" {
			return i
		}
	}
}

// became ends the sessions of a user who is somebody else now, and lets them in anew.
func (w *world) became(u *user, before access.Role) {
	if u.role() == before {
		return
	}
	u.changed++
	w.end(u)
}

// end keeps one session of a user's that is over, for others to try.
func (w *world) end(u *user) {
	w.credentials = slices.DeleteFunc(w.credentials, func(c *credential) bool { return c.session && c.user == u && c.dead })
	for _, c := range w.credentials {
		if c.session && c.user == u {
			c.dead = true
		}
	}
	if !u.disabled {
		w.signIn(u)
	}
}

func (w *world) setLevel(u *user, level string) {
	before := u.role()
	w.must(w.root.session, "setAccess", jsonOf(map[string]string{"id": u.id, "site": "1", "level": level}), nil)
	u.level = level
	if before != access.Super {
		w.became(u, before)
	}
}

func (w *world) setDisabled(u *user, disabled bool) {
	w.must(w.root.session, "changeUser", jsonOf(map[string]any{"id": u.id, "disabled": disabled}), nil)
	u.disabled = disabled
	u.changed++
	w.end(u)
}

func (w *world) setSuper(u *user, super bool) {
	w.must(w.root.session, "grantSuper", jsonOf(map[string]any{"id": u.id, "super": super}), nil)
	u.super = super
	u.changed++
	w.end(u)
}

func (w *world) link(i *identity, to *user) {
	in := map[string]any{"actor": i.actor, "user": nil}
	if to != nil {
		in["user"] = to.id
	}
	w.must(w.root.session, "linkActor", jsonOf(in), nil)
	i.user = to
}

func (w *world) signOut(u *user) {
	if u.disabled || u.session.dead {
		return
	}
	w.must(u.session, "signOut", `{"everywhere":true}`, nil)
	u.changed++
	w.end(u)
}

// replaceToken revokes a token and has its maker make another like it.
func (w *world) replaceToken() {
	for range 20 {
		c := w.credentials[w.rand.IntN(len(w.credentials))]
		if c.dead || c.session || c.bound != nil || c == w.all || c == w.byGet || c.user.role() == access.None {
			continue
		}
		if c.has("ingest") && !c.user.role().AtLeast(access.Write) || c.has("read:all") && c.user.role() != access.Super {
			continue
		}
		w.must(w.root.session, "revokeToken", jsonOf(map[string]string{"id": c.id}), nil)
		c.dead = true
		w.token(c.user, "again", c.get, c.scopes...)
		return
	}
}
