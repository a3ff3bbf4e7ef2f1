package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// followEvery is how often a file is looked at that does not grow.
const followEvery = 200 * time.Millisecond

// followGroup is how many lines share a commit.
const followGroup = 500

// quietLooks is how many looks in a row find nothing new in a file that was replaced,
// before it is done with.
const quietLooks = 5

// A follower reads one file to its end, again and again.
type follower struct {
	c         *call
	path      string
	statePath string
	once      bool

	file   *os.File
	state  followState
	report followReport
	first  error // the first line that was refused
	buffer []byte
	told   bool // that the log cannot be written now
}

// follow goes on until the context ends, or with once until the file does.
func (f *follower) follow(ctx context.Context) error {
	if err := f.open(ctx); err != nil {
		return err
	}
	defer func() { _ = f.file.Close() }() // was only read
	for {
		if err := f.drain(ctx, false); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		moved, err := f.moved()
		if err != nil || f.once && !moved {
			return err
		}
		if moved {
			err = f.next(ctx)
		} else {
			wait(ctx, followEvery)
		}
		if err != nil {
			return err
		}
	}
}

// open opens the file where the last run stopped. What had become of it meanwhile is
// read first.
func (f *follower) open(ctx context.Context) error {
	file, err := os.Open(f.path)
	if err == nil {
		var info os.FileInfo
		if info, err = file.Stat(); err == nil && !info.Mode().IsRegular() {
			return fault.New(fault.Invalid, "%s is no plain file. Give a pipe to \"activitylog record -\".", f.path)
		}
	}
	if err != nil {
		return fault.Wrap(err, fault.NotFound, "%s cannot be read.", f.path)
	}
	f.file = file
	found, err := f.state.load(f.statePath)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	if found && f.state.isOf(file) {
		return nil
	}
	if found {
		if f.file = f.state.renamed(f.path); f.file != nil {
			err = f.finish(ctx)
			err = errors.Join(err, f.file.Close())
		} else if f.state.Offset > 0 {
			f.c.log.Warn("the file was replaced, and the one that was followed is not beside it any more: lines may be missing",
				slog.String("file", f.path), slog.Int64("bytes", f.state.Offset))
		}
		f.file = file
		if err != nil || ctx.Err() != nil {
			return err
		}
	}
	f.state.begin(file)
	return f.state.save(f.statePath)
}

// finish ends with a file that was replaced, and with those that came after it and were
// replaced too.
func (f *follower) finish(ctx context.Context) error {
	if err := f.drain(ctx, true); err != nil {
		return err
	}
	for _, path := range since(f.file, f.path) {
		if stopped(ctx) {
			return nil // the next run goes on from the state
		}
		file, err := os.Open(path)
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "%s, which came after the file that was followed, cannot be read.", path)
		}
		_ = f.file.Close() // was only read
		f.file = file
		f.state.begin(file)
		if err := errors.Join(f.state.save(f.statePath), f.drain(ctx, true)); err != nil {
			return err
		}
	}
	return nil
}

// moved reports whether the path leads to another file now, or the file was cut short.
func (f *follower) moved() (bool, error) {
	now, err := os.Stat(f.path)
	if err != nil {
		return false, nil //nolint:nilerr // between two files there may be none
	}
	mine, err := f.file.Stat()
	if err != nil {
		return false, fault.Wrap(err, fault.Unavailable, "%s cannot be read any more.", f.path)
	}
	return !os.SameFile(now, mine) || !f.state.isOf(f.file), nil
}

// next ends with the old file and begins with the one that took its place. Whoever
// writes may need a moment to change over: the old one has to be quiet for a while.
func (f *follower) next(ctx context.Context) error {
	for quiet := 0; quiet < quietLooks && f.state.isOf(f.file) && ctx.Err() == nil; quiet++ {
		before := f.state.Offset
		if !f.once {
			wait(ctx, followEvery)
		}
		if err := f.drain(ctx, false); err != nil {
			return err
		}
		if f.state.Offset > before {
			quiet = 0
		}
	}
	if f.state.isOf(f.file) {
		if err := f.finish(ctx); err != nil {
			return err
		}
	}
	if stopped(ctx) {
		return nil // the next run finds the old file by its beginning
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil //nolint:nilerr // it is gone again: the next look will tell
	}
	_ = f.file.Close() // was only read
	f.file = file
	f.state.begin(file)
	return f.state.save(f.statePath)
}

// drain stores what is complete, to the end of the file; of a file that nobody writes
// any more, the last line too.
func (f *follower) drain(ctx context.Context, ended bool) error {
	for ctx.Err() == nil {
		lines, after, err := f.read(ended)
		if err != nil || after.Offset == f.state.Offset {
			return err
		}
		if f.state.Headed == 0 { // else nobody could tell whose place it was that was read
			if f.state.know(f.file); f.state.Headed > 0 {
				if err := f.state.save(f.statePath); err != nil {
					return err
				}
			}
		}
		if err := f.store(ctx, lines); err != nil {
			return err
		}
		after.know(f.file)
		f.state = after
		if err := f.state.save(f.statePath); err != nil {
			return err
		}
	}
	return nil
}

// store stores lines in one commit, and reports those that are refused. While the log
// cannot be written it waits; if the context ends meanwhile, they are not done with.
func (f *follower) store(ctx context.Context, lines []line) error {
	var drafts []activity.Draft
	for _, l := range lines {
		if l.err == nil {
			drafts = append(drafts, l.draft)
		}
	}
	results, err := f.c.app.Log.RecordAll(context.WithoutCancel(ctx), drafts)
	for fault.CodeOf(err) == fault.Unavailable && ctx.Err() == nil {
		if !f.told {
			f.c.complain(ctx, "waiting: ", err)
			f.told = true
		}
		wait(ctx, time.Second)
		results, err = f.c.app.Log.RecordAll(context.WithoutCancel(ctx), drafts)
	}
	if err != nil {
		return err
	}
	f.told = false
	for _, l := range lines {
		result := activity.Appended{Err: l.err}
		if l.err == nil {
			result, results = results[0], results[1:]
		}
		f.count(ctx, l, result)
	}
	return nil
}

func (f *follower) count(ctx context.Context, l line, result activity.Appended) {
	f.report.Read++
	err := result.Refusal()
	switch {
	case result.Err != nil:
		f.report.Rejected++
	case err != nil:
		f.report.Conflict++
	case result.Receipt.Duplicate:
		f.report.Duplicate++
	default:
		f.report.New++
	}
	if err != nil {
		f.c.complain(ctx, fmt.Sprintf("line %d: ", l.number), err)
		if f.first == nil {
			f.first = err
		}
	}
}

func stopped(ctx context.Context) bool { return ctx.Err() != nil }

// wait waits, or until the context ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
