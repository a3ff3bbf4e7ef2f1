package avatar

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

const (
	defaultBase = "https://gravatar.com"
	fetchTime   = 5 * time.Second
	size        = "80" // pixels asked for
	maxHops     = 3
)

// A fetcher gets pictures from one host over https and from nowhere else.
type fetcher struct {
	base   *url.URL
	client *http.Client
}

// newFetcher returns a fetcher for the base address; "" is Gravatar's. Only another
// base, which whoever starts the program chose, may be on a private network. The CA
// file, if any, is trusted instead of the system's.
func newFetcher(base, caFile string) (*fetcher, error) {
	own := base != ""
	if !own {
		base = defaultBase
	}
	address, err := url.Parse(base)
	if err != nil || address.Scheme != "https" || address.Host == "" || address.User != nil {
		return nil, fmt.Errorf("the avatar address %q is not one like https://gravatar.com", base)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("read the CA file of the avatar address: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("the CA file %s holds no certificate", caFile)
		}
	}
	dialer := &net.Dialer{Timeout: fetchTime}
	if !own {
		dialer.Control = refusePrivate
	}
	return &fetcher{base: address, client: &http.Client{
		Timeout: fetchTime,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, TLSClientConfig: config, ForceAttemptHTTP2: true,
			MaxResponseHeaderBytes: 64 << 10, MaxConnsPerHost: 4, IdleConnTimeout: fetchTime, TLSHandshakeTimeout: fetchTime,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxHops || r.URL.Scheme != "https" || !strings.EqualFold(r.URL.Host, address.Host) {
				return errors.New("redirected elsewhere")
			}
			return nil
		},
	}}, nil
}

// refusePrivate stops a connection to an address that is not on the public internet,
// after the name was resolved: a name may resolve to anything.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	peer, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !public(peer.Addr()) {
		return fmt.Errorf("%s is not a public address", peer.Addr())
	}
	return nil
}

// notPublic are ranges that netip does not name.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a.WithZone("")) {
			return false
		}
	}
	return true
}

// fetch gets the picture of an address's hash. No picture (404, another type, too
// large) is nil without an error.
func (f *fetcher) fetch(ctx context.Context, hash string) ([]byte, error) {
	at := f.base.JoinPath("avatar", hash)
	at.RawQuery = url.Values{"s": {size}, "d": {"404"}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "image/png, image/jpeg, image/gif, image/webp")
	request.Header.Set("User-Agent", "activitylog")
	response, err := f.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, nil
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if mediaType(data) == "" {
		return nil, nil
	}
	return data, nil
}
