package httpapi

import (
	"net/http"

	"activitylog/backend/access"
	"activitylog/backend/ledger"
)

// health answers GET /healthz, for programs that watch others: the operation health,
// 200 while all is well and 503 if not. It takes a credential like any other path.
func (o Options) health() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.method(w, r, http.MethodGet) {
			return
		}
		p, err := o.principal(r, false)
		if err != nil {
			o.fail(w, r, err)
			return
		}
		h, err := o.Health(access.With(r.Context(), p), ledger.HealthIn{})
		if err != nil {
			o.fail(w, r, err)
			return
		}
		status := http.StatusOK
		if !h.OK {
			status = http.StatusServiceUnavailable
		}
		o.answerAs(w, r, status, h)
	})
}
