package activity

// A Query is a parsed query: what the text in the search box means. Filters of
// one field are alternatives (any of them), different fields and words all hold,
// negated ones exclude.
type Query struct {
	Text    string   // as typed
	Filters []Filter // in the order typed; dates are not among them
	Words   []Word
	After   *int64 // ms, inclusive
	Before  *int64 // ms, exclusive
}

// A Field is a name that can stand before a colon.
type Field string

// The fields that become filters. user: is another spelling of actor:; category:
// is resolved to types by the parser's catalogue; after, before, on and last
// become Query.After and Query.Before.
const (
	ByActor    Field = "actor"
	ByType     Field = "type"
	ByCategory Field = "category"
	BySite     Field = "site"
	ByObject   Field = "object"
	ByIP       Field = "ip"
	ByResult   Field = "result"
	BySource   Field = "source"
	ByBatch    Field = "batch"
)

// A Filter narrows by one field. A value matches if it is equal or goes on with
// "/" or ":" (so source:import matches import:cloudtrail/prod).
type Filter struct {
	Field   Field
	Value   string
	Negated bool
	At      int // byte offset in the text
}

// A Word must (or must not) stand in the values of an activity.
type Word struct {
	Text    string
	Phrase  bool
	Prefix  bool
	Negated bool
	At      int
}
