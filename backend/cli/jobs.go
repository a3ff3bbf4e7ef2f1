package cli

import (
	"context"
	"fmt"

	"activitylog/backend/job"
)

// tellOf follows a job that erases, says each step of it, and ends with a line of format,
// how many went and what more there is to say.
func (c *call) tellOf(ctx context.Context, started job.Job, step, format string, more ...any) error {
	last := int64(0)
	ended, err := c.follow(ctx, started, func(j job.Job) {
		if j.Done != last && !c.json {
			last = j.Done
			fmt.Fprintf(c.Out, "%s %d\n", step, last)
		}
	})
	if err != nil {
		return err
	}
	if err := outcomeOf(ended); err != nil {
		return err
	}
	return c.told(ended, nil, format, append([]any{ended.Done}, more...)...)
}

// follow waits until a job has ended. Ctrl-C cancels it and waits for that.
func (c *call) follow(ctx context.Context, started job.Job, each func(job.Job)) (job.Job, error) {
	ended, err := c.app.Jobs.Follow(ctx, started.ID, each)
	if err == nil || ctx.Err() == nil {
		return ended, err
	}
	after := context.WithoutCancel(ctx)
	if _, err := c.app.Jobs.CancelJob(after, job.CancelIn{ID: started.ID}); err != nil {
		return ended, err
	}
	return c.app.Jobs.Follow(after, started.ID, each)
}
