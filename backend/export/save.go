package export

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// Save writes a ticket's file to a path that a person chose, as a job. The file has
// its name only once it is complete: what is cut off or cancelled leaves nothing, and
// a file that was there before stays until then. It is not an operation: no path
// comes from a page. Errors: as Redeem.
func (s *Service) Save(ctx context.Context, id, path string) (job.Job, error) {
	t, err := s.take(ctx, id)
	if err != nil {
		return job.Job{}, err
	}
	ctx = access.With(ctx, t.caller)
	count, err := s.options.Log.Count(ctx, activity.CountIn{Query: t.in.Query, Zone: t.in.Zone, Exact: true})
	if err != nil {
		return job.Job{}, err
	}
	plan := job.Plan{Kind: job.KindExport, Title: filepath.Base(path), Unit: job.UnitRows, Total: &count.N}
	return s.options.Jobs.Start(ctx, plan, func(ctx context.Context, task *job.Task) error {
		return s.save(ctx, t, path, task)
	})
}

func (s *Service) save(ctx context.Context, t ticket, path string, task *job.Task) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "Nothing can be written to that folder. Choose another one.")
	}
	err = s.stream(ctx, t, file, task.Progress)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err == nil {
		return nil
	}
	err = errors.Join(err, os.Remove(file.Name()))
	return fault.Else(err, fault.Unavailable, "The file could not be written. Is the disk full?")
}
