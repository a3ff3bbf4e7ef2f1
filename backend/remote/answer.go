package remote

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"html"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"activitylog/backend/fault"
)

// ErrTooLarge says that an answer has more bytes than are read. Fewer entries at once
// may do.
var ErrTooLarge = fault.New(fault.Unavailable, "The server's answer is larger than 32 MiB, even for one entry.")

// entries reads the answer to getEntries.
func entries(s Server, data []byte, status int) ([]json.RawMessage, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	var list []json.RawMessage
	if status == http.StatusOK && len(data) > 0 && data[0] == '[' {
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "The answer of %s is broken off or damaged. Try again.", s.Address)
		}
		return list, nil
	}
	var said struct{ Result, Message string }
	if len(data) > 0 && data[0] == '{' && json.Unmarshal(data, &said) == nil && said.Result == "error" {
		return nil, refusal(said.Message, status)
	}
	switch {
	case status >= 500 || status == http.StatusTooManyRequests:
		return nil, fault.New(fault.Unavailable, "%s answers with the error %d (%s). Try again later.", s.Address, status, http.StatusText(status))
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return nil, fault.At("address", "%s refuses the request with the error %d, before Matomo sees it.", s.Address, status)
	}
	return nil, fault.At("address", "%s does not answer as Matomo does. Is this the folder that Matomo is in?", s.Address)
}

// refusal puts Matomo's own message behind what it means. Most come with status 200;
// access that is refused, with 401.
func refusal(message string, status int) error {
	said := plainly(message)
	lower := strings.ToLower(said)
	names := strings.Contains(lower, "activitylog")
	switch {
	case names && (strings.Contains(lower, "not enabled") || strings.Contains(lower, "does not exist")):
		return fault.At("address", "This Matomo has no activity log: its plug-in ActivityLog is not installed or not active. Matomo says: %s", said)
	case strings.Contains(lower, "too many failed logins"), strings.Contains(lower, "logging in has been turned off"):
		return fault.New(fault.Unavailable, "Matomo lets nobody in at the moment. Matomo says: %s", said).Blame("token")
	case status == http.StatusUnauthorized, status == http.StatusForbidden, strings.Contains(lower, "token"), strings.Contains(lower, "access"):
		return fault.At("token", "Matomo refuses the token. Matomo says: %s", said)
	}
	return fault.New(fault.Unavailable, "Matomo says: %s", said)
}

// maxSaid bounds how much of a server's message is shown, in bytes.
const maxSaid = 400

// plainly makes one short line of a message: Matomo escapes it for HTML in every format.
func plainly(message string) string {
	line := strings.Join(strings.FieldsFunc(html.UnescapeString(message), func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar
	}), " ")
	if len(line) > maxSaid {
		line = strings.ToValidUTF8(line[:maxSaid], "") + "…"
	}
	if line == "" {
		return "nothing."
	}
	return line
}

// redirected says where a server sends those who ask. Only the address is shown.
func redirected(s Server, from *url.URL, to string) error {
	const plain = "%s redirects elsewhere, where the token is not sent. Give the address that Matomo is at."
	target, err := from.Parse(to)
	if err != nil {
		return fault.At("address", plain, s.Address)
	}
	shown, err := Address((&url.URL{Scheme: target.Scheme, Host: target.Host, Path: target.Path}).String())
	if err != nil {
		return fault.At("address", plain, s.Address)
	}
	return fault.At("address", "%s redirects to %s, where the token is not sent. If that is the right server, give its address.", s.Address, shown)
}

// unreachable says why there is no answer. A context that ended stays what it is.
func unreachable(ctx context.Context, s Server, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var timeout net.Error
	_, unknown := errors.AsType[*net.DNSError](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case errors.Is(err, errNotLoopback):
		return fault.At("address", "%s is not on this machine, so that the token would be sent without encryption. Use https://.", s.Address)
	case certificate || record:
		return fault.Wrap(err, fault.Invalid, "The certificate of %s cannot be trusted: the connection was ended before the token was sent.", s.Address).Blame("address")
	case errors.As(err, &timeout) && timeout.Timeout():
		return fault.Wrap(err, fault.Unavailable, "%s does not answer in time. Try again later.", s.Address).Blame("address")
	case unknown:
		return fault.Wrap(err, fault.Unavailable, "No server has the name in %s. Is it spelt right, and is this machine online?", s.Address).Blame("address")
	}
	return fault.Wrap(err, fault.Unavailable, "%s cannot be reached, or broke off in the middle of an answer. Try again.", s.Address).Blame("address")
}
