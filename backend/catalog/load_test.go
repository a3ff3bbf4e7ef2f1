package catalog

import (
	"strings"
	"testing"
	"testing/fstest"
)

const (
	goodPlugin = `{"name": "Shop", "version": "1.0.0", "label": {"en": "Shop", "de": "Laden"}, "categories": [{"id": "shop", "label": {"en": "Shop", "de": "Laden"}}]}`
	goodType   = `{"id": "OrderPaid", "category": "shop", "icon": "check", "tone": "create", "label": {"en": "Order paid", "de": "Bestellung bezahlt"},
		"sentence": {"en": "paid [the order {order.name}|an order]", "de": "hat [{order.name}|eine Bestellung] bezahlt"},
		"parameters": [{"name": "order", "kind": "entity", "entity": "order", "label": {"en": "Order", "de": "Bestellung"}}]}`
)

func TestPluginFilesAreChecked(t *testing.T) {
	tests := []struct{ name, from, to, want string }{
		{"as it should be", "", "", ""},
		{"bad JSON", `"tone": "create"`, `"tone": create`, "Shop/Activity/OrderPaid.json: file: "},
		{"unknown field", `"tone"`, `"mood": "good", "tone"`, "Shop/Activity/OrderPaid.json: mood: "},
		{"unknown kind", `"kind": "entity"`, `"kind": "thing"`, "parameters[0].kind: "},
		{"entity without a kind of object", `"entity": "order", `, ``, "parameters[0].entity: "},
		{"missing parameter", `{order.name}|an order`, `{odrer.name}|an order`, `sentence: en: names the parameter "odrer"`},
		{"entity without .name", `{order.name}|an order`, `{order}|an order`, "sentence: en: {order}: "},
		{"placeholder outside a group", `paid [the`, `paid {order.name} [the`, "sentence: en: '{' stands outside"},
		{"group not closed", `|an order]`, `|an order`, "sentence: en: a [ is not closed"},
		{"group without placeholder", `[the order {order.name}|an order]`, `[the order]`, "sentence: en: "},
		{"bare alternative first", `[the order {order.name}|an order]`, `[an order|the order {order.name}]`, "sentence: en: "},
		{"one language only", `, "de": "hat [{order.name}|eine Bestellung] bezahlt"`, ``, "sentence: de: is empty"},
		{"no label", `{"en": "Order paid", "de": "Bestellung bezahlt"}`, `{}`, "label: "},
		{"category nobody has", `"category": "shop"`, `"category": "store"`, "category: "},
		{"tone", `"tone": "create"`, `"tone": "loud"`, "tone: "},
		{"id is not the file's name", `"id": "OrderPaid"`, `"id": "OrderSent"`, "id: "},
		{"object is no parameter", `"tone": "create"`, `"tone": "create", "object": "basket"`, "object: "},
		{"two parameters of one name", `"parameters": [`, `"parameters": [{"name": "order", "kind": "text", "label": {"en": "a", "de": "b"}}, `, "parameters[1].name: "},
		{"the program's own word", `"name": "order"`, `"name": "site"`, `parameters[0].name: "site"`},
		{"variant of a missing parameter", `"tone": "create"`, `"tone": "create", "variants": [{"when": {"parameter": "x"}, "sentence": {"en": "a", "de": "b"}}]`, "variants[0].when: "},
		{"something after the object", `"Bestellung"}}]}`, `"Bestellung"}}]} {}`, "file: has something after"},
	}
	for _, tt := range tests {
		typ := strings.Replace(goodType, tt.from, tt.to, 1)
		if tt.from != "" && typ == goodType {
			t.Errorf("%s: nothing was changed", tt.name)
		}
		_, err := LoadFS(fstest.MapFS{
			"Shop/plugin.json":             {Data: []byte(goodPlugin)},
			"Shop/Activity/OrderPaid.json": {Data: []byte(typ)},
		})
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: error %v, want %q in it", tt.name, err, tt.want)
		}
	}
}

func TestPluginsDoNotClash(t *testing.T) {
	again := strings.Replace(goodPlugin, `"name": "Shop"`, `"name": "Store"`, 1)
	_, err := LoadFS(fstest.MapFS{"Shop/plugin.json": {Data: []byte(goodPlugin)}, "Store/plugin.json": {Data: []byte(again)}})
	if err == nil || !strings.Contains(err.Error(), "Store/plugin.json: categories[0].id") {
		t.Errorf("two plugins of one category: %v", err)
	}
	other := `{"name": "Store", "version": "1.0.0", "label": {"en": "a", "de": "b"}, "categories": []}`
	_, err = LoadFS(fstest.MapFS{
		"Shop/plugin.json": {Data: []byte(goodPlugin)}, "Shop/Activity/OrderPaid.json": {Data: []byte(goodType)},
		"Store/plugin.json": {Data: []byte(other)}, "Store/Activity/OrderPaid.json": {Data: []byte(goodType)},
	})
	if err == nil || !strings.Contains(err.Error(), "Store/Activity/OrderPaid.json: id") {
		t.Errorf("two plugins of one type: %v", err)
	}
	_, err = LoadFS(fstest.MapFS{"Shop/Activity/OrderPaid.json": {Data: []byte(goodType)}})
	if err == nil || !strings.Contains(err.Error(), "Shop/plugin.json") {
		t.Errorf("a plugin without plugin.json: %v", err)
	}
}
