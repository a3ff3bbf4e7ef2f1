package cli

import (
	"errors"
	"io"

	"activitylog/backend/fault"
)

// An output remembers that something could not be written, so that a command whose
// answer got lost, on a full disk for instance, does not end as if all were well.
type output struct {
	to     io.Writer
	failed error
}

func (o *output) Write(p []byte) (int, error) {
	if o.failed != nil {
		return 0, o.failed
	}
	n, err := o.to.Write(p)
	o.failed = err
	return n, err
}

// judge is how a command ended, with what became of its output. A command that
// failed for a reason of its own keeps it.
func (o *output) judge(err error) error {
	if o.failed == nil || err != nil && !errors.Is(err, o.failed) {
		return err
	}
	return fault.Wrap(o.failed, fault.Unavailable, "The output could not be written to its end.")
}
