package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"activitylog/backend"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/source"
)

type importFlags struct {
	format, name string
	mapFile      string
	mapping      string
	dry          bool
	tokenStdin   bool
	all          bool
}

var importCommand = &command{
	name: "import", args: "FILE…", about: "bring in activity from files, a git repository's folder or a Matomo server",
	more: `Formats: ndjson (drafts, one a line), cloudtrail, git (a folder),
matomo (a dump of matomo_activity_log, SQL or CSV), auto (looks inside),
csv (any table with a heading, by a mapping of its columns),
matomo-server (an address like https://stats.example.org/matomo/ in place of FILE: the activity log of
a server that runs). Its token is in ACTIVITYLOG_MATOMO_TOKEN or comes with --token-stdin, never as an argument.
What was imported before is recognised and not stored twice, as long as --name stays the same.
For csv, --dry-run --json shows under "mapping" which columns would be what; with that in a file,
corrected where it is wrong, --map FILE imports. --mapping takes one that was saved in the window.
After each step the number of activities stored so far is printed; what is printed is durable.
Stopped with Ctrl-C, what is committed stays, and a second run goes on.
Status 2 if records were rejected, 5 if only conflicting ones were left out.`,
	ops: []string{"ImportPreview", "Import", "Mappings"},
	flags: func(set *flag.FlagSet) any {
		f := &importFlags{}
		set.StringVar(&f.format, "format", source.Auto, "`auto`, ndjson, cloudtrail, git, matomo, matomo-server or csv")
		set.StringVar(&f.name, "name", "", "`name` of the source (default main; for git the folder's)")
		set.StringVar(&f.mapFile, "map", "", "of csv: a `file` with the mapping as JSON")
		set.StringVar(&f.mapping, "mapping", "", "of csv: the `name` of a saved mapping")
		set.BoolVar(&f.tokenStdin, "token-stdin", false, "of matomo-server: read the token from the first line of the input")
		set.BoolVar(&f.all, "all", false, "of matomo-server: read to the end of its log, also where all is known")
		set.BoolVar(&f.dry, "dry-run", false, "show how the first records would come in, and store nothing")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if len(c.args) == 0 {
			return fault.At("arguments", "Usage: activitylog import [--format F] [--map FILE] [--name N] [--dry-run] FILE…")
		}
		f := c.flags.(*importFlags)
		in := source.ImportIn{Format: f.format, Name: f.name}
		var err error
		if f.format == source.MatomoServer {
			in.Server, err = c.importServer(f)
		} else {
			in.Handles, in.Mapping, err = c.importFiles(ctx, f)
		}
		if err != nil {
			return err
		}
		if f.dry {
			return c.preview(ctx, source.PreviewIn(in))
		}
		return c.importNow(ctx, in)
	},
}

// importFiles makes handles of the arguments.
func (c *call) importFiles(ctx context.Context, f *importFlags) ([]string, *source.Mapping, error) {
	if f.tokenStdin || f.all {
		return nil, nil, fault.At("format", "--token-stdin and --all go with --format %s.", source.MatomoServer)
	}
	handles, err := c.app.Sources.Offer(ctx, c.args)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(handles))
	for i, h := range handles {
		ids[i] = h.ID
	}
	mapping, err := c.importMapping(ctx, f)
	return ids, mapping, err
}

// importServer is the server that the argument names. Its token comes from where no
// other user of this machine sees it.
func (c *call) importServer(f *importFlags) (*source.Server, error) {
	if err := c.exactly(1); err != nil {
		return nil, err
	}
	if f.mapFile != "" || f.mapping != "" {
		return nil, fault.At("map", "A server needs no mapping.")
	}
	server := &source.Server{Address: c.args[0], Token: c.Config.MatomoToken, All: f.all}
	if f.tokenStdin {
		var err error
		if server.Token, err = c.firstLine("token"); err != nil {
			return nil, err
		}
	}
	if server.Token == "" {
		return nil, fault.At("token", "There is no token. Put it into %s, or send it with --token-stdin.", backend.EnvMatomoToken)
	}
	return server, nil
}

// importMapping is the mapping of a CSV that was asked for: out of a file, or a saved one.
func (c *call) importMapping(ctx context.Context, f *importFlags) (*source.Mapping, error) {
	switch {
	case f.mapFile != "" && f.mapping != "":
		return nil, fault.At("map", "Give --map or --mapping, not both.")
	case f.mapFile != "":
		data, err := os.ReadFile(f.mapFile)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "%s cannot be read.", f.mapFile).Blame("map")
		}
		var m source.Mapping
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&m); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, `%s holds no mapping: %s. It looks like {"type": "Shop/OrderPaid", "columns": [{"name": "When", "field": "occurredAt"}]}.`,
				f.mapFile, strings.TrimPrefix(err.Error(), "json: ")).Blame("map")
		}
		return &m, nil
	case f.mapping != "":
		all, err := c.app.Sources.Mappings(ctx, source.MappingsIn{})
		if err != nil {
			return nil, err
		}
		for _, one := range all.Mappings {
			if one.Name == f.mapping {
				return &one.Mapping, nil
			}
		}
		return nil, fault.New(fault.NotFound, "There is no saved mapping %q.", f.mapping).Blame("mapping")
	}
	return nil, nil
}

func (c *call) preview(ctx context.Context, in source.PreviewIn) error {
	p, err := c.app.Sources.ImportPreview(ctx, in)
	if err != nil {
		return err
	}
	if c.json {
		c.printJSON(p)
	} else {
		fmt.Fprintf(c.Out, "would import as %s; records looked at: %d\n", Plain(p.Source), p.Read)
		if p.Mapping != nil {
			fmt.Fprintln(c.Out, Plain(mappingLine(*p.Mapping)))
		}
		for _, a := range p.Items {
			fmt.Fprintln(c.Out, strings.TrimSuffix(c.line(a), " #"))
		}
		for _, r := range p.Rejections {
			c.rejected(r.File, r.Line, r.Reason)
		}
	}
	if len(p.Rejections) > 0 {
		return &exit{statuses[fault.Invalid]}
	}
	return nil
}

// mappingLine says what the columns are: "When is occurredAt, Who is actor; type Door".
func mappingLine(m source.Mapping) string {
	var parts []string
	for _, column := range m.Columns {
		parts = append(parts, column.Name+" is "+column.Field)
	}
	line := "columns: " + strings.Join(parts, ", ")
	if m.Type != "" {
		line += "; type " + m.Type
	}
	return line
}

// importNow runs the import and tells of each step. Ctrl-C ends it between two.
func (c *call) importNow(ctx context.Context, in source.ImportIn) error {
	started, err := c.app.Sources.Import(ctx, in)
	if err != nil {
		return err
	}
	show := &steps{call: c, since: c.Now()}
	ended, err := c.follow(ctx, started, show.step)
	if err != nil {
		return err
	}
	show.end()
	if c.json {
		c.printJSON(ended)
	} else if ended.Report != nil {
		c.printImport(*ended.Report)
	}
	return outcomeOf(ended)
}

// outcomeOf is the status of an import that has ended.
func outcomeOf(j job.Job) error {
	switch {
	case j.Error != nil:
		return &fault.Error{Code: fault.Code(j.Error.Code), Message: j.Error.Message, Field: j.Error.Field}
	case j.State == job.StateCancelled:
		return fault.New(fault.Unavailable, "Stopped. What is committed stays; the same command goes on from there.")
	case j.Report != nil && j.Report.Rejected > 0:
		return &exit{statuses[fault.Invalid]}
	case j.Report != nil && j.Report.Conflicting > 0:
		return &exit{statuses[fault.Conflict]}
	}
	return nil
}

// steps prints how far an import is: a line a step, or for a person who has watched
// for a second one line that changes.
type steps struct {
	call  *call
	since time.Time
	last  int64
	shown bool
}

func (s *steps) step(j job.Job) {
	if s.call.json || j.Report == nil || j.Report.New == s.last {
		return
	}
	s.last = j.Report.New
	if !s.call.Watched {
		fmt.Fprintf(s.call.Out, "committed %d\n", s.last)
		return
	}
	if s.call.Now().Sub(s.since) < time.Second {
		return
	}
	share := ""
	if j.Total != nil && *j.Total > 0 {
		share = fmt.Sprintf(" (%d %%)", j.Done*100 / *j.Total)
	}
	fmt.Fprintf(s.call.Out, "\rcommitted %d%s", s.last, share)
	s.shown = true
}

func (s *steps) end() {
	if s.shown {
		fmt.Fprintln(s.call.Out)
	}
}

func (c *call) printImport(r job.Report) {
	fmt.Fprintf(c.Out, "%s: %d read, %d new, %d duplicate, %d erased, %d conflicting, %d cut, %d rejected\n",
		Plain(r.Source), r.Read, r.New, r.Duplicate, r.Erased, r.Conflicting, r.Cut, r.Rejected)
	if r.Skipped > 0 {
		fmt.Fprintf(c.Out, "skipped %d rows of other tables\n", r.Skipped)
	}
	if r.Oldest != nil && r.Newest != nil {
		at := func(ms int64) string { return time.UnixMilli(ms).In(c.Zone).Format("2006-01-02 15:04:05") }
		fmt.Fprintf(c.Out, "from %s to %s\n", at(*r.Oldest), at(*r.Newest))
	}
	for _, one := range r.Rejections {
		c.rejected(one.File, one.Line, one.Reason)
	}
	if more := r.Rejected - int64(len(r.Rejections)); more > 0 {
		fmt.Fprintf(c.Err, "activitylog: and %d more rejected\n", more)
	}
	for _, one := range r.Conflicts {
		c.rejected(one.File, one.Line, one.Reason)
	}
}

func (c *call) rejected(file string, line int64, reason string) {
	if c.json {
		return
	}
	fmt.Fprintf(c.Err, "activitylog: %s, record %d: %s\n", Plain(file), line, Plain(reason))
}
