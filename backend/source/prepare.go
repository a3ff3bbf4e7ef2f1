package source

import (
	"context"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
)

// A preparer turns records into bodies.
type preparer struct {
	store   Store
	catalog *catalog.Catalog
	source  string
	caller  activity.BodyActor
	scope   activity.Scope
	now     func() time.Time
	zone    *time.Location
	sites   map[string]*activity.SiteRef // by what drafts call them
}

// maxSites bounds how many sites' names are remembered.
const maxSites = 10_000

func (s *Service) preparer(p access.Principal, source string) *preparer {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		zone = time.UTC
	}
	return &preparer{
		store: s.store, catalog: s.options.Catalog, source: source, caller: account.Actor(p), scope: activity.ScopeOf(p),
		now: s.options.Now, zone: zone, sites: map[string]*activity.SiteRef{},
	}
}

// body returns what to store of a record, and whether a part was too large and cut.
// Errors: invalid, with the field; what the store says.
func (p *preparer) body(ctx context.Context, r Record) (activity.Body, bool, error) {
	site, err := p.site(ctx, r)
	if err != nil {
		return activity.Body{}, false, err
	}
	return activity.Prepare(r.Draft, activity.Origin{
		Source: p.source, Caller: p.caller, Import: true, Now: p.now().In(p.zone), Site: site, Catalog: p.catalog,
	})
}

// site resolves the record's site, nil for none.
func (p *preparer) site(ctx context.Context, r Record) (*activity.SiteRef, error) {
	if r.Site != nil {
		return r.Site, activity.CheckSite(r.Site.Name)
	}
	if r.Draft.Site == nil || *r.Draft.Site == "" {
		return nil, nil
	}
	text := *r.Draft.Site
	if err := activity.CheckSite(text); err != nil {
		return nil, err
	}
	if site, ok := p.sites[text]; ok {
		return site, nil
	}
	ref, known, err := p.store.ResolveSite(ctx, p.scope, text)
	if err != nil {
		return nil, err
	}
	if !known {
		ref = activity.SiteRef{Kind: "other", Name: text}
	}
	if len(p.sites) >= maxSites {
		clear(p.sites)
	}
	p.sites[text] = &ref
	return &ref, nil
}
