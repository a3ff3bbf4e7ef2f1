package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// read returns further lines, at most followGroup, and the state once they are stored.
func (f *follower) read(ended bool) ([]line, followState, error) {
	after := f.state
	if f.buffer == nil {
		f.buffer = make([]byte, maxLine+1)
	}
	n, err := f.file.ReadAt(f.buffer, after.Offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, after, fault.Wrap(err, fault.Unavailable, "%s cannot be read any more.", f.path)
	}
	var lines []line
	for rest := f.buffer[:n]; len(lines) < followGroup && len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		switch {
		case end < 0 && len(rest) == len(f.buffer): // too long: pass over it, piece by piece
			if !after.Long {
				after.Long = true
				after.Lines++
				lines = append(lines, line{number: after.Lines, err: fault.New(fault.Invalid, "The line is longer than %d bytes.", maxLine)})
			}
			after.Offset += int64(len(rest))
			return lines, after, nil
		case end < 0 && (!ended || n == len(f.buffer)):
			return lines, after, nil // not complete yet
		case end < 0:
			end = len(rest) - 1
		}
		if text := bytes.TrimSpace(rest[:end+1]); after.Long {
			after.Long = false // its end
		} else {
			after.Lines++
			if len(text) > 0 {
				lines = append(lines, after.parse(text))
			}
		}
		rest, after.Offset = rest[end+1:], after.Offset+int64(end+1)
	}
	return lines, after, nil
}

// parse reads the draft that stands at the state's place. One without an external id
// gets that place as one.
func (s *followState) parse(text []byte) line {
	l := line{number: s.Lines}
	l.draft, l.err = activity.ParseDraft(text)
	if l.err == nil && (l.draft.ExternalID == nil || *l.draft.ExternalID == "") {
		place := fmt.Sprintf("follow:%s:%d", s.ID, s.Offset)
		l.draft.ExternalID = &place
	}
	return l
}
