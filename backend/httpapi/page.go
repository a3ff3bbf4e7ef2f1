package httpapi

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// page serves the built interface. A path without a dot is a place inside the page
// and answers index.html; a file that does not exist is not found. Names under
// assets/ carry a hash of their content and may be kept for ever.
func page(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Use GET here.", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		if name == "" || !strings.Contains(path.Base(name), ".") {
			name = "index.html"
		}
		send(w, r, files, name)
	})
}

// send answers with a file.
func send(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	content, err := read(files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && (name == "index.html" || name == widgetPage):
		http.Error(w, "The interface is not in this build. Build it with: make build", http.StatusServiceUnavailable)
		return
	case err != nil:
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", typeOf(name))
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(content) // the caller has gone: nobody to tell
	}
}

func read(files fs.FS, name string) ([]byte, error) {
	file, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.IsDir() {
		return nil, fs.ErrNotExist
	}
	return io.ReadAll(file)
}

// typeOf names a file's type without the system's tables, which differ.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
