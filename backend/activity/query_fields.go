package activity

import "strings"

// A FieldInfo describes one field of the query language, for completion and help.
type FieldInfo struct {
	Field   Field
	Aliases []string // other spellings of it
	Example string   // a whole term
	Date    bool     // limits the time; may stand once and cannot be excluded
	Values  []string // the only values there are; empty if it takes others
}

var queryFields = []FieldInfo{
	{Field: ByActor, Aliases: []string{"user"}, Example: "actor:ann"},
	{Field: ByType, Example: "type:GoalAdded"},
	{Field: ByCategory, Example: "category:goals"},
	{Field: BySite, Example: `site:"My shop"`},
	{Field: ByObject, Example: "object:goal:7"},
	{Field: ByIP, Example: "ip:203.0.113.0/24"},
	{Field: ByResult, Example: "result:denied", Values: []string{OK, Failed, Denied}},
	{Field: BySource, Example: "source:import"},
	{Field: ByBatch, Example: "batch:3"},
	{Field: AfterDate, Example: "after:2026-11-23", Date: true},
	{Field: BeforeDate, Example: "before:2026-12", Date: true},
	{Field: OnDate, Example: "on:yesterday", Date: true},
	{Field: LastDate, Example: "last:7d", Date: true},
}

// QueryFields returns the fields of the query language in the order to show them.
func QueryFields() []FieldInfo { return append([]FieldInfo(nil), queryFields...) }

// fieldOf finds a field by any of its spellings, in any case.
func fieldOf(name string) (FieldInfo, bool) {
	name = strings.ToLower(name)
	for _, info := range queryFields {
		if name == string(info.Field) {
			return info, true
		}
		for _, alias := range info.Aliases {
			if name == alias {
				return info, true
			}
		}
	}
	return FieldInfo{}, false
}

// otherNames are what other programs call our fields.
var otherNames = map[string]Field{
	"who": ByActor, "login": ByActor, "by": ByActor, "author": ByActor, "username": ByActor,
	"event": ByType, "action": ByType, "activity": ByType, "kind": ByType,
	"group": ByCategory, "module": ByCategory, "website": BySite, "app": BySite,
	"target": ByObject, "resource": ByObject, "entity": ByObject, "address": ByIP, "host": ByIP,
	"status": ByResult, "outcome": ByResult, "from": BySource, "import": ByBatch,
	"since": AfterDate, "until": BeforeDate, "date": OnDate, "day": OnDate, "when": OnDate,
}

// nearestField returns the field somebody most likely meant, or "".
func nearestField(name string) Field {
	name = strings.ToLower(name)
	if field, ok := otherNames[name]; ok {
		return field
	}
	best, least := Field(""), 3
	for _, info := range queryFields {
		for _, known := range append([]string{string(info.Field)}, info.Aliases...) {
			// Two slips in a word of three letters are another word.
			if d := distance(name, known); d < least && d*2 < len(known) {
				best, least = info.Field, d
			}
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that make b of a. Names longer than any field are just far away.
func distance(a, b string) int {
	if len(a) > 16 || len(b) > 16 {
		return len(a) + len(b)
	}
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
