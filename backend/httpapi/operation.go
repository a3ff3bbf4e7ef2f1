package httpapi

import (
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/ops"
)

// operation answers POST /api/v1/<name>: one JSON object in, one out.
func (o Options) operation(op ops.Op) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.method(w, r, http.MethodPost) || !o.contentType(w, r, "application/json") {
			return
		}
		p, err := o.principal(r, op.Name == "SignIn" || op.Name == "SetUp")
		if err != nil {
			o.fail(w, r, err)
			return
		}
		if r.Body != http.NoBody { // else what would time out is waiting for the caller to leave
			_ = http.NewResponseController(w).SetReadDeadline(o.Now().Add(bodyTimeout)) // not over httptest's recorder
		}
		in, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		if err != nil {
			o.unread(w, err)
			return
		}
		out, err := op.Call(access.With(r.Context(), p), in)
		if err != nil {
			o.fail(w, r, err)
			return
		}
		o.answer(w, r, out)
	})
}

// principal says who calls. A refused token is refused everywhere but where it does
// not matter: a person with an outdated one must be able to sign in again.
func (o Options) principal(r *http.Request, anew bool) (access.Principal, error) {
	nobody := peer(r)
	header := r.Header.Get("Authorization")
	if header == "" || anew {
		return nobody, nil
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nobody, fault.New(fault.Unauthenticated, "Send the session's token as Authorization: Bearer <token>.")
	}
	return o.Authenticate(access.With(r.Context(), nobody), strings.TrimSpace(token))
}

// peer is a caller of whom nothing is known but where the call comes from.
func peer(r *http.Request) access.Principal {
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = ""
	}
	return access.Principal{Door: access.HTTP, IP: ip, Agent: r.UserAgent(), DoNotTrack: asksNotToBeTracked(r)}
}

// asksNotToBeTracked reads Global Privacy Control (W3C, section 3.4.1) and its
// predecessor Do Not Track (W3C, section 5.2).
func asksNotToBeTracked(r *http.Request) bool {
	return r.Header.Get("Sec-GPC") == "1" || r.Header.Get("DNT") == "1"
}

// method refuses other methods than the one.
func (o Options) method(w http.ResponseWriter, r *http.Request, method string) bool {
	if r.Method == method {
		return true
	}
	w.Header().Set("Allow", method)
	o.refuse(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "Use %s here.", method))
	return false
}

// contentType refuses what a form on another page could send.
func (o Options) contentType(w http.ResponseWriter, r *http.Request, want string) bool {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && got == want && len(r.Header.Values("Content-Type")) == 1 {
		return true
	}
	o.refuse(w, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "Send Content-Type: %s.", want))
	return false
}

// unread answers where an input could not be read to its end.
func (o Options) unread(w http.ResponseWriter, err error) {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		o.refuse(w, http.StatusRequestEntityTooLarge, fault.New(fault.Invalid, "At most %d bytes may be sent here.", large.Limit))
		return
	}
	o.refuse(w, http.StatusBadRequest, fault.New(fault.Invalid, "The request ended before its input was complete."))
}

// unknown answers paths below /api/ that do not exist.
func (o Options) unknown(w http.ResponseWriter, r *http.Request) {
	o.fail(w, r, fault.New(fault.NotFound, "There is no such operation. docs/api.md lists them."))
}
