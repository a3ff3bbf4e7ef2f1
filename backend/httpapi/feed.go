package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/feed"
)

// subscribed answers GET /feed.atom and /feed.json. Feed readers mostly send no headers
// of their own, so a token that was made for it may stand in the address. Who has the
// feed as it is hears that, and nothing else, by If-None-Match (RFC 9110, 13.1.2).
func (o Options) subscribed(kind string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead && !o.method(w, r, http.MethodGet) {
			return
		}
		given, err := feedParameters(r.URL.RawQuery)
		if err != nil {
			o.fail(w, r, err)
			return
		}
		p, err := o.subscriber(r, given)
		if err != nil {
			o.fail(w, r, err)
			return
		}
		in := feed.In{Query: given.Get("q"), Base: "http://" + r.Host, Self: selfOf(r.URL.Path, given)}
		if text := given.Get("limit"); text != "" {
			if in.Limit, err = strconv.Atoi(text); err != nil || in.Limit == 0 {
				o.fail(w, r, fault.At("limit", "limit must lie between 1 and %d.", feed.MaxLimit))
				return
			}
		}
		made, err := o.Feeds.Make(access.With(r.Context(), p), kind, in)
		if err != nil {
			if f := fault.Public(err); f.Field == "query" {
				err = f.Blame("q")
			}
			o.fail(w, r, err)
			return
		}
		sum := sha256.Sum256(made.Content)
		h := w.Header()
		h.Set("Content-Type", made.ContentType)
		h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
		h.Set("Cache-Control", "private, no-cache") // kept, but asked about each time
		h.Set("Vary", "Authorization")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(made.Content))
	})
}

// feedParameters reads the address. What a feed does not know is refused by name.
func feedParameters(query string) (url.Values, error) {
	given, err := url.ParseQuery(query)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The part of the address after ? cannot be read.")
	}
	for name, values := range given {
		switch name {
		case "q", "limit", "token":
			if len(values) > 1 {
				return nil, fault.At(name, "Give %s once.", name)
			}
		default:
			return nil, fault.At(name, "A feed takes q, limit and token, not %q.", name)
		}
	}
	return given, nil
}

// subscriber says who asks: by the header, or by a token in the address.
func (o Options) subscriber(r *http.Request, given url.Values) (access.Principal, error) {
	if !given.Has("token") {
		return o.principal(r, false)
	}
	if r.Header.Get("Authorization") != "" {
		return access.Principal{}, fault.At("token", "Send the token as Authorization: Bearer or in the address, not both.")
	}
	nobody := peer(r)
	nobody.Exposed = true
	return o.Authenticate(access.With(r.Context(), nobody), given.Get("token"))
}

// selfOf is the feed's own address, without its credential.
func selfOf(path string, given url.Values) string {
	named := url.Values{}
	for _, name := range []string{"q", "limit"} {
		if given.Has(name) {
			named.Set(name, given.Get(name))
		}
	}
	if len(named) == 0 {
		return path
	}
	return path + "?" + named.Encode()
}
