package account

import (
	"context"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// GrantSuper grants or revokes super user access. The user's sessions end. Errors:
// unauthenticated, denied, not_found, conflict (the last super user).
func (s *Service) GrantSuper(ctx context.Context, in GrantSuperIn) (User, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return User{}, err
	}
	r := Record{ID: parseID(in.ID)}
	return s.changed(ctx, &r, func(tx Tx) error {
		if r, err = find(ctx, tx, in.ID); err != nil || r.Super == in.Super {
			return err
		}
		if !in.Super {
			if err := keepSuper(ctx, tx, r); err != nil {
				return err
			}
		}
		b := about(p, s.now(), "SuperUserAccessChanged", r, params{"hasSuperUserAccess": in.Super})
		b.Changes = append(b.Changes, Changed("super", r.Super, in.Super))
		r.Super = in.Super
		if err := s.revoke(ctx, tx, &r, ""); err != nil {
			return err
		}
		_, err = tx.Record(ctx, b)
		return err
	})
}

// SetAccess sets a user's level on a site, or takes it away with level none. If the
// effective role changes the user's sessions end. Errors: unauthenticated, denied,
// not_found, invalid (field site, level).
func (s *Service) SetAccess(ctx context.Context, in SetAccessIn) (User, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return User{}, err
	}
	level, err := checkLevel("level", in.Level)
	if err != nil {
		return User{}, err
	}
	r := Record{ID: parseID(in.ID)}
	return s.changed(ctx, &r, func(tx Tx) error {
		if r, err = find(ctx, tx, in.ID); err != nil {
			return err
		}
		return s.setAccess(ctx, tx, p, r, in.Site, level)
	})
}

func (s *Service) setAccess(ctx context.Context, tx Tx, p access.Principal, r Record, siteID, level string) error {
	site := parseID(siteID)
	ref, ok, err := tx.SiteRef(ctx, site)
	if err != nil {
		return err
	}
	if !ok {
		return fault.At("site", "There is no such site.")
	}
	before, err := tx.Grants(ctx, r.ID)
	if err != nil {
		return err
	}
	old := ""
	for _, g := range before {
		if g.Site == site {
			old = g.Level
		}
	}
	if old == level {
		return nil
	}
	if err := s.accessChanged(ctx, tx, p, r, ref, old, level); err != nil {
		return err
	}
	after, err := tx.Grants(ctx, r.ID)
	if err != nil {
		return err
	}
	if role(r.Super, highest(before)) != role(r.Super, highest(after)) {
		return s.revoke(ctx, tx, &r, "")
	}
	return nil
}

// named returns a level's word: none for "".
func named(level string) string {
	if level == "" {
		return string(access.None)
	}
	return level
}

// LinkActor links an identity of another source to a user, who then sees its
// activities as own, or with User null to nobody. Errors: unauthenticated, denied,
// not_found, invalid (field actor: this log's own identities are what they are; field user).
func (s *Service) LinkActor(ctx context.Context, in LinkActorIn) (Done, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Done{}, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		link, ok, err := tx.Actor(ctx, parseID(in.Actor))
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.NotFound, "There is no such actor.")
		}
		if link.Source == SourceSelf {
			return fault.At("actor", "This identity belongs to an account of this log and cannot be linked to another.")
		}
		return s.link(ctx, tx, p, link, in.User)
	})
	return Done{Done: err == nil}, failed(err)
}

func (s *Service) link(ctx context.Context, tx Tx, p access.Principal, link Link, user *string) error {
	var from, to *Record
	if link.User != nil {
		r, ok, err := tx.UserByID(ctx, *link.User)
		if err != nil {
			return err
		}
		if ok {
			from = &r
		}
	}
	if user != nil {
		r, err := find(ctx, tx, *user)
		if fault.CodeOf(err) == fault.NotFound {
			return fault.At("user", "There is no such user.")
		}
		if err != nil {
			return err
		}
		to = &r
	}
	if from == nil && to == nil || from != nil && to != nil && from.ID == to.ID {
		return nil
	}
	return s.relink(ctx, tx, p, link, from, to)
}

func (s *Service) relink(ctx context.Context, tx Tx, p access.Principal, link Link, from, to *Record) error {
	b := Begin(p, s.now(), "ActorLinked")
	id := strconv.FormatInt(link.Actor, 10)
	b.Object = &activity.Object{Kind: "actor", ID: id, Name: link.Name}
	whom, login := from, func(r *Record) any {
		if r == nil {
			return nil
		}
		return r.Login
	}
	var target *int64
	if to != nil {
		whom, target = to, &to.ID
	}
	b.Parameters = JSON(params{
		"actor":  params{"id": id, "kind": link.Kind, "source": link.Source, "name": link.Name},
		"user":   entity{ID: strconv.FormatInt(whom.ID, 10), Name: whom.Login},
		"linked": to != nil,
	})
	b.Changes = append(b.Changes, Changed("user", login(from), login(to)))
	if _, err := tx.Record(ctx, b); err != nil { // before the link: it may be the caller's own
		return err
	}
	return tx.SetLink(ctx, link.Actor, target)
}
