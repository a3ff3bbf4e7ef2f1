package retention

import (
	"context"
	"slices"
	"testing"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

func categories(name string) ([]string, bool) {
	return []string{"GoalAdded", "GoalDeleted"}, name == "goals"
}

func shared(_ context.Context, id string) (activity.Query, bool, error) {
	if id == "3" {
		return activity.Query{}, false, fault.At("query", "It moves.")
	}
	return activity.Query{}, id == "2", nil
}

func ruler() *Service { return &Service{options: Options{Categories: categories, View: shared}} }

func TestRulesThatAreRefused(t *testing.T) {
	good := Rule{Name: "rest", Scope: ScopeAll, Age: 1, Unit: Years}
	for name, change := range map[string]func(*Rule){
		"no name":      func(r *Rule) { r.Name = " " },
		"a long name":  func(r *Rule) { r.Name = string(make([]rune, 81)) },
		"no scope":     func(r *Rule) { r.Scope = "" },
		"no category":  func(r *Rule) { r.Scope, r.Value = ScopeCategory, "goats" },
		"no view":      func(r *Rule) { r.Scope, r.Value = ScopeView, "1" },
		"a moving one": func(r *Rule) { r.Scope, r.Value = ScopeView, "3" },
		"no age":       func(r *Rule) { r.Age = 0 },
		"a far age":    func(r *Rule) { r.Age = 1 << 40 },
		"before time":  func(r *Rule) { r.Age = -1 },
		"no unit":      func(r *Rule) { r.Unit = "" },
		"other units":  func(r *Rule) { r.Unit = "hours" },
	} {
		r := good
		change(&r)
		if err := ruler().checkRules(t.Context(), []Rule{r}); fault.CodeOf(err) != fault.Invalid || fault.Public(err).Field != "rules" {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := good
	other.Name = "REST"
	if err := ruler().checkRules(t.Context(), []Rule{good, other}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("one name twice: %v", err)
	}
	if err := ruler().checkRules(t.Context(), slices.Repeat([]Rule{good}, maxRules+1)); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("too many: %v", err)
	}
	kept := []Rule{{Name: " goals ", Scope: ScopeCategory, Value: "goals", Keep: true, Age: -5, Unit: "x"}, good}
	if err := ruler().checkRules(t.Context(), kept); err != nil || kept[0] != (Rule{Name: "goals", Scope: ScopeCategory, Value: "goals", Keep: true}) {
		t.Errorf("%+v, %v", kept, err)
	}
}

// A rule never removes what is younger than it says: months differ in length.
func TestAges(t *testing.T) {
	for _, c := range []struct {
		now  string
		age  int
		unit string
		want string
	}{
		{"2026-11-28T12:30:00Z", 30, Days, "2026-10-29T12:30:00Z"},
		{"2026-03-31T12:30:00Z", 1, Months, "2026-02-28T12:30:00Z"},
		{"2028-03-31T00:00:00Z", 1, Months, "2028-02-29T00:00:00Z"},
		{"2028-02-29T00:00:00Z", 1, Years, "2027-02-28T00:00:00Z"},
		{"2026-01-15T23:59:59Z", 13, Months, "2024-12-15T23:59:59Z"},
		{"2026-01-15T01:00:00+02:00", 1, Days, "2026-01-13T23:00:00Z"},
		{"2026-01-15T00:00:00Z", 99, Years, "1927-01-15T00:00:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		r := Rule{Age: c.age, Unit: c.unit}
		if got := time.UnixMilli(r.before(now)).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%d %s before %s: %s, want %s", c.age, c.unit, c.now, got, c.want)
		}
	}
}

func TestRulesInText(t *testing.T) {
	for text, want := range map[string]Rule{
		"rest: all, 400 days":                    {Name: "rest", Scope: ScopeAll, Age: 400, Unit: Days},
		"a: b, c: category:login , 1 month":      {Name: "a: b, c", Scope: ScopeCategory, Value: "login", Age: 1, Unit: Months},
		"Aufbewahrung: all, keep":                {Name: "Aufbewahrung", Scope: ScopeAll, Keep: true},
		"a view: view:2, 3 years":                {Name: "a view", Scope: ScopeView, Value: "2", Age: 3, Unit: Years},
		"of : all, x: category:goals, 2 years":   {Name: "of : all, x", Scope: ScopeCategory, Value: "goals", Age: 2, Unit: Years},
		"of : category:x, y: all,    3    years": {Name: "of : category:x, y", Scope: ScopeAll, Age: 3, Unit: Years},
	} {
		got, err := ParseRule(text)
		if err != nil || got != want {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
		if again, err := ParseRule(got.String()); err != nil || again != want {
			t.Errorf("%q becomes %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "rest", "rest: all", "rest: all,", "rest: all, 4", "rest: all, x days", "rest: all, 4 days more", "rest: some, 4 days", "rest all, keep"} {
		if r, err := ParseRule(text); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q is %+v, %v", text, r, err)
		}
	}
}

// Whatever is read as a rule that may be saved is read again as the same.
func FuzzParseRule(f *testing.F) {
	for _, seed := range []string{"rest: all, 400 days", "a: b: category:goals, keep", ": all, keep", "x: category:,keep"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRule(text)
		if err != nil || ruler().checkRule(t.Context(), &r) != nil {
			return
		}
		if again, err := ParseRule(r.String()); err != nil || again != r {
			t.Fatalf("%q became %+v, then %+v, %v", text, r, again, err)
		}
	})
}

func TestWhenItIsDue(t *testing.T) {
	saved := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC).UnixMilli()
	for every, want := range map[string]string{Daily: "2026-02-01 12:00", Weekly: "2026-02-07 12:00", Monthly: "2026-03-03 12:00"} {
		if got := time.UnixMilli(Config{Every: every, SavedAt: saved}.next(nil)).UTC().Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s: %s, want %s", every, got, want)
		}
	}
}
