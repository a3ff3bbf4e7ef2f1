package httpapi

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/matomo"
)

// reporting answers Matomo's reporting API: what names a method, or the module API, in
// the address or in a form. What else comes here is the page's. These are the only two
// paths that take forms.
func (o Options) reporting(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodPost:
		default:
			page.ServeHTTP(w, r)
			return
		}
		form, err := o.form(w, r)
		if err != nil {
			o.unread(w, err)
			return
		}
		request := matomo.NewRequest(bearer(r), r.URL.RawQuery, form)
		if request.Module() == matomo.Widgetize && r.Method != http.MethodPost {
			o.widgetized(w, r, request)
			return
		}
		if !request.API() {
			page.ServeHTTP(w, r)
			return
		}
		o.report(w, r, o.Matomo.Answer(access.With(r.Context(), peer(r)), request))
	})
}

// report sends an answer.
func (o Options) report(w http.ResponseWriter, r *http.Request, a matomo.Answer) {
	if a.Cause != nil {
		o.Log.LogAttrs(r.Context(), slog.LevelError, "request failed",
			slog.String("path", r.URL.Path), slog.String("cause", a.Cause.Error()))
	}
	w.Header().Set("Content-Type", a.ContentType)
	if a.Disposition != "" {
		w.Header().Set("Content-Disposition", a.Disposition)
	}
	w.WriteHeader(a.Status)
	if r.Method == http.MethodHead {
		return
	}
	if err := a.Write(r.Context(), w); err != nil {
		// Breaking the connection is the only way left to say that it is not complete.
		o.Log.LogAttrs(r.Context(), slog.LevelWarn, "answer broken off", slog.String("cause", err.Error()))
		panic(http.ErrAbortHandler)
	}
}

// bearer is the token of the header Authorization; other schemes are not this API's.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// form reads a form body within bodyTimeout. The answer may take longer: a deadline
// that passes meanwhile would end the request.
func (o Options) form(w http.ResponseWriter, r *http.Request) (string, error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(o.Now().Add(bodyTimeout)) // not over httptest's recorder
	form, err := formOf(w, r)
	_ = control.SetReadDeadline(time.Time{})
	return form, err
}

// formOf returns a form body as a query string, "" where the body is no form: PHP does
// not look at others either. Errors: it is too large, broken, or ended early.
func formOf(w http.ResponseWriter, r *http.Request) (string, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body := http.MaxBytesReader(w, r.Body, MaxBody)
	switch {
	case r.Method != http.MethodPost:
	case err == nil && kind == "application/x-www-form-urlencoded":
		text, err := io.ReadAll(body)
		return string(text), err
	case err == nil && kind == "multipart/form-data":
		return joinParts(multipart.NewReader(body, parameters["boundary"]))
	}
	return "", nil
}

func joinParts(parts *multipart.Reader) (string, error) {
	var form strings.Builder
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form.String(), nil
		}
		if err != nil {
			return "", err
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return "", err
		}
		if part.FormName() == "" || part.FileName() != "" {
			continue
		}
		form.WriteString(url.QueryEscape(part.FormName()) + "=" + url.QueryEscape(string(value)) + "&")
	}
}

// toPage leads the addresses of Matomo's own pages to ours.
func toPage() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD, POST")
			http.Error(w, "Name a method here: docs/matomo.md lists them.", http.StatusMethodNotAllowed)
			return
		}
		http.Redirect(w, r, "/", http.StatusFound)
	})
}
