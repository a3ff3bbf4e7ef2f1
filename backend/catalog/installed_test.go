package catalog

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	shopPlugin = `{"name": "Shop", "version": "1.0.0", "label": {"en": "Shop", "de": "Laden"}, "categories": [{"id": "shop", "label": {"en": "Shop", "de": "Laden"}}]}`
	shopType   = `{"id": "Shop/OrderPaid", "category": "shop", "icon": "check", "tone": "create", "object": "order", "label": {"en": "Order paid", "de": "Bestellung bezahlt"},
		"sentence": {"en": "paid [the order {order.name}|an order]", "de": "hat [{order.name}|eine Bestellung] bezahlt"},
		"parameters": [{"name": "order", "kind": "entity", "entity": "order", "required": true, "label": {"en": "Order", "de": "Bestellung"}},
			{"name": "card", "kind": "text", "secret": true, "label": {"en": "Card", "de": "Karte"}}]}`
)

func shopFiles() Files {
	return Files{"plugin.json": []byte(shopPlugin), "Activity/OrderPaid.json": []byte(shopType)}
}

func said(problems []Problem) string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Error().Message)
	}
	return strings.Join(lines, "\n")
}

// The page has each icon that a type may name, and no other.
func TestIconsAreThoseOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../frontend/src/features/timeline/icons.ts")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"circle-dot"} // of what has no other
	for _, m := range regexp.MustCompile(`(?m)^  '?([a-z0-9-]+)'?: [A-Z]\w+,`).FindAllStringSubmatch(string(page), -1) {
		names = append(names, m[1])
	}
	if slices.Sort(names); !slices.Equal(names, Icons) {
		t.Errorf("the page has %v, the catalogue %v", names, Icons)
	}
	for _, typ := range load(t).Types() {
		if !slices.Contains(Icons, typ.Icon) {
			t.Errorf("%s has the icon %s, which the page has not", typ.ID, typ.Icon)
		}
	}
}

func TestWhatIsInstalledIsChecked(t *testing.T) {
	c := load(t)
	const file, typ = "plugin.json", "Activity/OrderPaid.json"
	tests := []struct{ name, file, from, to, want string }{
		{"as it should be", typ, "", "", ""},
		{"bad JSON", typ, `"tone": "create"`, `"tone": create`, typ + ": file: is not as it should be"},
		{"bad UTF-8", typ, `Order paid`, "Order\xff paid", typ + ": file: is not valid UTF-8"},
		{"unknown field", typ, `"tone"`, `"mood": "good", "tone"`, typ + ": mood: "},
		{"unknown kind", typ, `"kind": "text"`, `"kind": "thing"`, typ + `: parameters[1].kind: "thing" is no kind`},
		{"missing parameter", typ, `{order.name}|an order`, `{odrer.name}|an order`, typ + `: sentence: en: names the parameter "odrer"`},
		{"not in English only", typ, `, "de": "hat [{order.name}|eine Bestellung] bezahlt"`, ``, typ + ": sentence: de: is empty"},
		{"without its plugin", typ, `"Shop/OrderPaid"`, `"OrderPaid"`, typ + ": id: must begin with the plugin's name: Shop/OrderPaid"},
		{"the program's type", typ, `"Shop/OrderPaid"`, `"GoalAdded"`, typ + ": id: GoalAdded is a type of the program's own (plugin Goals)"},
		{"another plugin's type", typ, `"Shop/OrderPaid"`, `"Store/OrderPaid"`, typ + ": id: Store/OrderPaid is a type of a plugin Store"},
		{"not its file's name", typ, `"Shop/OrderPaid"`, `"Shop/OrderSent"`, typ + ": id: must be Shop/OrderPaid"},
		{"not a name", typ, `"Shop/OrderPaid"`, `"Shop/order paid"`, typ + ": id: must be a word in PascalCase"},
		{"the program's alone", typ, `"tone"`, `"self": true, "tone"`, typ + ": self: "},
		{"icon nobody has", typ, `"check"`, `"unicorn"`, typ + `: icon: "unicorn" is no icon of the program; there are: bell, `},
		{"icon with markup", typ, `"check"`, `"<svg>"`, typ + ": icon: "},
		{"called like the program's", typ, `"Order paid"`, `"user logged IN"`, typ + ": label: UserLoggedIn of the program's own is called so"},
		{"called like it in German", typ, `"Bestellung bezahlt"`, `"Benutzer angemeldet"`, typ + ": label: UserLoggedIn"},
		{"called like it with a space of another kind", typ, `"Order paid"`, "\"User\u00a0logged in\"", typ + ": label: UserLoggedIn"},
		{"called like it with marks that leave no trace", typ, `"Order paid"`, "\"User\ufe0f log\u034fged in\"", typ + ": label: UserLoggedIn"},
		{"called like it with blank letters", typ, `"Order paid"`, "\"User\u3164 logged in\"", typ + ": label: UserLoggedIn"},
		{"called like it with a letter of another script", typ, `"Order paid"`, "\"Us\u0435r logged in\"", typ + ": label: mixes letters"},
		{"many variants", typ, `"parameters": [`, `"variants": [` + strings.TrimSuffix(strings.Repeat(`{"when": {"parameter": "card", "is": ["x"]}, "sentence": {"en": "x", "de": "x"}},`, 33), ",") + `], "parameters": [`, typ + ": variants: are more than 32"},
		{"many categories", file, `"categories": [`, `"categories": [` + strings.Repeat(`{"id": "x", "label": {"en": "x", "de": "x"}}, `, 32), file + ": categories: are 33"},
		{"a long version", file, `"1.0.0"`, `"1.0.0-` + strings.Repeat("a", 60) + `"`, file + ": version: has 66 letters"},
		{"text that turns around", typ, `Order paid`, "Order \u202e paid", typ + ": label: has the character U+202E"},
		{"text of two lines", typ, `"paid [the`, `"paid\n[the`, typ + ": sentence: has the character U+000A"},
		{"text too long", typ, `Order paid`, strings.Repeat("x", 81), typ + ": label: has 81 letters"},
		{"category nobody has", typ, `"category": "shop"`, `"category": "store"`, typ + `: category: no plugin has the category "store"`},
		{"the program's category", typ, `"category": "shop"`, `"category": "goals"`, ""},
		{"the program's plugin", file, `"name": "Shop"`, `"name": "Goals"`, file + ": name: Goals is a plugin of the program's own"},
		{"but for capitals", file, `"name": "Shop"`, `"name": "GOALS"`, file + ": name: Goals is a plugin of the program's own"},
		{"no name", file, `"name": "Shop"`, `"name": "the shop"`, file + ": name: must be a word in PascalCase"},
		{"no version", file, `"1.0.0"`, `"new"`, file + `: version: "new" is no version like 1.2.0`},
		{"half a version", file, `"1.0.0"`, `"1.0"`, file + `: version: "1.0" is no version`},
		{"version with zeros", file, `"1.0.0"`, `"1.00.0"`, file + `: version: "1.00.0" is no version`},
		{"a newer kind of version", file, `"1.0.0"`, `"1.0.0-rc.1"`, ""},
		{"the program's category anew", file, `"id": "shop"`, `"id": "goals"`, file + ": categories[0].id: another plugin (Goals) has this category already"},
		{"called like the program's category", file, `[{"id": "shop", "label": {"en": "Shop", "de": "Laden"}}]`, `[{"id": "shop", "label": {"en": "Shop", "de": "Ziele"}}]`, file + ": categories[0].label: the category goals is called so already"},
		{"called like another's id", file, `[{"id": "shop", "label": {"en": "Shop", "de": "Laden"}}]`, `[{"id": "shop", "label": {"en": "Shop", "de": "Login"}}]`, file + ": categories[0].label: the category login is called so already"},
		{"another's label as its id", file, `[{"id": "shop", "label": {"en": "Shop", "de": "Laden"}}]`, `[{"id": "ziele", "label": {"en": "Shop", "de": "Laden"}}]`, file + ": categories[0].label: the category goals is called so already"},
		{"something after it", file, `"Laden"}}]}`, `"Laden"}}]} []`, file + ": file: has something after"},
	}
	for _, tt := range tests {
		files := shopFiles()
		before := string(files[tt.file])
		files[tt.file] = []byte(strings.Replace(before, tt.from, tt.to, 1))
		if tt.from != "" && string(files[tt.file]) == before {
			t.Errorf("%s: nothing was changed", tt.name)
		}
		d, problems := c.Read(files)
		problems = append(problems, c.Clashes(d, nil)...)
		switch got := said(problems); {
		case tt.want == "" && got != "":
			t.Errorf("%s: %s", tt.name, got)
		case !strings.Contains(got, tt.want):
			t.Errorf("%s: got %q, want %q in it", tt.name, got, tt.want)
		}
	}
	if _, problems := c.Read(Files{"Activity/OrderPaid.json": []byte(shopType)}); said(problems) != "plugin.json: file: is missing" {
		t.Errorf("without plugin.json: %s", said(problems))
	}
	if _, problems := c.Read(Files{"plugin.json": []byte(shopPlugin)}); !strings.Contains(said(problems), "has no type") {
		t.Errorf("without types: %s", said(problems))
	}
}

func keep(t *testing.T, c *Catalog, files Files, state string, before []StoredType) Stored {
	t.Helper()
	d, problems := c.Read(files)
	if len(problems) > 0 {
		t.Fatal(said(problems))
	}
	return d.Keep(state, before)
}

func TestPluginsThatAreInstalledDoNotClash(t *testing.T) {
	c := load(t)
	shop := keep(t, c, shopFiles(), Active, nil)
	for _, state := range []string{Active, Inactive, Removed} {
		shop.State = state
		again := Files{
			"plugin.json":             []byte(strings.Replace(shopPlugin, `"name": "Shop"`, `"name": "SHOP"`, 1)),
			"Activity/OrderPaid.json": []byte(strings.Replace(shopType, `"Shop/`, `"SHOP/`, 1)),
		}
		d, _ := c.Read(again)
		got := said(c.Clashes(d, []Stored{shop}))
		for _, want := range []string{"name: another plugin is called Shop", "another plugin (Shop) has this category", "id: another plugin has this type"} {
			if !strings.Contains(got, want) {
				t.Errorf("beside one that is %s: %q lacks %q", state, got, want)
			}
		}
	}
	shop.State = Active
	own, _ := c.Read(shopFiles())
	if got := said(c.Clashes(own, []Stored{shop})); got != "" {
		t.Errorf("a plugin clashes with itself: %s", got)
	}
	guest := Files{
		"plugin.json":           []byte(`{"name": "Guest", "version": "1.0.0", "label": {"en": "Guest", "de": "Gast"}}`),
		"Activity/Visited.json": []byte(strings.NewReplacer(`"Shop/OrderPaid"`, `"Guest/Visited"`, "Order paid", "Visited", "Bestellung bezahlt", "War da").Replace(shopType)),
	}
	d, _ := c.Read(guest)
	if got := said(c.Clashes(d, []Stored{shop})); !strings.Contains(got, "shop is a category of the plugin Shop") {
		t.Errorf("a category that may go: %q", got)
	}
}

func TestThePluginsInUse(t *testing.T) {
	c := load(t)
	paid := Subject{Type: "Shop/OrderPaid", Parameters: []byte(`{"order": {"id": "7", "name": "A-7"}}`), Result: "ok"}
	reads := func(want string) {
		t.Helper()
		if got := Plain(c.Sentence("en", paid)); got != want {
			t.Errorf("reads %q, want %q", got, want)
		}
	}
	state := func(name string, there, known, off, checked bool) {
		t.Helper()
		typ, ok := c.Type("Shop/OrderPaid")
		listed := slices.ContainsFunc(c.Types(), func(o Type) bool { return o.ID == typ.ID })
		if ok != known || listed != known || typ.Off != off {
			t.Errorf("%s: known %v, listed %v, off %v", name, ok, listed, typ.Off)
		}
		if err := c.CheckParameters("Shop/OrderPaid", []byte(`{}`)); (err != nil) != checked {
			t.Errorf("%s: checked: %v", name, err)
		}
		ids, found := c.CategoryTypes("Laden")
		if found != there || found && !slices.Equal(ids, []string{"Shop/OrderPaid"}) {
			t.Errorf("%s: the category has %v", name, ids)
		}
		if got := c.Secrets("Shop/OrderPaid"); there != slices.Equal(got, []string{"card"}) {
			t.Errorf("%s: secrets are %v", name, got)
		}
	}
	state("none", false, false, false, false)
	reads(`recorded Order paid (Shop)`)

	shop := keep(t, c, shopFiles(), Active, nil)
	use := func(kept ...Stored) {
		t.Helper()
		if problems := c.Use(kept); len(problems) > 0 {
			t.Fatal(said(problems))
		}
	}
	use(shop)
	state("installed", true, true, false, true)
	reads(`paid the order A-7`)
	shop.State = Inactive
	use(shop)
	state("deactivated", true, true, true, true)
	reads(`paid the order A-7`)
	shop.State = Removed
	use(shop)
	state("removed", true, false, false, false)
	reads(`paid the order A-7`)
	if typ, _ := c.Type("Shop/OrderPaid"); typ.Label("de") != "Bestellung bezahlt" || typ.Icon != "check" || c.CategoryLabel(typ.Category, "de") != "Laden" {
		t.Errorf("removed it is shown as %+v", typ)
	}

	// The next version calls it otherwise, with a category of the program's.
	next := Files{
		"plugin.json":             []byte(`{"name": "Shop", "version": "2.0.0", "label": {"en": "Shop", "de": "Laden"}}`),
		"Activity/OrderSent.json": []byte(strings.NewReplacer("OrderPaid", "OrderSent", "paid", "sent", `"category": "shop"`, `"category": "goals"`).Replace(shopType)),
	}
	shop = keep(t, c, next, Active, shop.Types)
	use(shop)
	state("dropped", true, false, false, false)
	reads(`paid the order A-7`)
	if _, ok := c.Type("Shop/OrderSent"); !ok {
		t.Error("the new version's type is not there")
	}
	use()
	state("forgotten", false, false, false, false)
}

// A label never takes over what an id says, though one that was kept before such labels
// were refused comes first by its id.
func TestALabelTakesNoIDOver(t *testing.T) {
	c := load(t)
	shop := keep(t, c, Files{
		"plugin.json":             []byte(strings.NewReplacer(`"id": "shop"`, `"id": "aaa"`, `"de": "Laden"}}]`, `"de": "Login"}}]`).Replace(shopPlugin)),
		"Activity/OrderPaid.json": []byte(strings.Replace(shopType, `"category": "shop"`, `"category": "aaa"`, 1)),
	}, Active, nil)
	c.Use([]Stored{shop})
	for _, named := range []func(string) ([]string, bool){c.CategoryTypes, c.TypesOf} {
		if ids, ok := named("login"); !ok || !slices.Contains(ids, "UserLoggedIn") {
			t.Errorf("login has %v", ids)
		}
		if ids, ok := named("aaa"); !ok || !slices.Equal(ids, []string{"Shop/OrderPaid"}) {
			t.Errorf("aaa has %v", ids)
		}
	}
	if ids, ok := c.TypesOf("Ziele"); ok {
		t.Errorf("by its label alone: %v", ids)
	}
}

func TestBundledPluginsAreDeactivated(t *testing.T) {
	c := load(t)
	c.Use([]Stored{{Name: "Goals", State: Inactive}, {Name: "Login", State: Inactive}, {Name: "Nobody", State: Inactive}})
	for id, off := range map[string]bool{"GoalAdded": true, "UserLoggedIn": false, "AnnotationAdded": false} {
		if typ, ok := c.Type(id); !ok || typ.Off != off {
			t.Errorf("%s: known %v, off %v", id, ok, typ.Off)
		}
	}
	c.Use([]Stored{{Name: "Goals", State: Active}})
	if typ, _ := c.Type("GoalAdded"); typ.Off {
		t.Error("Goals stays deactivated")
	}
}

// What another version of the program stored may be unreadable to this one. That keeps
// nobody from the log.
func TestWhatCannotBeReadIsLeftOut(t *testing.T) {
	c := load(t)
	shop := keep(t, c, shopFiles(), Active, nil)
	odd := shop
	odd.Name, odd.Manifest, odd.Types = "Odd", []byte(`{"name": "Odd", "future": 1}`), []StoredType{{ID: "Odd/Thing", Definition: []byte(`{"id": "Odd/Thing", "tone": "sung"}`), Current: true}}
	problems := c.Use([]Stored{odd, shop})
	if got := said(problems); !strings.Contains(got, "Odd/plugin.json: future") || !strings.Contains(got, "Odd/Thing: ") {
		t.Errorf("said: %q", got)
	}
	if _, ok := c.Type("Shop/OrderPaid"); !ok {
		t.Error("the other plugin is gone too")
	}
	if _, ok := c.Type("Odd/Thing"); ok {
		t.Error("an unreadable type is known")
	}
}
