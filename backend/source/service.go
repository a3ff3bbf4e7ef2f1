package source

import (
	"context"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/catalog"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/remote"
)

// A Store keeps what is imported. The sqlite package implements it.
type Store interface {
	// ResolveSite returns the site of this log with that id, address or name.
	ResolveSite(ctx context.Context, scope activity.Scope, text string) (activity.SiteRef, bool, error)
	// BeginBatch notes that an import begins and returns its number. By is the user
	// who imports, 0 for the local owner.
	BeginBatch(ctx context.Context, source string, by int64, at time.Time) (int64, error)
	// AppendBatch is activity.Store's Append for the rows of a batch.
	AppendBatch(ctx context.Context, batch int64, bodies []activity.Body) ([]activity.Appended, error)
	// Known is how many of a source's external ids came in before, also those erased since.
	Known(ctx context.Context, source string, ids []string) (int, error)
	// LastImport is the state of the last import of a source in a format, "" if there was
	// none. One that was broken off counts as one of every format.
	LastImport(ctx context.Context, source, format string) (state string, err error)
	// Schedules calls each with every server that is followed, by name: what was set, and
	// how the last reading ended (JSON).
	Schedules(ctx context.Context, each func(name string, saved, ran []byte) error) error
	// ChangeSchedule is ChangeMapping for servers that are followed.
	ChangeSchedule(ctx context.Context, name string, change func(saved, ran []byte, n int) (nextSaved, nextRan []byte, said *activity.Body, err error)) error
	// RanSchedule notes how a reading ended, unless what was set is another by now.
	RanSchedule(ctx context.Context, name string, saved, ran []byte) error
	// TakeLease makes owner the one that does a job, for so long, if nobody else is.
	TakeLease(ctx context.Context, job, owner string, length time.Duration) (held bool, err error)
	// RenewLease lengthens a lease. Errors: conflict (it is another's now).
	RenewLease(ctx context.Context, job, owner string, length time.Duration) error
	// ReleaseLease gives a lease back.
	ReleaseLease(ctx context.Context, job, owner string) error
	// EndBatch notes how a batch ended, together with the activity that says so.
	EndBatch(ctx context.Context, batch int64, state string, at time.Time, report []byte, said activity.Body) error
	// Batches returns the imports that began last, newest first.
	Batches(ctx context.Context, limit int) ([]activity.Batch, error)
	// HeldInBatch counts what is under hold of an import.
	HeldInBatch(ctx context.Context, holds activity.Holds, batch int64) (int64, error)
	// BeginUndo marks an import as one that is being undone: nothing is added to it any
	// more. Errors: not_found, conflict (undone already).
	BeginUndo(ctx context.Context, batch int64) (activity.Undo, error)
	// EraseBatch erases an import's activities in these runs, frees their external ids, and
	// records what say makes of what was found. It returns how many.
	EraseBatch(ctx context.Context, batch int64, holds string, runs [][2]int64, say activity.Said) (int64, error)
	// Scrub removes what erasures left of words in the file.
	Scrub(ctx context.Context) error
	// GiveBack makes the file smaller by what is free in it, and returns by how many bytes.
	GiveBack(ctx context.Context) (freed int64, err error)
	// EndUndo notes that an import is undone, and records said unless it is nil.
	EndUndo(ctx context.Context, batch int64, said *activity.Body) error
	// Mappings calls each with every saved mapping (JSON), by name, and its time (ms).
	Mappings(ctx context.Context, each func(name string, mapping []byte, savedAt int64) error) error
	// ChangeMapping puts what change makes of the mapping of a name in its place, with the
	// activity that says so. Old is nil where there is none, n how many there are. A nil
	// mapping is removed; without an activity nothing changes.
	ChangeMapping(ctx context.Context, name string, at int64, change func(old []byte, oldAt int64, n int) ([]byte, *activity.Body, error)) error
}

// Options are what the service needs besides its store.
type Options struct {
	Now     func() time.Time
	Catalog *catalog.Catalog
	Jobs    *job.Registry
	Remote  *remote.Client // asks Matomo servers
	// Uploads is the folder for uploaded files; it is made when needed.
	Uploads string
	// Tokens is the folder for the tokens of servers that are followed.
	Tokens string
	// Holds returns what must not be erased.
	Holds func(ctx context.Context) (activity.Holds, error)
	// Standing says whether somebody who began an import may have it go on.
	Standing func(ctx context.Context, p access.Principal) error
	// View puts a body into words for the caller in ctx; its id is "".
	View func(ctx context.Context, body activity.Body) activity.Activity
}

// A Service previews and imports. Only super users may.
type Service struct {
	store   Store
	options Options
	handles *handles
	tokens  tokenFiles
}

// New returns a service over a store. It removes uploads that a process before left
// behind a day ago or longer.
func New(store Store, o Options) *Service {
	return &Service{store: store, options: o, handles: newHandles(o.Uploads, o.Now), tokens: tokenFiles{o.Tokens}}
}

// Offer makes handles of paths that the caller chose in the window or named on the
// command line. It is not an operation: no path comes from a page.
// Errors: denied, invalid (what is wrong with a path).
func (s *Service) Offer(ctx context.Context, paths []string) ([]Handle, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return nil, err
	}
	return s.handles.offer(p, paths)
}

// Path returns what one of the caller's handles stands for, to read it in this process.
// Errors: denied, not_found (there is no such handle of this caller, or no longer).
func (s *Service) Path(ctx context.Context, handle string) (string, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return "", err
	}
	chosen, err := s.handles.take(p, []string{handle})
	if err != nil {
		return "", err
	}
	return chosen[0].path, nil
}

// Upload keeps the bytes of a file and returns their handle. The reader bounds how
// many there are. They are removed after the import, or after an hour.
// Errors: denied, unavailable, and what the reader says.
func (s *Service) Upload(ctx context.Context, name string, content io.Reader) (Handle, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Handle{}, err
	}
	return s.handles.upload(p, name, content)
}

// A plan is what to read, and as what.
type plan struct {
	format string
	source string
	files  []chosen
	// mapping is that of a CSV, nil for other formats and where none was given.
	mapping *Mapping
	// server is what is read in place of files, nil otherwise.
	server *serverPlan
}

var sourceName = regexp.MustCompile(`^[\p{L}\p{N}._-]{1,64}$`)

// plan finds out what an import is about.
func (s *Service) plan(p access.Principal, in ImportIn) (plan, error) {
	if in.Server != nil || in.Format == MatomoServer {
		return planServer(in)
	}
	files, err := s.handles.take(p, in.Handles)
	if err != nil {
		return plan{}, err
	}
	format, name, m := in.Format, in.Name, in.Mapping
	switch format {
	case "", Auto:
		if format, err = detectAll(files); err != nil {
			return plan{}, err
		}
	case NDJSON, CloudTrail, Git, Matomo, CSV:
	default:
		return plan{}, fault.At("format", "There is no format %q. Use auto, ndjson, cloudtrail, git, matomo, matomo-server or csv.", format)
	}
	for _, f := range files {
		if f.Folder != (format == Git) {
			return plan{}, fault.At("format", "%s cannot be read as %s: %s.", f.Name, format,
				map[bool]string{true: "it is a folder", false: "git needs a repository's folder"}[f.Folder])
		}
	}
	if format == Git && len(files) > 1 {
		return plan{}, fault.At("handles", "Import one repository at a time: each is a source of its own.")
	}
	if name == "" && format == Git {
		name = tidyName(gitName(files[0].path))
	}
	source, err := sourceOf(format, name)
	if err != nil {
		return plan{}, err
	}
	if format != CSV {
		m = nil
	}
	if m != nil {
		if err := m.check(); err != nil {
			return plan{}, err
		}
	}
	return plan{format: format, source: source, files: files, mapping: m}, nil
}

// sourceOf is what a source is called in the log. Errors: invalid (name).
func sourceOf(format, name string) (string, error) {
	if name == "" {
		name = "main"
	}
	if !sourceName.MatchString(name) {
		return "", fault.At("name", "A source's name has 1 to 64 letters, digits, dots, hyphens and underscores, not %q.", name)
	}
	return "import:" + format + "/" + name, nil
}

// tidyName makes a folder's name a source's.
func tidyName(base string) string {
	var b strings.Builder
	for _, r := range base {
		if !sourceName.MatchString(string(r)) {
			r = '-'
		}
		if b.WriteRune(r); b.Len() > 60 {
			break
		}
	}
	return b.String()
}

// detectAll finds the one format of all files. Empty files have none.
func detectAll(files []chosen) (string, error) {
	found, of := "", ""
	for _, f := range files {
		if !f.Folder && f.Size == 0 && len(files) > 1 {
			continue
		}
		format, err := detect(f.path, f.Name)
		if err != nil {
			return "", err
		}
		if found != "" && found != format {
			return "", fault.At("format", "%s is %s, but %s is %s. Import them one after the other.", of, found, f.Name, format)
		}
		found, of = format, f.Name
	}
	if found == "" {
		return "", fault.At("handles", "The files are empty.")
	}
	return found, nil
}

// reader opens what the plan names.
func (s *Service) reader(ctx context.Context, pl plan) (Reader, error) {
	switch pl.format {
	case Git:
		return newGitReader(ctx, pl.files[0].path)
	case MatomoServer:
		return s.serverReader(ctx, pl), nil
	}
	paths, names := make([]string, len(pl.files)), make([]string, len(pl.files))
	for i, f := range pl.files {
		paths[i], names[i] = f.path, f.Name
	}
	var r *fileReader
	switch pl.format {
	case Matomo:
		r = matomoFiles(paths, names, s.options.Catalog)
	case CSV:
		r = csvFiles(paths, names, *pl.mapping)
	case CloudTrail:
		r = jsonFiles(paths, names, trailMapping())
	default:
		r = jsonFiles(paths, names, draftMapping())
	}
	r.ended = ctx.Err
	return r, nil
}

// title is what the job is called.
func (pl plan) title() string {
	if len(pl.files) == 1 {
		return filepath.Base(pl.files[0].Name)
	}
	if pl.server != nil {
		return pl.server.title()
	}
	return strings.TrimPrefix(pl.source, "import:")
}

// cleanText drops control characters and what is not UTF-8.
func cleanText(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, text))
}
