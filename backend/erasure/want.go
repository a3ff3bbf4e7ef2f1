package erasure

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// A wanted is what was asked for, found out.
type wanted struct {
	Wanted
	kind   string
	label  string
	person Person
	kinds  []string // of Texts
	hashes []string // of logins, at failed sign-ins
}

// Agreed returns the input that erases what a plan lists, if it is not more by then.
func (in PlanIn) Agreed(total *int64) In {
	return In{Activities: in.Activities, User: in.User, Actor: in.Actor, Also: in.Also, Without: in.Without, Keep: in.Keep, Total: total}
}

func (in In) plan() PlanIn {
	return PlanIn{Activities: in.Activities, User: in.User, Actor: in.Actor, Also: in.Also, Without: in.Without, Keep: in.Keep}
}

// want checks what is asked for and finds out who it is about.
func (s *Service) want(ctx context.Context, p access.Principal, in PlanIn) (*wanted, error) {
	given := 0
	for _, is := range []bool{len(in.Activities) > 0, in.User != "", in.Actor != ""} {
		if is {
			given++
		}
	}
	if given != 1 {
		return nil, fault.At("activities", "Say what to erase: activities, or one user or actor.")
	}
	if len(in.Activities) > 0 {
		places, err := placesOf("activities", in.Activities, maxActivities)
		return &wanted{kind: KindActivity, Wanted: Wanted{Places: places}}, err
	}
	w := &wanted{kind: KindPerson, Wanted: Wanted{Own: s.options.Own()}}
	if err := s.wantPerson(ctx, p, in, w); err != nil {
		return nil, err
	}
	if err := w.name(s.options.Accounts.LoginHash, in); err != nil {
		return nil, err
	}
	var err error
	w.Keep, err = placesOf("keep", in.Keep, maxKeep)
	return w, err
}

// placesOf reads ids of activities.
func placesOf(field string, ids []string, most int) ([]int64, error) {
	if len(ids) > most {
		return nil, fault.At(field, "At most %d activities can be named at a time.", most)
	}
	places := make([]int64, 0, len(ids))
	for _, id := range ids {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || n < 1 || strconv.FormatInt(n, 10) != id {
			return nil, fault.At(field, "%q is not the number of an activity.", id)
		}
		if !slices.Contains(places, n-1) {
			places = append(places, n-1)
		}
	}
	slices.Sort(places)
	return places, nil
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != text {
		return -1 // of nobody
	}
	return n
}

func (s *Service) wantPerson(ctx context.Context, p access.Principal, in PlanIn, w *wanted) error {
	var user, identity int64
	field, none := "user", "There is no such user, and there was none of whom anything is left."
	if in.User != "" {
		user = number(in.User)
	} else {
		identity = number(in.Actor)
		field, none = "actor", "There is no such identity in this log."
	}
	person, ok, err := s.store.Person(ctx, user, identity)
	if err != nil {
		return failed(err)
	}
	if !ok {
		return fault.New(fault.NotFound, "%s", none).Blame(field)
	}
	if in.Actor != "" {
		if err := refuseIdentity(person, identity); err != nil {
			return err
		}
	}
	if person.User != nil {
		if err := s.options.Accounts.Removable(ctx, p, *person.User); err != nil {
			return err
		}
	}
	w.person, w.UserID = person, person.UserID
	for _, link := range person.Identities {
		w.Identities = append(w.Identities, link.Actor)
	}
	return nil
}

// refuseIdentity refuses an identity that is nobody in particular, or one of several of
// a person who has an account.
func refuseIdentity(person Person, identity int64) error {
	for _, link := range person.Identities {
		if link.Actor == identity && (link.Kind == activity.KindAnonymous || link.Kind == activity.KindSystem) {
			return fault.New(fault.Conflict, "%s is not one person.", link.Name).Blame("actor")
		}
	}
	if person.User != nil {
		return fault.New(fault.Conflict, "This identity belongs to the user %s. Erase that user, with all identities, or unlink this one first.", person.User.Login).Blame("actor")
	}
	return nil
}

// name collects by what the person is named.
func (w *wanted) name(hash func(login string) string, in PlanIn) error {
	var folded []string
	add := func(kind, text string) {
		text = strings.TrimSpace(text)
		if key := access.Fold(text); key != "" && !slices.Contains(folded, key) {
			folded = append(folded, key)
			w.Texts, w.kinds = append(w.Texts, text), append(w.kinds, kind)
		}
	}
	var logins []string
	if u := w.person.User; u != nil {
		w.label = u.Login
		logins = append(logins, u.Login)
		add("login", u.Login)
		add("name", u.Name)
		add("email", u.Email)
	}
	for _, link := range w.person.Identities {
		if w.label == "" {
			w.label = link.Name
		}
		kind := "identity"
		if link.Source == account.SourceSelf {
			kind = "login"
			logins = append(logins, link.Name)
		}
		add(kind, link.Name)
	}
	for _, text := range w.person.Called {
		kind := "name"
		if strings.Contains(text, "@") {
			kind = "email"
		}
		add(kind, text)
	}
	for _, login := range logins {
		if h := hash(login); login != "" && !slices.Contains(w.hashes, h) {
			w.hashes = append(w.hashes, h)
			add("signin", h)
		}
	}
	for _, addr := range w.person.Addresses {
		add("address", addr.String())
	}
	if err := checkTexts("also", in.Also); err != nil {
		return err
	}
	for _, text := range in.Also {
		add("also", text)
	}
	return w.leaveOut(in.Without)
}

func checkTexts(field string, texts []string) error {
	if len(texts) > maxTexts {
		return fault.At(field, "At most %d names can be given.", maxTexts)
	}
	for _, text := range texts {
		if len(text) > maxText {
			return fault.At(field, "A name may have at most %d bytes.", maxText)
		}
		if err := account.CheckLine(field, "name", text, maxText); err != nil {
			return err
		}
		if access.Fold(strings.TrimSpace(text)) == "" {
			return fault.At(field, "A name is empty. Leave it out.")
		}
	}
	return nil
}

// leaveOut has some of the texts count for nothing.
func (w *wanted) leaveOut(texts []string) error {
	w.Without = make([]bool, len(w.Texts))
	for _, text := range texts {
		key, found := access.Fold(strings.TrimSpace(text)), false
		for i := range w.Texts {
			if access.Fold(w.Texts[i]) == key {
				w.Without[i], found = true, true
			}
		}
		if !found {
			return fault.At("without", "%q is none of the names and addresses that the plan lists.", text)
		}
	}
	return nil
}

// who is by what the person is found outside of the activities.
func (w *wanted) who() Who {
	out := Who{UserID: w.UserID, Hashes: w.hashes}
	for i, text := range w.Texts {
		switch {
		case w.Without[i]:
		case w.kinds[i] == "address":
			out.Addresses = append(out.Addresses, text)
			out.Texts = append(out.Texts, text)
		default:
			out.Texts = append(out.Texts, text)
		}
	}
	return out
}

// emails are the addresses by which pictures are kept: a login, an identity or a further
// name may be one as well.
func (w *wanted) emails() []string {
	var list []string
	for _, text := range w.Texts {
		if strings.Contains(text, "@") {
			list = append(list, text)
		}
	}
	return list
}
