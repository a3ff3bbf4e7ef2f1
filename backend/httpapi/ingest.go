package httpapi

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/ingest"
)

// outcomes is how a report's outcome is said in HTTP. The report is the body of all.
var outcomes = map[ingest.Outcome]int{
	ingest.All:     http.StatusOK,
	ingest.Some:    http.StatusMultiStatus,         // RFC 4918, section 11.1
	ingest.Nothing: http.StatusUnprocessableEntity, // RFC 9110, section 15.5.21
	ingest.Later:   http.StatusServiceUnavailable,
}

// ingest answers POST /api/v1/ingest: records in, what became of each out. Who calls
// is asked before a byte of the body is read.
func (o Options) ingest() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.method(w, r, http.MethodPost) {
			return
		}
		media, ok := o.media(w, r)
		if !ok {
			return
		}
		p, err := o.principal(r, false)
		if err != nil {
			o.fail(w, r, err)
			return
		}
		ctx := access.With(r.Context(), p)
		leave, err := o.Ingest.Admit(ctx)
		if err != nil {
			o.fail(w, r, err)
			return
		}
		defer leave()
		if r.Body != http.NoBody {
			_ = http.NewResponseController(w).SetReadDeadline(o.Now().Add(bodyTimeout)) // not over httptest's recorder
		}
		body, err := unpacked(w, r)
		if err != nil {
			o.unreadRecords(w, err)
			return
		}
		report, err := o.Ingest.Ingest(ctx, media, body)
		switch {
		case errors.Is(err, ingest.ErrLarge):
			o.refuse(w, http.StatusRequestEntityTooLarge, fault.Public(err))
		case err != nil:
			o.fail(w, r, err)
		default:
			if report.Stopped != nil {
				w.Header().Set("Retry-After", "1")
			}
			o.answerAs(w, r, outcomes[report.Outcome()], report)
		}
	})
}

// media is the body's content type. It refuses others, other character sets than UTF-8,
// and encodings that are not known.
func (o Options) media(w http.ResponseWriter, r *http.Request) (string, bool) {
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || len(r.Header.Values("Content-Type")) != 1 || !slices.Contains(ingest.MediaTypes(), media) {
		o.refuse(w, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "Send one of these as Content-Type: %s.", strings.Join(ingest.MediaTypes(), ", ")))
		return "", false
	}
	if set, given := parameters["charset"]; given && !strings.EqualFold(set, "utf-8") {
		o.refuse(w, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "Send UTF-8, not %q.", set))
		return "", false
	}
	if r.Header.Get("Ce-Specversion") != "" {
		o.refuse(w, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "CloudEvents are read in structured or batched mode: send %s or %s.", ingest.Event, ingest.Events))
		return "", false
	}
	switch encoding := r.Header.Values("Content-Encoding"); {
	case len(encoding) == 0, len(encoding) == 1 && (strings.EqualFold(encoding[0], "gzip") || strings.EqualFold(encoding[0], "identity")):
		return media, true
	}
	w.Header().Set("Accept-Encoding", "gzip") // RFC 9110, section 12.5.3
	o.refuse(w, http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "The only Content-Encoding read is gzip."))
	return "", false
}

// unpacked reads a body, at most [ingest.MaxBytes] of it before and after unpacking.
func unpacked(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body := http.MaxBytesReader(w, r.Body, ingest.MaxBytes)
	if !strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		return io.ReadAll(body)
	}
	packed, err := gzip.NewReader(body)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(packed, ingest.MaxBytes+1))
	if err == nil && len(text) > ingest.MaxBytes {
		return nil, ingest.TooLarge()
	}
	return text, err
}

// unreadRecords answers where a body could not be read to its end. Nothing of it is
// stored.
func (o Options) unreadRecords(w http.ResponseWriter, err error) {
	_, large := errors.AsType[*http.MaxBytesError](err)
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case large || errors.Is(err, ingest.ErrLarge):
		o.refuse(w, http.StatusRequestEntityTooLarge, fault.Public(ingest.TooLarge()))
	case corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum):
		o.refuse(w, http.StatusBadRequest, fault.New(fault.Invalid, "The body is not valid gzip, though Content-Encoding says so."))
	default:
		o.unread(w, err)
	}
}
