package httpapi

import (
	"net/http"
	"slices"

	"activitylog/backend/fault"
)

// Policy is the page's Content-Security-Policy: only what this program itself
// serves, nothing inline, no other origin, in nobody's frame.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; frame-src 'none'; frame-ancestors 'none'; base-uri 'none'; " +
	"form-action 'none'; object-src 'none'; require-trusted-types-for 'script'"

// Secure puts the headers on every answer that keep a browser strict. What is not
// said otherwise is not stored.
func Secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", Policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// guarded refuses, before routing, requests for another host (DNS rebinding) and
// requests that another site's page makes.
func (o Options) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(o.Hosts, r.Host) {
			o.refuse(w, http.StatusMisdirectedRequest, fault.New(fault.Invalid,
				"This server does not answer to that name. Use the address it printed when it started."))
			return
		}
		if !sameSite(r) && !framed(r) {
			o.refuse(w, http.StatusForbidden, fault.New(fault.Denied,
				"Requests from other sites are refused. Open this address directly."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameSite reports whether the request comes from our own page, from a person's
// address bar or from no browser at all. Every browser that runs the page sends
// Sec-Fetch-Site to loopback addresses; Origin covers those that do not.
func sameSite(r *http.Request) bool {
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return false
		}
	}
	for _, origin := range r.Header.Values("Origin") {
		if origin != "http://"+r.Host {
			return false
		}
	}
	return true
}
