package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// A slice is a bounded step: so many rows, so many bytes, or so long a reading,
// whichever comes first.
const (
	sliceRows  = 2500
	sliceBytes = 16 << 20
	sliceTime  = 200 * time.Millisecond
)

// A slice is a part of a source, read and prepared.
type slice struct {
	records  []Record // without their drafts
	bodies   []activity.Body
	cut      []bool
	read     int64
	rejected []RejectedError
	consumed int64
	skipped  int64 // all so far
	err      error // what ended the reading; nil: there is more
}

// Import starts an import and returns its job, which reports after every slice. The
// end is recorded as LogImported, whichever way it comes; it comes early if the caller
// loses the role. What is committed stays.
// Errors: denied, not_found (a handle), invalid (format, name, a file, address, token),
// unavailable.
func (s *Service) Import(ctx context.Context, in ImportIn) (job.Job, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return job.Job{}, err
	}
	pl, err := s.plan(p, in)
	if err != nil {
		return job.Job{}, err
	}
	if pl.format == CSV && pl.mapping == nil {
		return job.Job{}, fault.At("mapping", "Say what the columns are: give a mapping. The preview suggests one.")
	}
	want := job.Plan{Kind: job.KindImport, Title: pl.title(), Unit: job.UnitRows}
	if pl.format != Git && pl.server == nil {
		want.Unit = job.UnitBytes
		var total int64
		for _, f := range pl.files {
			total += f.Size
		}
		want.Total = &total
	}
	if err := s.handles.claim(pl.files); err != nil {
		return job.Job{}, err
	}
	started, err := s.options.Jobs.Start(ctx, want, func(ctx context.Context, task *job.Task) error {
		return s.run(ctx, p, pl, newTally(pl), task)
	})
	if err != nil {
		s.handles.giveBack(pl.files)
	}
	return started, err
}

// run is the job.
func (s *Service) run(ctx context.Context, p access.Principal, pl plan, t *tally, task *job.Task) error {
	defer func() {
		for _, f := range pl.files {
			f.remove()
		}
	}()
	started := s.options.Now()
	if pl.server != nil {
		if err := s.whetherKnown(ctx, pl); err != nil {
			return err
		}
	}
	batch, err := s.store.BeginBatch(ctx, pl.source, p.UserID, started)
	if err != nil {
		return err
	}
	task.Report(t.snapshot(), 0)
	err = s.pump(ctx, pl, s.preparer(p, pl.source), func(sl slice) error {
		err := s.options.Standing(ctx, p)
		if err == nil {
			err = s.commit(ctx, batch, sl, t)
		}
		task.Report(t.snapshot(), sl.consumed)
		return err
	})
	end := s.finish(context.WithoutCancel(ctx), p, pl, batch, t, stateOf(ctx, err))
	return errors.Join(err, end)
}

func stateOf(ctx context.Context, err error) string {
	switch {
	case err == nil:
		return job.StateDone
	case ctx.Err() != nil:
		return job.StateCancelled
	}
	return job.StateFailed
}

// pump reads one slice ahead while the one before is committed.
func (s *Service) pump(ctx context.Context, pl plan, prepare *preparer, commit func(slice) error) error {
	reader, err := s.reader(ctx, pl)
	if err != nil {
		return err
	}
	reading, stop := context.WithCancel(ctx)
	slices := make(chan slice)
	go func() {
		defer close(slices)
		for {
			sl := s.readSlice(reading, reader, prepare)
			select {
			case slices <- sl:
			case <-reading.Done():
				return
			}
			if sl.err != nil {
				return
			}
		}
	}()
	var failed error
	for sl := range slices {
		if ctx.Err() != nil {
			break
		}
		if failed = commit(sl); failed != nil {
			break
		}
		if failed = sl.err; failed != nil {
			break
		}
	}
	stop()
	for range slices { // until the reading has stopped too
	}
	closed := reader.Close()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failed != nil && !errors.Is(failed, io.EOF):
		return failed
	}
	return closed
}

// readSlice reads and prepares the next slice. It runs on a goroutine of its own: a bug
// that a record meets must end the import and not the program.
func (s *Service) readSlice(ctx context.Context, reader Reader, prepare *preparer) (sl slice) {
	defer func() {
		if p := recover(); p != nil {
			sl.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	bytes := 0
	until := s.options.Now().Add(sliceTime)
	for n := 0; len(sl.bodies) < sliceRows && bytes < sliceBytes; n++ {
		if ctx.Err() != nil {
			sl.err = ctx.Err()
			break
		}
		if n%64 == 63 && s.options.Now().After(until) {
			break
		}
		record, err := reader.Next()
		if err == nil {
			var body activity.Body
			var cut bool
			if body, cut, err = prepare.body(ctx, record); err == nil {
				sl.read++
				bytes += len(body.Raw) + len(body.Parameters)
				record.Draft = activity.Draft{}
				sl.records, sl.bodies, sl.cut = append(sl.records, record), append(sl.bodies, body), append(sl.cut, cut)
				continue
			}
			err = refused(record, err)
		}
		bad, ok := errors.AsType[*RejectedError](err)
		if !ok {
			sl.err = err
			break
		}
		sl.read++
		sl.rejected = append(sl.rejected, *bad)
	}
	sl.consumed, sl.skipped = reader.Consumed(), reader.Skipped()
	return sl
}

// refused makes a rejection of what is wrong with a record; other errors stay.
func refused(r Record, err error) error {
	if known, ok := errors.AsType[*fault.Error](err); ok && known.Code == fault.Invalid {
		return &RejectedError{File: r.File, Line: r.Line, Reason: known.Message}
	}
	return err
}
