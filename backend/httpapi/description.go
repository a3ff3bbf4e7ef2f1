package httpapi

import (
	"net/http"

	"activitylog/backend/openapi"
)

// described serves the description of this API: for programs, and as a page that loads
// nothing but its own style. It says nothing of the log, so that nobody need be signed in.
func (o Options) described(mux *http.ServeMux) {
	for path, one := range map[string]struct {
		kind    string
		content func() []byte
	}{
		"/api/{$}":           {"text/html; charset=utf-8", openapi.Reference},
		"/api/reference.css": {"text/css; charset=utf-8", openapi.Style},
		"/api/openapi.json":  {"application/json", openapi.Document},
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if !o.method(w, r, http.MethodGet) {
				return
			}
			w.Header().Set("Content-Type", one.kind)
			_, _ = w.Write(one.content()) // the caller has gone: nobody to tell
		})
	}
}
