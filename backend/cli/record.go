package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"unicode/utf8"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

type recordFlags struct {
	actor, kind, at, site, object, result string
	ip, agent, request, external          string
	params, changes                       pairs
}

var recordCommand = &command{
	name: "record", args: "TYPE [flags] | -", about: "record an activity, or with - one per line of the input",
	more: `  activitylog record GoalAdded --actor ann --site shop --object goal:7:Sign-up --param pattern=contains
  activitylog record - < drafts.ndjson

A value of --param or the two of --change are texts; with := in place of = they are JSON:
  --param visits:=12    --change name=Old=New    --change active:=false:=true

With - each line is a draft as JSON. For each one that is stored its receipt is printed as
JSON on a line of its own, once it is durable. A line that is refused is reported with its number;
the others are stored, and the status is not 0.`,
	ops: []string{"Record"},
	flags: func(set *flag.FlagSet) any {
		f := &recordFlags{}
		set.StringVar(&f.actor, "actor", "", "`name` of who did it; this account if left out")
		set.StringVar(&f.kind, "actor-kind", activity.KindUser, "`kind` of the actor: user, os, service, system, anonymous")
		set.StringVar(&f.at, "at", "", "`time` when it happened, like 2026-11-23T09:15:00+01:00; now if left out")
		set.StringVar(&f.site, "site", "", "id, address or `name` of the site")
		set.StringVar(&f.object, "object", "", "what it was done to, as `kind:id:name`")
		set.StringVar(&f.result, "result", "", "`ok`, failed or denied (default ok)")
		set.StringVar(&f.ip, "ip", "", "`address` it came from")
		set.StringVar(&f.agent, "user-agent", "", "`program` it came from")
		set.StringVar(&f.request, "request-id", "", "`id` of the request it belongs to")
		set.StringVar(&f.external, "external-id", "", "the source's own `id`: recorded twice, it is stored once")
		set.Var(&f.params, "param", "`name=value`, as often as needed")
		set.Var(&f.changes, "change", "`field=old=new`, as often as needed")
		return f
	},
	run: func(ctx context.Context, c *call) error {
		if err := c.exactly(1); err != nil {
			return err
		}
		if c.args[0] == "-" {
			return c.recordLines(ctx)
		}
		draft, err := c.flags.(*recordFlags).draft(c.args[0])
		if err != nil {
			return err
		}
		receipt, err := c.app.Log.Record(ctx, draft)
		if err != nil {
			return err
		}
		switch {
		case c.json:
			c.printJSON(receipt)
		case receipt.Duplicate:
			fmt.Fprintf(c.Out, "stands there already as #%s\n", receipt.ID)
		default:
			fmt.Fprintf(c.Out, "recorded #%s\n", receipt.ID)
		}
		return nil
	},
}

// draft makes a draft of the flags; the log checks what they say.
func (f *recordFlags) draft(kind string) (activity.Draft, error) {
	d := activity.Draft{
		Type: kind, Result: f.result, OccurredAt: given(f.at), Site: given(f.site), IP: given(f.ip),
		UserAgent: given(f.agent), RequestID: given(f.request), ExternalID: given(f.external),
	}
	if f.actor != "" {
		d.Actor = &activity.DraftActor{Kind: f.kind, Name: f.actor}
	}
	if f.object != "" {
		part := strings.SplitN(f.object, ":", 3)
		if len(part) != 3 {
			return d, fault.At("object", "--object must be kind:id:name, for example goal:7:Sign-up.")
		}
		d.Object = &activity.Object{Kind: part[0], ID: part[1], Name: part[2]}
	}
	for flagName, texts := range map[string]pairs{"param": f.params, "change": f.changes} {
		if !utf8.ValidString(texts.String()) {
			return d, fault.At(flagName, "A value of --%s is not valid UTF-8.", flagName)
		}
	}
	for _, text := range f.changes {
		change, err := parseChange(text)
		if err != nil {
			return d, err
		}
		d.Changes = append(d.Changes, change)
	}
	if len(f.params) == 0 {
		return d, nil
	}
	values := map[string]json.RawMessage{}
	for _, text := range f.params {
		name, value, err := parseValue("param", text)
		if err != nil {
			return d, err
		}
		if _, twice := values[name]; twice {
			return d, fault.At("param", "The parameter %q is given twice.", name)
		}
		values[name] = value
	}
	var err error
	d.Parameters, err = json.Marshal(values)
	return d, err
}

func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// parseValue reads name=text or name:=json.
func parseValue(flagName, text string) (string, json.RawMessage, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok || strings.TrimSuffix(name, ":") == "" {
		return "", nil, fault.At(flagName, "--%s must be name=value or name:=JSON, not %q.", flagName, text)
	}
	if exact, isJSON := strings.CutSuffix(name, ":"); isJSON {
		if !json.Valid([]byte(value)) {
			return "", nil, fault.At(flagName, "The value of --%s %s is not JSON.", flagName, text)
		}
		return exact, json.RawMessage(value), nil
	}
	return name, quoted(value), nil
}

// parseChange reads field=old=new or field:=old:=new.
func parseChange(text string) (activity.Change, error) {
	if field, values, isJSON := strings.Cut(text, ":="); isJSON {
		before, after, ok := strings.Cut(values, ":=")
		if ok && json.Valid([]byte(before)) && json.Valid([]byte(after)) {
			return activity.Change{Field: field, Old: json.RawMessage(before), New: json.RawMessage(after)}, nil
		}
	}
	part := strings.SplitN(text, "=", 3)
	if len(part) != 3 || strings.Contains(text, ":=") {
		return activity.Change{}, fault.At("change", "--change must be field=old=new or field:=JSON:=JSON, not %q.", text)
	}
	return activity.Change{Field: part[0], Old: quoted(part[1]), New: quoted(part[2])}, nil
}

func quoted(text string) json.RawMessage {
	data, err := json.Marshal(text)
	if err != nil {
		panic("cli: a string that is not JSON") // cannot be
	}
	return data
}
