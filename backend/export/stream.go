package export

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
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
	// Bytes and SHA256 are the complete file's.
	Bytes  *int64  `json:"bytes"`
	SHA256 *string `json:"sha256"`
}

// serve writes the file to whoever redeemed its ticket: for a person as a job.
func (s *Service) serve(ctx context.Context, t ticket, name string, w io.Writer) (m Manifest, err error) {
	ctx = access.With(ctx, t.caller)
	plan, err := s.plan(ctx, t, name)
	if err == nil && t.caller.Token != nil {
		m, err = s.stream(ctx, t, plan, w, func(int64) {})
	} else if err == nil {
		err = s.options.Jobs.Run(ctx, plan, func(ctx context.Context, task *job.Task) (err error) {
			m, err = s.stream(ctx, t, plan, w, task.Progress)
			return err
		})
	}
	if err != nil {
		s.end(t.outcome, nil)
		return Manifest{}, err
	}
	s.end(t.outcome, &m)
	return m, nil
}

// plan counts what the file is going to hold.
func (s *Service) plan(ctx context.Context, t ticket, name string) (job.Plan, error) {
	count, err := s.options.Log.Count(ctx, activity.CountIn{Query: t.in.Query, Zone: t.in.Zone, Exact: true})
	return job.Plan{Kind: job.KindExport, Title: name, Unit: job.UnitRows, Total: &count.N}, err
}

// stream writes the whole file. Each progress gets how many activities were written
// so far.
func (s *Service) stream(ctx context.Context, t ticket, plan job.Plan, w io.Writer, progress func(int64)) (Manifest, error) {
	m := s.begin(ctx, t, plan.Title)
	say := said{
		Phase: started, Query: m.Query, Format: m.Format, Count: *plan.Total, Zone: m.Zone, Columns: m.Columns,
	}
	id, err := s.record(ctx, t, say, activity.OK)
	if err != nil {
		return m, err
	}
	first, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return m, fault.Wrap(err, fault.Internal, "The export could not be recorded.")
	}
	m.Export = id
	s.ledger(ctx, t, &m)
	out := &measured{to: w, hash: sha256.New()}
	err = s.pages(ctx, t, &m, s.sheet(ctx, t, m, out, *plan.Total), first-1, progress)
	m.Bytes, m.SHA256 = out.n, hex.EncodeToString(out.hash.Sum(nil))
	m.Finished = moment(s.options.Now().UnixMilli(), t.zone)
	say.Phase, say.Count, say.Complete, say.Export = finished, m.Count, true, id
	say.Bytes, say.SHA256 = &m.Bytes, &m.SHA256
	result := activity.OK
	if err != nil {
		say.Phase, say.Complete, result = cutOff, false, activity.Failed
		say.Bytes, say.SHA256 = nil, nil
	}
	_, recorded := s.record(context.WithoutCancel(ctx), t, say, result)
	return m, errors.Join(err, recorded)
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

func (s *Service) sheet(ctx context.Context, t ticket, m Manifest, w io.Writer, total int64) sheet {
	return sheet{
		out: bufio.NewWriterSize(w, 64<<10), columns: t.columns, zone: t.zone,
		about: m, began: s.options.Now().In(t.zone), total: total,
		ctx: ctx, dir: s.options.Dir, open: s.options.Base,
	}
}

// pages writes what was recorded before the place: what comes in meanwhile, and the
// export's own activity, stay out.
func (s *Service) pages(ctx context.Context, t ticket, m *Manifest, to sheet, before int64, progress func(int64)) (err error) {
	out := t.format.writer(to)
	if held, ok := out.(io.Closer); ok {
		defer func() { err = errors.Join(err, held.Close()) }()
	}
	if err := out.begin(); err != nil {
		return err
	}
	in := activity.ListIn{Query: t.in.Query, Zone: t.in.Zone, Order: "oldest", Limit: activity.MaxLimit}
	for {
		if err := ctx.Err(); err != nil {
			return errStopped(err)
		}
		// A slow reader may take hours: who was signed out or demoted gets no more.
		if err := s.still(ctx, t.caller); err != nil {
			return err
		}
		rows, page, err := s.options.Log.Rows(ctx, in)
		if err != nil {
			return err
		}
		for _, stored := range rows {
			if stored.Seq >= before {
				continue
			}
			a := s.options.Log.View(stored, m.Language)
			if err := out.write(row{a, stored.Body.Raw, t.zone}); err != nil {
				return err
			}
			m.saw(a, t.zone)
		}
		progress(m.Count)
		if page.Next == nil {
			return out.end(m.Count)
		}
		in.Cursor = *page.Next
	}
}

func errStopped(err error) error {
	return fault.Wrap(err, fault.Unavailable, "The export was stopped before its end. What came out is not all.")
}

// measured counts and hashes what goes through it.
type measured struct {
	to   io.Writer
	hash hash.Hash
	n    int64
}

func (m *measured) Write(p []byte) (int, error) {
	n, err := m.to.Write(p)
	m.n += int64(n)
	m.hash.Write(p[:n])
	return n, err
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
