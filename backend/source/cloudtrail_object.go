package source

import (
	"bytes"
	"encoding/json"
	"strings"

	"activitylog/backend/activity"
	"activitylog/backend/catalog"
)

type trailResource struct {
	ARN  loose `json:"ARN"`
	Type loose `json:"type"`
}

func trailResources(data json.RawMessage) []trailResource {
	var all []trailResource
	_ = json.Unmarshal(data, &all) // absent or no list: no resources
	return all
}

// trailObject is the first resource that has an ARN, or what a request parameter
// names, or nil.
func trailObject(r trailRecord) *activity.Object {
	for _, res := range trailResources(r.Resources) {
		if res.ARN != "" {
			arn := string(res.ARN)
			return &activity.Object{Kind: resourceKind(res), ID: arn, Name: lastPart(strings.TrimRight(arn, "/:*"))}
		}
	}
	return parameterObject(r)
}

// resourceKind is the last part of AWS::IAM::Role, or what an ARN tells: "role".
func resourceKind(res trailResource) string {
	if name := lastPart(string(res.Type)); name != "" {
		return kebab(name)
	}
	parts := strings.SplitN(string(res.ARN), ":", 6)
	if len(parts) < 6 {
		return "resource"
	}
	kind, _, found := strings.Cut(parts[5], "/")
	if !found {
		kind, _, found = strings.Cut(parts[5], ":")
	}
	switch {
	case parts[2] == "s3" && strings.Contains(parts[5], "/"):
		return "object"
	case parts[2] == "s3":
		return "bucket"
	case found && kind != "":
		return kebab(kind)
	}
	return kebab(parts[2])
}

// kebab writes an identifier's words in lower case with hyphens.
func kebab(id string) string {
	if rest, ok := strings.CutPrefix(id, "dB"); ok {
		id = "db" + rest
	}
	words := catalog.Words(id)
	if len(words) == 0 {
		return "resource"
	}
	return strings.ToLower(strings.Join(words, "-"))
}

// notObjects are request parameters that name something else than what it is about.
var notObjects = map[string]bool{
	"RegionName": true, "regionName": true, "roleSessionName": true, "attributeName": true, "agentName": true,
	"platformName": true, "computerName": true, "hostName": true, "AttributeName": true,
}

// parameterObject takes the object from a parameter like bucketName or instanceId:
// the one whose word stands in the name of the call, otherwise the first name,
// otherwise the first id.
func parameterObject(r trailRecord) *activity.Object {
	var named, byID *activity.Object
	call := strings.ToLower(string(r.EventName))
	for _, p := range textMembers(r.RequestParameters) {
		name, isName := strings.CutSuffix(p.name, "Name")
		if !isName {
			var isID bool
			if name, isID = strings.CutSuffix(p.name, "Id"); !isID {
				continue
			}
		}
		if name == "" || notObjects[p.name] || p.value == "" {
			continue
		}
		o := &activity.Object{Kind: kebab(name), ID: p.value, Name: lastPart(strings.TrimRight(p.value, "/:*"))}
		if o.Name == "" {
			o.Name = p.value
		}
		if strings.Contains(call, strings.ToLower(name)) {
			return o
		}
		if isName && named == nil {
			named = o
		}
		if !isName && byID == nil {
			byID = o
		}
	}
	if named != nil {
		return named
	}
	return byID
}

type textMember struct{ name, value string }

// textMembers returns the members of an object whose values are text, in order.
func textMembers(data json.RawMessage) []textMember {
	dec := json.NewDecoder(bytes.NewReader(data))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	var all []textMember
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return all
		}
		var raw json.RawMessage
		if dec.Decode(&raw) != nil {
			return all
		}
		var value string
		if name, ok := key.(string); ok && raw[0] == '"' && json.Unmarshal(raw, &value) == nil {
			all = append(all, textMember{name, value})
		}
	}
	return all
}
