package httpapi

import (
	"net/http"
	"slices"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
	"activitylog/backend/ops"
)

// health answers GET /healthz, for programs that watch others: the operation health,
// 200 while all is well and 503 if not. It takes a credential like any other path.
func (o Options) health() http.Handler {
	at := slices.IndexFunc(o.Ops, func(op ops.Op) bool { return op.Name == "Health" })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at < 0 {
			o.unknown(w, r)
			return
		}
		if !o.method(w, r, http.MethodGet) {
			return
		}
		p, err := o.principal(r, false)
		if err != nil {
			o.fail(w, r, err)
			return
		}
		out, err := o.Ops[at].Call(access.With(r.Context(), p), nil)
		if err != nil {
			o.fail(w, r, err)
			return
		}
		h, ok := out.(ledger.Health)
		if !ok {
			o.fail(w, r, fault.New(fault.Internal, "The state of the log cannot be told."))
			return
		}
		if !h.OK {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		o.answer(w, r, h)
	})
}
