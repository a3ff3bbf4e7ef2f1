package backend

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// What verification replays cannot be said by hand, at no door: the log would be
// called altered from then on.
func TestTheLogsOwnWordIsNotRecordedByHand(t *testing.T) {
	app, c := openTest(t)
	super := named(cast(t, app, c), "super")
	draft := activity.Draft{Parameters: json.RawMessage(`{
		"actor": {"id": "1", "kind": "os", "source": "cli", "name": "tester"}, "user": {"id": "1", "name": "root"}, "linked": true,
		"runs": [[0, 1]], "upto": 1}`)}
	for _, draft.Type = range []string{"ActorLinked", "UserRemoved", "LogErased", "LogPurged", "KeyRotated", "LogRestored", "LogSealed", "LogVerified"} {
		draft.Object = &activity.Object{Kind: "user", ID: "1", Name: "root"}
		if !activity.Reserved(draft.Type) {
			t.Errorf("%s is not reserved", draft.Type)
		}
		for door, ctx := range map[string]context.Context{"the command line": owner(t), "HTTP": super.context(t, app)} {
			if _, err := app.Log.Record(ctx, draft); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "type" {
				t.Errorf("%s at %s: %v", draft.Type, door, err)
			}
		}
	}
	// Another system's sign-in is no word of the log.
	actor := &activity.DraftActor{Kind: "user", Name: "elsewhere"}
	if _, err := app.Log.Record(owner(t), activity.Draft{Type: "UserLoggedIn", Actor: actor}); err != nil {
		t.Errorf("a sign-in at the command line: %v", err)
	}
	report, err := app.Integrity.Verify(owner(t), ledger.VerifyIn{Words: true})
	if err != nil || report.State != ledger.Verified {
		t.Errorf("verification: %+v, %v", report, err)
	}
}

// A type that only looks like one of the catalogue's is taken for it on the screen.
func TestTypesThatLookLikeOthersAreNotRecordedByHand(t *testing.T) {
	app, c := openTest(t)
	writer := named(cast(t, app, c), "write")
	for _, name := range []string{"actorlinked", "ActorLINKED", "userLoggedIn", "goaladded", "АctorLinked", "ActοrLinked"} { // the last with a Cyrillic А and a Greek ο
		for door, ctx := range map[string]context.Context{"the command line": owner(t), "HTTP": writer.context(t, app)} {
			if _, err := app.Log.Record(ctx, activity.Draft{Type: name}); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "type" {
				t.Errorf("%s at %s: %v", name, door, err)
			}
		}
	}
	for _, name := range []string{"Backup", "ЗаказОплачен", "s3:PutObject", "Shop/OrderPaid"} {
		if _, err := app.Log.Record(writer.context(t, app), activity.Draft{Type: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReservedTypesAreTheCatalogues(t *testing.T) {
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range cat.Types() {
		if typ.Category == "log" && !activity.Reserved(typ.ID) {
			t.Errorf("%s speaks of the log and is not reserved", typ.ID)
		}
		if activity.Reserved(typ.ID) && !typ.Self {
			t.Errorf("%s is reserved, but the catalogue has people record it", typ.ID)
		}
	}
}

// External ids of what is recorded by hand are one space: whoever may not see
// everything must not learn from a taken one, nor take one.
func TestExternalIDsTellNothing(t *testing.T) {
	app, c := openTest(t)
	callers := cast(t, app, c)
	taken, free := "taken", "free"
	record := func(who caller, id *string) error {
		_, err := app.Log.Record(who.context(t, app), activity.Draft{Type: "Backup", ExternalID: id})
		return err
	}
	if err := record(named(callers, "super"), &taken); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"write", "admin"} {
		who := named(callers, name)
		known, unknown := record(who, &taken), record(who, &free)
		if fault.CodeOf(known) != fault.Denied || fault.Public(known).Field != "externalId" {
			t.Errorf("%s gives an external id: %v", name, known)
		}
		if *fault.Public(known) != *fault.Public(unknown) {
			t.Errorf("%s: a taken id is answered with %v, another with %v", name, known, unknown)
		}
		none := ""
		if err := errors.Join(record(who, nil), record(who, &none)); err != nil {
			t.Errorf("%s without an external id: %v", name, err)
		}
	}
	if err := record(named(callers, "super"), &free); err != nil {
		t.Errorf("a refused draft took its external id: %v", err)
	}
}

func named(callers []caller, name string) caller {
	return callers[slices.IndexFunc(callers, func(c caller) bool { return c.name == name })]
}

// What a super user's program reports belongs to the site it names, though the program
// itself may read nothing.
func TestAProgramNamesItsMakersSites(t *testing.T) {
	app, c := openTest(t)
	callers := cast(t, app, c)
	site := "This log"
	receipt, err := app.Log.Record(named(callers, "token ingest").context(t, app), activity.Draft{Type: "Backup", Site: &site})
	if err != nil {
		t.Fatal(err)
	}
	detail, err := app.Log.Get(owner(t), activity.GetIn{ID: receipt.ID})
	if err != nil || detail.Activity.Site == nil || detail.Activity.Site.ID == nil || *detail.Activity.Site.ID != "1" {
		t.Errorf("%+v, %v", detail.Activity.Site, err)
	}
}

// What a program reports says by which token, by the name that it has now, in a list, in
// the details, to whoever reads it.
func TestReportedByTheTokensName(t *testing.T) {
	app, c := openTest(t)
	callers := cast(t, app, c)
	program := named(callers, "token of write").context(t, app)
	ben := "ben"
	receipt, err := app.Log.Record(program, activity.Draft{Type: "Backup", RequestID: &ben})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Log.Record(owner(t), activity.Draft{Type: "Backup"}); err != nil {
		t.Fatal(err)
	}
	shown := func() []string {
		detail, err := app.Log.Get(named(callers, "write").context(t, app), activity.GetIn{ID: receipt.ID})
		if err != nil {
			t.Fatal(err)
		}
		page, err := app.Log.List(owner(t), activity.ListIn{Query: "type:Backup", Order: "oldest"})
		if err != nil || len(page.Items) != 2 {
			t.Fatal(page, err)
		}
		return []string{detail.Activity.ReportedBy, page.Items[0].ReportedBy, page.Items[1].ReportedBy}
	}
	if got := shown(); !slices.Equal(got, []string{"token of write", "token of write", ""}) {
		t.Errorf("reported by %q", got)
	}
	id, name := access.From(program).Token.Source()[len("api:"):], "till"
	if _, err := app.Accounts.ChangeToken(named(callers, "super").context(t, app), account.ChangeTokenIn{ID: id, Name: &name}); err != nil {
		t.Fatal(err)
	}
	if got := shown(); !slices.Equal(got, []string{"till", "till", ""}) {
		t.Errorf("after it was renamed: reported by %q", got)
	}
}

// What an operation records of itself nobody says of it in the window, and the plugin that
// says it cannot be deactivated: a change would go by unsaid.
func TestWhatOperationsRecordIsTheirs(t *testing.T) {
	app, c := openTest(t)
	super := named(cast(t, app, c), "super").context(t, app)
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	essential := map[string]bool{}
	for _, p := range cat.Plugins() {
		essential[p.Name] = p.Essential
	}
	for _, o := range app.Ops {
		for _, name := range o.Records {
			if strings.HasPrefix(name, "the draft") {
				continue // what people and programs record
			}
			typ, ok := cat.Type(name)
			if !ok || !typ.Self || !essential[typ.Plugin] {
				t.Errorf("%s records %s: known %t, its own %t, of an essential plugin %t", o.Name, name, ok, typ.Self, essential[typ.Plugin])
				continue
			}
			if _, err := app.Log.Record(super, activity.Draft{Type: name}); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "type" {
				t.Errorf("%s by hand: %v", name, err)
			}
		}
	}
}
