// Package widget keeps widgets: stored queries that pages of other servers show in a
// frame. Each has a token of its own that opens it and nothing else; the token is made,
// revoked and recorded as any other (package account).
//
// # What is recorded
//
//	type           parameters       changes (old → new)
//	WidgetCreated  widget{id,name}  query ancestors theme limit everybody
//	WidgetChanged  widget{id,name}  name query ancestors theme limit everybody
//	WidgetRemoved  widget{id,name}  –
package widget

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Limits of widgets.
const (
	DefaultLimit = 20
	MaxLimit     = 100

	maxWidgets = 100  // of one maker
	maxName    = 100  // characters
	maxQuery   = 2000 // bytes
)

// A Record is a widget as stored.
type Record struct {
	ID        string
	User      int64 // its maker
	Name      string
	Query     string
	Ancestors []string
	Theme     string
	Limit     int
	Everybody bool
	Token     int64 // of the one that opens it
	CreatedAt int64
}

// A Shelf reads widgets. Each method costs one read.
type Shelf interface {
	Widgets(ctx context.Context) ([]Record, error) // everybody's
	WidgetByID(ctx context.Context, id string) (Record, bool, error)
	TokenByID(ctx context.Context, id int64) (account.TokenRecord, bool, error)
}

// A Tx is a transaction in which widgets and accounts change together.
type Tx interface {
	account.Tx
	Shelf
	PutWidget(ctx context.Context, r Record) error // anew, or over the one with that id
	DropWidget(ctx context.Context, id string) error
}

// A Store keeps widgets. Update stores all of change or nothing. The sqlite package
// implements it.
type Store interface {
	Shelf
	Update(ctx context.Context, change func(Tx) error) error
}

// A Log is what widgets show.
type Log interface {
	List(ctx context.Context, in activity.ListIn) (activity.Page, error)
	Language(ctx context.Context) string
}

// A Service makes, changes and opens widgets.
type Service struct {
	store    Store
	accounts *account.Service
	log      Log
	now      func() time.Time
}

// New returns a service.
func New(store Store, accounts *account.Service, log Log, now func() time.Time) *Service {
	return &Service{store: store, accounts: accounts, log: log, now: now}
}

func failed(err error) error {
	return fault.Else(err, fault.Internal, "The widgets could not be read or changed. The program's log says why.")
}

func absent() error {
	return fault.New(fault.NotFound, "There is no such widget, or it is not yours to see.")
}

// Widgets lists the caller's widgets, or everybody's for a super user. Cost: one read
// more for each. Errors: unauthenticated, denied.
func (s *Service) Widgets(ctx context.Context, _ ListIn) (List, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return List{}, err
	}
	records, err := s.store.Widgets(ctx)
	if err != nil {
		return List{}, failed(err)
	}
	list := List{Widgets: []Widget{}}
	for _, r := range records {
		if !mayTouch(p, r) {
			continue
		}
		shown, err := s.show(ctx, s.store, r)
		if err != nil {
			return List{}, failed(err)
		}
		list.Widgets = append(list.Widgets, shown)
	}
	slices.SortStableFunc(list.Widgets, func(a, b Widget) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	return list, nil
}

// CreateWidget makes a widget for the caller, and the token that opens it, whose secret
// is in the answer and nowhere else. Errors: unauthenticated, denied (everybody's by one
// who sees only their own), invalid (field name, query, ancestors, theme, limit,
// expiresAt), conflict (too many).
func (s *Service) CreateWidget(ctx context.Context, in CreateIn) (Made, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return Made{}, err
	}
	r := Record{ID: rand.Text(), User: p.UserID, Theme: "auto", Limit: DefaultLimit, CreatedAt: s.now().UnixMilli()}
	want := ChangeIn{Name: &in.Name, Query: &in.Query, Ancestors: &in.Ancestors, Everybody: &in.Everybody}
	if in.Theme != "" {
		want.Theme = &in.Theme
	}
	if in.Limit != 0 {
		want.Limit = &in.Limit
	}
	if err := s.check(ctx, p, want); err != nil {
		return Made{}, err
	}
	if _, err := r.change(want); err != nil {
		return Made{}, err
	}
	var made Made
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := refuseMany(ctx, tx, r.User); err != nil {
			return err
		}
		b := s.about(p, "WidgetCreated", r)
		b.Changes = []activity.Change{
			account.Changed("query", nil, r.Query), account.Changed("ancestors", nil, r.Ancestors), account.Changed("theme", nil, r.Theme),
			account.Changed("limit", nil, r.Limit), account.Changed("everybody", nil, r.Everybody),
		}
		if _, err := tx.Record(ctx, b); err != nil {
			return err
		}
		made, err = s.bind(ctx, tx, p, r, in.ExpiresAt)
		return err
	})
	return made, failed(err)
}

// bind gives a widget a new token and stores both.
func (s *Service) bind(ctx context.Context, tx Tx, p access.Principal, r Record, end *int64) (Made, error) {
	made, err := s.accounts.BindToken(ctx, tx, p, account.TokenRecord{User: r.User, Name: r.Name, Widget: r.ID, ExpiresAt: end})
	if err != nil {
		return Made{}, err
	}
	if r.Token, err = account.TokenID(made.Token); err != nil {
		return Made{}, err
	}
	if err := tx.PutWidget(ctx, r); err != nil {
		return Made{}, err
	}
	shown, err := s.show(ctx, tx, r)
	return Made{Widget: shown, Secret: made.Secret}, err
}

func refuseMany(ctx context.Context, v Shelf, user int64) error {
	records, err := v.Widgets(ctx)
	if err != nil {
		return err
	}
	n := 0
	for _, r := range records {
		if r.User == user {
			n++
		}
	}
	if n >= maxWidgets {
		return fault.New(fault.Conflict, "There are %d widgets of yours already. Remove those that nobody shows.", n)
	}
	return nil
}

// mayTouch reports whether a person sees and changes a widget.
func mayTouch(p access.Principal, r Record) bool { return p.SeesAll() || r.User == p.UserID }

// find returns the widget an input names; somebody else's is as absent.
func find(ctx context.Context, v Shelf, p access.Principal, id string) (Record, error) {
	r, ok, err := byID(ctx, v, id)
	if err != nil {
		return Record{}, err
	}
	if !ok || !mayTouch(p, r) {
		return Record{}, absent()
	}
	return r, nil
}

// byID finds a widget; what cannot be an id never reaches the store.
func byID(ctx context.Context, v Shelf, id string) (Record, bool, error) {
	if !IsID(id) {
		return Record{}, false, nil
	}
	return v.WidgetByID(ctx, id)
}

// IsID reports whether a text has the form of a widget's id.
func IsID(text string) bool {
	if len(text) != 26 { // of rand.Text
		return false
	}
	for _, c := range []byte(text) {
		if (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

func (s *Service) show(ctx context.Context, v Shelf, r Record) (Widget, error) {
	token, _, err := v.TokenByID(ctx, r.Token)
	return Widget{
		ID: r.ID, Name: r.Name, Query: r.Query, Ancestors: r.Ancestors, Theme: r.Theme, Limit: r.Limit,
		Everybody: r.Everybody, CreatedAt: r.CreatedAt, Token: s.accounts.ShowToken(token),
	}, err
}

// about returns the body of what the caller does to a widget.
func (s *Service) about(p access.Principal, typ string, r Record) activity.Body {
	b := account.Begin(p, s.now(), typ)
	b.Object = &activity.Object{Kind: "widget", ID: r.ID, Name: r.Name}
	b.Parameters = account.JSON(map[string]any{"widget": map[string]string{"id": r.ID, "name": r.Name}})
	return b
}
