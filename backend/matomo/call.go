package matomo

import (
	"context"
	"slices"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/account"
)

// A call is one method asked for, by a request or by a child of a bulk request.
type call struct {
	api        *API
	request    Request
	params     params
	credential credential
	peer       access.Principal // the door and address
	table      bool             // the format has rows and columns only: nothing nested
	child      bool             // of a bulk request
	known      map[credential]access.Principal
	causes     *[]error // of children's failures
}

// A credential is a token, and whether it stood in an address, which servers, proxies
// and browsers keep.
type credential struct {
	token   string
	exposed bool
}

// credential returns the header's token, the form's or the query's. One in the address
// is exposed, also if it came another way too. Two that differ are refused: which of
// them counts is nobody's to guess.
func (r Request) credential() (credential, error) {
	query := r.query.text("token_auth", "")
	var c credential
	for _, token := range []string{r.Bearer, r.form.text("token_auth", ""), query} {
		switch {
		case token == "":
		case c.token == "":
			c = credential{token, token == query}
		case token != c.token:
			return c, errConflict
		}
	}
	return c, nil
}

// run calls the method. What is wrong is found in core's order: the method's name, its
// plugin, the token, the method, its parameters, the caller's rights.
func (c *call) run(ctx context.Context) (any, error) {
	name := c.params.text("method", "")
	if name == "" {
		return nil, errNoMethod
	}
	module, method, ok := strings.Cut(name, ".")
	if !ok || strings.Contains(method, ".") {
		return nil, errMethodName
	}
	if !hasModule(module) {
		return nil, noPlugin(module)
	}
	p, err := c.principal(ctx)
	if err != nil {
		return nil, err
	}
	m, ok := methods[name]
	if !ok {
		return nil, unknownMethod(module, method)
	}
	in, err := m.read(c.params)
	if err != nil {
		return nil, err
	}
	ctx = access.With(ctx, p)
	value, err := m.run(ctx, c, in)
	if err != nil || m.shaped {
		return value, err
	}
	return c.shape(value)
}

// anonymous is the token of programs that have none.
const anonymous = "anonymous"

// principal returns whom the credential stands for, in the language asked for if it is
// one of ours; nobody without a credential.
func (c *call) principal(ctx context.Context) (access.Principal, error) {
	p := c.peer
	if c.credential.token != "" && c.credential.token != anonymous {
		var err error
		if p, err = c.authenticated(ctx); err != nil {
			return p, err
		}
	}
	language, _, _ := strings.Cut(strings.ReplaceAll(lower(c.params.text("language", "")), "_", "-"), "-")
	if slices.Contains(account.Languages(), language) {
		p.Language = language
	}
	return p, nil
}

func (c *call) authenticated(ctx context.Context) (access.Principal, error) {
	if p, ok := c.known[c.credential]; ok {
		return p, nil
	}
	at := c.peer
	at.Exposed = c.credential.exposed
	p, err := c.api.options.Accounts.Authenticate(access.With(ctx, at), c.credential.token)
	switch {
	case err == nil:
		c.known[c.credential] = p
		return p, nil
	case failureOf(err).status != statusUnauthorized:
		return p, err
	case c.credential.exposed:
		return p, errBadGetToken
	}
	return p, errBadToken
}
