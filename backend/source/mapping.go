package source

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/fault"
)

// The fields that a column can be. Parameter is what columns are that are not named,
// Nothing leaves a column out; the raw record keeps it.
const (
	fieldParameter  = "parameter"
	fieldNothing    = "nothing"
	fieldType       = "type"
	fieldActor      = "actor"
	fieldOccurredAt = "occurredAt"
	fieldObjectKind = "object.kind"
	fieldObjectID   = "object.id"
	fieldObjectName = "object.name"
	fieldSite       = "site"
	fieldIP         = "ip"
	fieldResult     = "result"
	fieldUserAgent  = "userAgent"
	fieldRequestID  = "requestId"
	fieldExternalID = "externalId"
)

// Fields are what a column can be, in the order in which they are offered.
var Fields = []string{
	fieldParameter, fieldType, fieldActor, fieldOccurredAt, fieldObjectKind, fieldObjectID, fieldObjectName,
	fieldSite, fieldIP, fieldResult, fieldUserAgent, fieldRequestID, fieldExternalID, fieldNothing,
}

// Limits of a mapping.
const (
	maxColumns    = 1000
	maxColumnName = 1024 // bytes
)

// check says what is wrong with a mapping.
func (m Mapping) check() error {
	if len(m.Columns) > maxColumns {
		return fault.At("mapping", "A mapping has at most %d columns.", maxColumns)
	}
	has := map[string]string{}
	names := map[string]bool{}
	for _, c := range m.Columns {
		switch {
		case c.Name == "" || len(c.Name) > maxColumnName:
			return fault.At("mapping.columns", "A column's name has 1 to %d bytes.", maxColumnName)
		case names[c.Name]:
			return fault.At("mapping.columns", "The column %q is mapped twice.", c.Name)
		case !slices.Contains(Fields, c.Field):
			return fault.At("mapping.columns", "A column cannot be %q. It can be: %s.", c.Field, strings.Join(Fields, ", "))
		}
		names[c.Name] = true
		if c.Field == fieldParameter || c.Field == fieldNothing {
			continue
		}
		if other := has[c.Field]; other != "" {
			return fault.At("mapping.columns", "Both %q and %q are mapped to %s. Choose one.", other, c.Name, c.Field)
		}
		has[c.Field] = c.Name
	}
	if has[fieldType] == "" && strings.TrimSpace(m.Type) == "" {
		return fault.At("mapping.type", "Say which column holds the type, or give one type for all, like Shop/OrderPaid.")
	}
	if !slices.Contains([]string{"", "dmy", "mdy"}, m.TimeOrder) {
		return fault.At("mapping.timeOrder", "The order of a date is dmy (day first) or mdy (month first), not %q.", m.TimeOrder)
	}
	if _, err := time.LoadLocation(m.Zone); err != nil || m.Zone == "Local" {
		return fault.At("mapping.zone", "There is no time zone %q. Use a name like Europe/Berlin.", m.Zone)
	}
	return nil
}

// usual are the headings under which a field usually stands, as plain makes them.
var usual = []struct {
	field string
	names []string
}{
	{fieldOccurredAt, []string{"occurredat", "timestamp", "time", "datetime", "date", "createdat", "created", "tscreated", "eventtime", "when", "zeit", "zeitpunkt", "datum", "loggedat", "at", "datumuhrzeit"}},
	{fieldActor, []string{"actor", "user", "username", "userlogin", "login", "who", "useremail", "email", "benutzer", "benutzername", "account", "principal", "performedby", "author", "userid"}},
	{fieldType, []string{"type", "action", "event", "eventtype", "eventname", "activity", "operation", "verb", "aktion", "ereignis", "typ", "what"}},
	{fieldObjectName, []string{"objectname", "targetname", "resourcename", "object", "target", "resource", "objekt", "ziel", "entity", "item"}},
	{fieldObjectID, []string{"objectid", "targetid", "resourceid", "entityid", "itemid"}},
	{fieldObjectKind, []string{"objectkind", "objecttype", "targettype", "resourcetype", "entitytype", "itemtype"}},
	{fieldSite, []string{"site", "sitename", "website", "project", "workspace", "organization", "organisation", "tenant"}}, //nolint:misspell // as programs write it
	{fieldIP, []string{"ip", "ipaddress", "clientip", "sourceip", "sourceipaddress", "remoteaddr", "remoteip", "ipadresse"}},
	{fieldResult, []string{"result", "outcome", "status", "ergebnis", "success"}},
	{fieldUserAgent, []string{"useragent", "agent", "browser"}},
	{fieldRequestID, []string{"requestid", "correlationid", "traceid"}},
	{fieldExternalID, []string{"externalid", "id", "eventid", "uuid", "logid", "recordid"}},
}

// suggest makes a mapping of what columns are called. Where nothing is the type, the type
// is made of the file's name.
func suggest(columns []string, file string) *Mapping {
	m := &Mapping{Columns: []MappedColumn{}}
	taken := map[string]string{}
	for _, u := range usual {
		for _, name := range u.names {
			i := slices.IndexFunc(columns, func(c string) bool { return plain(c) == name && taken[c] == "" })
			if i >= 0 {
				taken[columns[i]] = u.field
				break
			}
		}
	}
	typed := false
	for _, c := range columns {
		field := taken[c]
		if field == "" {
			field = fieldParameter
		}
		typed = typed || field == fieldType
		m.Columns = append(m.Columns, MappedColumn{Name: c, Field: field})
	}
	if !typed {
		m.Type = typeFrom(file)
	}
	return m
}

// plain is a heading without what people write differently.
func plain(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// typeFrom makes a type of a file's name: "door-log 2026.csv" is "door-log-2026".
func typeFrom(file string) string {
	base, _, _ := strings.Cut(file, ".")
	if base = typeOf(base); base == "" {
		return "Imported"
	}
	return base
}

// typeOf makes a type of a text: what a type may not contain becomes a hyphen.
func typeOf(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._:/-", r) {
			return r
		}
		return '-'
	}, strings.TrimSpace(text))
	for len(text) > 200 {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}
