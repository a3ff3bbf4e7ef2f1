package retention_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/retention"
)

// What the dry run says is what a run removes, for good; nothing of it comes back.
func TestDryRunIsWhatGoes(t *testing.T) {
	w := newWorld(t)
	w.add(40, "GoalAdded", 800, "kanarie")
	w.add(30, "UserLoggedIn", 800, "sparrow")
	w.add(20, "SegmentCreated", 200, "kanarie")
	w.add(10, "SegmentCreated", 20, "sparrow")
	w.rules("Goals: category:goals, 2 years", "Sign-ins: category:login, keep", "The rest: all, 90 days")
	dry := w.dry()
	if dry.Count != 60 || dry.Held != 0 || len(dry.Rules) != 3 || dry.Rules[0].Count != 40 || dry.Rules[1].Count != 0 || dry.Rules[1].Before != nil || dry.Rules[2].Count != 20 {
		t.Errorf("%+v", dry)
	}
	if dry.Oldest == nil || *dry.Oldest != w.now().AddDate(0, 0, -800).UnixMilli() || dry.Bytes == 0 {
		t.Errorf("oldest %v, %d bytes", dry.Oldest, dry.Bytes)
	}
	if ended := w.runs(); ended.State != job.StateDone || ended.Done != dry.Count || ended.Kind != job.KindRetention {
		t.Errorf("%+v, %+v", ended, ended.Error)
	}
	if got := w.last(); got != "done 60" { // of a user who is in no table here
		t.Errorf("history: %s", got)
	}
	if a, b := w.count("kanarie"), w.count("sparrow"); a != 0 || b != 40 {
		t.Errorf("%d and %d are left", a, b)
	}
	rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Query: "type:LogErased"})
	if err != nil || len(rows) != 1 || rows[0].Body.Actor.Name != nil || *rows[0].Body.Actor.User != "1" {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := string(rows[0].Body.Parameters); got != `{"count":60,"runs":[[0,39],[70,89]],"retention":1}` {
		t.Errorf("said %s", got)
	}
	w.add(20, "SegmentCreated", 200, "kanarie") // the same again
	if n := w.count("kanarie"); n != 0 {
		t.Errorf("%d came back", n)
	}
	if again := w.dry(); again.Count != 0 || again.Oldest != nil || again.Bytes != 0 {
		t.Errorf("then %+v", again)
	}
	w.sound()
	w.gone("kanarie")
}

// gone looks for a word in the file and what lies beside it; sparrow is to be there.
func (w *world) gone(word string) {
	w.t.Helper()
	names, err := filepath.Glob(filepath.Join(w.dir, "activity.db*"))
	if err != nil || len(names) == 0 {
		w.t.Fatal(names, err)
	}
	control := false
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			w.t.Fatal(err)
		}
		if bytes.Contains(bytes.ToLower(text), []byte(word)) {
			w.t.Errorf("it is still in %s", filepath.Base(name))
		}
		control = control || bytes.Contains(text, []byte("sparrow"))
	}
	if !control {
		w.t.Error("the control: nothing is found where something is")
	}
}

// Each part that changes is recorded with old and new; nothing else is.
func TestConfigureSaysOldAndNew(t *testing.T) {
	w := newWorld(t)
	if state, err := w.Retention(w.ctx, retention.GetIn{}); err != nil || state.Config.Enabled || len(state.Config.Rules) != 0 || state.NextAt != nil {
		t.Fatalf("at first: %+v, %v", state, err)
	}
	rule := []retention.Rule{{Name: "rest", Scope: retention.ScopeAll, Age: 2, Unit: retention.Years}}
	weekly, on := retention.Weekly, true
	for i, step := range []struct {
		in   retention.ConfigureIn
		want []string
	}{
		{retention.ConfigureIn{}, nil},
		{retention.ConfigureIn{Rules: &rule}, []string{`PrivacyDeleteLogsSet {"deleteLogsOlderThan":730,"enableDeleteLogs":false} rules [] ["rest: all, 2 years"]`}},
		{retention.ConfigureIn{Rules: &rule}, nil},
		{retention.ConfigureIn{Enabled: &on, Every: &weekly}, []string{
			`PrivacyDeleteLogsSet {"deleteLogsOlderThan":730,"enableDeleteLogs":true} enableDeleteLogs false true`,
			`PrivacyScheduleDeletionSet {"deleteLowestInterval":7} every "monthly" "weekly"`,
		}},
		{retention.ConfigureIn{Reports: &retention.Reports{Enabled: true, Months: 12}}, []string{
			`PrivacyDeleteReportsSet {"deleteReportsOlderThan":12,"enableDeleteReports":true} enableDeleteReports false true deleteReportsOlderThan 24 12`,
		}},
	} {
		before := w.count("")
		if _, err := w.ConfigureRetention(w.ctx, step.in); err != nil {
			t.Fatal(err)
		}
		rows, _, err := w.log.Rows(w.ctx, activity.ListIn{Order: "oldest", Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows[before:] {
			text := row.Body.Type + " " + string(row.Body.Parameters)
			for _, c := range row.Body.Changes {
				text += fmt.Sprintf(" %s %s %s", c.Field, c.Old, c.New)
			}
			got = append(got, text)
		}
		if fmt.Sprint(got) != fmt.Sprint(step.want) {
			t.Errorf("step %d recorded\n%q, want\n%q", i, got, step.want)
		}
	}
	hourly := "hourly"
	for field, in := range map[string]retention.ConfigureIn{
		"every": {Every: &hourly}, "reports": {Reports: &retention.Reports{Months: 0}}, "rules": {Rules: &[]retention.Rule{{Name: "x"}}},
	} {
		if _, err := w.ConfigureRetention(w.ctx, in); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := w.ConfigureRetention(as(2, access.Admin), retention.ConfigureIn{Enabled: &on}); fault.CodeOf(err) != fault.Denied {
		t.Errorf("an admin: %v", err)
	}
}

// Rules may be tried before they are saved.
func TestTryingRulesChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.add(5, "GoalAdded", 30, "x")
	try := []retention.Rule{{Name: "all", Scope: retention.ScopeAll, Age: 1, Unit: retention.Days}}
	dry, err := w.RetentionDryRun(w.ctx, retention.DryRunIn{Rules: &try})
	if err != nil || dry.Count != 5 {
		t.Errorf("%+v, %v", dry, err)
	}
	if n := w.count(""); n != 5 {
		t.Errorf("%d activities", n)
	}
	if _, err := w.RunRetention(w.ctx, retention.RunIn{}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("run without rules: %v", err)
	}
}

// What says whose an identity is, or what became of the log, is never old.
func TestWhatIsReplayedStays(t *testing.T) {
	w := newWorld(t)
	w.add(3, "GoalAdded", 90, "bird")
	w.rules("all: all, 60 days")
	w.runs()
	linked := account.BeginLasting(access.Principal{Owner: true, Role: access.Super}, w.now().AddDate(0, 0, -90), "ActorLinked")
	if _, err := w.db.Append(t.Context(), []activity.Body{linked}); err != nil {
		t.Fatal(err)
	}
	w.set(w.now().AddDate(1, 0, 0))
	w.add(2, "GoalAdded", 0, "new") // the log is used at that time
	w.set(w.now().AddDate(0, 0, 2))
	// PrivacyDeleteLogsSet is as old as anything; LogErased and ActorLinked stay.
	if dry := w.dry(); dry.Count != 1 {
		t.Errorf("%+v", dry)
	}
	if ended := w.runs(); ended.Done != 1 || w.count("type:LogErased") != 2 || w.count("type:ActorLinked") != 1 {
		t.Errorf("%+v", ended)
	}
}
