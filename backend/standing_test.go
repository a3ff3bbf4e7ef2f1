package backend

import (
	"os"
	"path/filepath"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/source"
)

// Long work ends when whoever began it may no longer do it, though not when they sign
// out or close the window.
func TestAnImportEndsWithItsStartersAccess(t *testing.T) {
	app, c := openTest(t)
	cast(t, app, c)
	file := filepath.Join(t.TempDir(), "drafts.ndjson")
	if err := os.WriteFile(file, []byte(`{"type":"GoalAdded","actor":"ben"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(account.User) error
		ends   bool
	}{
		{"left", func(u account.User) error {
			_, err := app.Accounts.SignOut(caller{token: signIn(t, app, u.Login)}.context(t, app), account.SignOutIn{Everywhere: true})
			return err
		}, false},
		{"disabled", func(u account.User) error {
			_, err := app.Accounts.ChangeUser(owner(t), account.ChangeUserIn{ID: u.ID, Disabled: new(true)})
			return err
		}, true},
		{"demoted", func(u account.User) error {
			_, err := app.Accounts.GrantSuper(owner(t), account.GrantSuperIn{ID: u.ID})
			return err
		}, true},
		{"removed", func(u account.User) error {
			_, err := app.Accounts.RemoveUser(owner(t), account.RemoveUserIn{ID: u.ID})
			return err
		}, true},
	} {
		u := createUser(t, app, tt.name+"-user", "view")
		if _, err := app.Accounts.GrantSuper(owner(t), account.GrantSuperIn{ID: u.ID, Super: true}); err != nil {
			t.Fatal(err)
		}
		began := access.With(t.Context(), access.From(caller{token: signIn(t, app, u.Login)}.context(t, app)))
		if err := tt.change(u); err != nil {
			t.Fatal(err)
		}
		handles, err := app.Sources.Offer(began, []string{file})
		if err != nil {
			t.Fatal(err)
		}
		started, err := app.Sources.Import(began, source.ImportIn{Handles: []string{handles[0].ID}})
		if err != nil {
			t.Fatal(err)
		}
		ended, err := app.Jobs.Follow(owner(t), started.ID, nil)
		if err != nil || (ended.State == job.StateFailed) != tt.ends || tt.ends && ended.Error.Code != string(fault.Denied) || tt.ends && ended.Report.New != 0 {
			t.Errorf("%s: %+v %+v, %v", tt.name, ended, ended.Error, err)
		}
	}
}
