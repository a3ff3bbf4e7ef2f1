package httpapi

import (
	"log/slog"
	"net/http"
	"strings"

	"activitylog/backend/matomo"
	"activitylog/backend/widget"
)

const (
	widgetPage = "widget.html"
	frameless  = "frame-ancestors 'none'"
)

// widget answers GET /widget/<id>: the page in which a widget is shown, the same for
// each, and in its policy whose pages may frame it. An id that means nothing gets the
// page that nobody may frame. The page reads its token from what stands behind # in its
// address, which no browser sends, and asks for the rows like any other program.
func (o Options) widget() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead && !o.method(w, r, http.MethodGet) {
			return
		}
		origins, err := o.Frames(r.Context(), r.PathValue("id"))
		if err != nil {
			o.Log.LogAttrs(r.Context(), slog.LevelError, "the frames of a widget are not known", slog.String("cause", err.Error()))
			origins = nil
		}
		h := w.Header()
		if len(origins) > 0 {
			h.Set("Content-Security-Policy", strings.Replace(Policy, frameless, "frame-ancestors "+strings.Join(origins, " "), 1))
			// A framing page that is isolated itself frames only what says both.
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
			h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		}
		send(w, r, o.Page, widgetPage)
	})
}

// framed reports whether the request is for the document of a frame in another site's
// page, where that is a widget's: all that a browser may send across sites. What is in
// the frame then asks as our own page does.
func framed(r *http.Request) bool {
	one := func(name string, allowed ...string) bool {
		values := r.Header.Values(name)
		if len(values) != 1 {
			return false
		}
		for _, value := range allowed {
			if values[0] == value {
				return true
			}
		}
		return false
	}
	if r.Method != http.MethodGet || len(r.Header.Values("Origin")) > 0 || !one("Sec-Fetch-Site", "cross-site", "same-site") ||
		!one("Sec-Fetch-Dest", "iframe") || !one("Sec-Fetch-Mode", "navigate") {
		return false
	}
	if r.URL.Path == "/" || r.URL.Path == "/index.php" {
		return matomo.NewRequest("", r.URL.RawQuery, "").Module() == matomo.Widgetize
	}
	id, ok := strings.CutPrefix(r.URL.Path, "/widget/")
	return ok && widget.IsID(id)
}

const unwidgetized = `This address was made for a Matomo server. Activity Log shows a widget of its own there:
make one under Connections, and put its id in this address as widget=<id> and its token behind it as #token=<token>,
or use the lines that Connections shows. docs/widget.md says more.
`

// widgetized leads an address of Matomo's Widgetize to the widget it names. A browser
// takes what stands behind # along. Without one it says what to do, also in a frame: the
// answer is the same for everybody and cannot do anything.
func (o Options) widgetized(w http.ResponseWriter, r *http.Request, request matomo.Request) {
	if id := request.Framed(); widget.IsID(id) {
		http.Redirect(w, r, "/widget/"+id, http.StatusFound)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors *; base-uri 'none'; form-action 'none'; sandbox")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(unwidgetized)) // the caller has gone: nobody to tell
	}
}
