package account

import (
	"context"
	"strconv"

	"activitylog/backend/access"
)

// Me tells who is signed in; anybody may ask. Before a first super user exists
// Ready is false. Errors: unavailable.
func (s *Service) Me(ctx context.Context, _ MeIn) (Me, error) {
	return s.me(ctx, access.From(ctx))
}

func (s *Service) me(ctx context.Context, p access.Principal) (Me, error) {
	ready, err := s.store.HasSuper(ctx)
	if err != nil {
		return Me{}, failed(err)
	}
	me := Me{Role: string(access.None), Ready: ready, Preferences: defaults(), Host: string(p.Door), Version: s.version}
	if p.Known() {
		me.Role = string(p.Role)
	}
	if p.UserID == 0 || p.Token != nil { // a token's maker is not the caller
		return me, nil
	}
	r, ok, err := s.store.UserByID(ctx, p.UserID)
	if err != nil || !ok {
		return me, failed(err)
	}
	user, err := s.show(ctx, s.store, r)
	if err != nil {
		return me, failed(err)
	}
	me.User = &user
	stored, err := s.store.Stored(ctx, p.UserID)
	if err != nil {
		return me, failed(err)
	}
	me.Preferences = read(stored)
	return me, nil
}

// show returns a user as the fronts see it.
func (s *Service) show(ctx context.Context, v View, r Record) (User, error) {
	grants, err := v.Grants(ctx, r.ID)
	if err != nil {
		return User{}, err
	}
	links, err := v.Links(ctx, r.ID)
	if err != nil {
		return User{}, err
	}
	return shown(r, grants, links), nil
}

func shown(r Record, grants []Grant, links []Link) User {
	u := User{
		ID: strconv.FormatInt(r.ID, 10), Login: r.Login, Email: r.Email, Name: r.Name, Super: r.Super, Disabled: r.Disabled,
		Role: string(role(r.Super, highest(grants))), Access: []Access{}, CreatedAt: r.CreatedAt, SeenAt: r.SeenAt, Identities: []Identity{},
	}
	for _, g := range grants {
		u.Access = append(u.Access, Access{Site: strconv.FormatInt(g.Site, 10), Level: g.Level})
	}
	for _, l := range links {
		u.Identities = append(u.Identities, Identity{Actor: strconv.FormatInt(l.Actor, 10), Kind: l.Kind, Source: l.Source, Name: l.Name})
	}
	return u
}

// Named returns the user with a login, spelt as for signing in. Super users only.
// Errors: unauthenticated, denied, not_found.
func (s *Service) Named(ctx context.Context, login string) (User, error) {
	if _, err := access.Require(ctx, access.Super); err != nil {
		return User{}, err
	}
	r, ok, err := byLogin(ctx, s.store, login)
	if err != nil {
		return User{}, failed(err)
	}
	if !ok {
		return User{}, noUser()
	}
	user, err := s.show(ctx, s.store, r)
	return user, failed(err)
}

// Users lists all users by login, for super users. Errors: unauthenticated, denied.
func (s *Service) Users(ctx context.Context, _ UsersIn) (UserList, error) {
	if _, err := access.Require(ctx, access.Super); err != nil {
		return UserList{}, err
	}
	records, err := s.store.Users(ctx)
	if err != nil {
		return UserList{}, failed(err)
	}
	grants, err := s.store.Grants(ctx, 0)
	if err != nil {
		return UserList{}, failed(err)
	}
	links, err := s.store.Links(ctx, 0)
	if err != nil {
		return UserList{}, failed(err)
	}
	granted, linked := map[int64][]Grant{}, map[int64][]Link{}
	for _, g := range grants {
		granted[g.User] = append(granted[g.User], g)
	}
	for _, l := range links {
		linked[*l.User] = append(linked[*l.User], l)
	}
	list := UserList{Users: []User{}}
	for _, r := range records {
		list.Users = append(list.Users, shown(r, granted[r.ID], linked[r.ID]))
	}
	return list, nil
}
