package source

import (
	"encoding/json"
	"slices"
	"strings"

	"activitylog/backend/activity"
	"activitylog/backend/catalog"
)

// otherNames are what Matomo's activities call what a parameter of ours names, and
// flatNames where the name of an object stands that is no object of its own.
var (
	otherNames = map[string][]string{
		"tag": {"containertag", "containerTag"}, "trigger": {"containertrigger", "containerTrigger"},
		"variable": {"containervariable", "containerVariable"}, "version": {"containerversion", "containerVersion"},
		"measurable": {"site"}, "user": {"login", "userLogin", "user_login"}, "plugin": {"pluginName", "plugin_name"},
		"report":    {"customreport", "customReport", "scheduledreport", "scheduledReport"},
		"recording": {"sessionrecording", "sessionRecording", "hsr"}, "heatmap": {"hsr"},
		"alert": {"customalert", "customAlert"}, "dimension": {"customdimension", "customDimension"},
		"client": {"oauthclient", "oauthClient", "clientName"}, "provider": {"providerId"}, "owner": {"ownerLogin"},
		"preference": {"preferenceName"}, "value": {"preferenceValue"},
	}
	flatNames = []string{"name", "title", "description"}
)

// member returns the first member that has one of the names.
func member(members []activity.Member, names ...string) (json.RawMessage, bool) {
	for _, name := range names {
		if i := slices.IndexFunc(members, func(m activity.Member) bool { return m.Name == name }); i >= 0 {
			return members[i].Value, true
		}
	}
	return nil, false
}

func hasMember(members []activity.Member, name string) bool {
	_, ok := member(members, name)
	return ok
}

// scalarText is a text or a number's digits; "" for anything else.
func scalarText(value json.RawMessage) string {
	if len(value) == 0 {
		return ""
	}
	var text loose
	if json.Unmarshal(value, &text) != nil {
		return ""
	}
	return string(text)
}

// idAndName are what an entity says of itself: {"id", "name"}, {"site_id", "site_name"},
// {"idGoal", "name"}, or a name or number alone.
func idAndName(value json.RawMessage) (id, name string) {
	members, err := activity.Members(value)
	if err != nil {
		if text := scalarText(value); len(value) > 0 && value[0] != '"' {
			return text, ""
		}
		return "", scalarText(value)
	}
	for _, m := range members {
		key := strings.ToLower(strings.ReplaceAll(m.Name, "_", ""))
		text := scalarText(m.Value)
		if id == "" && (strings.HasPrefix(key, "id") || strings.HasSuffix(key, "id")) {
			id = text
		}
		if name == "" && (strings.HasSuffix(key, "name") || strings.HasSuffix(key, "login") || key == "title" || key == "description" && len(members) <= 2) {
			name = text
		}
	}
	return id, name
}

// matomoSite is the site an activity names, by its name at that time or "site 3". It is
// none of this log's sites, whatever its number.
func matomoSite(members []activity.Member, column string) *activity.SiteRef {
	var id, name string
	if value, ok := member(members, "site", "measurable"); ok {
		id, name = idAndName(value)
	}
	if id == "" {
		value, _ := member(members, "idSite", "idsite", "site_id", "siteId", "siteid")
		id = scalarText(value)
	}
	if name == "" {
		value, _ := member(members, "siteName", "site_name")
		name = scalarText(value)
	}
	if id == "" && column != "0" {
		id = column
	}
	switch {
	case strings.TrimSpace(name) != "":
	case id != "" && id != "all":
		name = "site " + id
	default:
		return nil
	}
	return &activity.SiteRef{Kind: "website", Name: name}
}

// matomoEntities gives parameters the names and shapes that a type knows them by, so
// that its sentence finds them. What it does not know stays as it is.
func matomoEntities(typ catalog.Type, members []activity.Member) []activity.Member {
	out := slices.DeleteFunc(slices.Clone(members), func(m activity.Member) bool {
		return m.Name == "version" && string(m.Value) == `"v1"` // says how the parameters are laid out; raw keeps it
	})
	for _, p := range typ.Parameters {
		i := slices.IndexFunc(out, func(m activity.Member) bool { return m.Name == p.Name })
		if i < 0 {
			i = slices.IndexFunc(out, func(m activity.Member) bool { return slices.Contains(otherNames[p.Name], m.Name) })
		}
		if p.Kind == "entity" && i >= 0 && p.Name == typ.Object {
			if id, name := idAndName(out[i].Value); id == "" && name == "" {
				i = -1
			}
		}
		switch {
		case i < 0 && p.Kind == "entity" && p.Name == typ.Object:
			if made, ok := flatEntity(p.Name, members); ok {
				out = slices.DeleteFunc(out, func(m activity.Member) bool { return m.Name == p.Name })
				out = append([]activity.Member{{Name: p.Name, Value: made}}, out...)
			}
		case i < 0:
		case p.Kind == "entity":
			made := activity.Member{Name: p.Name, Value: entityJSON(idAndName(out[i].Value))}
			if out[i].Name == "site" { // which also tells the activity's site
				out = append(out, made)
			} else {
				out[i] = made
			}
		case p.Kind == "flag":
			out[i] = activity.Member{Name: p.Name, Value: truth(out[i].Value)}
		default:
			out[i].Name = p.Name
		}
	}
	return out
}

// entityJSON is an entity as types know it. What Matomo knows by its name only, such as
// logins and plugins, has that for its id.
func entityJSON(id, name string) json.RawMessage {
	if id == "" {
		id = name
	}
	return jsonObject([]activity.Member{{Name: "id", Value: quoted(id)}, {Name: "name", Value: quoted(name)}})
}

// truth makes true and false of PHP's 1 and 0.
func truth(value json.RawMessage) json.RawMessage {
	switch strings.ToLower(scalarText(value)) {
	case "1", "true":
		return json.RawMessage("true")
	case "0", "false":
		return json.RawMessage("false")
	}
	return value
}

// flatEntity finds the object of {"idGoal": "7", "name": "Sign-up"}, and that of a list
// of typed items: {"items": [{"type": "social", "data": {"name", "host"}}]}.
func flatEntity(name string, members []activity.Member) (json.RawMessage, bool) {
	if list, ok := member(members, "items"); ok {
		var items []struct {
			Data struct{ Name, Host loose }
		}
		if json.Unmarshal(list, &items) == nil && len(items) > 0 && items[0].Data.Name != "" {
			return entityJSON(string(items[0].Data.Host), string(items[0].Data.Name)), true
		}
	}
	title := strings.ToUpper(name[:1]) + name[1:]
	idValue, _ := member(members, "id"+title, "id"+name, name+"Id", name+"_id", "id_"+name, "id")
	nameValue, _ := member(members, append([]string{name + "Name", name + "_name"}, flatNames...)...)
	id, called := scalarText(idValue), scalarText(nameValue)
	if id == "" && called == "" {
		return nil, false
	}
	return entityJSON(id, called), true
}
