package source

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// gitFields are the fields asked of a commit, each ended by NUL, which none can hold:
// hash, parents, author (name, address, time), committer (the same), message.
const gitFields = "%H%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B%x00"

// gitArgs makes git tell a history and do nothing else. A repository's own
// configuration is not trusted: it names programs that git would run.
var gitArgs = []string{
	"--no-pager", "--literal-pathspecs",
	"-c", "safe.directory=*", // who may read the folder may import it
	"-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false", "-c", "core.attributesFile=" + os.DevNull,
	"-c", "log.showRoot=true", "-c", "log.follow=false", "-c", "diff.orderFile=" + os.DevNull,
	"log", "-z", "--raw", "--no-abbrev", "--no-renames", "--diff-merges=first-parent",
	"--no-color", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-notes", "--no-decorate", "--no-mailmap",
	"--encoding=UTF-8", "--date=raw", "--format=" + gitFields, "HEAD", "--",
}

// gitEnv is all of git's environment: nothing of ours, no configuration but the
// repository's, no network, no questions.
var gitEnv = []string{
	"LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_ATTR_NOSYSTEM=1", "GIT_PAGER=cat",
	"GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1",
}

// A gitReader yields one record for each commit of HEAD's history and one for each
// file changed against the commit's first parent, newest commit first.
type gitReader struct {
	name   string
	cmd    *exec.Cmd
	cancel context.CancelFunc
	out    *bufio.Reader
	errs   tail
	ended  bool

	commit commit
	n      atomic.Int64
}

// newGitReader starts git in a folder. The reader must be closed.
// Errors: unavailable (there is no git).
func newGitReader(ctx context.Context, dir string) (*gitReader, error) {
	ctx, cancel := context.WithCancel(ctx)
	r := &gitReader{name: gitName(dir), cancel: cancel}
	r.cmd = exec.CommandContext(ctx, "git", gitArgs...)
	r.cmd.Dir, r.cmd.Env, r.cmd.Stderr = dir, gitEnv, &r.errs
	out, err := r.cmd.StdoutPipe()
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, fault.Wrap(err, fault.Unavailable, "git could not be started. Install git, version 2.31 or newer.")
	}
	r.out = bufio.NewReaderSize(out, headSize)
	return r, nil
}

// gitName is what a repository is called: the folder's name, without .git.
func gitName(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		abs = dir
	}
	base := filepath.Base(abs)
	if base == ".git" {
		base = filepath.Base(filepath.Dir(abs))
	}
	if short := strings.TrimSuffix(base, ".git"); short != "" {
		base = short
	}
	if strings.Trim(base, `./\:`) == "" {
		return "repository"
	}
	return strings.ToValidUTF8(base, "�")
}

func (r *gitReader) Consumed() int64 { return r.n.Load() }

// Skipped is 0: there is nothing else in a history.
func (r *gitReader) Skipped() int64 { return 0 }

// Close ends git, also in the middle of its history.
func (r *gitReader) Close() error {
	r.cancel()
	if !r.ended {
		r.ended = true
		_ = r.cmd.Wait() // it was killed
	}
	return nil
}

// Next returns the next commit or file.
func (r *gitReader) Next() (Record, error) {
	token, err := r.take()
	if errors.Is(err, io.EOF) {
		return Record{}, r.finish()
	}
	if err != nil {
		return Record{}, r.broken(err)
	}
	var d activity.Draft
	if token[0] == ':' {
		var path []byte
		if path, err = r.read(); err == nil {
			d = r.commit.file(string(token[len(token)-1:]), path)
		}
	} else if r.commit, err = r.readCommit(token); err == nil {
		d = r.commit.draft()
	}
	if err != nil {
		return Record{}, r.broken(err)
	}
	site := &activity.SiteRef{Kind: "other", Name: r.name}
	return Record{Draft: d, Site: site, File: r.name, Line: r.n.Add(1)}, nil
}

// take returns the next token with something in it: the hash a commit begins with,
// or ":… A", what happened to a file. git puts empty ones and line ends between.
func (r *gitReader) take() ([]byte, error) {
	for {
		token, err := r.read()
		if token = bytes.TrimLeft(token, "\n"); len(token) > 0 && err == nil {
			return token, nil
		}
		if err != nil {
			if errors.Is(err, io.EOF) && len(token) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
}

// read returns the bytes to the next NUL.
func (r *gitReader) read() ([]byte, error) {
	var token []byte
	for {
		part, err := r.out.ReadSlice(0)
		token = append(token, part...)
		switch {
		case err == nil:
			return token[:len(token)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return token, err
		case len(token) > MaxRecord:
			return nil, fault.New(fault.Invalid, "A commit of %s has a message or path of more than %d bytes.", r.name, MaxRecord)
		}
	}
}

func (r *gitReader) broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if err := r.finish(); !errors.Is(err, io.EOF) {
			return err
		}
		return fault.New(fault.Unavailable, "git ended in the middle of the history of %s.", r.name)
	}
	return err
}

// finish waits for git and returns io.EOF if all went well.
func (r *gitReader) finish() error {
	if r.ended {
		return io.EOF
	}
	r.ended = true
	err := r.cmd.Wait()
	r.cancel()
	if err == nil {
		return io.EOF
	}
	why := strings.TrimPrefix(strings.TrimSpace(strings.ToValidUTF8(r.errs.String(), "�")), "fatal: ")
	if line, _, found := strings.Cut(why, "\n"); found {
		why = line
	}
	return fault.Wrap(err, fault.Invalid, "git cannot read the history of %s: %s.", r.name, strings.TrimSuffix(why, "."))
}

func (r *gitReader) readCommit(hash []byte) (commit, error) {
	var fields [8][]byte
	for i := range fields {
		var err error
		if fields[i], err = r.read(); err != nil {
			return commit{}, err
		}
	}
	return newCommit(string(hash), fields), nil
}

// tail keeps the beginning of what git complains about.
type tail struct{ bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	if room := 4096 - t.Len(); room > 0 {
		t.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

// encodeJSON writes parameters, which always have a JSON form.
func encodeJSON(v any) json.RawMessage {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("source: a value without JSON form: " + err.Error())
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
