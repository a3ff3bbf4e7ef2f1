package httpapi

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"activitylog/backend/fault"
)

func TestListenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("keep"), 0o600); err != nil {
		t.Fatal(err)
	}
	for address, code := range map[string]fault.Code{
		"8765": fault.Invalid, "0.0.0.0:0": fault.Invalid, "192.0.2.1:0": fault.Invalid, "[::]:0": fault.Invalid, "example.org:0": fault.Invalid,
		"unix:" + file: fault.Invalid, "unix:" + filepath.Join(t.TempDir(), "none", "s"): fault.Unavailable,
		"unix:" + filepath.Join(t.TempDir(), strings.Repeat("x", 300)): fault.Unavailable,
	} {
		l, err := Listen(t.Context(), address)
		if fault.CodeOf(err) != code {
			t.Errorf("%s: %v, want %s", address, err, code)
		}
		if l != nil {
			l.Close()
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "keep" {
		t.Errorf("the file in the way: %q, %v", text, err)
	}
}

// The program answers at a socket that only its owner may use, and takes the place of
// one that was left behind, but not of one that answers.
func TestServeOnASocket(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("file modes mean something else there")
	}
	dir, err := os.MkdirTemp("", "al") //nolint:usetesting // t.TempDir's paths are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	left, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	left.Close()

	l, err := Listen(t.Context(), "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	address, hosts := Address(l)
	if address != "unix:"+path {
		t.Errorf("address %s", address)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := Listen(t.Context(), "unix:"+path); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a second one: %v", err)
	}
	t.Run("served", func(t *testing.T) {
		startOn(t, l, func(o *Options) { o.Hosts = hosts })
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}}}
		for host, status := range map[string]int{"localhost": 200, "elsewhere": 421} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host+"/api/v1/who", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Authorization", "Bearer "+goodToken)
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if response.StatusCode != status || status == 200 && !strings.Contains(string(body), `"ip":""`) {
				t.Errorf("as %s: %d %s", host, response.StatusCode, body)
			}
		}
	})
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}
