package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"activitylog/backend/matomo"
)

const (
	framedID   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	unframedID = "ZYXWVUTSRQPONMLKJIHGFEDCBA"
	brokenID   = "BBBBBBBBBBBBBBBBBBBBBBBBBB"
)

// withWidgets serves one widget that two pages may frame and one that nobody may.
func withWidgets(o *Options) {
	o.Page.(fstest.MapFS)["widget.html"] = &fstest.MapFile{Data: []byte("<!doctype html><title>Widget</title>")}
	o.Matomo = &matomo.API{}
	o.Frames = func(_ context.Context, id string) ([]string, error) {
		switch id {
		case framedID:
			return []string{"https://intranet.example.org", "http://localhost:3000"}, nil
		case brokenID:
			return []string{"https://evil.example"}, errors.New("the log cannot be read")
		}
		return nil, nil
	}
}

// framing is what a browser sends for the document of a frame.
var framing = []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Mode", "navigate"}

// The same page for every id: only the policy tells who may frame it.
func TestWidgetPage_SaysWhoMayFrameIt(t *testing.T) {
	h := start(t, withWidgets)
	bodies := map[string]bool{}
	for id, ancestors := range map[string]string{
		framedID: "https://intranet.example.org http://localhost:3000", unframedID: "'none'", brokenID: "'none'", "none": "'none'", "%00": "'none'",
	} {
		for _, headers := range [][]string{nil, framing, {"Sec-Fetch-Site", "none"}} {
			if len(headers) > 2 && len(id) != len(framedID) {
				continue // no page of another site may ask for what cannot be a widget
			}
			response, body := h.do(t, http.MethodGet, "/widget/"+id, "", headers...)
			bodies[body] = true
			want := strings.Replace(Policy, "frame-ancestors 'none'", "frame-ancestors "+ancestors, 1)
			if response.StatusCode != http.StatusOK || response.Header.Get("Content-Security-Policy") != want {
				t.Errorf("%s: %d, policy %q", id, response.StatusCode, response.Header.Get("Content-Security-Policy"))
			}
			for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": ""} {
				if got := response.Header.Get(name); got != want {
					t.Errorf("%s: %s is %q", id, name, got)
				}
			}
		}
	}
	if len(bodies) != 1 {
		t.Errorf("the page tells ids apart: %v", bodies)
	}
	if response, _ := h.do(t, http.MethodPost, "/widget/"+framedID, ""); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", response.StatusCode)
	}
}

// Across sites a browser gets the document of a widget's frame and nothing else: every
// path × method × site × destination × mode × origin.
func TestFramesOfOtherSites(t *testing.T) {
	h := start(t, withWidgets)
	widgetize := "module=Widgetize&action=iframe&moduleToWidgetize=ActivityLog"
	frames := map[string]bool{
		"/widget/" + framedID: true, "/widget/" + unframedID: true, "/?" + widgetize: true, "/index.php?" + widgetize + "&widget=" + framedID: true,
		"/": false, "/index.php": false, "/?module=API&method=x": false, "/?" + widgetize + "&module=API": false, "/widget": false, "/widget/none": false, "/widget/": false, "/widget/a/b": false,
		"/widget.html": false, "/widget/..": false, "/widget/%2e%2e/theme.js": false, "//widget/" + framedID: false, "/theme.js": false, "/assets/index-1a2.js": false,
		"/api/v1/who": false, "/api/": false, "/feed.atom": false, "/healthz": false, "/api/v1/download/once": false, "/nowhere?" + widgetize: false,
	}
	n, passed := 0, 0
	for path, frame := range frames {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions} {
			for _, site := range []string{"cross-site", "same-site", "x"} {
				for _, dest := range []string{"iframe", "frame", "document", "empty", "script", "object", "embed", ""} {
					for _, mode := range []string{"navigate", "no-cors", "cors", ""} {
						for _, origin := range []string{"", "http://" + h.addr, "null"} {
							if origin != "" && (method != http.MethodGet || dest != "iframe") || mode != "navigate" && dest != "iframe" {
								continue // refused for the rest already
							}
							n++
							headers := []string{"Sec-Fetch-Site", site}
							for i, value := range []string{dest, mode, origin} {
								if value != "" {
									headers = append(headers, []string{"Sec-Fetch-Dest", "Sec-Fetch-Mode", "Origin"}[i], value)
								}
							}
							want := frame && method == http.MethodGet && site != "x" && dest == "iframe" && mode == "navigate" && origin == ""
							request := method + " " + path + " HTTP/1.1\r\nHost: " + h.addr + "\r\nConnection: close\r\n"
							for i := 0; i < len(headers); i += 2 {
								request += fmt.Sprintf("%s: %s\r\n", headers[i], headers[i+1])
							}
							response := h.raw(t, request+"\r\n")
							if response == nil || (response.StatusCode != http.StatusForbidden) != want {
								t.Fatalf("%s %s %v: %v, want it to pass: %v", method, path, headers, response, want)
							}
							if want {
								passed++
							}
						}
					}
				}
			}
		}
	}
	if n < 2000 || passed < 8 {
		t.Errorf("%d requests, %d passed: too few to tell anything", n, passed)
	}
	for _, twice := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Dest", "document"}, {"Sec-Fetch-Mode", "cors"}} {
		if response, _ := h.do(t, http.MethodGet, "/widget/"+framedID, "", append(twice, framing...)...); response.StatusCode != http.StatusForbidden {
			t.Errorf("%v a second time: %d", twice, response.StatusCode)
		}
	}
}

// Addresses made for Matomo's Widgetize lead to the widget they name, or say what to do.
func TestWidgetizeLeadsToWidgets(t *testing.T) {
	h := start(t, withWidgets)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(query string) *http.Response {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+h.addr+"/index.php?"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(framing); i += 2 {
			request.Header.Set(framing[i], framing[i+1])
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response
	}
	for query, want := range map[string]string{
		"module=Widgetize&action=iframe&moduleToWidgetize=ActivityLog&actionToWidgetize=index&idSite=1&token_auth=x&widget=" + framedID: "/widget/" + framedID,
		"module=Widgetize&widget=" + framedID:                                                     "/widget/" + framedID,
		"module=Widgetize&action=iframe&moduleToWidgetize=ActivityLog":                            "",
		"module=Widgetize&action=iframe&moduleToWidgetize=VisitsSummary&widget=" + framedID:       "",
		"module=Widgetize&action=index&moduleToWidgetize=ActivityLog&widget=" + framedID:          "",
		"module=Widgetize&action=iframe&moduleToWidgetize=ActivityLog&widget=//evil.example":      "",
		"module=Widgetize&action=iframe&moduleToWidgetize=ActivityLog&widget=..":                  "",
		"module=Widgetize&action=iframe&moduleToWidgetize=ActivityLog&widget[]=" + framedID:       "",
		"module=Widgetize&action=iframe&moduleToWidgetize=ActivityLog&widget=" + framedID + "%0d": "/widget/" + framedID, // PHP trims
	} {
		response := get(query)
		if want != "" && (response.StatusCode != http.StatusFound || response.Header.Get("Location") != want) {
			t.Errorf("%s: %d to %q", query, response.StatusCode, response.Header.Get("Location"))
		}
		if want == "" && (response.StatusCode != http.StatusNotFound || !strings.Contains(response.Header.Get("Content-Security-Policy"), "sandbox") ||
			!strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain")) {
			t.Errorf("%s: %d %v", query, response.StatusCode, response.Header)
		}
	}
}
