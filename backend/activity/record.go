package activity

import (
	"context"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// Record stores one activity and returns its receipt, once it is durable. Role write
// records as oneself; only a super user, or a super user's token, may name another
// actor. By hand only a super user may give an external id: those are one space for
// all who record by hand, so that a taken one would tell of somebody else's activity.
// A token's are its own.
// Errors: unauthenticated, denied, invalid (with the field), conflict (the external id
// stands for something else, or for what was erased), unavailable (also over a token's
// quota).
func (s *Service) Record(ctx context.Context, d Draft) (Receipt, error) {
	if p := access.From(ctx); p.Token != nil && p.MayRecord() && s.options.Admit != nil {
		if err := s.options.Admit(ctx, p); err != nil {
			return Receipt{}, err
		}
	}
	results, err := s.RecordAll(ctx, []Draft{d})
	if err != nil {
		return Receipt{}, err
	}
	if err := results[0].Refusal(); err != nil {
		return Receipt{}, err
	}
	return results[0].Receipt, nil
}

// RecordAll stores several drafts in one commit. One that is refused has its error
// in its place; the others go in. Errors of all: unauthenticated, denied, unavailable.
func (s *Service) RecordAll(ctx context.Context, drafts []Draft) ([]Appended, error) {
	p, err := access.RequireRecorder(ctx)
	if err != nil {
		return nil, err
	}
	results := make([]Appended, len(drafts))
	bodies := make([]Body, 0, len(drafts))
	place := make([]int, 0, len(drafts))
	for i, d := range drafts {
		body, err := s.prepare(p, d)
		if err != nil {
			results[i].Err = err
			continue
		}
		bodies, place = append(bodies, body), append(place, i)
	}
	stored, err := s.store.Append(ctx, bodies)
	if err != nil {
		return nil, err
	}
	for i, r := range stored {
		results[place[i]] = r
	}
	return results, nil
}

// Check says, by the error that Record would give, whether a draft will be refused. It
// stores nothing. Errors: unauthenticated, denied, invalid (with the field).
func (s *Service) Check(ctx context.Context, d Draft) error {
	p, err := access.RequireRecorder(ctx)
	if err != nil {
		return err
	}
	_, err = s.prepare(p, d)
	return err
}

func (s *Service) prepare(p access.Principal, d Draft) (Body, error) {
	if d.Actor != nil && !p.MayNameOthers() {
		return Body{}, fault.New(fault.Denied, "Only a super user may record for another actor. Leave actor away.").Blame("actor")
	}
	if filled(d.ExternalID) != nil && p.Token == nil && !p.MayNameOthers() {
		return Body{}, fault.New(fault.Denied, "Only a super user may give an external id. Leave externalId away.").Blame("externalId")
	}
	source := sourceOf(p)
	// A program, or a person at the command line, may tell of another system's sign-ins
	// and users.
	if t, ok := s.catalog.Type(d.Type); Reserved(d.Type) || ok && t.Self && source == "manual" {
		return Body{}, fault.At("type", "%s is recorded by the program itself when it happens, not by hand.", d.Type)
	}
	if t, ok := s.catalog.Type(d.Type); ok && t.Off {
		return Body{}, fault.At("type", "%s cannot be recorded while the plugin %s is deactivated. A super user activates it.", d.Type, t.Plugin)
	}
	if t, ok := s.catalog.Namesake(d.Type); ok {
		return Body{}, fault.At("type", "%s would be taken for %s. Write it so, or choose another name.", clip(d.Type), t.ID)
	}
	if access.MixesScripts(d.Type) {
		return Body{}, fault.At("type", "The type mixes letters of scripts that look alike, such as Latin and Cyrillic. Keep to one of them.")
	}
	o := Origin{Source: source, Caller: s.options.Caller(p), Now: s.options.Now().In(location(p.Zone)), Catalog: s.catalog}
	if filled(d.Site) == nil {
		body, _, err := Prepare(d, o)
		return body, err
	}
	if err := CheckSite(*d.Site); err != nil {
		return Body{}, err
	}
	o.Site = &SiteRef{Kind: "other", Name: *d.Site}
	body, _, err := Prepare(d, o)
	// Whoever may name others may name their sites, whatever they may read.
	body.SiteCalled = SiteCall{Text: *d.Site, Scope: Scope{All: p.MayNameOthers(), User: p.UserID}}
	return body, err
}

// sourceOf is the door that an activity comes in through.
func sourceOf(p access.Principal) string {
	switch {
	case p.Token != nil:
		return p.Token.Source()
	case p.Door == access.CLI:
		return "cli"
	}
	return "manual"
}

// CheckSite refuses a site's name that is too long to be one, at every door.
func CheckSite(name string) error {
	if len(name) > 1024 {
		return fault.At("site", "site must have at most 1,024 bytes.")
	}
	return nil
}
