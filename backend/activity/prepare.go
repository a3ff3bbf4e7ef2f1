package activity

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"activitylog/backend/catalog"
	"activitylog/backend/fault"
)

// Ahead is how far in the future a live draft may lie: clocks differ.
const Ahead = 5 * time.Minute

// An Origin is what the door says about a draft, never the draft itself.
type Origin struct {
	Source  string    // self, manual, cli, import:<format>/<name>
	Caller  BodyActor // who records; the actor where the draft names none
	Import  bool      // import limits: what is too large is cut and marked, not refused
	Now     time.Time // in the zone that times without one belong to
	Site    *SiteRef  // the draft's site, resolved
	Catalog *catalog.Catalog
}

// Prepare turns a draft into the body to store: checked, completed and masked. Cut
// tells that an import's record was too large and lost a marked part. Errors:
// invalid, with the field and what to do.
func Prepare(d Draft, o Origin) (body Body, cut bool, err error) {
	b := Body{V: BodyVersion, Type: d.Type, Source: o.Source, Site: o.Site, Object: d.Object}
	if err := checkType(d.Type); err != nil {
		return b, false, err
	}
	if b.Actor, err = prepareActor(d.Actor, o); err != nil {
		return b, false, err
	}
	if b.OccurredAt, b.OffsetMinutes, err = prepareTime(d.OccurredAt, o); err != nil {
		return b, false, err
	}
	if b.Result, err = prepareResult(d.Result); err != nil {
		return b, false, err
	}
	if b.IP, err = prepareIP(d.IP); err != nil {
		return b, false, err
	}
	b.UserAgent, b.RequestID, b.ExternalID = filled(d.UserAgent), filled(d.RequestID), filled(d.ExternalID)
	b.Changes, b.Parameters, b.Raw = slices.Clone(d.Changes), d.Parameters, d.Raw
	b.Undated = d.OccurredAt == nil
	if field := b.NotUTF8(); field != "" {
		return b, false, fault.At(field, "%s is not valid UTF-8. Send UTF-8 text.", field)
	}
	if err := checkShape(&b, o); err != nil {
		return b, false, err
	}
	nameObject(&b, o.Catalog)
	mask(&b, o.Catalog)
	return fit(b, o)
}

func checkType(name string) error {
	if name == "" || len(name) > 200 {
		return fault.At("type", "type must have 1 to 200 characters.")
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._:/-", r) {
			return fault.At("type", "type %q may only contain letters, digits and . _ : / -", name)
		}
	}
	return nil
}

func prepareActor(a *DraftActor, o Origin) (BodyActor, error) {
	if a == nil {
		return o.Caller, nil
	}
	switch a.Kind {
	case KindUser, KindOS, KindService, KindSystem, KindAnonymous:
	default:
		return BodyActor{}, fault.At("actor.kind", "actor.kind must be user, os, service, system or anonymous, not %q.", clip(a.Kind))
	}
	if strings.TrimSpace(a.Name) == "" || len(a.Name) > 1024 {
		return BodyActor{}, fault.At("actor.name", "actor.name must have 1 to 1,024 bytes.")
	}
	return BodyActor{Kind: a.Kind, Source: o.Source, Name: &a.Name}, nil
}

func prepareTime(text *string, o Origin) (ms int64, offset int, err error) {
	at := o.Now
	if text != nil {
		if at, err = time.Parse(time.RFC3339Nano, *text); err != nil {
			return 0, 0, fault.At("occurredAt", `occurredAt must be a time with its zone, like "2026-11-23T09:15:00+01:00", not %q.`, clip(*text))
		}
	}
	if at.Year() < 1900 || at.Year() >= 2100 {
		return 0, 0, fault.At("occurredAt", "occurredAt must lie between 1900 and 2100.")
	}
	if !o.Import && at.After(o.Now.Add(Ahead)) {
		return 0, 0, fault.At("occurredAt", "occurredAt lies more than five minutes in the future. Check the clock.")
	}
	_, seconds := at.Zone()
	return at.UnixMilli(), seconds / 60, nil
}

func prepareResult(result string) (string, error) {
	switch result {
	case "":
		return OK, nil
	case OK, Failed, Denied:
		return result, nil
	}
	return "", fault.At("result", "result must be ok, failed or denied, not %q.", clip(result))
}

func prepareIP(text *string) (*string, error) {
	if filled(text) == nil {
		return nil, nil
	}
	addr, err := netip.ParseAddr(*text)
	if err != nil {
		return nil, fault.At("ip", "ip must be an address like 203.0.113.7 or 2001:db8::1, not %q.", clip(*text))
	}
	canonical := addr.Unmap().WithZone("").String()
	return &canonical, nil
}

func filled(text *string) *string {
	if text == nil || *text == "" {
		return nil
	}
	return text
}

// checkShape refuses what is malformed, and at live doors what is too large or
// lacks a parameter its type needs.
func checkShape(b *Body, o Origin) error {
	if o := b.Object; o != nil && (o.Kind == "" || o.ID == "" && o.Name == "") {
		return fault.At("object", "An object needs a kind, and an id or a name.")
	}
	p := bytes.TrimSpace(b.Parameters)
	if len(p) == 0 || bytes.Equal(p, null) {
		b.Parameters = json.RawMessage("{}")
	} else if p[0] != '{' {
		return fault.At("parameters", `parameters must be an object, like {"goal": {"id": "7", "name": "Sign-up"}}.`)
	}
	for _, c := range b.Changes {
		if c.Field == "" {
			return fault.At("changes", "Each change needs a field.")
		}
	}
	if o.Import {
		return nil
	}
	if err := LiveLimits.checkBody(b); err != nil {
		return err
	}
	if o.Catalog != nil {
		return o.Catalog.CheckParameters(b.Type, b.Parameters)
	}
	return nil
}

func (l Limits) checkBody(b *Body) error {
	if err := l.check("parameters", b.Parameters); err != nil {
		return err
	}
	if len(b.Changes) > l.Keys {
		return fault.At("changes", "There are more than %d changes.", l.Keys)
	}
	for _, c := range b.Changes {
		if err := l.check("changes."+c.Field, c.Old); err != nil {
			return err
		}
		if err := l.check("changes."+c.Field, c.New); err != nil {
			return err
		}
	}
	texts := map[string]*string{"userAgent": b.UserAgent, "requestId": b.RequestID, "externalId": b.ExternalID}
	if b.Object != nil {
		texts["object.kind"], texts["object.id"], texts["object.name"] = &b.Object.Kind, &b.Object.ID, &b.Object.Name
	}
	for name, text := range texts {
		if text != nil && len(*text) > l.String {
			return fault.At(name, "%s is %d bytes long; at most %d are allowed.", name, len(*text), l.String)
		}
	}
	return nil
}

// nameObject takes the object from the parameter that names it, where the draft
// names none.
func nameObject(b *Body, cat *catalog.Catalog) {
	if b.Object != nil || cat == nil {
		return
	}
	if o, ok := cat.ObjectOf(b.Type, b.Parameters); ok {
		b.Object = &Object{Kind: o.Kind, ID: o.ID, Name: o.Name}
	}
}

// MaskBody returns a body masked by today's list, so that what was stored under an
// older list can be compared with what comes in now.
func MaskBody(b Body, cat *catalog.Catalog) Body {
	b.Changes = slices.Clone(b.Changes)
	mask(&b, cat)
	return b
}

// mask replaces secrets before anything is hashed or stored.
func mask(b *Body, cat *catalog.Catalog) {
	var secrets []string
	if cat != nil {
		secrets = cat.Secrets(b.Type)
	}
	b.Parameters = MaskJSON(b.Parameters, secrets)
	b.Raw = MaskJSON(b.Raw, secrets)
	for i, c := range b.Changes {
		b.Changes[i].Old = maskValue(c.Field, c.Old, secrets)
		b.Changes[i].New = maskValue(c.Field, c.New, secrets)
	}
}

// maskValue masks a change's value as if its field's name stood before it.
func maskValue(name string, value json.RawMessage, secrets []string) json.RawMessage {
	if len(value) == 0 || bytes.Equal(bytes.TrimSpace(value), null) {
		return value
	}
	key, err := json.Marshal(name)
	if err != nil {
		return value
	}
	wrapped := append(append(append([]byte{'{'}, key...), ':'), value...)
	masked := MaskJSON(append(wrapped, '}'), secrets)
	fields, err := Members(masked)
	if err != nil || len(fields) != 1 {
		return value
	}
	return fields[0].Value
}
