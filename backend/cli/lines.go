package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

const (
	maxLine  = 1 << 20 // bytes; a draft is at most 64 KiB, so that this is reported, not read
	maxGroup = 64      // lines that go into one commit when they are there already
)

// A line is one line of the input: its draft, or why it is none.
type line struct {
	number int64
	draft  activity.Draft
	err    error
}

// recordLines stores one draft a line. Lines that have arrived together share a
// commit; a lone one is not kept waiting for others.
func (c *call) recordLines(ctx context.Context) error {
	var first error
	groups := make(chan arrived)
	go read(ctx, c.In, groups)
	for {
		var next arrived
		select {
		case next = <-groups:
		case <-ctx.Done():
			return fault.New(fault.Unavailable, "Stopped. What was acknowledged is stored.")
		}
		if len(next.lines) > 0 {
			refused, err := c.recordGroup(ctx, next.lines)
			if err != nil {
				return err
			}
			if first == nil {
				first = refused
			}
		}
		switch {
		case next.err == nil:
		case !errors.Is(next.err, io.EOF):
			return fault.Wrap(next.err, fault.Unavailable, "The input could not be read on. What was acknowledged is stored.")
		case first != nil:
			return &exit{Status(first)}
		default:
			return nil
		}
	}
}

// arrived is what one read brought: lines, and what ended the input, if it did.
type arrived struct {
	lines []line
	err   error
}

// read hands the input on group by group, until it ends or the context does. It has
// a goroutine of its own because a blocked read does not hear of the context.
func read(ctx context.Context, from io.Reader, groups chan<- arrived) {
	in := &lineReader{from: bufio.NewReaderSize(from, 64<<10)}
	for {
		lines, err := in.group()
		select {
		case groups <- arrived{lines, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// recordGroup stores the drafts of some lines, prints the receipts in their order
// and reports the lines that are refused. It returns the first refusal.
func (c *call) recordGroup(ctx context.Context, group []line) (refused, failed error) {
	var drafts []activity.Draft
	for _, l := range group {
		if l.err == nil {
			drafts = append(drafts, l.draft)
		}
	}
	results, err := c.app.Log.RecordAll(ctx, drafts)
	if err != nil {
		return nil, err
	}
	for _, l := range group {
		err := l.err
		if err == nil {
			result := results[0]
			results = results[1:]
			err = result.Refusal()
			if err == nil {
				c.printTo(c.Out, c.Watched, result.Receipt)
				continue
			}
		}
		c.complain(ctx, fmt.Sprintf("line %d: ", l.number), err)
		if refused == nil {
			refused = err
		}
	}
	return refused, nil
}

// A lineReader splits an input into drafts, numbering its lines from 1.
type lineReader struct {
	from *bufio.Reader
	n    int64
}

// group returns the next line and those already there behind it, at most maxGroup.
// Empty lines are passed over.
func (r *lineReader) group() ([]line, error) {
	var group []line
	for {
		text, err := r.next()
		if text != nil {
			l := line{number: r.n}
			if len(text) > maxLine {
				l.err = fault.New(fault.Invalid, "The line is longer than %d bytes.", maxLine)
			} else {
				l.draft, l.err = activity.ParseDraft(text)
			}
			group = append(group, l)
		}
		if err != nil || len(group) == maxGroup || len(group) > 0 && !r.ready() {
			return group, err
		}
	}
}

// ready reports whether another whole line has arrived.
func (r *lineReader) ready() bool {
	waiting, err := r.from.Peek(r.from.Buffered())
	return err == nil && bytes.IndexByte(waiting, '\n') >= 0
}

// next returns a line without its end, nil for an empty one. Of a line that is too
// long only so much is kept that it shows.
func (r *lineReader) next() ([]byte, error) {
	var text []byte
	for {
		piece, err := r.from.ReadSlice('\n')
		if len(text) <= maxLine {
			text = append(text, piece...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if len(piece) > 0 || err == nil || len(text) > 0 {
			r.n++
		}
		text = bytes.TrimSpace(text)
		if len(text) == 0 {
			return nil, err
		}
		return text, err
	}
}
