package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

// What a person does whose browser asks not to be tracked is recorded without address and
// browser once the setting is on; signing in and settings keep both.
func TestBrowsersThatAskAreNotFollowed(t *testing.T) {
	s := serve(t)
	token := s.setUp()
	newest := func(typ string) string {
		t.Helper()
		_, body := s.call(token, "list", `{"query":"type:`+typ+`","limit":1}`)
		return body
	}
	prefer := func(value string, headers ...string) string {
		t.Helper()
		headers = append(headers, "Content-Type", "application/json")
		if status, body := s.send(http.MethodPost, "/api/v1/prefer", token, `{"hideOwn":`+value+`}`, headers...); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		return newest("UserPreferenceSet")
	}
	const followed = `"ip":"127.0.0.1"`
	if got := prefer("true", "Sec-GPC", "1"); !strings.Contains(got, followed) {
		t.Errorf("the setting is off: %s", got)
	}
	if status, body := s.send(http.MethodPost, "/api/v1/configure", token, `{"doNotTrack":true}`, "Sec-GPC", "1", "Content-Type", "application/json"); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if got := newest("PrivacyDntEnabled"); !strings.Contains(got, followed) {
		t.Errorf("a change of the system's settings: %s", got)
	}
	for i, headers := range [][]string{{"Sec-GPC", "1"}, {"DNT", "1"}} {
		value := []string{"false", "true"}[i]
		if got := prefer(value, headers...); !strings.Contains(got, `"ip":null,"userAgent":null`) {
			t.Errorf("%v: %s", headers, got)
		}
	}
	for i, headers := range [][]string{{"Sec-GPC", "0"}, {}} {
		value := []string{"false", "true"}[i]
		if got := prefer(value, headers...); !strings.Contains(got, followed) {
			t.Errorf("%v: %s", headers, got)
		}
	}
	status, body := s.send(http.MethodPost, "/api/v1/signIn", "", `{"login":"ann","password":"`+password+`"}`, "Sec-GPC", "1", "Content-Type", "application/json")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if got := newest("UserLoggedIn"); !strings.Contains(got, followed) {
		t.Errorf("signing in: %s", got)
	}
}
