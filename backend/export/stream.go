package export

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// The phases LogExported tells of.
const (
	started  = "started"
	finished = "finished"
	cutOff   = "cut off"
)

// said are the parameters of LogExported. Count is how many match when it starts,
// and how many were written when it ends; cut off, not all of those may have arrived.
type said struct {
	Phase    string `json:"phase"`
	Query    string `json:"query"`
	Format   string `json:"format"`
	Count    int64  `json:"count"`
	Complete bool   `json:"complete"`
	Export   string `json:"export"` // the activity that said that it started, or ""
	// Zone and Columns are how it was written; no columns: whole activities.
	Zone    string   `json:"zone"`
	Columns []string `json:"columns"`
}

// stream writes the whole file. Each progress, which may be nil, gets how many
// activities were written so far.
func (s *Service) stream(ctx context.Context, t ticket, w io.Writer, progress func(int64)) error {
	ctx = access.With(ctx, t.caller)
	count, err := s.options.Log.Count(ctx, activity.CountIn{Query: t.in.Query, Zone: t.in.Zone, Exact: true})
	if err != nil {
		return err
	}
	say := said{
		Phase: started, Query: t.in.Query, Format: t.in.Format, Count: count.N, Zone: t.zone.String(), Columns: namesOf(t.columns),
	}
	id, err := s.record(ctx, t, say, activity.OK)
	if err != nil {
		return err
	}
	first, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The export could not be recorded.")
	}
	n, err := s.pages(ctx, t, w, first-1, progress)
	say.Phase, say.Count, say.Complete, say.Export = finished, n, true, id
	result := activity.OK
	if err != nil {
		say.Phase, say.Complete, result = cutOff, false, activity.Failed
	}
	_, recorded := s.record(context.WithoutCancel(ctx), t, say, result)
	return errors.Join(err, recorded)
}

// record stores a LogExported and returns its id.
func (s *Service) record(ctx context.Context, t ticket, say said, result string) (string, error) {
	body := account.Begin(t.caller, s.options.Now(), "LogExported")
	parameters, err := json.Marshal(say)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "The export could not be recorded.")
	}
	body.Parameters, body.Result = parameters, result
	results, err := s.options.Store.Append(ctx, []activity.Body{body})
	if err != nil {
		return "", err
	}
	return results[0].Receipt.ID, results[0].Err
}

// pages writes what was recorded before the place: what comes in meanwhile, and the
// export's own activity, stay out.
func (s *Service) pages(ctx context.Context, t ticket, w io.Writer, before int64, progress func(int64)) (int64, error) {
	out := t.format.writer(sheet{out: bufio.NewWriterSize(w, 64<<10), columns: t.columns, zone: t.zone})
	if err := out.begin(); err != nil {
		return 0, err
	}
	lang := s.options.Log.Language(ctx)
	var n int64
	in := activity.ListIn{Query: t.in.Query, Zone: t.in.Zone, Order: "oldest", Limit: activity.MaxLimit}
	for {
		if err := ctx.Err(); err != nil {
			return n, fault.Wrap(err, fault.Unavailable, "The export was stopped before its end. What came out is not all.")
		}
		// A slow reader may take hours: who was signed out or demoted gets no more.
		if err := s.still(ctx, t); err != nil {
			return n, err
		}
		rows, page, err := s.options.Log.Rows(ctx, in)
		if err != nil {
			return n, err
		}
		for _, stored := range rows {
			if stored.Seq >= before {
				continue
			}
			if err := out.write(row{s.options.Log.View(stored, lang), stored.Body.Raw, t.zone}); err != nil {
				return n, err
			}
			n++
		}
		if progress != nil {
			progress(n)
		}
		if page.Next == nil {
			return n, out.end(n)
		}
		in.Cursor = *page.Next
	}
}
