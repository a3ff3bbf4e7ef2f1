package ingest

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// extra is the parameter with what a CloudEvent says of itself.
const extra = "cloudEvent"

// extension is the name of a CloudEvents attribute (CloudEvents 1.0.2, "Naming
// conventions").
var extension = regexp.MustCompile(`^[a-z0-9]+$`)

// authKinds are the kinds of actors by authtype, of CloudEvents' extension Auth Context.
var authKinds = map[string]string{
	"": activity.KindUser, "user": activity.KindUser, "app_user": activity.KindUser, "unknown": activity.KindUser,
	"service_account": activity.KindService, "api_key": activity.KindService,
	"system": activity.KindSystem, "unauthenticated": activity.KindAnonymous,
}

// An event is a CloudEvent in its JSON format.
type event struct {
	attributes map[string]string // those the specification names, and authid, authtype
	data       json.RawMessage   // nil: none
	packed     *string           // data_base64
	more       map[string]json.RawMessage
}

// own are the attributes that are read as texts.
var own = map[string]bool{
	"specversion": true, "id": true, "source": true, "type": true, "subject": true, "time": true,
	"datacontenttype": true, "dataschema": true, "authid": true, "authtype": true,
}

// parseEvent reads a CloudEvent as the draft it stands for; docs/formats.md has the
// mapping. Source: CloudEvents 1.0.2 and its JSON event format. Errors: invalid, with
// the attribute.
func parseEvent(text []byte) (activity.Draft, error) {
	if err := activity.CheckText(text); err != nil {
		return activity.Draft{}, err
	}
	if trimmed := bytes.TrimSpace(text); len(trimmed) == 0 || trimmed[0] != '{' {
		return activity.Draft{}, fault.New(fault.Invalid, "A CloudEvent must be a JSON object.")
	}
	fields, err := activity.Members(text)
	if err != nil {
		return activity.Draft{}, err
	}
	e := event{attributes: map[string]string{}, more: map[string]json.RawMessage{}}
	for _, f := range fields {
		if err := e.set(f.Name, f.Value); err != nil {
			return activity.Draft{}, err
		}
	}
	for _, name := range []string{"specversion", "id", "source", "type"} {
		if e.attributes[name] == "" {
			return activity.Draft{}, fault.At(name, "A CloudEvent needs the attribute %s.", name)
		}
	}
	if version := e.attributes["specversion"]; version != "1.0" {
		return activity.Draft{}, fault.At("specversion", "Only CloudEvents 1.0 is read.")
	}
	return e.draft()
}

// set takes one member. Null is as good as not there.
func (e *event) set(name string, value json.RawMessage) error {
	isNull := string(value) == "null"
	switch {
	case isNull:
		return nil
	case name == "data":
		e.data = value
		return nil
	case name == "data_base64":
		return texts(name, value, &e.packed)
	case own[name]:
		var text *string
		if err := texts(name, value, &text); err != nil {
			return err
		}
		e.attributes[name] = *text
		return nil
	case !extension.MatchString(name):
		return fault.At(short(name), "%q is no name of a CloudEvents attribute: those have lower-case letters and digits.", short(name))
	case value[0] == '{' || value[0] == '[':
		return fault.At(name, "The attribute %s must be a text, a number, true or false.", name)
	}
	e.more[name] = value
	return nil
}

func texts(name string, value json.RawMessage, to **string) error {
	var text string
	if json.Unmarshal(value, &text) != nil || text == "" {
		return fault.At(name, "%s must be a text, and not empty.", name)
	}
	*to = &text
	return nil
}

func (e *event) draft() (activity.Draft, error) {
	source := e.attributes["source"]
	if strings.ContainsFunc(source, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return activity.Draft{}, fault.At("source", "source must be a URI reference, which has no spaces.")
	}
	// Neither half alone is unique, and no source has a space.
	external := source + " " + e.attributes["id"]
	d := activity.Draft{Type: e.attributes["type"], ExternalID: &external}
	if at, ok := e.attributes["time"]; ok {
		d.OccurredAt = &at
	}
	if subject, ok := e.attributes["subject"]; ok {
		d.Object = &activity.Object{Kind: "subject", ID: subject, Name: subject}
	}
	if who, ok := e.attributes["authid"]; ok {
		kind, known := authKinds[e.attributes["authtype"]]
		if !known {
			return d, fault.At("authtype", "authtype is none of those that the extension Auth Context has.")
		}
		d.Actor = &activity.DraftActor{Kind: kind, Name: who}
	}
	if e.data != nil && e.packed != nil {
		return d, fault.At("data", "A CloudEvent has data or data_base64, not both.")
	}
	var err error
	d.Parameters, err = e.parameters()
	return d, err
}

// parameters are the members of data, where that is an object, otherwise data itself
// under its name; and beside them what the event says of itself.
func (e *event) parameters() (json.RawMessage, error) {
	about := e.more
	for _, name := range []string{"source", "dataschema", "datacontenttype"} {
		if text, ok := e.attributes[name]; ok {
			about[name] = encoded(text)
		}
	}
	out := map[string]json.RawMessage{extra: encoded(about)}
	switch {
	case e.packed != nil:
		out["data_base64"] = encoded(*e.packed)
	case e.data == nil:
	case e.data[0] != '{':
		out["data"] = e.data
	default:
		fields, err := activity.Members(e.data)
		if err != nil {
			return nil, fault.At("data", "data names a field twice.")
		}
		for _, f := range fields {
			if f.Name == extra {
				return encoded(map[string]json.RawMessage{extra: out[extra], "data": e.data}), nil
			}
			out[f.Name] = f.Value
		}
	}
	return encoded(out), nil
}

// encoded is for texts, valid JSON and maps of them, which always have a JSON form.
func encoded(v any) json.RawMessage {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("ingest: a value without JSON form: " + err.Error())
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

func short(name string) string {
	if len(name) > 40 {
		return strings.ToValidUTF8(name[:40], "") + "…"
	}
	return name
}

// blamed is a refusal of an event's draft in the words of the event.
func blamed(err error) error {
	f := fault.Public(err)
	head, rest, nested := strings.Cut(f.Field, ".")
	name, ok := map[string]string{
		"externalId": "id", "occurredAt": "time", "object": "subject", "actor": "authid", "parameters": "data",
	}[head]
	if !ok {
		return err
	}
	if nested && head == "parameters" {
		name += "." + rest
	}
	return f.Blame(name)
}
