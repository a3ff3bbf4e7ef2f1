package widget

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"activitylog/backend/fault"
)

const (
	maxAncestors = 20
	maxOrigin    = 260 // bytes
)

// hostName is a name as DNS writes it (RFC 1123, 2.1), or an IPv4 address. Brackets of
// IPv6 are no host-source of a Content-Security-Policy.
var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`)

// Ancestors returns origins in the one way to write them, without repeats. What it
// returns may stand in a header. Errors: invalid (field ancestors).
func Ancestors(typed []string) ([]string, error) {
	list := []string{}
	for _, text := range typed {
		origin, ok := origin(text)
		if !ok {
			return nil, fault.At("ancestors", "%q is not the origin of a page. Write it like https://intranet.example.org, with a port if it has one and nothing behind it; "+
				"http:// only for localhost and 127.0.0.1.", shorten(text))
		}
		if !slices.Contains(list, origin) {
			list = append(list, origin)
		}
	}
	if len(list) > maxAncestors {
		return nil, fault.At("ancestors", "At most %d origins may frame a widget.", maxAncestors)
	}
	return list, nil
}

// origin reads a serialised origin (RFC 6454, 6.2), also in capital letters, with a
// slash at its end or with the port it has anyway.
func origin(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if len(text) > maxOrigin {
		return "", false
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.User != nil || u.Path != "" && u.Path != "/" || strings.ContainsAny(text, "?#@\\") {
		return "", false
	}
	host, port := u.Hostname(), u.Port()
	if len(host) > 253 || !hostName.MatchString(host) {
		return "", false
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1"):
	default:
		return "", false
	}
	if u.Host != host && u.Host != host+":"+port || u.Host != host && port == "" {
		return "", false
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return "", false
		}
	}
	if port == map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		port = ""
	}
	if port != "" {
		host += ":" + port
	}
	return u.Scheme + "://" + host, true
}

func shorten(text string) string {
	const most = 80
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
