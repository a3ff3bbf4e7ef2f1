// Package remote asks a Matomo server for its activity log, page by page, over HTTP.
// It connects to the address it is given and to no other: it follows no redirection
// and uses no proxy. The token goes in the body of a POST and nowhere else.
package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Limits of one answer.
const (
	maxAnswer   = 32 << 20 // bytes, unpacked
	answerTime  = time.Minute
	connectTime = 10 * time.Second
)

// A Client asks Matomo servers. Its methods may be called by several goroutines.
type Client struct{ secure, plain *http.Client }

// New returns a client. The certificates of the CA file (PEM), if any, are trusted
// beside the system's.
func New(caFile string) (*Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("read the CA file: %w", err)
		}
		if config.RootCAs, err = x509.SystemCertPool(); err != nil {
			config.RootCAs = x509.NewCertPool()
		}
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("the CA file %s holds no certificate", caFile)
		}
	}
	return &Client{secure: newClient(config, nil), plain: newClient(config, onlyLoopback)}, nil
}

func newClient(config *tls.Config, control func(network, address string, c syscall.RawConn) error) *http.Client {
	dialer := &net.Dialer{Timeout: connectTime, Control: control}
	return &http.Client{
		Timeout: answerTime,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, TLSClientConfig: config.Clone(), ForceAttemptHTTP2: true,
			MaxResponseHeaderBytes: 64 << 10, MaxConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: connectTime,
		},
		// A redirection is answered as one: the token is for the address it was given for.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// onlyLoopback stops a connection without TLS that would leave this machine, after the
// name was resolved: a name may resolve to anything.
func onlyLoopback(_, address string, _ syscall.RawConn) error {
	peer, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !peer.Addr().Unmap().IsLoopback() {
		return errNotLoopback
	}
	return nil
}

var errNotLoopback = errors.New("not an address of this machine")

// Close ends the connections that are kept open.
func (c *Client) Close() {
	c.secure.CloseIdleConnections()
	c.plain.CloseIdleConnections()
}

// Entries returns the entries of a server's log from the offset on, newest first and
// at most limit of them, each as a JSON object. None is the end.
//
// Matomo slices twice, by limit and by filter_limit, whose default is 100; so both are
// sent. Source: Matomo's reporting API; the parameters of ActivityLog.getEntries.
//
// Errors: invalid (address, token), unavailable, [ErrTooLarge].
func (c *Client) Entries(ctx context.Context, s Server, offset, limit int) ([]json.RawMessage, error) {
	data, status, err := c.ask(ctx, s, url.Values{
		"module": {"API"}, "method": {"ActivityLog.getEntries"}, "format": {"json"}, "token_auth": {s.Token},
		"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(limit)}, "filter_limit": {"-1"},
	})
	if err != nil {
		return nil, err
	}
	return entries(s, data, status)
}

// ask sends a form and returns the body of the answer.
func (c *Client) ask(ctx context.Context, s Server, form url.Values) ([]byte, int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Address+"index.php", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, 0, badAddress(s.Address)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "activitylog")
	client := c.secure
	if request.URL.Scheme == "http" {
		client = c.plain
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, 0, unreachable(ctx, s, err)
	}
	defer func() { _ = response.Body.Close() }()
	if to := response.Header.Get("Location"); to != "" && response.StatusCode/100 == 3 {
		return nil, 0, redirected(s, request.URL, to)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, 0, unreachable(ctx, s, err)
	}
	if len(data) > maxAnswer {
		return nil, 0, ErrTooLarge
	}
	return data, response.StatusCode, nil
}
