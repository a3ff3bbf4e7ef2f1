package httpapi

import (
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"testing"

	"activitylog/backend/source"
)

func TestUpload(t *testing.T) {
	h := start(t)
	send := func(token, name, kind, body string) (*http.Response, string) {
		return h.do(t, http.MethodPost, "/api/v1/upload", body, "Authorization", token, "X-File-Name", name, "Content-Type", kind)
	}
	const stream = "application/octet-stream"
	response, body := send("Bearer "+goodToken, "a%20b%C3%BC.json", stream, strings.Repeat("x", 3<<20))
	var handle source.Handle
	if err := json.Unmarshal([]byte(body), &handle); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", response.StatusCode, body)
	}
	if handle.Name != "a bü.json" || handle.Size != 3<<20 {
		t.Errorf("got %+v", handle)
	}
	for _, c := range []struct {
		token, name, kind string
		status            int
	}{
		{"Bearer wrong", "a", stream, 401},
		{"", "a", stream, 401},
		{"Bearer " + goodToken, "", stream, 400},
		{"Bearer " + goodToken, "%zz", stream, 400},
		{"Bearer " + goodToken, "a", "multipart/form-data; boundary=x", 415},
		{"Bearer " + goodToken, "a", "text/plain", 415},
	} {
		if response, body := send(c.token, c.name, c.kind, "x"); response.StatusCode != c.status {
			t.Errorf("%+v: %d %s", c, response.StatusCode, body)
		}
	}
}

func TestDownloadIsGoodOnce(t *testing.T) {
	h := start(t)
	response, body := h.do(t, http.MethodGet, "/api/v1/download/once", "")
	if response.StatusCode != http.StatusOK || body != "a,b\r\n" {
		t.Fatalf("%d %q", response.StatusCode, body)
	}
	kind, params, err := mime.ParseMediaType(response.Header.Get("Content-Disposition"))
	if err != nil || kind != "attachment" || params["filename"] != "activity „log“.csv" {
		t.Errorf("Content-Disposition %q", response.Header.Get("Content-Disposition"))
	}
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	for _, ticket := range []string{"once", "other"} {
		if response, _ := h.do(t, http.MethodGet, "/api/v1/download/"+ticket, ""); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s again: %d", ticket, response.StatusCode)
		}
	}
}

// A file that could not be finished must not look finished.
func TestBrokenDownloadIsBrokenOff(t *testing.T) {
	h := start(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+h.addr+"/api/v1/download/broken", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); err == nil {
		t.Error("the broken file reads to a clean end")
	}
}

func TestPage(t *testing.T) {
	h := start(t)
	for _, c := range []struct {
		path, cache, kind string
		status            int
	}{
		{"/", "no-store", "text/html; charset=utf-8", 200},
		{"/timeline", "no-store", "text/html; charset=utf-8", 200},
		{"/users/7", "no-store", "text/html; charset=utf-8", 200},
		{"/theme.js", "no-store", "text/javascript; charset=utf-8", 200},
		{"/assets/index-1a2.js", "public, max-age=31536000, immutable", "text/javascript; charset=utf-8", 200},
		{"/assets/none.js", "no-store", "", 404},
		{"/assets", "no-store", "text/html; charset=utf-8", 200}, // a place in the page, not a listing
		{"/../../etc/passwd.txt", "no-store", "", 404},
		{"/..%2f..%2fetc%2fpasswd.txt", "no-store", "", 404},
		{"/index.html", "no-store", "text/html; charset=utf-8", 200},
	} {
		response, body := h.do(t, http.MethodGet, c.path, "")
		if response.StatusCode != c.status || response.Header.Get("Cache-Control") != c.cache {
			t.Errorf("%s: %d, cache %q: %s", c.path, response.StatusCode, response.Header.Get("Cache-Control"), body)
		}
		if c.kind != "" && response.Header.Get("Content-Type") != c.kind {
			t.Errorf("%s: type %q", c.path, response.Header.Get("Content-Type"))
		}
	}
	if response, body := h.do(t, http.MethodHead, "/", ""); response.StatusCode != http.StatusOK || body != "" {
		t.Errorf("HEAD: %d %q", response.StatusCode, body)
	}
}

// Connections beyond the limit wait until one is free; they are not refused.
func TestConnectionsAreBounded(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limit(inner, 2)
	accepted := make(chan net.Conn)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	for range 3 {
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}
	first := <-accepted
	second := <-accepted
	select {
	case <-accepted:
		t.Fatal("a third connection is served")
	default:
	}
	first.Close()
	first.Close() // gives its place back once only
	third := <-accepted
	third.Close()
	second.Close()
	l.Close()
	<-ended
	if n := len(l.(*limited).places); n != 0 {
		t.Errorf("%d places are still taken", n)
	}
}
