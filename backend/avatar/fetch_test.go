package avatar

import (
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// webp returns the head of a WebP file of that size.
func webp(chunk string, width, height int) []byte {
	body := make([]byte, 32)
	switch chunk {
	case "VP8X":
		putUint24(body[4:], width-1)
		putUint24(body[7:], height-1)
	case "VP8L":
		body[0] = 0x2f
		binary.LittleEndian.PutUint32(body[1:], uint32(width-1)|uint32(height-1)<<14)
	case "VP8 ":
		copy(body[3:], "\x9d\x01\x2a")
		binary.LittleEndian.PutUint16(body[6:], uint16(width))
		binary.LittleEndian.PutUint16(body[8:], uint16(height))
	}
	head := append([]byte("RIFF\x00\x00\x00\x00WEBP"+chunk), 0, 0, 0, 0)
	return append(head, body...)
}

func putUint24(b []byte, n int) { b[0], b[1], b[2] = byte(n), byte(n>>8), byte(n>>16) }

func TestWebPSizes(t *testing.T) {
	for _, chunk := range []string{"VP8 ", "VP8L", "VP8X"} {
		if w, h := webpSize(webp(chunk, 80, 500)); w != 80 || h != 500 {
			t.Errorf("%s: %d × %d", chunk, w, h)
		}
	}
	for name, data := range map[string][]byte{"unknown chunk": webp("VP9 ", 80, 80), "short": webp("VP8X", 80, 80)[:20], "no head": make([]byte, 40)} {
		if w, h := webpSize(data); w != 0 || h != 0 {
			t.Errorf("%s: %d × %d", name, w, h)
		}
	}
}

func FuzzMediaType(f *testing.F) {
	f.Add(encoded(8, 8, "png"))
	f.Add(encoded(8, 8, "gif"))
	f.Add(webp("VP8L", 8, 8))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "))
	f.Fuzz(func(t *testing.T, data []byte) {
		if kind := mediaType(data); kind != "" && !strings.HasPrefix(kind, "image/") {
			t.Fatalf("%q", kind)
		}
	})
}

func TestPublicAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"192.0.73.2": true, "8.8.8.8": true, "2a04:fa87:fffe::c000:4902": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "127.8.8.8": false, "::1": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "fe80::1": false, "fc00::1": false, "fd12::1": false, "0.0.0.0": false, "::": false, "0.1.2.3": false,
		"100.64.0.1": false, "100.127.255.255": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "ff02::1": false, "192.0.0.1": false, "203.0.113.1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// A name may resolve to an address of this machine: without an own base the
// connection is refused after resolving, with one it is made.
func TestAPrivateAddressIsRefused(t *testing.T) {
	var asked atomic.Int32
	stand := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(stand.Close)
	own, err := newFetcher(stand.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	own.client.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true
	if _, err := own.fetch(t.Context(), "x"); err != nil || asked.Load() != 1 {
		t.Fatalf("an own base: %v, asked %d times", err, asked.Load())
	}
	usual, err := newFetcher("", "")
	if err != nil {
		t.Fatal(err)
	}
	usual.base = own.base
	usual.client.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true
	if _, err := usual.fetch(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "not a public address") || asked.Load() != 1 {
		t.Errorf("%v, asked %d times", err, asked.Load())
	}
}

func TestBadBases(t *testing.T) {
	junk := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		base, ca string
		ok       bool
	}{
		{"", "", true},
		{"https://avatars.example", "", true},
		{"https://127.0.0.1:8443/mirror", "", true},
		{"http://avatars.example", "", false},
		{"avatars.example", "", false},
		{"https://", "", false},
		{"https://ann:x@avatars.example", "", false},
		{"file:///etc", "", false},
		{"https://avatars.example", junk, false},
		{"https://avatars.example", junk + "x", false},
	} {
		if _, err := newFetcher(c.base, c.ca); (err == nil) != c.ok {
			t.Errorf("%q %q: %v", c.base, filepath.Base(c.ca), err)
		}
	}
}
