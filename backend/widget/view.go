package widget

import (
	"context"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Frames returns the origins whose pages may frame a widget; none where there is no such
// widget. It asks nobody who they are: a browser needs it before it shows anything. Cost:
// one read. Errors: unavailable.
func (s *Service) Frames(ctx context.Context, id string) ([]string, error) {
	r, ok, err := byID(ctx, s.store, id)
	if err != nil || !ok {
		return nil, failed(err)
	}
	return r.Ancestors, nil
}

// Widget opens a widget: for its token, for its maker, for a super user. Whoever opens
// it, it shows what its maker may see now. Errors: unauthenticated, denied (also: its
// maker may not show it any more), not_found, invalid (its query means nothing any more),
// unavailable.
func (s *Service) Widget(ctx context.Context, in ViewIn) (View, error) {
	p, err := access.RequireViewer(ctx)
	if err != nil {
		return View{}, err
	}
	r, ok, err := byID(ctx, s.store, in.ID)
	if err != nil {
		return View{}, failed(err)
	}
	if !ok || !opens(p, r) {
		return View{}, absent()
	}
	maker, _, err := s.store.TokenByID(ctx, r.Token)
	if err != nil {
		return View{}, failed(err)
	}
	reader, err := readerOf(p, r, maker)
	if err != nil {
		return View{}, err
	}
	ctx = access.With(ctx, reader)
	page, err := s.log.List(ctx, activity.ListIn{Query: r.Query, Limit: r.Limit})
	if err != nil {
		return View{}, err
	}
	view := View{Name: r.Name, Theme: r.Theme, Language: s.log.Language(ctx), Zone: reader.Zone, Rows: []Row{}}
	for _, a := range page.Items {
		view.Rows = append(view.Rows, row(a))
	}
	return view, nil
}

// opens reports whether the caller may open the widget at all. A token that is no
// widget's own opens each of its maker's.
func opens(p access.Principal, r Record) bool {
	if p.Token == nil {
		return mayTouch(p, r)
	}
	if p.Token.Widget != "" {
		return p.Token.Widget == r.ID
	}
	return p.UserID == r.User
}

// readerOf is the widget's maker, as one who reads what the widget shows. One who was a
// super user and is none any more does not show less in silence.
func readerOf(p access.Principal, r Record, maker account.TokenRecord) (access.Principal, error) {
	token := &access.Token{ID: maker.ID, Name: maker.Name, Scopes: []access.Scope{access.ReadOwn}, Maker: maker.Role()}
	if r.Everybody {
		token.Scopes = []access.Scope{access.ReadAll}
	}
	reader := access.Principal{
		UserID: r.User, Token: token, Role: token.Role(), Door: p.Door, Language: maker.Language, Zone: maker.Zone, IP: p.IP, Agent: p.Agent,
	}
	if reader.Role != access.View || r.Everybody && !reader.SeesAll() {
		return reader, fault.New(fault.Denied, "Whoever made this widget may not show this any more. Ask them, or a super user of this log.")
	}
	return reader, nil
}

func row(a activity.Activity) Row {
	shown := Row{
		ID: a.ID, OccurredAt: a.OccurredAt, TypeLabel: a.TypeLabel, Tone: a.Tone, Actor: a.Actor.Label, Sentence: []Part{}, Result: a.Result,
	}
	for _, part := range a.Sentence {
		shown.Sentence = append(shown.Sentence, Part{part.Kind, part.Text})
	}
	return shown
}
