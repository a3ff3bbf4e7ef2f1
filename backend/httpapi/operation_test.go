package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"activitylog/backend/fault"
)

func TestEveryCodeHasItsStatus(t *testing.T) {
	h := start(t)
	for _, code := range fault.Codes() {
		status, ok := statuses[code]
		if !ok {
			t.Errorf("%s has no status", code)
			continue
		}
		response, body := h.post(t, "fail", `"`+string(code)+`"`)
		f := faultIn(t, body)
		if response.StatusCode != status || f.Code != code || f.Message != "What to do." {
			t.Errorf("%s: %d %s", code, response.StatusCode, body)
		}
		if strings.Contains(body, "secret") {
			t.Errorf("%s: the cause is sent: %s", code, body)
		}
	}
	if len(statuses) != len(fault.Codes()) {
		t.Error("a status for a code that does not exist")
	}
}

func TestCausesAndPanicsAreLoggedNotSent(t *testing.T) {
	h := start(t)
	for _, op := range []string{"break", "panic"} {
		response, body := h.post(t, op, "{}", "Authorization", "Bearer "+goodToken)
		if response.StatusCode != http.StatusInternalServerError || faultIn(t, body).Code != fault.Internal || strings.Contains(body, "secret") {
			t.Errorf("%s: %d %s", op, response.StatusCode, body)
		}
	}
	log := h.log.String()
	if !strings.Contains(log, "bare cause") || !strings.Contains(log, "a bug") {
		t.Errorf("the causes are not logged: %s", log)
	}
	if strings.Contains(log, goodToken) {
		t.Error("a token is logged")
	}
	// and the server still answers
	if response, _ := h.post(t, "echo", "{}"); response.StatusCode != http.StatusOK {
		t.Error("the server is gone")
	}
}

func TestTokens(t *testing.T) {
	h := start(t)
	for _, c := range []struct {
		op, header string
		status     int
		login      string
	}{
		{"who", "", 200, ""},
		{"who", "Bearer " + goodToken, 200, "ann"},
		{"who", "bearer " + goodToken, 200, "ann"},
		{"who", "Bearer wrong", 401, ""},
		{"who", "Bearer", 401, ""},
		{"who", "Basic " + goodToken, 401, ""},
		{"who", goodToken, 401, ""},
		{"signIn", "Bearer outdated", 200, ""},
		{"setUp", "Bearer outdated", 200, ""},
	} {
		headers := []string{"X-Forwarded-For", "203.0.113.9", "User-Agent", "test/1"}
		if c.header != "" {
			headers = append(headers, "Authorization", c.header)
		}
		response, body := h.post(t, c.op, "{}", headers...)
		if response.StatusCode != c.status {
			t.Errorf("%+v: %d %s", c, response.StatusCode, body)
			continue
		}
		if c.status == http.StatusUnauthorized {
			if response.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%+v: no WWW-Authenticate", c)
			}
			continue
		}
		var got caller
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		if want := (caller{c.login, "http", "127.0.0.1", "test/1"}); got != want {
			t.Errorf("%+v: %+v, want %+v", c, got, want)
		}
	}
}

func TestRoutes(t *testing.T) {
	h := start(t)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/api/v1/echo", 200},
		{"POST", "/api/v1/Echo", 404},
		{"POST", "/api/v1/echo/", 404},
		{"POST", "/api/v1/hidden", 404}, // not through this door
		{"POST", "/api/v1/", 404},
		{"GET", "/api/", 200},
		{"POST", "/api/", 405},
		{"GET", "/api/none", 404},
		{"GET", "/api/openapi.json", 200},
		{"GET", "/api/v1/echo", 405},
		{"GET", "/api/v1/upload", 405},
		{"POST", "/api/v1/download/x", 405},
		{"POST", "/", 405},
		{"GET", "/?module=API&method=x", 200}, // only the page, so far
	} {
		response, body := h.do(t, c.method, c.path, "{}", "Content-Type", "application/json")
		if response.StatusCode != c.status {
			t.Errorf("%s %s: %d, want %d: %s", c.method, c.path, response.StatusCode, c.status, body)
		}
		if c.status == http.StatusMethodNotAllowed && response.Header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", c.method, c.path)
		}
	}
}

func TestInputLimits(t *testing.T) {
	h := start(t)
	if response, _ := h.post(t, "echo", `"`+strings.Repeat("a", MaxBody-2)+`"`); response.StatusCode != http.StatusOK {
		t.Errorf("an input of the largest size: %d", response.StatusCode)
	}
	response, body := h.post(t, "echo", `"`+strings.Repeat("a", MaxBody-1)+`"`)
	if response.StatusCode != http.StatusRequestEntityTooLarge || faultIn(t, body).Code != fault.Invalid {
		t.Errorf("an input one byte larger: %d %s", response.StatusCode, body)
	}
	long := h.raw(t, "GET / HTTP/1.1\r\nHost: "+h.addr+"\r\nX-Long: "+strings.Repeat("a", MaxHeader)+"\r\nConnection: close\r\n\r\n")
	if long == nil || long.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 16 KiB: %v", long)
	}
	short := h.raw(t, "GET / HTTP/1.1\r\nHost: "+h.addr+"\r\nX-Long: "+strings.Repeat("a", MaxHeader/2)+"\r\nConnection: close\r\n\r\n")
	if short == nil || short.StatusCode != http.StatusOK {
		t.Errorf("a header of 8 KiB: %v", short)
	}
}

func TestEncodeKeepsWhatPeopleWrote(t *testing.T) {
	var b strings.Builder
	if err := Encode(&b, map[string]string{"a": "<b> & ü"}); err != nil {
		t.Fatal(err)
	}
	if want := "{\"a\":\"<b> & ü\"}\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
