package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"activitylog/backend/fault"
)

// A jsonReader reads files of JSON values one after another.
type jsonReader struct {
	paths []string
	names []string
	mapAs mapping

	open     *text
	elements *elements
	name     string
	before   int64 // bytes of the files that are done
	consumed atomic.Int64
}

// newJSONReader returns a reader of files, which are called by names in what it
// says.
func newJSONReader(paths, names []string, mapAs mapping) *jsonReader {
	return &jsonReader{paths: paths, names: names, mapAs: mapAs}
}

func (r *jsonReader) Consumed() int64 { return r.consumed.Load() }

func (r *jsonReader) Close() error {
	if r.open == nil {
		return nil
	}
	return r.open.Close()
}

// Next returns the next record. A file that cannot be read to its end is a rejection
// too: the others still come in.
func (r *jsonReader) Next() (Record, error) {
	for {
		if r.open == nil {
			if len(r.paths) == 0 {
				return Record{}, io.EOF
			}
			if err := r.openNext(); err != nil {
				return Record{}, &RejectedError{File: r.name, Reason: fileReason(err)}
			}
		}
		data, line, err := r.elements.next()
		r.consumed.Store(r.before + r.open.raw.n.Load())
		if bad, ok := errors.AsType[*RejectedError](err); ok {
			bad.File = r.name
			return Record{}, bad
		}
		if err != nil {
			reason := err
			if err := r.closeFile(); err != nil && errors.Is(reason, io.EOF) {
				reason = err
			}
			if errors.Is(reason, io.EOF) {
				continue
			}
			return Record{}, &RejectedError{File: r.name, Line: line + 1, Reason: fileReason(reason) + " The rest of the file was not read."}
		}
		return r.mapped(data, line)
	}
}

func (r *jsonReader) mapped(data []byte, line int64) (Record, error) {
	d, site, err := r.mapAs(data)
	if err != nil {
		return Record{}, &RejectedError{File: r.name, Line: line, Reason: sentence(reason(err))}
	}
	return Record{Draft: d, Site: site, File: r.name, Line: line}, nil
}

func (r *jsonReader) openNext() error {
	path := r.paths[0]
	r.name = r.names[0]
	r.paths, r.names = r.paths[1:], r.names[1:]
	t, err := openText(path)
	if err != nil {
		return err
	}
	r.open, r.elements = t, newElements(t.Reader, MaxRecord)
	return nil
}

func (r *jsonReader) closeFile() error {
	r.before += r.open.raw.n.Load()
	err := r.open.Close()
	r.open, r.elements = nil, nil
	return err
}

// reason is what may be shown of an error.
func reason(err error) string {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known.Message
	}
	return err.Error()
}

// fileReason says why a file could not be read, without its path.
func fileReason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "There is no such file."
	case errors.Is(err, fs.ErrPermission):
		return "The file may not be read."
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "The compressed file ends in the middle."
	case errors.Is(err, errBomb):
		return sentence(errBomb.Error())
	}
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err
	}
	return sentence("the file cannot be read: " + err.Error())
}

// detect says which format a file or folder has by looking at its beginning.
// Errors: invalid (format), with what to do.
func detect(path, name string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fault.At("handles", "%s: %s", name, fileReason(err))
	}
	if info.IsDir() {
		if isRepository(path) {
			return Git, nil
		}
		return "", fault.At("handles", "The folder %s is not a git repository. Choose files, or the folder of a repository.", name)
	}
	t, err := openText(path)
	if err != nil {
		return "", fault.At("handles", "%s: %s", name, fileReason(err))
	}
	defer t.Close()
	e := newElements(t.Reader, MaxRecord)
	for range 20 {
		data, _, err := e.next()
		if _, bad := errors.AsType[*RejectedError](err); bad {
			continue
		}
		if err != nil {
			break
		}
		if format := formatOf(data); format != "" {
			return format, nil
		}
	}
	return "", fault.At("format", "%s is in no format known here. Known are NDJSON drafts (each line like {\"type\": \"GoalAdded\"}), AWS CloudTrail and git repositories.", name)
}

func formatOf(data []byte) string {
	has := map[string]bool{}
	for _, m := range textMembers(data) {
		has[m.name] = true
	}
	switch {
	case has["eventName"] && has["eventSource"]:
		return CloudTrail
	case has["type"]:
		return NDJSON
	}
	return ""
}

func isRepository(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
		return true
	}
	head, headErr := os.Stat(filepath.Join(dir, "HEAD"))
	objects, objectsErr := os.Stat(filepath.Join(dir, "objects"))
	return headErr == nil && objectsErr == nil && head.Mode().IsRegular() && objects.IsDir()
}

var _ Reader = (*jsonReader)(nil)
