package avatar

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestOffSendsNothing(t *testing.T) {
	b := open(t, sends(encoded(80, 80, "png")))
	for range 3 {
		if got := b.get(t, b.boss, "boss") + b.get(t, b.boss, "ann"); got != "" {
			t.Error("a picture while off")
		}
	}
	if n := b.stand.total(); n != 0 {
		t.Errorf("%d requests while off", n)
	}
	b.turn(t, true)
	if b.get(t, b.boss, "ann") == "" {
		t.Error("no picture while on")
	}
	b.turn(t, false)
	if b.get(t, b.boss, "ann") != "" {
		t.Error("a cached picture while off")
	}
}

func TestOnAsksOncePerAddress(t *testing.T) {
	release := make(chan struct{})
	b := open(t, func(w http.ResponseWriter, r *http.Request) {
		<-release
		if r.URL.RawQuery != "d=404&s=80" || r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("asked %s with %v", r.URL, r.Header)
		}
		_, _ = w.Write(encoded(80, 80, "png"))
	})
	b.turn(t, true)
	var wg sync.WaitGroup
	for n := range 32 {
		wg.Go(func() {
			if got := b.get(t, b.boss, []string{"boss", "ann"}[n%2]); !strings.HasPrefix(got, "data:image/png;base64,") {
				t.Errorf("got %.30q", got)
			}
		})
	}
	close(release)
	wg.Wait()
	sum := sha256.Sum256([]byte("boss@example.org"))
	if b.stand.times("/avatar/"+hex.EncodeToString(sum[:])) != 1 || b.stand.total() != 2 {
		t.Errorf("asked %d times in all", b.stand.total())
	}
	for name, want := range map[string]string{"bob": "", "root": ""} {
		if got := b.get(t, b.boss, name); got != want {
			t.Errorf("%s has a picture", name)
		}
	}
	for _, id := range []string{"", "0", "-1", "999", "x"} {
		if out, err := b.Avatar(b.boss, In{Actor: id}); err != nil || out.Data != "" {
			t.Errorf("actor %q: %v", id, err)
		}
	}
	if b.stand.total() != 2 {
		t.Error("asked for somebody without an address")
	}
	b.at.Add((24*time.Hour - time.Millisecond).Milliseconds())
	b.get(t, b.boss, "ann")
	if b.stand.total() != 2 {
		t.Error("asked again within a day")
	}
	b.at.Add(time.Millisecond.Milliseconds())
	b.get(t, b.boss, "ann")
	if b.stand.total() != 3 {
		t.Error("not asked again after a day")
	}
	files, _ := filepath.Glob(filepath.Join(b.dir, "*"))
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", file, info.Mode())
		}
	}
	if len(files) != 2 {
		t.Errorf("kept %v", files)
	}
}

func TestOthersPicturesAreForSuperUsers(t *testing.T) {
	b := open(t, sends(encoded(80, 80, "png")))
	b.turn(t, true)
	if b.get(t, b.ann, "boss") != "" || b.stand.total() != 0 {
		t.Error("ann gets the picture of boss")
	}
	if b.get(t, b.ann, "ann") == "" {
		t.Error("ann does not get her own")
	}
	if b.get(t, b.boss, "boss") == "" {
		t.Error("boss does not get the one ann was refused")
	}
}

func TestWhatIsNoPictureIsNone(t *testing.T) {
	big := encoded(80, 80, "png")
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"png":          {sends(encoded(512, 512, "png")), "data:image/png;"},
		"jpeg":         {sends(encoded(80, 80, "jpeg")), "data:image/jpeg;"},
		"gif":          {sends(encoded(80, 80, "gif")), "data:image/gif;"},
		"webp":         {sends(webp("VP8X", 80, 80)), "data:image/webp;"},
		"too wide":     {sends(encoded(513, 10, "png")), ""},
		"too high":     {sends(encoded(10, 513, "png")), ""},
		"wide webp":    {sends(webp("VP8X", 600, 80)), ""},
		"too large":    {sends(append(big, make([]byte, maxBytes)...)), ""},
		"just small":   {sends(append(big, make([]byte, maxBytes-len(big))...)), "data:image/png;"},
		"html":         {sends([]byte("<html><script>alert(1)</script>")), ""},
		"svg":          {sends([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`)), ""},
		"cut png":      {sends(big[:20]), ""},
		"nothing":      {sends(nil), ""},
		"not found":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); _, _ = w.Write(big) }, ""},
		"server error": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, ""},
		"typed as image": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte("GIF?"))
		}, ""},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9999")
			_, _ = w.Write(big)
		}, ""},
	} {
		b := open(t, c.answer)
		b.turn(t, true)
		got := b.get(t, b.boss, "boss")
		if (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %.40q, want %q", name, got, c.want)
		}
		b.get(t, b.boss, "boss")
		if n := b.stand.total(); n != 1 {
			t.Errorf("%s: asked %d times", name, n)
		}
		if c.want != "" {
			continue
		}
		b.at.Add(time.Hour.Milliseconds())
		b.get(t, b.boss, "boss")
		if n := b.stand.total(); n != 2 {
			t.Errorf("%s: asked %d times after an hour", name, n)
		}
	}
}

func TestRedirects(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		_, _ = w.Write(encoded(80, 80, "png"))
	}))
	t.Cleanup(other.Close)
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(plain.Close)
	for name, target := range map[string]string{"another host": other.URL, "no TLS": plain.URL, "a file": "file:///etc/passwd", "itself": "", "forever": "loop"} {
		b := open(t, nil)
		b.stand.answer = func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/moved":
				_, _ = w.Write(encoded(80, 80, "png"))
			case target == "":
				http.Redirect(w, r, "/moved", http.StatusFound)
			case target == "loop":
				http.Redirect(w, r, r.URL.Path, http.StatusFound)
			default:
				http.Redirect(w, r, target, http.StatusFound)
			}
		}
		b.turn(t, true)
		if got := b.get(t, b.boss, "boss"); (got != "") != (name == "itself") {
			t.Errorf("%s: %.30q", name, got)
		}
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestNotReachable(t *testing.T) {
	b := open(t, sends(encoded(80, 80, "png")))
	b.turn(t, true)
	b.stand.Close()
	if got := b.get(t, b.boss, "boss"); got != "" {
		t.Errorf("got %.30q from nowhere", got)
	}
}

func TestADamagedCacheIsAskedAnew(t *testing.T) {
	b := open(t, sends(encoded(80, 80, "png")))
	b.turn(t, true)
	b.get(t, b.boss, "boss")
	files, _ := filepath.Glob(filepath.Join(b.dir, "*"))
	if err := os.WriteFile(files[0], []byte("<svg onload=alert(1)>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(files[0], b.now(), b.now()); err != nil {
		t.Fatal(err)
	}
	if got := b.get(t, b.boss, "boss"); !strings.HasPrefix(got, "data:image/png;") || b.stand.total() != 2 {
		t.Errorf("%.30q after %d requests", got, b.stand.total())
	}
}
