package account

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// The sources of what this program records of itself.
const (
	SourceSelf = "self" // a signed-in user, or the program
	SourceCLI  = "cli"  // the local owner at the command line
)

// maxAgent bounds the bytes of a user agent that are kept.
const maxAgent = 512

// Source returns the source of what the caller does through the program itself:
// cli for the local owner, api:<id> through an API token, otherwise self.
func Source(p access.Principal) string {
	switch {
	case p.Owner:
		return SourceCLI
	case p.Token != nil:
		return p.Token.Source()
	}
	return SourceSelf
}

// Actor returns the caller's identity: (user, self, login) with the permanent id, also
// through a token of that user; (os, cli, account) of the local owner; (service,
// api:<id>, name) of a token made at the command line; or (anonymous, self,
// "unknown") of nobody.
func Actor(p access.Principal) activity.BodyActor {
	switch {
	case p.Owner:
		return activity.BodyActor{Kind: activity.KindOS, Source: SourceCLI, Name: &p.Login}
	case p.UserID != 0:
		id := strconv.FormatInt(p.UserID, 10)
		return activity.BodyActor{Kind: activity.KindUser, Source: SourceSelf, Name: &p.Login, User: &id}
	}
	if p.Token != nil {
		return activity.BodyActor{Kind: activity.KindService, Source: p.Token.Source(), Name: &p.Token.Name}
	}
	unknown := "unknown"
	return activity.BodyActor{Kind: activity.KindAnonymous, Source: SourceSelf, Name: &unknown}
}

// Begin returns the body of an activity that the caller does now through the
// program itself: actor, source, time, address and agent are set, the result is ok.
func Begin(p access.Principal, now time.Time, typ string) activity.Body {
	b := activity.Body{
		V: activity.BodyVersion, OccurredAt: now.UnixMilli(), OffsetMinutes: offset(p.Zone, now), Type: typ,
		Actor: Actor(p), Source: Source(p), Result: activity.OK, Changes: []activity.Change{},
		Parameters: json.RawMessage("{}"), DoNotTrack: p.DoNotTrack,
	}
	if ip, err := netip.ParseAddr(p.IP); err == nil {
		text := ip.Unmap().WithZone("").String()
		b.IP = &text
	}
	if agent := clip(p.Agent); agent != "" {
		b.UserAgent = &agent
	}
	return b
}

// offset returns the minutes east of UTC that a clock in the zone shows; 0 for an
// unknown zone.
func offset(zone string, now time.Time) int {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return 0
	}
	_, seconds := now.In(loc).Zone()
	return seconds / 60
}

func clip(text string) string {
	if len(text) > maxAgent {
		text = text[:maxAgent]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}

// JSON returns a value for a body: a change's old or new, or the parameters. It is
// for values that always have a JSON form: strings, numbers, flags, maps of them.
func JSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic("account: a value without JSON form: " + err.Error())
	}
	return data
}

// Changed returns the change of one field. nil is null.
func Changed(field string, from, to any) activity.Change {
	return activity.Change{Field: field, Old: JSON(from), New: JSON(to)}
}

// entity is a parameter that names something: its id and its name now.
type entity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// params are parameters by name.
type params map[string]any

// about returns the body of what the caller does to a user, with the user as
// object and parameter.
func about(p access.Principal, now time.Time, typ string, r Record, more params) activity.Body {
	b := Begin(p, now, typ)
	id := strconv.FormatInt(r.ID, 10)
	b.Object = &activity.Object{Kind: activity.KindUser, ID: id, Name: r.Login}
	all := params{"user": entity{ID: id, Name: r.Login}}
	for name, value := range more {
		all[name] = value
	}
	b.Parameters = JSON(all)
	return b
}

// BeginLasting is Begin for an activity that is never erased, or that is recorded when who
// did it may be erased already: it names nobody. A user of
// this log stands in it by the permanent id alone, which has a name while the account is
// there; and there is neither address nor agent.
func BeginLasting(p access.Principal, now time.Time, typ string) activity.Body {
	b := Begin(p, now, typ)
	if b.Actor.User != nil {
		b.Actor.Name = nil
	}
	b.IP, b.UserAgent = nil, nil
	return b
}
