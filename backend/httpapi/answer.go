package httpapi

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"

	"activitylog/backend/fault"
)

// statuses is how each code is said in HTTP.
var statuses = map[fault.Code]int{
	fault.Invalid:         http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Denied:          http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Internal:        http.StatusInternalServerError,
}

// Encode writes a value as every front does: one line of JSON.
func Encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// answer sends a value. It is encoded first, so that a failure is still an answer.
func (o Options) answer(w http.ResponseWriter, r *http.Request, v any) {
	o.answerAs(w, r, http.StatusOK, v)
}

func (o Options) answerAs(w http.ResponseWriter, r *http.Request, status int, v any) {
	var body bytes.Buffer
	if err := Encode(&body, v); err != nil {
		o.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the caller has gone: nobody to tell
}

// fail ends a call. Causes are logged here, once, and never sent.
func (o Options) fail(w http.ResponseWriter, r *http.Request, err error) {
	public := fault.Public(err)
	if public.Code == fault.Internal {
		o.Log.LogAttrs(r.Context(), slog.LevelError, "request failed",
			slog.String("path", r.URL.Path), slog.String("cause", err.Error()))
	}
	status := statuses[public.Code]
	if public.After > 0 { // RFC 6585, section 4
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.FormatInt(int64(math.Ceil(public.After.Seconds())), 10))
	}
	o.refuse(w, status, public)
}

// refuse sends a fault with a status of its own.
func (o Options) refuse(w http.ResponseWriter, status int, f *fault.Error) {
	w.Header().Set("Content-Type", "application/json")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(status)
	_ = Encode(w, f) // the caller has gone: nobody to tell
}

// recovered turns a panic into an internal error. Nothing a caller sends may end
// the program.
func (o Options) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p) // how a half-sent answer is broken off
			default:
				o.Log.LogAttrs(r.Context(), slog.LevelError, "request panicked",
					slog.String("path", r.URL.Path), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
				o.refuse(w, http.StatusInternalServerError, fault.Public(fault.New(fault.Internal,
					"Something went wrong inside the program. Its log says what.")))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// StatusOf is how a fault's code is said in HTTP.
func StatusOf(code fault.Code) int { return statuses[code] }
