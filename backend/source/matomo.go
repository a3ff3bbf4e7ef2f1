package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"activitylog/backend/activity"
	"activitylog/backend/catalog"
)

// The table of Matomo's activity log, behind whatever prefix. Source: Matomo's developer
// documentation, "Database schema".
const matomoTable = "activity_log"

var matomoColumns = []string{"id", "user_login", "type", "parameters", "ts_created", "country", "ip"}

func isMatomoTable(name string) bool {
	name = strings.ToLower(name)
	return name == matomoTable || strings.HasSuffix(name, "_"+matomoTable)
}

// A matomoRow is one row of that table, or one entry that its API tells.
type matomoRow struct {
	id, login, typ  string
	parameters      string // serialised by PHP, or JSON
	at, country, ip string
	site            string // of tables that have a column for it
	description     string // as the API tells it
}

// rowOf takes a row's values by the names of their columns.
func rowOf(columns []string, values []cell) (matomoRow, error) {
	if len(columns) != len(values) {
		return matomoRow{}, fmt.Errorf("it has %d values for %d columns", len(values), len(columns))
	}
	var r matomoRow
	targets := map[string]*string{
		"id": &r.id, "user_login": &r.login, "type": &r.typ, "parameters": &r.parameters, "ts_created": &r.at,
		"country": &r.country, "ip": &r.ip, "idsite": &r.site, "site_id": &r.site, "description": &r.description,
	}
	for i, column := range columns {
		if target := targets[strings.ToLower(strings.TrimSpace(column))]; target != nil && !values[i].null {
			*target = values[i].text
		}
	}
	return r, nil
}

// record makes a draft of a row, whose id is its external id.
func (r matomoRow) record(cat *catalog.Catalog) (Record, error) {
	if r.id == "" || strings.Trim(r.id, "0123456789") != "" {
		return Record{}, fmt.Errorf("%q is no id of a row", clipped(r.id))
	}
	record, err := r.draft(cat)
	if err != nil {
		return Record{}, fmt.Errorf("row %s: %w", r.id, err)
	}
	record.Draft.ExternalID = &r.id
	return record, nil
}

// draft makes a draft without an external id. Its raw record is the row with its
// parameters as JSON, so that it is the same from SQL, CSV and the API.
func (r matomoRow) draft(cat *catalog.Catalog) (Record, error) {
	at, err := time.Parse(time.DateTime, strings.Replace(strings.TrimSuffix(r.at, "Z"), "T", " ", 1))
	if err != nil {
		return Record{}, fmt.Errorf("%q is no time like 2026-11-20 09:15:00", clipped(r.at))
	}
	if r.typ == "" {
		return Record{}, errors.New("it has no type")
	}
	parameters, err := matomoParameters(r.parameters)
	if err != nil {
		return Record{}, err
	}
	members, err := activity.Members(parameters)
	if err != nil {
		return Record{}, errors.New("its parameters are no object of distinct names")
	}
	typ, known := cat.Type(matomoType(cat, r.typ))
	stamp := at.Format(time.RFC3339Nano)
	d := activity.Draft{
		Type: typ.ID, Actor: matomoActor(r.login), OccurredAt: &stamp,
		Result: matomoResult(typ.ID, members), Raw: r.raw(parameters),
	}
	ip := r.address()
	if ip != "" {
		d.IP = &ip
	}
	site := matomoSite(members, r.site)
	members = matomoEntities(typ, members)
	if r.ip != "" && ip == "" && !hasMember(members, "ip") {
		members = append(members, activity.Member{Name: "ip", Value: quoted(r.ip)})
	}
	if r.country != "" && !hasMember(members, "country") {
		members = append(members, activity.Member{Name: "country", Value: quoted(r.country)})
	}
	if r.description != "" && !known && !hasMember(members, "description") {
		members = append(members, activity.Member{Name: "description", Value: quoted(r.description)}) // the only words there are
	}
	d.Parameters = jsonObject(members)
	return Record{Draft: d, Site: site}, nil
}

// raw is the row as a JSON object.
func (r matomoRow) raw(parameters json.RawMessage) json.RawMessage {
	members := []activity.Member{
		{Name: "id", Value: quoted(r.id)},
		{Name: "user_login", Value: quoted(r.login)},
		{Name: "type", Value: quoted(r.typ)},
		{Name: "parameters", Value: parameters},
		{Name: "ts_created", Value: quoted(r.at)},
		{Name: "country", Value: quoted(r.country)},
		{Name: "ip", Value: quoted(r.ip)},
	}
	if r.site != "" {
		members = append(members, activity.Member{Name: "idsite", Value: quoted(r.site)})
	}
	return jsonObject(members)
}

// address is the address as text, also where the column holds its bytes; "" if it is none.
func (r matomoRow) address() string {
	if addr, ok := netip.AddrFromSlice([]byte(r.ip)); ok && strings.IndexFunc(r.ip, func(c rune) bool { return !unicode.IsPrint(c) }) >= 0 {
		return addr.Unmap().String()
	}
	if isAddress(r.ip) {
		return r.ip
	}
	return ""
}

// matomoParameters makes a JSON object of what the column holds.
func matomoParameters(text string) (json.RawMessage, error) {
	trimmed := bytes.TrimSpace([]byte(text))
	var value json.RawMessage
	switch {
	case len(trimmed) == 0:
		return json.RawMessage("{}"), nil
	case trimmed[0] == '{' || trimmed[0] == '[':
		if err := activity.CheckText(trimmed); err != nil {
			return nil, errors.New(reason(err))
		}
		if !json.Valid(trimmed) {
			return nil, errors.New("its parameters are not valid JSON")
		}
		var err error
		if value, err = plainJSON(trimmed, 0); err != nil {
			return nil, err
		}
	default:
		var err error
		if value, err = phpJSON(trimmed); err != nil {
			return nil, err
		}
	}
	switch string(value) {
	case "[]", "null", "false", `""`:
		return json.RawMessage("{}"), nil
	}
	if value[0] != '{' {
		return jsonObject([]activity.Member{{Name: "value", Value: value}}), nil
	}
	return value, nil
}

// plainJSON writes valid JSON in the one form that values of PHP are written in here too,
// so that an entry and its row of a dump are the same: PHP escapes slashes and letters.
func plainJSON(value json.RawMessage, depth int) (json.RawMessage, error) {
	if depth > phpDepth {
		return nil, errors.New("its parameters are nested too deep")
	}
	switch value[0] {
	case '"':
		var text string
		err := json.Unmarshal(value, &text)
		return quoted(text), err
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(value, &list); err != nil {
			return nil, err
		}
		for i := range list {
			var err error
			if list[i], err = plainJSON(list[i], depth+1); err != nil {
				return nil, err
			}
		}
		return join('[', nil, list, ']'), nil
	case '{':
		members, err := activity.Members(value)
		if err != nil {
			return nil, errors.New("its parameters are no object of distinct names")
		}
		for i := range members {
			if members[i].Value, err = plainJSON(members[i].Value, depth+1); err != nil {
				return nil, err
			}
		}
		return jsonObject(members), nil
	}
	return value, nil
}

// matomoType is the type of this log that a name stands for: GoalAdded, Goals/GoalAdded,
// Piwik\Plugins\Goals\Activity\GoalAdded. One of another plugin keeps its plugin's name.
func matomoType(cat *catalog.Catalog, name string) string {
	name = strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/")
	for _, prefix := range []string{"Piwik/Plugins/", "Matomo/Plugins/"} {
		name = strings.TrimPrefix(name, prefix)
	}
	plugin, short, found := strings.Cut(strings.Replace(name, "/Activity/", "/", 1), "/")
	if !found {
		if before, after, dotted := strings.Cut(name, "."); dotted {
			plugin, short = before, after
		} else {
			plugin, short = "", name
		}
	}
	t, known := cat.Type(short)
	if !known {
		t, known = cat.Namesake(short)
	}
	if known && (plugin == "" || strings.EqualFold(plugin, t.Plugin) || plugin == "ActivityLog") {
		return t.ID
	}
	if plugin != "" {
		short = plugin + "/" + short
	}
	return typeOf(short)
}

func matomoActor(login string) *activity.DraftActor {
	switch strings.TrimSpace(login) {
	case "", "anonymous":
		return &activity.DraftActor{Kind: activity.KindAnonymous, Name: "anonymous"}
	}
	return &activity.DraftActor{Kind: activity.KindUser, Name: login}
}

// matomoResult: Matomo records what succeeded, and of the rest failed logins and denied
// authorisations.
func matomoResult(typ string, members []activity.Member) string {
	switch typ {
	case "UserFailedToLogIn":
		return activity.Failed
	case "AuthorizeClient":
		decision, _ := member(members, "decision", "action")
		if slices.Contains([]string{"denied", "deny", "rejected"}, scalarText(decision)) {
			return activity.Denied
		}
	}
	return activity.OK
}

func jsonObject(members []activity.Member) json.RawMessage {
	names, values := make([]string, len(members)), make([]json.RawMessage, len(members))
	for i, m := range members {
		names[i], values[i] = m.Name, m.Value
	}
	return join('{', names, values, '}')
}
