package httpapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// hostSpellings are what a Host header may try. %s is the port.
var hostSpellings = []string{
	"", " ", "localhost", "127.0.0.1", "[::1]", "::1", "::1:%s", "LOCALHOST:%s", "Localhost:%s",
	"localhost.:%s", "127.0.0.1.:%s", "localhost:%s:%s", "localhost:0%s", "localhost:+%s", "localhost:", "127.0.0.1:",
	"localhost:80", "localhost:1", "127.0.0.1:1", "127.1:%s", "127.0.1:%s", "127.0.0.2:%s", "127.000.000.001:%s", "2130706433:%s",
	"0x7f000001:%s", "0x7f.0.0.1:%s", "0177.0.0.1:%s", "017700000001:%s", "0.0.0.0:%s", "0:%s", "[::]:%s", "[::ffff:127.0.0.1]:%s",
	"[0:0:0:0:0:0:0:1]:%s", "[::1%%25lo]:%s", "[::1]", "evil.example", "evil.example:%s", "localhost.evil.example:%s",
	"127.0.0.1.evil.example:%s", "127.0.0.1.nip.example:%s", "evil.localhost:%s", "user@localhost:%s", "localhost:%s@evil.example",
	"localhost:%s#evil.example", "localhost:%s/evil", "localhost:%s,evil.example", "localhost:%s evil.example", "lоcalhost:%s", "localhost%%00:%s",
	"１２７.0.0.1:%s", "localhost\t:%s", "*:%s", "null", "file://", "http://localhost:%s",
}

func TestOnlyOurHostsAreAnswered(t *testing.T) {
	h := start(t)
	if len(hostSpellings) < 40 {
		t.Fatalf("only %d spellings", len(hostSpellings))
	}
	paths := []string{"GET / HTTP/1.1", "GET /theme.js HTTP/1.1", "POST /api/v1/echo HTTP/1.1", "GET /nowhere HTTP/1.1"}
	for _, spelling := range hostSpellings {
		host := strings.ReplaceAll(spelling, "%s", h.port())
		for _, path := range paths {
			response := h.raw(t, path+"\r\nHost: "+host+"\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
			// Go itself answers 400 where the header cannot be a host at all.
			if response != nil && response.StatusCode != http.StatusMisdirectedRequest && response.StatusCode != http.StatusBadRequest {
				t.Errorf("Host %q, %s: answered %d", host, path, response.StatusCode)
			}
		}
	}
	for _, host := range LoopbackHosts(h.port()) {
		if response := h.raw(t, "GET / HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"); response == nil || response.StatusCode != http.StatusOK {
			t.Errorf("Host %q is refused", host)
		}
	}
}

func TestHostInOtherPlaces(t *testing.T) {
	h := start(t)
	good := LoopbackHosts(h.port())[0]
	for name, request := range map[string]string{
		"absolute address of another host": "GET http://evil.example/ HTTP/1.1\r\nHost: " + good + "\r\n",
		"two hosts":                        "GET / HTTP/1.1\r\nHost: " + good + "\r\nHost: evil.example\r\n",
		"HTTP/1.0 without a host":          "GET / HTTP/1.0\r\n",
		"HTTP/1.1 without a host":          "GET / HTTP/1.1\r\n",
		"forwarded host":                   "GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: " + good + "\r\n",
	} {
		response := h.raw(t, request+"Connection: close\r\n\r\n")
		if response != nil && response.StatusCode != http.StatusMisdirectedRequest && response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: answered %d", name, response.StatusCode)
		}
	}
}

// The guard is what refuses: with the foreign name on its list, it passes.
func TestHostListIsWhatDecides(t *testing.T) {
	h := start(t, func(o *Options) { o.Hosts = append(o.Hosts, "log.example") })
	request := "GET / HTTP/1.1\r\nHost: log.example\r\nConnection: close\r\n\r\n"
	if response := h.raw(t, request); response == nil || response.StatusCode != http.StatusOK {
		t.Error("a configured host is refused")
	}
	if response := start(t).raw(t, request); response == nil || response.StatusCode != http.StatusMisdirectedRequest {
		t.Error("a host that is not configured is answered")
	}
}

// Every origin × fetch site × method × content type × credential: what passes is
// exactly what our own page, a person or a program without a browser sends.
func TestRequestsOfOtherSites(t *testing.T) {
	h := start(t)
	sites := map[string]bool{"": true, "same-origin": true, "none": true, "same-site": false, "cross-site": false, "Same-Origin": false, "x": false}
	origins := map[string]bool{
		"": true, "http://" + h.addr: true, "null": false, "https://" + h.addr: false, "http://localhost:" + h.port(): false,
		"http://evil.example": false, "http://127.0.0.1": false, "http://127.0.0.1:1": false, "http://" + h.addr + ".evil.example": false,
	}
	types := map[string]bool{"application/json": true, "application/json; charset=utf-8": true, "text/plain": false, "application/x-www-form-urlencoded": false, "multipart/form-data; boundary=x": false, "": false}
	n := 0
	for site, siteOK := range sites {
		for origin, originOK := range origins {
			for kind, kindOK := range types {
				for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodOptions} {
					for _, token := range []string{"", "Bearer " + goodToken} {
						n++
						want := http.StatusOK
						switch {
						case !siteOK || !originOK:
							want = http.StatusForbidden
						case method != http.MethodPost:
							want = http.StatusMethodNotAllowed
						case !kindOK:
							want = http.StatusUnsupportedMediaType
						}
						var headers strings.Builder
						for name, value := range map[string]string{"Sec-Fetch-Site": site, "Origin": origin, "Content-Type": kind, "Authorization": token} {
							if value != "" {
								fmt.Fprintf(&headers, "%s: %s\r\n", name, value)
							}
						}
						response := h.raw(t, method+" /api/v1/who HTTP/1.1\r\nHost: "+h.addr+"\r\nContent-Length: 2\r\nConnection: close\r\n"+headers.String()+"\r\n{}")
						if response == nil || response.StatusCode != want {
							t.Fatalf("%s site %q origin %q type %q token %v: got %v, want %d", method, site, origin, kind, token != "", response, want)
						}
						for name := range response.Header {
							if strings.HasPrefix(name, "Access-Control-") {
								t.Fatalf("CORS header %s", name)
							}
						}
					}
				}
			}
		}
	}
	if n < 1000 {
		t.Fatalf("only %d combinations", n)
	}
}

// A second, differing header must not hide the first.
func TestRepeatedFetchHeaders(t *testing.T) {
	h := start(t)
	for _, pair := range [][]string{
		{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Site", "cross-site"},
		{"Origin", "http://" + h.addr, "Origin", "http://evil.example"},
		{"Content-Type", "text/plain"},
	} {
		response, _ := h.post(t, "echo", "{}", pair...)
		if response.StatusCode == http.StatusOK {
			t.Errorf("%v passes", pair)
		}
	}
}

func TestHeadersOnEveryAnswer(t *testing.T) {
	h := start(t)
	for _, request := range []string{
		"GET / HTTP/1.1\r\nHost: " + h.addr, "GET /none.js HTTP/1.1\r\nHost: " + h.addr, "GET / HTTP/1.1\r\nHost: evil.example",
		"POST /api/v1/panic HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\nHost: " + h.addr, "GET /api/none HTTP/1.1\r\nHost: " + h.addr,
	} {
		response := h.raw(t, request+"\r\nConnection: close\r\n\r\n{}")
		if response == nil {
			t.Fatalf("no answer to %q", request)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": Policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%q: %s is %q, want %q", request, name, got, want)
			}
		}
		if len(response.Cookies()) > 0 {
			t.Errorf("%q: a cookie", request)
		}
	}
}
