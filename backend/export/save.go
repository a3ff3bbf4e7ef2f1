package export

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// Save writes a ticket's file to a path that a person chose, as a job, and its manifest
// beside it as <path>.manifest.json. Both have their names only once they are complete:
// what is cut off or cancelled leaves nothing, and what was there before stays until
// then. It is not an operation: no path comes from a page. Errors: as Redeem.
func (s *Service) Save(ctx context.Context, id, path string) (job.Job, error) {
	t, err := s.take(ctx, id)
	if err != nil {
		return job.Job{}, err
	}
	ctx = access.With(ctx, t.caller)
	plan, err := s.plan(ctx, t, filepath.Base(path))
	if err != nil {
		s.end(t.outcome, nil)
		return job.Job{}, err
	}
	started, err := s.options.Jobs.Start(ctx, plan, func(ctx context.Context, task *job.Task) error {
		m, err := s.save(ctx, t, plan, path, task)
		if err != nil {
			s.end(t.outcome, nil)
			return err
		}
		s.end(t.outcome, &m)
		return nil
	})
	if err != nil {
		s.end(t.outcome, nil)
	}
	return started, err
}

func (s *Service) save(ctx context.Context, t ticket, plan job.Plan, path string, task *job.Task) (m Manifest, err error) {
	file, err := newDraft(path)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, file.discard()) }()
	beside, err := newDraft(manifestName(path))
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, beside.discard()) }()
	if m, err = s.stream(ctx, t, plan, file, task.Progress); err != nil {
		return m, err
	}
	data, err := m.encode()
	if err == nil {
		_, err = beside.Write(data)
	}
	if err == nil {
		err = publish(file, beside)
	}
	if err != nil {
		err = fault.Else(err, fault.Unavailable, "The file could not be written. Is the disk full?")
	}
	return m, err
}

// publish makes both files durable and gives them their names. In between there is no
// manifest rather than that of another file.
func publish(file, beside *draft) error {
	if err := errors.Join(file.finish(), beside.finish()); err != nil {
		return err
	}
	if err := os.Remove(beside.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(file.Name(), file.path); err != nil {
		return err
	}
	if err := os.Rename(beside.Name(), beside.path); err != nil {
		return errors.Join(err, os.Remove(file.path)) // no file without its manifest
	}
	return syncFolder(filepath.Dir(file.path))
}

// A draft is a file that does not have its name yet.
type draft struct {
	*os.File
	path string // what it is going to be called
}

func newDraft(path string) (*draft, error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Nothing can be written to that folder. Choose another one.")
	}
	return &draft{file, path}, nil
}

// finish makes what was written durable.
func (d *draft) finish() error { return errors.Join(d.Sync(), d.Close()) }

// discard removes what did not get its name.
func (d *draft) discard() error {
	_ = d.Close() // closed already where it was finished
	if err := os.Remove(d.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.Unavailable, "%s could not be removed; it is of no use.", d.Name())
	}
	return nil
}

// syncFolder makes the names in a folder durable. Windows syncs none.
func syncFolder(name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
