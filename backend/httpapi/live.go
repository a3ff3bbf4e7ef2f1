package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// Limits of live streams.
const (
	maxLive    = 64                     // at once
	liveEvery  = 300 * time.Millisecond // between two lines at least: an import commits more often than anybody looks
	liveSilent = 20 * time.Second       // an empty line tells that the stream still stands
	jobsEvery  = time.Second            // while one runs
)

// A Follower is what a live stream asks.
type Follower interface {
	// Watch has fn called after each commit; the function returned ends that.
	Watch(fn func()) (stop func())
	// Still returns a principal as it is now. Errors: unauthenticated.
	Still(ctx context.Context, p access.Principal) (access.Principal, error)
	// Status tells the caller's revision of the log.
	Status(ctx context.Context, in activity.StatusIn) (activity.Status, error)
	// Jobs lists the caller's jobs.
	Jobs(ctx context.Context, in job.ListIn) (job.List, error)
}

// A LiveIn begins a live stream.
type LiveIn struct {
	// Since is the last revision the caller knows; it is told at once of a newer one.
	Since string `json:"since"`
}

// A LiveLine is a line of a live stream. What is null has not changed.
type LiveLine struct {
	Revision *string      `json:"revision"` // of what the caller may see: something of it may have changed
	Jobs     *[]job.Job   `json:"jobs"`     // the caller's, while one runs and when one has ended
	Error    *fault.Error `json:"error"`    // why the stream ends here
}

// live answers POST /api/v1/live: lines of JSON for as long as the caller reads them.
// It says that something changed, not what: what the caller may see is decided when
// they ask for it. Whoever comes back with the last revision misses nothing.
func (o Options) live() http.Handler {
	var open atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.method(w, r, http.MethodPost) || !o.contentType(w, r, "application/json") {
			return
		}
		in, p, err := o.liveIn(w, r)
		if err != nil {
			o.fail(w, r, err)
			return
		}
		if open.Add(1) > maxLive {
			open.Add(-1)
			o.fail(w, r, fault.New(fault.Unavailable, "Too many are following already. Ask for status now and then."))
			return
		}
		defer open.Add(-1)
		w.Header().Set("Content-Type", "application/x-ndjson")
		s := &stream{o: o, w: w, p: p, revision: in.Since}
		s.follow(r.Context())
	})
}

func (o Options) liveIn(w http.ResponseWriter, r *http.Request) (in LiveIn, p access.Principal, err error) {
	if p, err = o.principal(r, false); err != nil {
		return in, p, err
	}
	least := access.None // a person without a role hears that their session has ended
	if p.Token != nil {
		least = access.View
	}
	if _, err = access.Require(access.With(r.Context(), p), least); err != nil {
		return in, p, err
	}
	if r.Body != http.NoBody {
		_ = http.NewResponseController(w).SetReadDeadline(o.Now().Add(bodyTimeout)) // not over httptest's recorder
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<10))
	if err != nil {
		return in, p, fault.New(fault.Invalid, "The input could not be read, or is too long.")
	}
	if len(body) > 0 {
		dec := json.NewDecoder(strings.NewReader(string(body)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&in); err != nil {
			return in, p, fault.At("since", `Send {"since": "<the last revision>"} or {}.`)
		}
	}
	return in, p, nil
}

// A stream is one caller's.
type stream struct {
	o        Options
	w        http.ResponseWriter
	p        access.Principal
	revision string // told last
	jobs     string // states told last
}

// follow tells until the caller leaves, may no longer know, or the server ends.
func (s *stream) follow(ctx context.Context) {
	woken := make(chan struct{}, 1)
	stop := s.o.Follow.Watch(func() {
		select {
		case woken <- struct{}{}:
		default: // it will look anyway
		}
	})
	defer stop()
	silent, ticks := time.NewTicker(liveSilent), time.NewTicker(jobsEvery)
	defer silent.Stop()
	defer ticks.Stop()
	for ok := s.look(ctx) && s.send(nil); ok; {
		select {
		case <-ctx.Done():
			return
		case <-s.o.ending:
			return
		case <-silent.C:
			ok = s.look(ctx) && s.send(nil)
		case <-ticks.C:
			ok = s.lookAtJobs(ctx)
		case <-woken:
			select { // what comes close together is one line
			case <-ctx.Done():
				return
			case <-s.o.ending:
				return
			case <-time.After(liveEvery):
			}
			ok = s.look(ctx)
		}
	}
}

// look tells of a revision that is another, and ends the stream of whoever was signed
// out, demoted or disabled. It is no use of the session: nobody need be there.
func (s *stream) look(ctx context.Context) (ok bool) {
	now, err := s.o.Follow.Still(ctx, s.p)
	if err != nil {
		return s.end(err)
	}
	s.p = now
	status, err := s.o.Follow.Status(access.With(ctx, now), activity.StatusIn{})
	if err != nil {
		return s.end(err)
	}
	if status.Revision == s.revision {
		return s.lookAtJobs(ctx)
	}
	s.revision = status.Revision
	return s.send(&LiveLine{Revision: &status.Revision}) && s.lookAtJobs(ctx)
}

// lookAtJobs tells of jobs while one runs, and of each that began or ended.
func (s *stream) lookAtJobs(ctx context.Context) (ok bool) {
	if s.p.Token != nil || !s.p.Role.AtLeast(access.View) {
		return true // they have none
	}
	list, err := s.o.Follow.Jobs(access.With(ctx, s.p), job.ListIn{})
	if err != nil {
		return s.end(err)
	}
	states, running := list.States()
	if !running && states == s.jobs {
		return true
	}
	s.jobs = states
	return s.send(&LiveLine{Jobs: &list.Jobs})
}

func (s *stream) end(err error) bool {
	s.send(&LiveLine{Error: fault.Public(err)})
	return false
}

// send writes a line, an empty one for nil, and has it sent at once.
func (s *stream) send(line *LiveLine) bool {
	var err error
	if line == nil {
		_, err = io.WriteString(s.w, "\n")
	} else {
		err = Encode(s.w, line)
	}
	return err == nil && http.NewResponseController(s.w).Flush() == nil
}
