package account

import (
	"context"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// thisLog is the site every user gets access to: this log itself.
const thisLog = "1"

// newRecord checks what a new user is to be and hashes its password.
func (s *Service) newRecord(ctx context.Context, in CreateUserIn) (Record, error) {
	login, err := checkLogin(in.Login)
	if err != nil {
		return Record{}, err
	}
	email, err := checkEmail(in.Email)
	if err != nil {
		return Record{}, err
	}
	name, err := checkName(in.Name)
	if err != nil {
		return Record{}, err
	}
	if err := access.CheckPassword("password", in.Password, login, email); err != nil {
		return Record{}, err
	}
	hash, err := s.passwords.Hash(ctx, in.Password)
	if err != nil {
		return Record{}, err
	}
	return Record{
		Login: login, Key: loginKey(login), Email: email, Name: name, Password: hash, Version: 1, CreatedAt: s.ms(),
	}, nil
}

// addUser stores a checked user with a level on this log and records it. Where
// nobody is signed in yet the caller becomes the new user.
func (s *Service) addUser(ctx context.Context, tx Tx, p *access.Principal, r *Record, level string) error {
	_, taken, err := tx.UserByKey(ctx, r.Key)
	if err != nil {
		return err
	}
	if taken {
		e := fault.New(fault.Conflict, "There is a user with the login %q already. Choose another one.", r.Login)
		e.Field = "login"
		return e
	}
	if r.ID, err = tx.AddUser(ctx, *r); err != nil {
		return err
	}
	if !p.Known() {
		p.UserID, p.Login, p.Role = r.ID, r.Login, access.Super
	}
	b := about(*p, s.now(), "UserCreated", *r, params{"email": r.Email})
	b.Changes = append(b.Changes, Changed("login", nil, r.Login))
	for _, f := range []struct{ field, value string }{{"email", r.Email}, {"name", r.Name}} {
		if f.value != "" {
			b.Changes = append(b.Changes, Changed(f.field, nil, f.value))
		}
	}
	if _, err := tx.Record(ctx, b); err != nil {
		return err
	}
	return s.setAccess(ctx, tx, *p, *r, thisLog, level)
}

// checkLevel returns the level to store: "" for none.
func checkLevel(field, level string) (string, error) {
	switch access.Role(level) {
	case access.None:
		return "", nil
	case access.View, access.Write, access.Admin:
		return level, nil
	}
	return "", fault.At(field, "The level must be none, view, write or admin, not %q.", level)
}

// CreateUser makes a user. Errors: unauthenticated, denied, conflict (field login),
// invalid (field login, email, name, password, level).
func (s *Service) CreateUser(ctx context.Context, in CreateUserIn) (User, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return User{}, err
	}
	if in.Level == "" {
		in.Level = string(access.View)
	}
	level, err := checkLevel("level", in.Level)
	if err != nil {
		return User{}, err
	}
	r, err := s.newRecord(ctx, in)
	if err != nil {
		return User{}, err
	}
	return s.changed(ctx, &r, func(tx Tx) error { return s.addUser(ctx, tx, &p, &r, level) })
}

// changed runs a change of a user and shows what became of it.
func (s *Service) changed(ctx context.Context, r *Record, change func(Tx) error) (User, error) {
	var user User
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		now, ok, err := tx.UserByID(ctx, r.ID)
		if err != nil || !ok {
			return err
		}
		user, err = s.show(ctx, tx, now)
		return err
	})
	return user, failed(err)
}

// ChangeUser changes a user's e-mail address, name, password or whether it is
// disabled. A new password and disabling end its sessions. Errors: unauthenticated,
// denied, not_found, conflict (the last super user), invalid (field email, name, password).
func (s *Service) ChangeUser(ctx context.Context, in ChangeUserIn) (User, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return User{}, err
	}
	hash, err := s.checkChange(ctx, &in)
	if err != nil {
		return User{}, err
	}
	r := Record{ID: parseID(in.ID)}
	return s.changed(ctx, &r, func(tx Tx) error {
		if r, err = find(ctx, tx, in.ID); err != nil {
			return err
		}
		return s.changeUser(ctx, tx, p, r, in, hash)
	})
}

// checkChange checks the inputs, tidies them and hashes the new password, if any.
func (s *Service) checkChange(ctx context.Context, in *ChangeUserIn) (string, error) {
	r, err := find(ctx, s.store, in.ID)
	if err != nil {
		return "", failed(err)
	}
	email := r.Email
	if in.Email != nil {
		if email, err = checkEmail(*in.Email); err != nil {
			return "", err
		}
		in.Email = &email
	}
	if in.Name != nil {
		name, err := checkName(*in.Name)
		if err != nil {
			return "", err
		}
		in.Name = &name
	}
	if in.Password == nil {
		return "", nil
	}
	if err := access.CheckPassword("password", *in.Password, r.Login, email); err != nil {
		return "", err
	}
	return s.passwords.Hash(ctx, *in.Password)
}

func (s *Service) changeUser(ctx context.Context, tx Tx, p access.Principal, r Record, in ChangeUserIn, hash string) error {
	b := about(p, s.now(), "UserChanged", r, params{"passwordChanged": hash != ""})
	if in.Email != nil && *in.Email != r.Email {
		b.Changes = append(b.Changes, Changed("email", r.Email, *in.Email))
		r.Email = *in.Email
	}
	if in.Name != nil && *in.Name != r.Name {
		b.Changes = append(b.Changes, Changed("name", r.Name, *in.Name))
		r.Name = *in.Name
	}
	if in.Disabled != nil && *in.Disabled != r.Disabled {
		if *in.Disabled {
			if err := keepSuper(ctx, tx, r); err != nil {
				return err
			}
		}
		b.Changes = append(b.Changes, Changed("disabled", r.Disabled, *in.Disabled))
		r.Disabled = *in.Disabled
	}
	if hash != "" {
		b.Changes = append(b.Changes, Changed("password", nil, "changed"))
		r.Password = hash
	}
	if len(b.Changes) == 0 {
		return nil
	}
	if err := s.saveChanged(ctx, tx, r, hash != "" || r.Disabled); err != nil {
		return err
	}
	_, err := tx.Record(ctx, b)
	return err
}

func (s *Service) saveChanged(ctx context.Context, tx Tx, r Record, ends bool) error {
	if ends {
		return s.revoke(ctx, tx, &r, "")
	}
	return tx.SaveUser(ctx, r)
}

// keepSuper refuses to lose the last super user who can sign in.
func keepSuper(ctx context.Context, v View, r Record) error {
	if !r.Super || r.Disabled {
		return nil
	}
	others, err := v.OtherSupers(ctx, r.ID)
	if err != nil || others > 0 {
		return err
	}
	return fault.New(fault.Conflict, "%s is the last super user. Make somebody else one first.", strings.TrimSpace(r.Login))
}

// RemoveUser removes a user and its own views, whose number is recorded. Its activities stay; identities that were linked to it
// are linked to nobody. Errors: unauthenticated, denied, not_found, conflict (the last super user).
func (s *Service) RemoveUser(ctx context.Context, in RemoveUserIn) (Done, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Done{}, err
	}
	err = s.store.Update(ctx, func(tx Tx) error { return s.Remove(ctx, tx, p, in.ID) })
	return Done{Done: err == nil}, failed(err)
}

// Remove is RemoveUser within a transaction, for a caller who may do that.
func (s *Service) Remove(ctx context.Context, tx Tx, p access.Principal, id string) error {
	r, err := find(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := keepSuper(ctx, tx, r); err != nil {
		return err
	}
	b := about(p, s.now(), "UserRemoved", r, nil)
	for _, f := range []struct{ field, value string }{{"login", r.Login}, {"email", r.Email}, {"name", r.Name}} {
		if f.value != "" {
			b.Changes = append(b.Changes, Changed(f.field, f.value, nil))
		}
	}
	views, err := tx.OwnViews(ctx, r.ID)
	if err != nil {
		return err
	}
	if views > 0 { // what they are called is theirs, and this stays
		b.Changes = append(b.Changes, Changed("views", views, nil))
	}
	if _, err := tx.Record(ctx, b); err != nil {
		return err
	}
	return tx.DropUser(ctx, r.ID)
}
