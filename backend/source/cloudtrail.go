package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"unicode"

	"activitylog/backend/activity"
)

// A loose string takes what JSON has: text, a number's digits; anything else is "".
type loose string

// UnmarshalJSON never fails: what is not text is not worth losing a record for.
func (l *loose) UnmarshalJSON(data []byte) error {
	var s string
	switch {
	case data[0] == '"':
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
	case data[0] == '-' || data[0] >= '0' && data[0] <= '9':
		s = string(data)
	}
	*l = loose(s)
	return nil
}

// trailRecord is what is used of a CloudTrail record; the rest stays in raw. Source:
// the AWS CloudTrail user guide, "record contents".
type trailRecord struct {
	EventID            loose           `json:"eventID"`
	EventTime          loose           `json:"eventTime"`
	EventSource        loose           `json:"eventSource"`
	EventName          loose           `json:"eventName"`
	EventType          json.RawMessage `json:"eventType"`
	AWSRegion          json.RawMessage `json:"awsRegion"`
	SourceIPAddress    loose           `json:"sourceIPAddress"`
	UserAgent          loose           `json:"userAgent"`
	RequestID          loose           `json:"requestID"`
	ErrorCode          loose           `json:"errorCode"`
	ErrorMessage       json.RawMessage `json:"errorMessage"`
	ReadOnly           json.RawMessage `json:"readOnly"`
	RequestParameters  json.RawMessage `json:"requestParameters"`
	ResponseElements   json.RawMessage `json:"responseElements"`
	Resources          json.RawMessage `json:"resources"`
	RecipientAccountID loose           `json:"recipientAccountId"`
	UserIdentity       json.RawMessage `json:"userIdentity"`
}

type trailIdentity struct {
	Type        loose `json:"type"`
	PrincipalID loose `json:"principalId"`
	ARN         loose `json:"arn"`
	AccountID   loose `json:"accountId"`
	UserName    loose `json:"userName"`
	InvokedBy   loose `json:"invokedBy"`
}

// trailMapping maps CloudTrail records. A record without eventID gets an id from its
// content.
func trailMapping() mapping {
	var repeats repeats
	return func(data []byte) (activity.Draft, *activity.SiteRef, error) {
		var r trailRecord
		if err := json.Unmarshal(data, &r); err != nil {
			return activity.Draft{}, nil, errors.New("this is not a CloudTrail record: it must be a JSON object")
		}
		if r.EventName == "" || r.EventTime == "" {
			return activity.Draft{}, nil, errors.New("this is not a CloudTrail record: it has no eventName or no eventTime")
		}
		var who trailIdentity
		_ = json.Unmarshal(r.UserIdentity, &who) // absent or not an object: nobody is named
		at := string(r.EventTime)
		d := activity.Draft{
			Type: trailType(r), OccurredAt: &at, Actor: trailActor(who), Object: trailObject(r),
			Result: trailResult(r), UserAgent: optional(r.UserAgent), RequestID: optional(r.RequestID),
			ExternalID: optional(r.EventID), Parameters: trailParameters(r, who), Raw: data,
		}
		if d.ExternalID == nil {
			d.ExternalID = repeats.id(data)
		}
		if ip := string(r.SourceIPAddress); isAddress(ip) {
			d.IP = &ip
		}
		account := first(r.RecipientAccountID, who.AccountID)
		if account == "" {
			return d, nil, nil
		}
		return d, &activity.SiteRef{Kind: "other", Name: account}, nil
	}
}

func optional(s loose) *string {
	if s == "" {
		return nil
	}
	text := string(s)
	return &text
}

func first(values ...loose) string {
	for _, v := range values {
		if text := strings.TrimSpace(string(v)); text != "" {
			return text
		}
	}
	return ""
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}

// trailType is service:Call. What a type may not contain becomes a hyphen.
func trailType(r trailRecord) string {
	service := strings.TrimSuffix(string(r.EventSource), ".amazonaws.com")
	if service == "" {
		service = CloudTrail
	}
	name := strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("._:/-", c) {
			return c
		}
		return '-'
	}, service+":"+string(r.EventName))
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "")
	}
	return name
}

// trailActor names the caller by what is there; it is never empty.
func trailActor(who trailIdentity) *activity.DraftActor {
	a := &activity.DraftActor{Kind: activity.KindUser}
	switch {
	case strings.EqualFold(string(who.AccountID), "ANONYMOUS_PRINCIPAL") || who.Type == "Anonymous":
		return &activity.DraftActor{Kind: activity.KindAnonymous, Name: "anonymous"}
	case who.Type == "AWSService" || who.Type == "AWSAccount" || who.Type == "" && who.InvokedBy != "":
		a.Kind = activity.KindService
	}
	a.Name = first(who.UserName, loose(lastPart(string(who.ARN))), who.InvokedBy, who.PrincipalID, who.Type, who.AccountID)
	if a.Name == "" {
		return &activity.DraftActor{Kind: activity.KindAnonymous, Name: "unknown"}
	}
	if len(a.Name) > 1024 {
		a.Name = strings.ToValidUTF8(a.Name[:1024], "")
	}
	return a
}

// lastPart is what follows the last slash or colon.
func lastPart(arn string) string {
	return arn[strings.LastIndexAny(arn, "/:")+1:]
}

// trailResult takes an error code of denial for denied, any other for failed. A
// console login says in its answer how it went.
func trailResult(r trailRecord) string {
	code := strings.ToLower(string(r.ErrorCode))
	switch {
	case strings.Contains(code, "denied") || strings.Contains(code, "unauthori") || strings.Contains(code, "forbidden"):
		return activity.Denied
	case code != "":
		return activity.Failed
	}
	var answer struct{ ConsoleLogin loose }
	if r.EventName == "ConsoleLogin" && json.Unmarshal(r.ResponseElements, &answer) == nil && strings.EqualFold(string(answer.ConsoleLogin), "failure") {
		return activity.Failed
	}
	return activity.OK
}

// trailParameters are the parts of a record worth showing, in a fixed order.
func trailParameters(r trailRecord, who trailIdentity) json.RawMessage {
	var out bytes.Buffer
	out.WriteByte('{')
	add := func(name string, value json.RawMessage) {
		if len(value) == 0 || string(value) == "null" || string(value) == `""` {
			return
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		out.WriteString(`"` + name + `":`)
		out.Write(value)
	}
	add("awsRegion", r.AWSRegion)
	add("eventType", r.EventType)
	add("readOnly", r.ReadOnly)
	add("errorCode", quoted(string(r.ErrorCode)))
	add("errorMessage", r.ErrorMessage)
	if !isAddress(string(r.SourceIPAddress)) {
		add("sourceIPAddress", quoted(string(r.SourceIPAddress)))
	}
	add("identityType", quoted(string(who.Type)))
	add("identityArn", quoted(string(who.ARN)))
	add("invokedBy", quoted(string(who.InvokedBy)))
	add("requestParameters", r.RequestParameters)
	add("responseElements", r.ResponseElements)
	if many := trailResources(r.Resources); len(many) > 1 {
		add("resources", r.Resources)
	}
	out.WriteByte('}')
	return out.Bytes()
}

func quoted(text string) json.RawMessage {
	data, err := json.Marshal(text)
	if err != nil {
		return nil
	}
	return data
}
