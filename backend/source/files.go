package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"activitylog/backend/fault"
)

// rows are the records of one file, as a Reader yields them but without the file's name.
// When reading fails the record has the line at which it did.
type rows interface {
	next() (Record, error)
}

// passing are rows with others between them that are not wanted.
type passing interface{ passed() int64 }

// A fileReader reads files one after another.
type fileReader struct {
	paths []string
	names []string
	begin func(*text) rows
	ended func() error // nil, or says that nobody waits any more

	open     *text
	rows     rows
	name     string
	before   int64 // bytes of the files that are done
	skipped  int64 // rows of other tables in the files that are done
	consumed atomic.Int64
}

// newFileReader returns a reader of files, which are called by names in what it says.
func newFileReader(paths, names []string, begin func(*text) rows) *fileReader {
	return &fileReader{paths: paths, names: names, begin: begin, ended: func() error { return nil }}
}

func (r *fileReader) Consumed() int64 { return r.consumed.Load() }

func (r *fileReader) Skipped() int64 {
	if one, ok := r.rows.(passing); ok {
		return r.skipped + one.passed()
	}
	return r.skipped
}

func (r *fileReader) Close() error {
	if r.open == nil {
		return nil
	}
	return r.open.Close()
}

// Next returns the next record. A file that cannot be read to its end is a rejection
// too: the others still come in.
func (r *fileReader) Next() (Record, error) {
	for {
		if r.open == nil {
			if len(r.paths) == 0 {
				return Record{}, io.EOF
			}
			if err := r.openNext(); err != nil {
				return Record{}, &RejectedError{File: r.name, Reason: fileReason(err)}
			}
		}
		record, err := r.rows.next()
		record.File = r.name
		r.consumed.Store(r.before + r.open.raw.n.Load())
		if bad, ok := errors.AsType[*RejectedError](err); ok {
			bad.File = r.name
			return Record{}, bad
		}
		if ended := r.ended(); err != nil && ended != nil {
			return Record{}, ended
		}
		if err != nil {
			reason := err
			if err := r.closeFile(); err != nil && errors.Is(reason, io.EOF) {
				reason = err
			}
			if errors.Is(reason, io.EOF) {
				continue
			}
			return Record{}, &RejectedError{File: r.name, Line: record.Line, Reason: fileReason(reason) + " The rest of the file was not read."}
		}
		return record, nil
	}
}

func (r *fileReader) openNext() error {
	path := r.paths[0]
	r.name = r.names[0]
	r.paths, r.names = r.paths[1:], r.names[1:]
	t, err := openText(path)
	if err != nil {
		return err
	}
	t.raw.ended = r.ended // also in the middle of a long part that yields nothing
	r.open, r.rows = t, r.begin(t)
	return nil
}

func (r *fileReader) closeFile() error {
	r.before += r.open.raw.n.Load()
	r.skipped = r.Skipped()
	err := r.open.Close()
	r.open, r.rows = nil, nil
	return err
}

// jsonRows are the JSON values of a file, each made a draft.
type jsonRows struct {
	elements *elements
	mapAs    mapping
}

func jsonFiles(paths, names []string, mapAs mapping) *fileReader {
	return newFileReader(paths, names, func(t *text) rows { return jsonRows{newElements(t.Reader, MaxRecord), mapAs} })
}

func (j jsonRows) next() (Record, error) {
	data, line, err := j.elements.next()
	if err != nil {
		return Record{Line: line + 1}, err
	}
	d, site, err := j.mapAs(data)
	if err != nil {
		return Record{}, &RejectedError{Line: line, Reason: sentence(reason(err))}
	}
	return Record{Draft: d, Site: site, Line: line}, nil
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
	if format := detectTable(t); format != "" {
		return format, nil
	}
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
	return "", fault.At("format", "%s is in no format known here. Known are NDJSON drafts (each line like {\"type\": \"GoalAdded\"}), AWS CloudTrail, git repositories, CSV with a heading and dumps of Matomo's activity log.", name)
}

// detectTable recognises dumps of tables by how they begin; "" if it is none.
func detectTable(t *text) string {
	head, _ := t.Peek(headSize)
	if looksLikeSQL(head) {
		return Matomo
	}
	begin := func() *cells { return newCells(bufio.NewReader(bytes.NewReader(head)), headSize, false) }
	if heading, _, err := begin().next(); err == nil && looksLikeMatomo(heading) {
		return Matomo
	}
	if looksLikeTable(begin()) {
		return CSV
	}
	return ""
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

var _ Reader = (*fileReader)(nil)
