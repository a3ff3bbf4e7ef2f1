package httpapi

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// upload answers POST /api/v1/upload: a file's bytes in, its handle out. The name
// comes percent-encoded in X-File-Name, since headers carry ASCII only.
func (o Options) upload() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.method(w, r, http.MethodPost) || !o.contentType(w, r, "application/octet-stream") {
			return
		}
		p, err := o.principal(r, false)
		if err != nil {
			o.fail(w, r, err)
			return
		}
		name, err := url.PathUnescape(r.Header.Get("X-File-Name"))
		if err != nil || name == "" {
			o.fail(w, r, fault.At("X-File-Name", "Send the file's name, percent-encoded, as X-File-Name."))
			return
		}
		content := &patient{
			from:  http.MaxBytesReader(w, r.Body, MaxUpload),
			allow: http.NewResponseController(w).SetReadDeadline,
			now:   o.Now,
		}
		handle, err := o.Upload(access.With(r.Context(), p), name, content)
		if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
			o.unread(w, large)
			return
		}
		if err != nil {
			o.fail(w, r, err)
			return
		}
		o.answer(w, r, handle)
	})
}

// patient gives a slow sender time as long as something keeps coming.
type patient struct {
	from  io.Reader
	allow func(time.Time) error
	now   func() time.Time
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.allow(p.now().Add(bodyTimeout)) // not over httptest's recorder
	return p.from.Read(b)
}

// download answers GET /api/v1/download/<ticket>. The ticket is the credential: it
// is good once and for a minute, so that no token stands in an address.
func (o Options) download() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.method(w, r, http.MethodGet) {
			return
		}
		file, err := o.Download(r.Context(), r.PathValue("ticket"))
		if err != nil {
			o.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", file.ContentType)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
		if err := file.Write(r.Context(), w); err != nil {
			// Half of the file may have gone: breaking the connection is the only way
			// left to say that it is not complete.
			o.Log.LogAttrs(r.Context(), slog.LevelWarn, "download broken off", slog.String("cause", err.Error()))
			panic(http.ErrAbortHandler)
		}
	})
}
