package activity

import "strings"

// A Query is a parsed query: what the text in the search box means. Filters of
// one field are alternatives (any of them), different fields and words all hold,
// negated ones exclude. [ParseQuery] makes one.
type Query struct {
	Text    string   // as typed
	Filters []Filter // in the order typed; dates are not among them
	Words   []Word
	Dates   []Date // as typed; what they mean is in After and Before
	After   *int64 // ms, inclusive
	Before  *int64 // ms, exclusive
}

// A Field is a name that can stand before a colon.
type Field string

// The fields that become filters. user: is another spelling of actor:; category:
// is resolved to types by the parser's catalogue.
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

// ByLogin is a filter of programs, see [By]; no text means it. It finds the identities
// that are linked to the user of that login, and those of that name linked to nobody.
const ByLogin Field = "login"

// The fields that become Query.After and Query.Before.
const (
	AfterDate  Field = "after"
	BeforeDate Field = "before"
	OnDate     Field = "on"
	LastDate   Field = "last"
)

// Me is the value of actor: that stands for the caller.
const Me = "me"

// A Filter narrows by one field. A value matches if it is equal or goes on with
// "/" or ":" (so source:import matches import:cloudtrail/prod).
type Filter struct {
	Field   Field
	Value   string
	Types   []string // of category: the types it stands for, not null, perhaps empty
	Negated bool
	At      int // byte offset in the text
	// Held is a view under legal hold: then a name also means what it meant when the hold
	// was set, see [Query.AsHeld]. 0: what it means now.
	Held int64
}

// A Word must (or must not) stand in the values of an activity.
type Word struct {
	Text    string
	Phrase  bool
	Prefix  bool
	Negated bool
	At      int
}

// A Date is a term that limits the time.
type Date struct {
	Field Field
	Value string
	At    int
}

// String returns the query's canonical text: filters, then dates, then words, each
// in the order typed and with one spelling. Parsing it with the same options gives
// the same query again (Text and At apart).
func (q Query) String() string {
	terms := make([]string, 0, len(q.Filters)+len(q.Dates)+len(q.Words))
	for _, f := range q.Filters {
		terms = append(terms, sign(f.Negated)+string(f.Field)+":"+printValue(f.Value))
	}
	for _, d := range q.Dates {
		terms = append(terms, string(d.Field)+":"+d.Value)
	}
	for _, w := range q.Words {
		text := w.Text
		if w.Phrase {
			text = quote(text)
		}
		if w.Prefix {
			text += "*"
		}
		terms = append(terms, sign(w.Negated)+text)
	}
	return strings.Join(terms, " ")
}

func sign(negated bool) string {
	if negated {
		return "-"
	}
	return ""
}

// printValue quotes a value only where it would not be read back otherwise.
func printValue(value string) string {
	if value == "" || value[0] == '"' || strings.ContainsFunc(value, isSpace) {
		return quote(value)
	}
	return value
}

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quote(text string) string { return `"` + quoter.Replace(text) + `"` }
