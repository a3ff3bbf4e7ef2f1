package matomo

import (
	"context"
	"strings"
)

const bulkMethod = "API.getBulkRequest"

// getBulkRequest calls one method after another: each of urls is a query string, what
// is missing in it is as in the outer request, and its answer is as format=json has it.
// A bulk request within one is left out.
func getBulkRequest(ctx context.Context, c *call, _ values) (any, error) {
	s := c.shaping()
	list, urls := List{}, c.params.list("urls")
	enough := int64(-1)
	if s.first >= 0 && s.most >= 0 {
		enough = s.first + s.most
	}
	for _, text := range urls {
		if int64(len(list)) == enough {
			break
		}
		child := c.of(text)
		if child.params.text("method", "") == bulkMethod {
			continue
		}
		list = append(list, child.slot(ctx))
	}
	from, to := s.bounds(int64(len(list)))
	return list[from:to], nil
}

// of returns the child that a query string asks for. One that turns out to be a single
// name without a value was encoded twice.
func (c *call) of(text string) *call {
	text = strings.TrimPrefix(text, "?")
	own := parse(text)
	for _, v := range own {
		if len(own) == 1 && v.text == "" && !v.many {
			own = parse(strings.TrimPrefix(unescape(text), "?"))
		}
	}
	child := *c
	child.child, child.table = true, false
	child.params = own.over(c.params)
	if token := own.text("token_auth", ""); token != "" {
		// What came within the address has been seen there, by itself or in a child.
		child.credential = credential{token, c.request.query.has("urls") || token == c.credential.token && c.credential.exposed}
	}
	return &child
}

// slot is a child's answer, or its error.
func (c *call) slot(ctx context.Context) any {
	v, err := c.run(ctx)
	switch {
	case err != nil:
		f := failureOf(err)
		if f.cause != nil {
			*c.causes = append(*c.causes, f.cause)
		}
		return Map{{"result", "error"}, {"message", f.message}}
	case v == nil:
		return Map{{"result", "success"}, {"message", success}}
	case !nested(v):
		return Map{{"value", v}}
	}
	return v
}
