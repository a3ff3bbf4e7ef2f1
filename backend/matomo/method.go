package matomo

import (
	"context"
	"strings"
)

// A method is one that may be called.
type method struct {
	parameters []parameter
	run        func(ctx context.Context, c *call, in values) (any, error)
	// shaped methods see to filter_limit and the like by themselves.
	shaped bool
}

// A parameter is a method's own. Its default says what it is: int64 a whole number,
// string a text; required ones have none and are taken as they come.
type parameter struct {
	name      string
	otherwise any
}

type required struct{}

// values are what a call gave for a method's parameters.
type values map[string]any

func (v values) text(name string) string { text, _ := v[name].(string); return text }

func (v values) integer(name string) int64 { n, _ := v[name].(int64); return n }

// filters narrow a list of activities; getEntries and getEntryCount share them.
var filters = []parameter{
	{"filterByUserLogin", ""}, {"filterByActivityType", ""}, {"period", ""}, {"date", ""},
}

// methods are all there are, by name. It is filled by init since a bulk request calls
// methods again.
var methods map[string]method

func init() {
	methods = map[string]method{
		"ActivityLog.getEntries": {
			parameters: append([]parameter{{"offset", int64(0)}, {"limit", int64(25)}}, filters...), run: getEntries, shaped: true,
		},
		"ActivityLog.getEntryCount":       {parameters: filters, run: getEntryCount},
		"ActivityLog.getAllActivityTypes": {parameters: []parameter{{"filterLimit", int64(-1)}}, run: getAllActivityTypes},

		"API.getMatomoVersion": {run: getMatomoVersion},
		"API.getPiwikVersion":  {run: getMatomoVersion}, // its name in older programs
		"API.getPhpVersion":    {run: getPhpVersion},
		"API.getIpFromHeader":  {run: getIPFromHeader},
		"API.getSettings":      {run: getSettings},
		bulkMethod:             {parameters: []parameter{{"urls", required{}}}, run: getBulkRequest, shaped: true},

		"UsersManager.getUsersLogin":                 {run: getUsersLogin},
		"UsersManager.getUser":                       {parameters: []parameter{{"userLogin", required{}}}, run: getUser},
		"SitesManager.getSitesWithAtLeastViewAccess": {run: getSites},
	}
}

// hasModule reports whether a plugin is here at all.
func hasModule(name string) bool {
	for known := range methods {
		if module, _, _ := strings.Cut(known, "."); module == name {
			return true
		}
	}
	return false
}

// read reads a method's parameters. One of another kind counts as not given.
func (m method) read(p params) (values, error) {
	in := values{}
	for _, want := range m.parameters {
		switch otherwise := want.otherwise.(type) {
		case int64:
			in[want.name] = p.integer(want.name, otherwise)
		case string:
			in[want.name] = p.text(want.name, otherwise)
		default:
			if given := p[want.name]; !given.many && given.text == "" {
				return nil, missing(want.name)
			}
			in[want.name] = p.text(want.name, "")
		}
	}
	return in, nil
}
