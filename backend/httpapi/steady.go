package httpapi

import (
	"net/http"
	"time"
)

// steady gives whoever reads an answer time as long as they take something of it now
// and then. A reader that stands still would keep a connection, and what a long answer
// is made from, for ever.
func (o Options) steady(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allow := http.NewResponseController(w).SetWriteDeadline
		_ = allow(time.Time{}) // one set for the answer before; not over httptest's recorder
		next.ServeHTTP(&steadyWriter{ResponseWriter: w, allow: allow, now: o.Now}, r)
	})
}

type steadyWriter struct {
	http.ResponseWriter
	allow func(time.Time) error
	now   func() time.Time
}

func (s *steadyWriter) Write(b []byte) (int, error) {
	_ = s.allow(s.now().Add(bodyTimeout))
	return s.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (s *steadyWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }
