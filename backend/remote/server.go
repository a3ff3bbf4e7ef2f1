package remote

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"activitylog/backend/fault"
)

// Limits of what names a server.
const (
	maxAddress = 1024 // bytes
	maxToken   = 256  // bytes; Matomo's have 32 characters
)

// A Server is a Matomo server, and the token that opens its log.
type Server struct {
	Address string // as [Address] returns it
	Token   string
}

// Address returns the address of a Matomo server in the one form it is kept in: with a
// slash at its end, without index.php. Errors: invalid (address).
func Address(text string) (string, error) {
	text = strings.TrimSpace(text)
	u, err := url.Parse(text)
	if err != nil || len(text) > maxAddress || u.Host == "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", badAddress(text)
	}
	switch {
	case u.User != nil:
		return "", fault.At("address", "A name or password does not belong in the address. The token alone opens Matomo's log.")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", fault.At("address", "Leave away what follows the ? or # in the address: it ends with Matomo's folder.")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", fault.At("address", "The token would be sent without encryption. Use https://; only a server on this machine may be asked by http://.")
	}
	u.Host = strings.ToLower(u.Host)
	u.Path, u.RawPath = strings.TrimSuffix(u.Path, "index.php"), ""
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u.String(), nil
}

// Token checks a token's form. Errors: invalid (token).
func Token(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", fault.At("token", "Give the token of a Matomo super user: Administration → Personal → Security → Auth tokens.")
	}
	if len(text) > maxToken || strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) || r == ' ' }) {
		return "", fault.At("token", "This is not a token of Matomo: those are one word of letters and digits.")
	}
	return text, nil
}

func badAddress(text string) error {
	if text == "" {
		return fault.At("address", "Give the address of the Matomo server, like https://stats.example.org/matomo/.")
	}
	return fault.At("address", "This is not an address like https://stats.example.org/matomo/.")
}

// loopback reports whether a host is this machine by its name.
func loopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}
