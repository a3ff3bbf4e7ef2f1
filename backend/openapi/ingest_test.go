package openapi_test

import (
	"reflect"

	"activitylog/backend/activity"
	"activitylog/backend/ingest"
	"activitylog/backend/ops"
)

// ingest describes the one operation whose input comes in several content types, and
// whose answer is its report under more than one status.
func (s *shaper) ingest(op ops.Op) schema {
	draft := s.of(reflect.TypeFor[activity.Draft](), true)
	event := schema{
		"type": "object", "description": "A CloudEvent 1.0 in its JSON format.",
		"required":   []string{"specversion", "id", "source", "type"},
		"properties": schema{"specversion": schema{"const": "1.0"}},
	}
	list := func(of schema) schema { return schema{"type": "array", "items": of} }
	report := schema{"application/json": schema{"schema": s.of(op.Out, false)}}
	unavailable := schema{"schema": schema{"anyOf": []schema{s.of(op.Out, false), {"$ref": "#/components/schemas/Error"}}}}
	said := answers(schema{"description": "Every record is stored.", "content": report})
	said["207"] = schema{"description": "Some records are stored; the others never will be as they are.", "content": report}
	said["422"] = schema{"description": "No record is stored, and none will be as it is.", "content": report}
	said["503"] = schema{
		"description": "Not now. Where it is a report, only the records rejected as unavailable may be sent again.",
		"content":     schema{"application/json": unavailable},
	}
	for status, code := range map[string]string{"413": "invalid", "415": "invalid", "429": "unavailable"} {
		said[status] = schema{"$ref": "#/components/responses/" + code}
	}
	return schema{
		"operationId": op.Path(), "tags": []string{tagOf(op)},
		"summary": "Stores many records, each answered for itself",
		"description": "At most 10,000 records and 8 MiB, packed with gzip (Content-Encoding) or not. " +
			"What is called new or duplicate is durable; a record that is refused keeps no other from being stored.\n\n" + opens(op),
		"requestBody": schema{"required": true, "content": schema{
			ingest.JSON:   schema{"schema": schema{"anyOf": []schema{draft, list(draft)}}},
			ingest.Lines:  schema{"schema": schema{"type": "string", "description": "one draft a line"}},
			ingest.Event:  schema{"schema": event},
			ingest.Events: schema{"schema": list(event)},
		}},
		"responses": said,
	}
}
